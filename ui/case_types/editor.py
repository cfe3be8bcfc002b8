"""One type: general, its fields, its stages, and what was edited before."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desk_app.cases.types.rules import CaseType
from desk_app.cases.types.views import RevisionRow, TypeRow
from ui.case_types.general import GeneralPanel
from ui.case_types.parts import FieldsPanel, StagesPanel
from ui.controls import DataLabel, Toned, button, label, labelled, line
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel
from ui.tab_book import TabBook


class RevisionsPanel(Panel):
    """What was edited about a type, the latest first."""

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "type_revisions")
        self._zone = zone
        self._rows: Sequence[RevisionRow] = ()
        self.hint = label(self, "ui_case_types.no_revisions", name="type_revisions_hint", wrap=True)
        self.told = DataLabel("type_revisions_told")
        self.told.setWordWrap(True)
        body = QWidget()
        lines = QVBoxLayout(body)
        lines.addWidget(self.hint)
        lines.addWidget(self.told)
        lines.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(scrolling(self, body, "ui_case_types.tab_revisions"))

    def present(self, rows: Sequence[RevisionRow]) -> None:
        self._rows = rows
        self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _redraw(self) -> None:
        self.hint.setVisible(not self._rows)
        self.told.setVisible(bool(self._rows))
        self.told.setText("\n\n".join(self._line(row) for row in self._rows))

    def _line(self, row: RevisionRow) -> str:
        words = self.look.words
        when = self.look.language.when(row.made_at.astimezone(self._zone), "day_and_time")
        said = words("ui_case_types.revision", when=when, who=row.made_by)
        if row.type is None:
            what = words("ui_case_types.was_reset")
        else:
            what = words(f"cases.level.{int(row.type.closing_level)}")
            if not row.type.is_active:
                what += " – " + words("ui_case_types.inactive")
        return f"{said}\n{what}\n{row.reason}"


class TypeEditor(Panel):
    """Emits `saved` with the edited type and the reason, `reset` with the reason, `edited`
    when something was edited, and `discarded` when that is given up."""

    saved = Signal(object, str)
    reset = Signal(str)
    edited = Signal()
    discarded = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "type_editor")
        self._row: TypeRow | None = None
        self._is_new = False
        self.general = GeneralPanel(look)
        self.fields, self.stages = FieldsPanel(look), StagesPanel(look)
        self.revisions = RevisionsPanel(look, zone=zone)
        self.title = DataLabel("type_title")
        title_font = self.title.font()
        title_font.setBold(True)
        self.title.setFont(title_font)
        self.title.shorten()
        self.standing = Toned(look, "type_standing", tone="info")
        self.book = TabBook(look, "type_book", self, spoken="ui_case_types.title")
        for key, panel in (
            ("general", self.general),
            ("fields", self.fields),
            ("stages", self.stages),
            ("revisions", self.revisions),
        ):
            self.book.add(key, f"ui_case_types.tab_{key}", lambda panel=panel: panel)  # type: ignore[misc]  # mypy takes the default for an argument
            self.book.panel(key)
        self.reason = line("type_reason", limit=200)
        self.save = button(self, "type_save", "ui_case_types.save", kind="primary")
        self.discard = button(self, "type_discard", "ui_case_types.discard", kind="quiet")
        self.discard.clicked.connect(self.discarded)
        self.back = button(self, "type_reset", "ui_case_types.reset", icon="rotate-ccw")
        self.save.clicked.connect(self._on_save)
        self.back.clicked.connect(lambda: self.reset.emit(self.reason.text()))
        for part in (self.general, self.fields, self.stages):
            part.changed.connect(self._on_edited)
        head = QHBoxLayout()
        head.addWidget(self.title, stretch=1)
        head.addWidget(self.standing)
        foot = QHBoxLayout()
        caption, _control = labelled(self, "ui_case_types.reason", self.reason)
        foot.addWidget(caption)
        foot.addWidget(self.reason, stretch=1)
        foot.addWidget(self.discard)
        foot.addWidget(self.back)
        foot.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.book.bar)
        layout.addWidget(self.book.stack, stretch=1)
        layout.addLayout(foot)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_save)
        self.book.show_tab(0)

    def present(
        self, row: TypeRow, edited: CaseType | None = None, *, is_new: bool = False
    ) -> None:
        """Show a type as it is in force, or as somebody has edited it without saving yet."""
        self._row, self._is_new = row, is_new
        shown = edited or row.type
        self.general.present(shown)
        self.fields.present(shown.fields, row.type.fields)
        self.stages.present(shown.stages, row.type.stages)
        self._redraw()

    def wanted(self) -> CaseType | None:
        """The type as it is edited; None before any is shown."""
        if self._row is None:
            return None
        parts = replace(self._row.type, fields=self.fields.parts(), stages=self.stages.parts())
        return self.general.edited(parts)

    def enter(self) -> None:
        self.general.enter()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _redraw(self) -> None:
        row, wanted, words = self._row, self.wanted(), self.look.words
        if row is None or wanted is None:
            return
        self.title.setText(wanted.name.say(words) or words("ui_case_types.unnamed"))
        self.standing.setText(words.count("ui_case_types.open_cases", row.open_cases))
        self.back.setVisible(row.is_changed)
        differs = self._is_new or wanted.to_json() != row.type.to_json()
        self.save.setEnabled(differs)
        self.discard.setVisible(differs)

    def _on_edited(self) -> None:
        self._redraw()
        self.edited.emit()

    def _on_save(self) -> None:
        wanted = self.wanted()
        if wanted is not None and self.save.isEnabled():
            self.saved.emit(wanted, self.reason.text())
