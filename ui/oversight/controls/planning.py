"""Planning a control: what, by whom, when."""

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desk_app.people.views import Colleague
from desk_app.privacy.controls.rules import ControlKind
from desk_app.privacy.controls.service import ControlPlan
from ui.controls import Card, button, choice, label, labelled, line, stack_field
from ui.look import Look
from ui.oversight.fields import day_field, day_of, show_day, show_staff, staff_field
from ui.panel import Panel


class Planning(Panel):
    """Emits `wanted` (a `ControlPlan`), or `closed`."""

    wanted = Signal(object)
    closed = Signal()

    def __init__(self, look: Look, kinds: Sequence[ControlKind]) -> None:
        super().__init__(look, "planning")
        self.kind = choice(
            self, "plan_kind", [(k.value, f"controls.kind.{k.value}") for k in kinds]
        )
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.subject = line("plan_subject", limit=200)
        self.country = line("plan_country", limit=2)
        self.firm = choice(self, "plan_firm", [("", "ui_oversight.no_firm")], shorten=True)
        self.firm.setMinimumContentsLength(12)
        self.firm.setProperty("data", True)
        self.planned_on = day_field(self, "plan_day")
        self.responsible = staff_field("plan_responsible")
        self.first, self.last = day_field(self, "plan_first"), day_field(self, "plan_last")
        self.save = button(self, "plan_save", "ui_oversight.plan", kind="primary")
        self.cancel = button(self, "plan_cancel", "ui_oversight.cancel")
        self.save.clicked.connect(self._on_save)
        self.cancel.clicked.connect(self.closed)
        self.kind.currentIndexChanged.connect(self._show_fields)
        self._of_kind: list[tuple[QWidget, frozenset[ControlKind]]] = []
        card = Card(look, "plan_card")
        grid = QGridLayout()
        abroad = frozenset({ControlKind.FOREIGN_ASSESSMENT})
        audit = frozenset({ControlKind.SUBCONTRACTOR_AUDIT})
        inspection = frozenset({ControlKind.INSPECTION})
        everything = frozenset(ControlKind)
        for place, (key, control, of) in enumerate(
            (
                ("kind", self.kind, everything),
                ("planned_on", self.planned_on, everything),
                ("responsible", self.responsible, everything),
                ("firm", self.firm, audit),
                ("country", self.country, abroad),
                ("subject", self.subject, everything - inspection),
                ("first", self.first, inspection),
                ("last", self.last, inspection),
            )
        ):
            pair = labelled(self, f"ui_oversight.{key}", control)
            stack_field(grid, place // 3, place % 3, pair)
            self._of_kind += [(widget, of) for widget in pair]
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        card.body.addWidget(label(self, "ui_oversight.planning", bold=True))
        card.body.addLayout(grid)
        card.body.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        layout.addStretch(1)

    def present(
        self,
        today: date,
        colleagues: Sequence[Colleague],
        firms: Sequence[tuple[int, str]],
        *,
        own: int,
    ) -> None:
        """An empty form; ``firms`` are the subcontractors of the register, ``own`` is who plans and
        carries it out unless another is chosen."""
        show_staff(self.responsible, colleagues)
        self.responsible.setCurrentIndex(max(self.responsible.findData(own), 0))
        while self.firm.count() > 1:
            self.firm.removeItem(1)
        for id, name in firms:
            self.firm.addItem(name, str(id))
        for field in (self.planned_on, self.last):
            show_day(field, today)
        show_day(self.first, today - timedelta(days=90))
        self.subject.clear()
        self.country.clear()
        self._show_fields()

    def enter(self) -> None:
        self.kind.setFocus()

    def _chosen(self) -> ControlKind:
        return ControlKind(self.kind.currentData())

    def _show_fields(self) -> None:
        for widget, kinds in self._of_kind:
            widget.setVisible(self._chosen() in kinds)

    def _on_save(self) -> None:
        kind, firm = self._chosen(), str(self.firm.currentData() or "")
        is_audit = kind is ControlKind.SUBCONTRACTOR_AUDIT
        subject = self.subject.text() or (self.firm.currentText() if is_audit and firm else "")
        inspects = kind is ControlKind.INSPECTION
        self.wanted.emit(
            ControlPlan(
                kind,
                day_of(self.planned_on),
                self.responsible.currentData(),
                subject=subject,
                subcontractor_id=int(firm) if is_audit and firm else None,
                country=self.country.text().upper() or None,
                covers=(day_of(self.first), day_of(self.last)) if inspects else None,
            )
        )
