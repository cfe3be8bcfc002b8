"""The deadlines of a case, where each stands, and what can be done about them; one explained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desk_app.cases.deadlines.pages import DeadlineRow, Explanation
from ui.cases.deadlines.explanation import ExplanationView
from ui.cases.deadlines.words import STATE_TONES, said_time
from ui.controls import Card, TextArea, button, label, labelled, show_moments
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"deadline": 210, "state": 90, "from": 150, "due": 200, "episode": 60}
_ROWS_SHOWN = 6


class DeadlineAct(StrEnum):
    """What can be done about deadlines here."""

    TOLD = "told"
    DONE = "done"
    NONE = "none"
    KNOWING = "knowing"


_SUPERVISED = frozenset({DeadlineAct.NONE, DeadlineAct.KNOWING})
_DATED = {DeadlineAct.DONE: "day_done", DeadlineAct.KNOWING: "day_known"}


@dataclass(frozen=True, slots=True)
class DeadlineActWanted:
    """An act with what was entered for it; ``deadline_id`` is a statutory clock's."""

    act: DeadlineAct
    text: str
    deadline_id: int | None
    day: date


class DeadlinesView(Panel):
    """Emits `why_wanted` with a deadline's id, and `wanted` with a `DeadlineActWanted`; keeps what
    was typed until `done`."""

    why_wanted = Signal(int)
    wanted = Signal(object)

    def __init__(
        self,
        look: Look,
        *,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        may_work: bool,
        may_supervise: bool,
    ) -> None:
        super().__init__(look, "case_deadlines")
        self._zone, self._now = zone, now
        self._may_work = may_work
        self.act: DeadlineAct | None = None
        self._act_on: int | None = None
        self.table = RowsTable[DeadlineRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("deadline_list")
        self.bind(self.view.setAccessibleName, "ui_deadlines.list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.chosen.connect(self._on_why)
        self.view.doubleClicked.connect(self._on_why)
        self.view.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.empty = label(self, "ui_deadlines.empty", name="deadlines_empty", muted=True)
        self.why = button(self, "deadline_why", "ui_deadlines.why", icon="circle-help")
        self.why.clicked.connect(self._on_why)
        self.buttons: dict[DeadlineAct, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.why)
        for act in DeadlineAct:
            made = button(self, f"deadline_{act}", f"ui_deadlines.{act}")
            made.clicked.connect(lambda _checked, act=act: self.open(act))
            if not may_work or (act in _SUPERVISED and not may_supervise):
                made.hide()
            self.buttons[act] = made
            row.addWidget(made)
        row.addStretch(1)
        self._make_form()
        self.explanation = ExplanationView(look, zone=zone)
        self.explanation.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.empty)
        layout.addWidget(self.view)
        layout.addLayout(row)
        layout.addWidget(self.card)
        layout.addWidget(self.explanation, stretch=1)
        layout.addStretch(0)

    def present(self, rows: Sequence[DeadlineRow]) -> None:
        """Show these deadlines; the current one stays current."""
        current = self.current()
        self.table.show_rows(rows)
        at = next((n for n, row in enumerate(rows) if current and row.id == current.id), 0)
        if rows:
            self.view.selectRow(at)
        self.empty.setVisible(not rows)
        self.view.setVisible(bool(rows))
        header = self.view.horizontalHeader().sizeHint().height()
        height = self.view.verticalHeader().defaultSectionSize() * min(len(rows), _ROWS_SHOWN)
        self.view.setFixedHeight(header + height + 2 * self.view.frameWidth() + 2)
        self._show_buttons()

    def show_explanation(self, explanation: Explanation | None) -> None:
        """Unfold an explanation, or fold it."""
        self.explanation.present(explanation)
        self.explanation.setVisible(explanation is not None)

    def current(self) -> DeadlineRow | None:
        """The deadline that is selected."""
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def open(self, act: DeadlineAct) -> None:
        """Ask for what the act needs."""
        self.act = act
        row = self.current()
        self._act_on = row.id if row is not None else None
        today = self._now().astimezone(self._zone).date()
        known = row.known_on if row is not None and row.known_on else today
        day = known if act is DeadlineAct.KNOWING else today
        self.day.setDate(QDate(day.year, day.month, day.day))
        self._show_form()
        self.card.show()
        self.text.setFocus()

    def done(self) -> None:
        """The act is saved or given up: close the form and forget what was typed."""
        self.act = None
        self.text.clear()
        self.card.hide()

    def enter(self) -> None:
        (self.view if self.table.rows else self.buttons[DeadlineAct.TOLD]).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_form()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def _make_form(self) -> None:
        self.card = Card(self.look, "deadline_card")
        self.title = label(self, "ui_deadlines.text", name="deadline_title", bold=True)
        self.day = QDateEdit()
        self.day.setObjectName("deadline_day")
        self.day.setCalendarPopup(True)
        show_moments(self, self.day, "ui_times.date_entry")
        self.text = TextArea("deadline_text", lines=3)
        self._day_caption, _day = labelled(self, "ui_deadlines.day_done", self.day)
        text_caption, _text = labelled(self, "ui_deadlines.text", self.text)
        self._day_row = QWidget()
        line = QHBoxLayout(self._day_row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._day_caption)
        line.addWidget(self.day)
        line.addStretch(1)
        self.save = button(self, "deadline_save", "ui_deadlines.save", kind="primary")
        self.cancel = button(self, "deadline_cancel", "ui_deadlines.cancel")
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self.done)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        for widget in (self.title, self._day_row, text_caption, self.text):
            self.card.body.addWidget(widget)
        self.card.body.addLayout(foot)
        self.card.hide()
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self.card, self._on_save)

    def _show_form(self) -> None:
        if self.act is None:
            return
        words = self.look.words
        self.title.setText(words(f"ui_deadlines.{self.act}_title"))
        self._day_row.setVisible(self.act in _DATED)
        caption = words(f"ui_deadlines.{_DATED.get(self.act, 'day_done')}")
        self._day_caption.setText(caption)
        self.day.setAccessibleName(caption)

    def _show_buttons(self) -> None:
        row = self.current()
        self.why.setEnabled(row is not None)
        clock = row is not None and row.is_statutory and row.is_open
        for act, made in self.buttons.items():
            made.setEnabled(self._may_work and (clock or act is DeadlineAct.TOLD))

    def _on_row_changed(self) -> None:
        """Another deadline: its explanation, if one is unfolded; a form about the other goes."""
        row = self.current()
        if row is None:
            return
        self._show_buttons()
        if self.act not in (None, DeadlineAct.TOLD) and row.id != self._act_on:
            self.done()
        if self.explanation.isVisible() and self.explanation.deadline_id != row.id:
            self.why_wanted.emit(row.id)

    def _on_why(self) -> None:
        row = self.current()
        if row is None:
            return
        if self.explanation.isVisible() and self.explanation.deadline_id == row.id:
            self.show_explanation(None)
        else:
            self.why_wanted.emit(row.id)

    def _on_save(self) -> None:
        if self.act is None or not self.save.isEnabled():
            return
        row, day = self.current(), self.day.date()
        self.wanted.emit(
            DeadlineActWanted(
                act=self.act,
                text=self.text.toPlainText(),
                deadline_id=row.id if row is not None and row.is_statutory else None,
                day=date(day.year(), day.month(), day.day()),
            )
        )

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_deadlines.column_{column}")

    def _cell(self, row: DeadlineRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and column == "state":
            return QColor(self.look.theme.colours.of(STATE_TONES[row.state]))
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self.look.words
        match column:
            case "deadline":
                return row.say(words)
            case "state":
                return words(f"deadlines.state.{row.state}")
            case "from":
                return said_time(self.look, row.started_at, self._zone)
            case "due":
                return self._due(row)
            case _:
                return str(row.episode)

    def _due(self, row: DeadlineRow) -> str:
        if row.due_at is None:
            return "–"
        said = said_time(self.look, row.due_at, self._zone)
        if row.provisional:
            return self.look.words("ui_deadlines.provisional_mark", text=said)
        return said
