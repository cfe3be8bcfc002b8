"""Tasks of a case on a sheet: what colleagues are to do, what departments are asked, by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desk_app.cases.tasks.views import DepartmentRow, TaskRow
from ui.controls import (
    Card,
    DataLabel,
    TextArea,
    Toned,
    button,
    label,
    labelled,
    line,
    refill,
    show_moments,
    stack_field,
    tint,
)
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel

_SPOKEN = 60
"""Characters of a task that tell its button from another's."""


@dataclass(frozen=True, slots=True)
class TaskWanted:
    """A task as entered: for a colleague, or for a department."""

    what: str
    due_at: datetime
    assignee_id: int | None
    department_id: int | None


class TaskSheet(Panel):
    """Emits `wanted` with a `TaskWanted`, and `ended` with a task's id, its outcome and whether it
    was withdrawn. What was typed stays until `done`."""

    wanted = Signal(object)
    ended = Signal(int, str, bool)

    def __init__(self, look: Look, *, zone: ZoneInfo, may_work: bool) -> None:
        super().__init__(look, "task_sheet")
        self._zone, self._may_work = zone, may_work
        self._rows: Sequence[TaskRow] = ()
        self._now = datetime.now(UTC)
        self._ending: TaskRow | None = None
        self.add = button(self, "task_add", "ui_cases.task_add", icon="plus")
        self.add.clicked.connect(self.open_form)
        self.hint = label(self, "ui_cases.tasks_none", name="tasks_hint", muted=True, wrap=True)
        self.form = Card(look, "task_form")
        self.who = QComboBox()
        self.who.setObjectName("task_who")
        self.who.setProperty("data", True)
        self.due = QDateTimeEdit()
        self.due.setObjectName("task_due")
        self.due.setCalendarPopup(True)
        show_moments(self, self.due, "ui_times.minute")
        self.what = TextArea("task_what", lines=3)
        self._fill_form()
        self.ending = Card(look, "task_ending")
        self.ending_of = DataLabel("task_ending_of")
        self.outcome = line("task_outcome")
        self._fill_ending()
        body = QWidget()
        self._lines = QVBoxLayout(body)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(8)
        self._lines.addStretch(1)
        head = QHBoxLayout()
        head.addWidget(self.hint, stretch=1)
        head.addStretch(0)
        head.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.form)
        layout.addWidget(self.ending)
        layout.addWidget(scrolling(self, body, "ui_cases.tab_tasks"), stretch=1)
        QShortcut(QKeySequence("Insert"), self, self.open_form)
        self.done()
        self.add.setVisible(may_work)

    def offer(
        self, colleagues: Sequence[tuple[int, str]], departments: Sequence[DepartmentRow]
    ) -> None:
        """Who can be given a task: colleagues first, then departments."""
        self.who.clear()
        for user_id, name in colleagues:
            self.who.addItem(name, ("user", user_id))
        if colleagues and departments:
            self.who.insertSeparator(self.who.count())
        for one in departments:
            if not one.retired:
                name = f"{one.name} ({one.reached_by})" if one.reached_by else one.name
                self.who.addItem(name, ("department", one.id))

    def suggest_due(self, at: datetime) -> None:
        """The due time that the form begins with."""
        local = at.astimezone(self._zone)
        self.due.setDateTime(
            QDateTime(local.year, local.month, local.day, local.hour, local.minute, 0)
        )

    def present(self, rows: Sequence[TaskRow], *, now: datetime, is_open: bool) -> None:
        """Show a case's tasks; new ones only while the case is open."""
        self._rows, self._now = rows, now
        self.add.setEnabled(is_open)
        self._redraw()

    def open_form(self) -> None:
        """Show the fields of a new task."""
        if self._may_work and self.add.isEnabled():
            self.ending.hide()
            self.form.show()
            self.who.setFocus()

    def done(self) -> None:
        """What was entered is kept, or given up."""
        self._ending = None
        self.what.clear()
        self.outcome.clear()
        self.form.hide()
        self.ending.hide()

    def enter(self) -> None:
        self.add.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def _fill_form(self) -> None:
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_cases.task_who", self.who))
        stack_field(grid, 0, 1, labelled(self, "ui_cases.task_due", self.due))
        stack_field(grid, 1, 0, labelled(self, "ui_cases.task_what", self.what), span=2)
        grid.setColumnStretch(0, 1)
        self.form.body.addLayout(grid)
        self.save = button(self, "task_save", "ui_cases.act_save", kind="primary")
        self.save.clicked.connect(self._on_save)
        cancel = button(self, "task_cancel", "ui_cases.act_cancel")
        cancel.clicked.connect(self.done)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        self.form.body.addLayout(foot)
        QShortcut(QKeySequence("Ctrl+Return"), self.form, self._on_save)

    def _fill_ending(self) -> None:
        self.ending.body.addWidget(self.ending_of)
        row = QHBoxLayout()
        caption, outcome = labelled(self, "ui_cases.task_outcome", self.outcome)
        self.finish = button(self, "task_finish", "ui_cases.task_finish", kind="primary")
        self.finish.clicked.connect(lambda: self._on_end(withdrawn=False))
        self.withdraw = button(self, "task_withdraw", "ui_cases.task_withdraw")
        self.withdraw.clicked.connect(lambda: self._on_end(withdrawn=True))
        cancel = button(self, "task_end_cancel", "ui_cases.act_cancel")
        cancel.clicked.connect(self.done)
        self.outcome.returnPressed.connect(lambda: self._on_end(withdrawn=False))
        row.addWidget(caption)
        row.addWidget(outcome, stretch=1)
        for made in (cancel, self.withdraw, self.finish):
            row.addWidget(made)
        self.ending.body.addLayout(row)

    def _redraw(self) -> None:
        self.hint.setVisible(not self._rows)
        refill(self._lines, [self._line(row) for row in self._rows])

    def _line(self, row: TaskRow) -> Card:
        words = self.look.words
        card = Card(self.look, "task_row")
        head = QHBoxLayout()
        state = Toned(self.look, "task_state")
        is_open = row.ended_at is None
        overdue = is_open and row.due_at < self._now
        tone = "danger" if overdue else "info" if is_open else "neutral"
        state.set_tone(tone)  # type: ignore[arg-type]  # mypy joins the three words to str
        ended = "withdrawn" if row.withdrawn else "done"
        key = "overdue" if overdue else "open" if is_open else ended
        state.setText(words(f"ui_cases.task_{key}"))
        who = DataLabel("task_for")
        who.setText(row.department or row.assignee or "")
        bold = who.font()
        bold.setBold(True)
        who.setFont(bold)
        due = DataLabel("task_due_at")
        due.setText(words("ui_cases.task_due_by", when=self._when(row.due_at)))
        head.addWidget(state)
        head.addWidget(who, stretch=1)
        head.addWidget(due, stretch=1)
        if is_open and self._may_work:
            end = QPushButton(words("ui_cases.task_end"))
            end.setObjectName(f"task_end_{row.id}")
            end.setAutoDefault(False)
            end.setAccessibleName(words("ui_cases.task_end_of", what=row.what[:_SPOKEN]))
            end.clicked.connect(lambda: self._open_ending(row))
            head.addWidget(end)
        card.body.addLayout(head)
        said = DataLabel("task_text")
        said.setText("\n→ ".join(part for part in (row.what, row.outcome) if part))
        said.setWordWrap(True)
        card.body.addWidget(said)
        by = DataLabel("task_by")
        by.setText(
            words("ui_cases.timeline_who", when=self._when(row.made_at), who=row.made_by)
            if row.ended_at is None
            else words("ui_cases.timeline_who", when=self._when(row.ended_at), who=row.ended_by)
        )
        tint(by, self.look.theme.colours.muted)
        card.body.addWidget(by)
        return card

    def _open_ending(self, row: TaskRow) -> None:
        self._ending = row
        self.ending_of.setText(row.what)
        self.form.hide()
        self.ending.show()
        self.outcome.setFocus()

    def _on_save(self) -> None:
        chosen = self.due.dateTime().toPython()
        who = self.who.currentData()
        if not isinstance(chosen, datetime) or who is None or not self.form.isVisible():
            return
        kind, number = who
        self.wanted.emit(
            TaskWanted(
                what=self.what.toPlainText(),
                due_at=chosen.replace(tzinfo=self._zone).astimezone(UTC),
                assignee_id=number if kind == "user" else None,
                department_id=number if kind == "department" else None,
            )
        )

    def _on_end(self, *, withdrawn: bool) -> None:
        if self._ending is not None:
            self.ended.emit(self._ending.id, self.outcome.text(), withdrawn)

    def _when(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")
