"""Steps that wait for a second person."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desk_app.people.rules import StepKind
from desk_app.people.views import StepRow
from ui.controls import Card, DataLabel, button, label, refill
from ui.look import Look
from ui.panel import Panel


class Steps(Panel):
    """Emits `approved` or `declined` by whoever is signed in, or `second_wanted`: somebody else
    signs in beside them to approve."""

    approved = Signal(int)
    declined = Signal(int)
    second_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo, may_approve: bool) -> None:
        super().__init__(look, "steps")
        self._zone = zone
        self._may_approve = may_approve
        self._rows: Sequence[StepRow] = ()
        self._wanted = 0
        card = Card(look, "steps_card")
        card.body.addWidget(label(self, "ui_people.steps", name="steps_title", bold=True))
        self._none = label(self, "ui_people.no_steps", name="steps_none", muted=True, wrap=True)
        card.body.addWidget(self._none)
        self._list = QVBoxLayout()
        card.body.addLayout(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def present(self, rows: Sequence[StepRow]) -> None:
        """Show the steps that wait, the oldest first."""
        self._rows = rows
        self._redraw()
        self._focus()
        self._wanted = 0

    def go_to(self, step_id: int) -> None:
        """Go to what approves this step, once it is there."""
        self._wanted = step_id
        self._focus()

    def _focus(self) -> None:
        for name in (f"approve_{self._wanted}", f"second_{self._wanted}"):
            for act in self.findChildren(QPushButton, name):
                act.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _redraw(self) -> None:
        self._none.setVisible(not self._rows)
        refill(self._list, [self._line(row) for row in self._rows])

    def _line(self, row: StepRow) -> QWidget:
        words = self.look.words
        made = Panel(self.look, f"step_{row.step_id}")
        cells = QHBoxLayout(made)
        cells.setContentsMargins(0, 0, 0, 0)
        said = DataLabel("step_text")
        when = self.look.language.when(row.requested_at.astimezone(self._zone), "day_and_time")
        roles = ", ".join(words(f"people.role.{role.value}") for role in row.roles)
        said.setText(
            words(
                "ui_people.step",
                what=words(f"people.step.{row.kind.value}"),
                subject=f"{row.subject} ({roles})" if roles else row.subject,
                who=row.requested_by,
                when=when,
            )
        )
        said.setWordWrap(True)
        cells.addWidget(said, stretch=1)
        step_id = int(row.step_id)
        if self._may_approve and not row.waits_for_other:
            approve = button(made, f"approve_{step_id}", "ui_people.approve", kind="primary")
            approve.clicked.connect(lambda: self.approved.emit(step_id))
            cells.addWidget(approve)
        elif row.kind is not StepKind.GIVE_LISTENING or row.waits_for_other:
            second = button(made, f"second_{step_id}", "ui_people.approve_second")
            second.clicked.connect(lambda: self.second_wanted.emit(step_id))
            cells.addWidget(second)
        if self._may_approve:
            decline = button(made, f"decline_{step_id}", "ui_people.decline")
            decline.clicked.connect(lambda: self.declined.emit(step_id))
            cells.addWidget(decline)
        for at in range(1, cells.count()):
            item = cells.itemAt(at)
            control = item.widget() if item is not None else None
            if control is not None:
                control.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return made
