"""The office's texts: a list, and one of them to be written."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.texts.rules import LONGEST_TITLE, Placeholder, TextKind
from desk_app.cases.texts.views import TextRow
from desk_app.words import LANGUAGES, Language
from ui.controls import (
    Card,
    TextArea,
    button,
    choice,
    choose,
    label,
    labelled,
    line,
    stack_field,
)
from ui.look import Look
from ui.panel import Panel


@dataclass(frozen=True, slots=True)
class TextWanted:
    """A text as written; ``replaces`` is the one that was opened."""

    kind: TextKind
    language: Language
    title: str
    body: str
    replaces: int | None


class TextEditor(Panel):
    """Emits `save_wanted` with a `TextWanted`, and `retire_wanted` with an id. What was typed stays
    until `done`."""

    save_wanted = Signal(object)
    retire_wanted = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "text_editor")
        self._rows: Sequence[TextRow] = ()
        self._opened: TextRow | None = None
        self.list = QListWidget()
        self.list.setObjectName("text_list")
        self.bind(self.list.setAccessibleName, "ui_texts.texts")
        self.list.currentItemChanged.connect(lambda new, _old: self._open(new))
        self.hint = label(self, "ui_texts.none", name="text_hint", muted=True, wrap=True)
        self.new = button(self, "text_new", "ui_texts.new", icon="plus")
        self.new.clicked.connect(self.begin)
        self.kind = choice(
            self, "text_kind", [(one.value, f"texts.kind.{one.value}") for one in TextKind]
        )
        self.language = choice(
            self, "text_language", [(one, f"ui_texts.language_{one}") for one in LANGUAGES]
        )
        self.title = line("text_title", limit=LONGEST_TITLE)
        self.body = TextArea("text_body", lines=8)
        self.body.set_lines(8, may_grow=True)
        self.placeholder = choice(
            self,
            "text_placeholder",
            [(one.value, f"texts.placeholder.{one.value}") for one in Placeholder],
        )
        for combo in (self.kind, self.language, self.placeholder):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.insert = button(self, "text_insert", "ui_texts.insert")
        self.insert.clicked.connect(self._on_insert)
        self.save = button(self, "text_save", "ui_cases.act_save", kind="primary")
        self.save.clicked.connect(self._on_save)
        self.retire_button = button(self, "text_retire", "ui_texts.retire", icon="trash-2")
        self.retire_button.clicked.connect(self._on_retire)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_save)
        self._lay_out()
        self.begin(focus=False)

    def present(self, rows: Sequence[TextRow]) -> None:
        """Show the texts in force; the one that is open stays open."""
        self._rows = rows
        self._fill()

    def begin(self, *, focus: bool = True) -> None:
        """An empty text."""
        self._opened = None
        self.list.setCurrentRow(-1)
        self.title.clear()
        self.body.clear()
        self._show_opened()
        if focus:
            self.title.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def enter(self) -> None:
        self.list.setFocus() if self._rows else self.new.setFocus()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.new)
        left.addWidget(self.hint)
        left.addWidget(self.list, stretch=1)
        card = Card(self.look, "text_card")
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_texts.kind", self.kind))
        stack_field(grid, 0, 1, labelled(self, "ui_texts.language", self.language))
        stack_field(grid, 0, 2, labelled(self, "ui_texts.field_title", self.title))
        grid.setColumnStretch(2, 1)
        card.body.addLayout(grid)
        caption, body = labelled(self, "ui_texts.body", self.body)
        card.body.addWidget(caption)
        card.body.addWidget(body, stretch=1)
        tools = QHBoxLayout()
        caption, placeholder = labelled(self, "ui_texts.placeholder", self.placeholder)
        for widget in (caption, placeholder, self.insert):
            tools.addWidget(widget)
        tools.addStretch(1)
        tools.addWidget(self.retire_button)
        tools.addWidget(self.save)
        card.body.addLayout(tools)
        side = QWidget()
        side.setFixedWidth(340)
        side.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(16)
        columns.addWidget(side)
        columns.addWidget(card, stretch=1)

    def _fill(self) -> None:
        opened = self._opened
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for row in self._rows:
            kind = self.look.words(f"texts.kind.{row.kind}")
            text = self.look.words(
                "ui_texts.row", title=row.title, kind=kind, language=row.language.upper()
            )
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, row)
            self.list.addItem(item)
            if opened is not None and _same(row, opened):
                self.list.setCurrentItem(item)
                self._opened = row
        self.list.blockSignals(blocked)
        self.hint.setVisible(not self._rows)
        self._show_opened()

    def _open(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        row: TextRow = item.data(Qt.ItemDataRole.UserRole)
        self._opened = row
        choose(self.kind, row.kind.value)
        choose(self.language, row.language)
        self.title.setText(row.title)
        self.body.setPlainText(row.body)
        self._show_opened()

    def _show_opened(self) -> None:
        """A text that is there keeps its kind, language and title; what it says can change."""
        is_new = self._opened is None
        for field in (self.kind, self.language, self.title):
            field.setEnabled(is_new)
        self.retire_button.setEnabled(not is_new)

    def _on_insert(self) -> None:
        self.body.insertPlainText(f"{{{{{self.placeholder.currentData()}}}}}")
        self.body.setFocus()

    def _on_save(self) -> None:
        self.save_wanted.emit(
            TextWanted(
                kind=TextKind(self.kind.currentData()),
                language=self.language.currentData(),
                title=self.title.text(),
                body=self.body.toPlainText(),
                replaces=self._opened.id if self._opened else None,
            )
        )

    def _on_retire(self) -> None:
        if self._opened is not None:
            self.retire_wanted.emit(self._opened.id)


def _same(a: TextRow, b: TextRow) -> bool:
    return (a.kind, a.language, a.title) == (b.kind, b.language, b.title)
