"""One item of a disclosure: its fields as the customer will read them, and what can be removed."""

import re
from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QTextEdit, QVBoxLayout, QWidget

from desk_app.cases.attachments.rules import FileKind
from desk_app.privacy.disclosure.choices import CONTENT, FILE, SOUND, WHOLE_ITEM, Review
from desk_app.privacy.disclosure.grounds import Ground
from desk_app.privacy.disclosure.pages import Field, Item
from desk_app.privacy.disclosure.rendering import Rendered, RenderedField, clock_of
from desk_app.privacy.disclosure.rules import Voice
from desk_app.privacy.disclosure.service import Wanted
from ui.controls import Card, TextArea, button, choice, choose, labelled, line
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.privacy.disclosure.shown_text import ShownText
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"field": 140, "said": 300}
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2})")


class ItemCard(Panel):
    """Emits ``wanted`` (a tuple of `Wanted`)."""

    wanted = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "disclosure_item")
        self._item: Item | None = None
        self._said: Rendered | None = None
        self._review: Review | None = None
        self._may_choose = False
        self.title = QLabel()
        self.title.setObjectName("disclosure_item_title")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.fields = RowsTable[RenderedField](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("disclosure_fields")
        self.bind(self.view.setAccessibleName, "ui_disclosure.fields")
        self.view.setModel(self.fields)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.text = TextArea("disclosure_text")
        self.text.set_lines(5, may_grow=True)
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.bind(self.text.setAccessibleName, "ui_disclosure.text")
        self.why_remove = choice(self, "disclosure_why_remove", [], shorten=True)
        self.why_show = choice(self, "disclosure_why_show", [], shorten=True)
        for grounds in (self.why_remove, self.why_show):
            grounds.setProperty("data", True)  # grounds are dated data, in three languages
        self.remove_piece = button(self, "disclosure_remove_piece", "ui_disclosure.remove_piece")
        self.remove_field = button(self, "disclosure_remove_field", "ui_disclosure.remove_field")
        self.remove_item = button(self, "disclosure_remove_item", "ui_disclosure.remove_item")
        self.show_piece = button(self, "disclosure_show_piece", "ui_disclosure.show_piece")
        self.show_field = button(self, "disclosure_show_field", "ui_disclosure.show_field")
        self.show_item = button(self, "disclosure_show_item", "ui_disclosure.show_item")
        self.give_out = button(self, "disclosure_give_out", "ui_disclosure.give_out", icon="check")
        self.hold_back = button(self, "disclosure_hold_back", "ui_disclosure.hold_back", icon="x")
        self.file_state = QLabel()
        self.file_state.setObjectName("disclosure_file_state")
        self.file_state.setWordWrap(True)
        self.start, self.end = line("disclosure_from", limit=10), line("disclosure_to", limit=10)
        self.voice = choice(
            self, "disclosure_voice", [(one.value, f"ui_disclosure.voice_{one}") for one in Voice]
        )
        self.silence = button(self, "disclosure_silence", "ui_disclosure.silence")
        self.sound_back = button(self, "disclosure_sound_back", "ui_disclosure.sound_back")
        self._reading = ShownText()
        self._file = QWidget()
        self._sound = QWidget()
        self._lay_out()
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._show_text())
        self.text.selectionChanged.connect(self._show_buttons)
        for one in (self.start, self.end):
            one.textChanged.connect(self._show_buttons)
        self._connect()

    def present(
        self,
        item: Item,
        said: Rendered,
        review: Review,
        known: Mapping[str, Ground],
        *,
        may_choose: bool,
    ) -> None:
        """Show an item, its longest text first; the field that was selected stays so while the
        item does."""
        is_same = self._item is not None and self._item.key == item.key
        at = self.view.currentIndex().row() if is_same else _longest_text(item)
        self._item, self._said, self._review = item, said, review
        self._may_choose = may_choose
        self._fill(self.why_remove, known, removes=True)
        self._fill(self.why_show, known, removes=False)
        self.title.setText(said.title)
        self.fields.show_rows(said.fields)
        if said.fields:
            self.view.setCurrentIndex(self.fields.index(min(max(at, 0), len(said.fields) - 1), 0))
        self._file.setVisible(item.has_file and item.whole is None)
        self._sound.setVisible(item.has_file and item.table == "recording" and item.whole is None)
        self._show_file()
        self._show_text()

    def present_nothing(self) -> None:
        self._item = self._said = None
        self.title.setText("")
        self.fields.show_rows(())
        self._file.hide()
        self._sound.hide()
        self._show_text()

    def enter(self) -> None:
        self.view.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.fields.refresh()
        self._show_file()

    def _fill(self, combo: QComboBox, known: Mapping[str, Ground], *, removes: bool) -> None:
        before = combo.currentData()
        combo.clear()
        for one in known.values():
            if one.removes == removes:
                combo.addItem(one.name.say(self.look.words), one.key)
        choose(combo, before)
        if combo.currentIndex() < 0 and combo.count():
            combo.setCurrentIndex(0)

    def _lay_out(self) -> None:
        card = Card(self.look, "disclosure_item_card")
        body = card.body
        body.addWidget(self.title)
        body.addWidget(self.view, stretch=2)
        body.addWidget(self.text, stretch=3)
        for words, combo, acts in (
            (
                "ui_disclosure.why_remove",
                self.why_remove,
                (self.remove_piece, self.remove_field, self.remove_item),
            ),
            (
                "ui_disclosure.why_show",
                self.why_show,
                (self.show_piece, self.show_field, self.show_item),
            ),
        ):
            row = QHBoxLayout()
            named, combo = labelled(self, words, combo)
            row.addWidget(named)
            row.addWidget(combo, stretch=1)
            body.addLayout(row)
            row = QHBoxLayout()
            row.setSpacing(6)
            for act in acts:
                row.addWidget(act)
            row.addStretch(1)
            body.addLayout(row)
        files = QHBoxLayout(self._file)
        files.setContentsMargins(0, 0, 0, 0)
        files.addWidget(self.file_state, stretch=1)
        files.addWidget(self.give_out)
        files.addWidget(self.hold_back)
        sound = QHBoxLayout(self._sound)
        sound.setContentsMargins(0, 0, 0, 0)
        for words, field in (("ui_disclosure.from", self.start), ("ui_disclosure.to", self.end)):
            named, field = labelled(self, words, field)
            field.setPlaceholderText("0:00")
            field.setProperty("data", True)  # digits
            field.setFixedWidth(64)
            sound.addWidget(named)
            sound.addWidget(field)
        self.bind(self.voice.setAccessibleName, "ui_disclosure.voice")
        sound.addWidget(self.voice)
        sound.addWidget(self.silence)
        sound.addWidget(self.sound_back)
        sound.addStretch(1)
        body.addWidget(self._file)
        body.addWidget(self._sound)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _connect(self) -> None:
        self.remove_piece.clicked.connect(lambda: self._want_piece(removed=True))
        self.remove_field.clicked.connect(lambda: self._want_field(removed=True))
        self.remove_item.clicked.connect(lambda: self._want(WHOLE_ITEM, removed=True))
        self.show_piece.clicked.connect(lambda: self._want_piece(removed=False))
        self.show_field.clicked.connect(lambda: self._want_field(removed=False))
        self.show_item.clicked.connect(lambda: self._want(WHOLE_ITEM, removed=False))
        self.give_out.clicked.connect(lambda: self._want(FILE, removed=False))
        self.hold_back.clicked.connect(lambda: self._want(FILE, removed=True))
        self.silence.clicked.connect(lambda: self._want_sound(removed=True))
        self.sound_back.clicked.connect(lambda: self._want_sound(removed=False))

    def _field(self) -> Field | None:
        """The selected field, as it is kept."""
        at = self.view.currentIndex().row()
        item = self._item
        if item is None or item.whole is not None or not 0 <= at < len(item.fields):
            return None
        return item.fields[at]

    def _show_text(self) -> None:
        """The whole text of a field that pieces can be removed from, with these marked."""
        field = self._field()
        is_text = field is not None and field.is_searched
        stored = field.value if field is not None and is_text else ""
        self._reading = ShownText(stored, self.look.words("sensitive.placeholder"))
        self.text.setPlainText(self._reading.text)
        marks = []
        colours = self.look.theme.colours
        for cut in field.cuts if field is not None and is_text else ():
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.text.document())
            cursor.setPosition(self._in_text(cut.start))
            cursor.setPosition(self._in_text(cut.end), QTextCursor.MoveMode.KeepAnchor)
            shape = QTextCharFormat()
            shape.setBackground(QColor(colours.danger_wash))
            shape.setForeground(QColor(colours.danger))
            shape.setFontStrikeOut(True)
            mark.cursor, mark.format = cursor, shape
            marks.append(mark)
        self.text.setExtraSelections(marks)
        self._show_buttons()

    def _in_text(self, at: int) -> int:
        """A place in Qt's text, which counts in UTF-16."""
        at = self._reading.in_shown(at)
        return len(self.text.toPlainText()[:at].encode("utf-16-le")) // 2

    def _selection(self) -> tuple[int, int] | None:
        """The selected piece, in characters of the stored text."""
        cursor = self.text.textCursor()
        if not cursor.hasSelection():
            return None
        units = self.text.toPlainText().encode("utf-16-le")
        ends = (cursor.selectionStart(), cursor.selectionEnd())
        begin, end = (len(units[: 2 * at].decode("utf-16-le", "ignore")) for at in ends)
        reading = self._reading
        return (reading.in_stored(begin, is_end=False), reading.in_stored(end, is_end=True))

    def _show_buttons(self) -> None:
        item, field = self._item, self._field()
        may = self._may_choose and item is not None
        is_whole = item is not None and item.whole is not None
        is_text = may and not is_whole and field is not None and field.is_searched
        has_piece = is_text and self._selection() is not None
        self.remove_piece.setEnabled(has_piece)
        self.show_piece.setEnabled(has_piece)
        self.remove_field.setEnabled(is_text and field is not None and field.whole is None)
        self.show_field.setEnabled(is_text and field is not None and field.whole is not None)
        self.remove_item.setEnabled(may and not is_whole)
        self.show_item.setEnabled(may and is_whole)
        piece = self._piece_of_sound()
        self.silence.setEnabled(may and piece is not None)
        self.sound_back.setEnabled(may and piece is not None)
        self.give_out.setEnabled(may)
        self.hold_back.setEnabled(may)

    def _show_file(self) -> None:
        item, words = self._item, self.look.words
        if item is None or not item.has_file:
            self.file_state.setText("")
            return
        if not item.file_settled:
            said = words("ui_disclosure.file_undecided")
        elif item.file_removed is not None:
            said = words("ui_disclosure.file_held_back")
        else:
            said = words("ui_disclosure.file_given")
        cuts = [
            f"{clock_of(one.start_ms)}–{clock_of(one.end_ms)} "
            + words(f"ui_disclosure.voice_{one.voice}")
            for one in item.sound_cuts
        ]
        telling = _telling_of_file(item)
        told = [words(f"ui_disclosure.{telling}")] if telling else []
        self.file_state.setText("\n".join([said, *told, *cuts]))

    def _piece_of_sound(self) -> tuple[int, int] | None:
        begin, end = ms_of(self.start.text()), ms_of(self.end.text())
        return (begin, end) if begin is not None and end is not None and begin < end else None

    def _want_piece(self, *, removed: bool) -> None:
        field, piece = self._field(), self._selection()
        if field is not None and piece is not None:
            self._want(field.key, removed=removed, piece=piece)

    def _want_field(self, *, removed: bool) -> None:
        field = self._field()
        if field is not None:
            self._want(field.key, removed=removed)

    def _want_sound(self, *, removed: bool) -> None:
        piece = self._piece_of_sound()
        if piece is not None:
            self._want(SOUND, removed=removed, piece=piece)

    def _want(self, field: str, *, removed: bool, piece: tuple[int, int] | None = None) -> None:
        item, review = self._item, self._review
        ground = (self.why_remove if removed else self.why_show).currentData()
        if item is None or review is None or ground is None:
            return
        wanted = Wanted(
            item=item.key,
            field=field,
            removed=removed,
            ground=ground,
            begins=piece[0] if piece else None,
            ends=piece[1] if piece else None,
            voice=Voice(self.voice.currentData()) if field == SOUND else None,
            mark=review.mark(item.key, field),
        )
        self.wanted.emit((wanted,))

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_disclosure.column_{column}")

    def _cell(self, row: RenderedField, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole:
            removed = column == "said" and bool(row.removed)
            return QColor(self.look.theme.colours.danger) if removed else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.name if column == "field" else row.said.replace("\n", " ")
        return None


def ms_of(typed: str) -> int | None:
    """A place in sound as it is typed: 1:05, 0:03, 1:00:00."""
    found = _CLOCK.fullmatch(typed.strip())
    if found is None or int(found[3]) > 59:
        return None
    return ((int(found[1] or 0) * 60 + int(found[2])) * 60 + int(found[3])) * 1000


def _longest_text(item: Item) -> int:
    """The place of the field that there is most to read of."""
    lengths = [len(one.value) if one.is_searched else 0 for one in item.fields]
    return lengths.index(max(lengths)) if lengths else 0


def _telling_of_file(item: Item) -> str:
    """Words that say what the review doesn't show of an attachment that may go out."""
    if item.table != "attachment" or item.file_removed is not None:
        return ""
    said = {one.key: one.value for one in item.fields}
    match said.get("kind"):
        case FileKind.TEXT:
            return "" if CONTENT in said else "file_not_shown"
        case FileKind.PDF:
            return "file_hidden_paper"
    return "file_hidden_picture"
