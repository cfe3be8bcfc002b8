"""What was found, and what is to be done about it."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desk_app.people.views import Colleague
from desk_app.privacy.controls.pages import ControlPage, FindingRow
from desk_app.privacy.controls.rules import ControlState, Grade
from desk_app.privacy.controls.service import FindingForm
from ui.controls import (
    Card,
    DataLabel,
    TextArea,
    button,
    choice,
    label,
    labelled,
    line,
    refill,
    stack_field,
)
from ui.look import Look
from ui.oversight.controls.wanted import Wanted
from ui.oversight.fields import day_field, day_of, show_day, show_staff, staff_field
from ui.panel import Panel


class Findings(Panel):
    """Emits `wanted` (a `Wanted`)."""

    wanted = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "control_findings")
        self._page: ControlPage | None = None
        self._today = date.min
        self.grade = choice(
            self, "finding_grade", [(g.value, f"controls.grade.{g.value}") for g in Grade]
        )
        self.grade.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.text = TextArea("finding_text", lines=2)
        self.action = line("finding_action", limit=400)
        self.by, self.due = staff_field("finding_by"), day_field(self, "finding_due")
        self.add = button(self, "finding_add", "ui_oversight.add_finding")
        self.done_note = line("finding_done_note", limit=400)
        self.add.clicked.connect(self._on_add)
        self.grade.currentIndexChanged.connect(self._show_fields)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self._form, self._doing, self._done = QWidget(), QWidget(), QWidget()
        form = QGridLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        stack_field(form, 0, 0, labelled(self, "ui_oversight.grade", self.grade))
        stack_field(form, 0, 1, labelled(self, "ui_oversight.finding", self.text), span=2)
        doing = QGridLayout(self._doing)
        doing.setContentsMargins(0, 0, 0, 0)
        stack_field(doing, 0, 0, labelled(self, "controls.action", self.action))
        stack_field(doing, 0, 1, labelled(self, "ui_oversight.action_by", self.by))
        stack_field(doing, 0, 2, labelled(self, "ui_oversight.action_due", self.due))
        doing.setColumnStretch(0, 1)
        form.addWidget(self._doing, 2, 0, 1, 3)
        form.addWidget(self.add, 3, 2)
        form.setColumnStretch(1, 1)
        done = QHBoxLayout(self._done)
        done.setContentsMargins(0, 0, 0, 0)
        for widget in labelled(self, "ui_oversight.done_note", self.done_note):
            done.addWidget(widget)
        card = Card(look, "findings_card")
        card.body.addWidget(label(self, "controls.findings", bold=True))
        self._none = label(self, "controls.no_findings", muted=True)
        card.body.addWidget(self._none)
        card.body.addLayout(self._rows)
        card.body.addWidget(self._done)
        card.body.addWidget(self._form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, page: ControlPage, colleagues: Sequence[Colleague], today: date) -> None:
        before = self._page.row.id if self._page else 0
        self._page, self._today = page, today
        show_staff(self.by, colleagues)
        if page.row.id != before:
            self._clear()
        self._fill()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def _clear(self) -> None:
        self.text.clear()
        self.action.clear()
        self.done_note.clear()
        show_day(self.due, self._today)
        self._show_fields()

    def _fill(self) -> None:
        page = self._page
        if page is None:
            return
        self._form.setVisible(page.row.state is ControlState.RUNNING)
        waits = any(one.action and one.done_on is None for one in page.findings)
        self._done.setVisible(waits)
        self._none.setVisible(not page.findings)
        refill(self._rows, [self._row(n, one) for n, one in enumerate(page.findings, start=1)])

    def _row(self, number: int, one: FindingRow) -> QWidget:
        words, day = self.look.words, self.look.language.day
        said = [f"{number}. {words(f'controls.grade.{one.grade}')}: {one.text}"]
        if one.action and one.action_due_on is not None:
            due = words(
                "ui_oversight.action_line",
                action=one.action,
                who=one.action_by,
                day=day(one.action_due_on, "day_and_year"),
            )
            late = f" {words('ui_oversight.due_late')}" if one.is_late else ""
            said.append(due + late)
        if one.done_on is not None:
            done = day(one.done_on, "day_and_year")
            said.append(words("ui_oversight.done_line", day=done, note=one.done_note))
        row = Panel(self.look, f"finding_row_{one.id}")  # its button's words and icon go with it
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        text = DataLabel(f"finding_{one.id}")
        text.setText("\n".join(said))
        text.setWordWrap(True)
        line.addWidget(text, 1)
        if one.action and one.done_on is None:
            made = button(row, f"finding_done_{one.id}", "ui_oversight.done", icon="check")
            made.clicked.connect(lambda: self._on_done(one.id))
            line.addWidget(made)
        return row

    def _show_fields(self) -> None:
        self._doing.setVisible(self.grade.currentData() != Grade.REMARK.value)

    def _on_add(self) -> None:
        if self._page is None:
            return
        grade = Grade(self.grade.currentData())
        acts = grade is not Grade.REMARK
        form = FindingForm(
            grade,
            self.text.toPlainText(),
            action=self.action.text() if acts else "",
            action_by=self.by.currentData() if acts and self.action.text() else None,
            action_due_on=day_of(self.due) if acts and self.action.text() else None,
        )
        self.wanted.emit(Wanted("add_finding", (self._page.row.id, form)))

    def added(self) -> None:
        """It was entered: the form is for the next."""
        self._clear()

    def _on_done(self, finding_id: int) -> None:
        named = {"done_on": self._today, "note": self.done_note.text()}
        self.wanted.emit(Wanted("complete_action", (finding_id,), named))
