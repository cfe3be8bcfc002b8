"""The tab of a customer's consents: between the sheet and its use cases."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases.pages import CasePage
from desk_app.errors import Refused
from desk_app.people.access import Permission
from desk_app.privacy.requests.resuming import service as resuming
from desk_app.purposes.consents import service, views
from desk_app.purposes.consents.pages import ConsentForm, CustomerUses, Evidence
from desk_app.purposes.rules import OtherUse, ResumeReason
from ui.cases.consents.sheet import ConsentSheet
from ui.cases.tabs import CaseTabPanel
from ui.people.beside import ask_second
from ui.session import Session


class ConsentsTab(CaseTabPanel):
    """Reads the consents of a case's customer, records and withdraws them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "consents_tab")
        self._session = session
        self._page: CasePage | None = None
        self._named: tuple[OtherUse, ...] = ()
        self.sheet = ConsentSheet(
            session.look,
            zone=session.zone,
            may_record=Permission.RECORD_CONSENTS in session.account.permissions,
            may_lift=Permission.DECIDE_REQUESTS in session.account.permissions,
        )
        self.sheet.lift_wanted.connect(self._on_lift_wanted)
        self.sheet.consent_wanted.connect(self._on_consent_wanted)
        self.sheet.position_mistyped.connect(
            lambda: session.notices.error(Refused("purposes.consent_position"))
        )
        self.sheet.withdrawal_wanted.connect(self._on_withdrawal_wanted)
        self.sheet.opt_out_wanted.connect(self._on_opt_out_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.sheet)
        session.read(self, views.named_uses, done=self._on_named)

    def show_case(self, page: CasePage) -> None:
        if self._page is None or self._page.id != page.id:
            self.sheet.done()
        self._page = page
        if page.customer is None:
            self.sheet.present(None)
            return
        self._session.read(
            self,
            views.uses_of,
            page.customer.id,
            done=lambda uses: self._on_read(page, uses),
        )

    def enter(self) -> None:
        self.sheet.enter()

    def _on_named(self, named: tuple[OtherUse, ...]) -> None:
        self._named = named
        if self._page is not None:
            self.show_case(self._page)

    def _on_read(self, page: CasePage, uses: CustomerUses) -> None:
        if self._page is page:
            self.sheet.present(uses, contacts=page.contacts, named=self._named)

    def _on_consent_wanted(self, form: ConsentForm) -> None:
        if self._page is not None and self._page.customer is not None:
            self._send(self._session.create, service.record_consent, self._page.customer.id, form)

    def _on_withdrawal_wanted(self, consent_id: int, evidence: Evidence) -> None:
        self._send(self._session.change, service.withdraw_consent, consent_id, evidence)

    def _on_opt_out_wanted(self) -> None:
        if self._page is not None and self._page.customer is not None:
            self._send(self._session.change, service.opt_out, self._page.customer.id)

    def _on_lift_wanted(self, block_id: int, why: ResumeReason) -> None:
        """Lift it; where that takes two, the second person signs in beside the first and agrees."""
        self.sheet.setEnabled(False)

        def done(_none: object) -> None:
            self.sheet.setEnabled(True)
            self.sheet.done()
            self.case_changed.emit()

        def failed(error: Exception) -> None:
            self.sheet.setEnabled(True)
            if isinstance(error, Refused) and error.code == "requests.resume_alone":
                self._ask_second(block_id, why)
            else:
                self._session.notices.error(error)

        self._session.change(self, resuming.resume_use, block_id, why=why, done=done, failed=failed)

    def _ask_second(self, block_id: int, why: ResumeReason) -> None:
        self._dialog = ask_second(
            self._session,
            self,
            resuming.agree_to_resume,
            block_id,
            why=why,
            act="ui_purposes.lift_agree",
            done=lambda: self._on_lift_wanted(block_id, why),
        )

    def _send(self, send: Any, use_case: Any, *args: Any) -> None:
        self.sheet.setEnabled(False)

        def done(_result: object) -> None:
            self.sheet.setEnabled(True)
            if use_case is not service.opt_out:
                self.sheet.done()
            self.sheet.enter()
            if self._page is not None:
                self.show_case(self._page)

        def failed(error: Exception) -> None:
            self.sheet.setEnabled(True)
            self._session.notices.error(error)

        send(self, use_case, *args, done=done, failed=failed)
