"""The registers tab: brings its view together with the use cases."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from desk_app.people.access import Permission
from desk_app.privacy.registers import service, views
from desk_app.privacy.registers.pages import ContractRow, ListingRow, Registers
from desk_app.privacy.registers.rules import RecipientForm
from ui.oversight.registers.periods import Period, SystemForm
from ui.oversight.registers.view import RegistersView
from ui.panel import Panel
from ui.session import Session


class RegistersTab(Panel):
    """Read when it is entered and whenever somebody changed them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "registers_tab")
        self._session = session
        self._select: int | None = None
        self._today: Registers | None = None
        may_edit = Permission.EDIT_REGISTERS in session.account.permissions
        self.view = RegistersView(session.look, may_edit=may_edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        periods = self.view.periods
        self.view.entered.connect(self._on_entered)
        self.view.retired.connect(
            lambda recipient_id: session.change(self, service.retire_recipient, recipient_id)
        )
        periods.ended.connect(self._on_ended)
        periods.listed.connect(lambda span: self._add(service.list_company, span))
        periods.contracted.connect(lambda form: self._add(service.enter_contract, form))
        periods.assessed.connect(self._on_assessed)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.view.enter()

    def _read(self) -> None:
        self._session.read(self, views.registers, done=self._present)

    def _present(self, registers: Registers) -> None:
        self._today = registers
        self.view.present(registers)
        if self._select is not None:
            self.view.select(self._select)
            self._select = None

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind == "recipient" for change in changes):
            self._read()

    def _on_entered(self, form: RecipientForm, replaces: int) -> None:
        def entered(recipient_id: int) -> None:
            self.view.done()
            self._select = recipient_id
            self._read()

        self._session.create(
            self, service.enter_recipient, form, replaces=replaces or None, done=entered
        )

    def _add(self, use_case: Any, form: object) -> None:
        row = self.view.current()
        if row is not None:
            self._session.create(self, use_case, row.id, form)

    def _on_assessed(self, form: SystemForm) -> None:
        row = self.view.current()
        if row is not None:
            self._session.create(self, service.enter_system, row.id, form.span, basis=form.basis)

    def _on_ended(self, period: Period) -> None:
        """Ends today: the last day on which it still counts."""
        if self._today is None:
            return
        ends = {ListingRow: service.end_listing, ContractRow: service.end_contract}
        use_case = ends.get(type(period), service.end_system)
        self._session.change(self, use_case, period.id, self._today.today)
