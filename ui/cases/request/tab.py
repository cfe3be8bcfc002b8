"""The tab of a case's privacy request: receiving it, and its steps."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desk_app.cases.pages import CasePage
from desk_app.errors import DeskError
from desk_app.privacy.requests import service, views
from desk_app.privacy.requests.correction import service as correction
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.pages import ReceiveOffer, RequestPage
from desk_app.privacy.requests.rules import Kind
from desk_app.privacy.requests.service import Received
from ui.cases.request.letter import LetterSaver
from ui.cases.request.receive import ReceiveForm
from ui.cases.request.view import RequestView
from ui.cases.tabs import CaseTabPanel
from ui.frames import scrolling
from ui.places import Place
from ui.privacy.tabs import TABS as PRIVACY_TABS
from ui.session import Session

ACTS: Mapping[str, Callable[..., Any]] = {
    "choose": service.choose_customer,
    "check": service.check_identity,
    "turn_away": deciding.turn_away,
    "charge": service.charge_fee,
    "fee_paid": service.fee_paid,
    "want_change": correction.want_change,
    "drop_change": correction.drop_change,
    "dispute": correction.note_dispute,
    "decide": deciding.decide,
    "approve": deciding.approve,
    "send_back": deciding.send_back,
    "carry_out": service.carry_out,
    "told": correction.note_told,
    "notify": service.notify,
    "withdraw": service.withdraw,
    "close": service.close,
}
"""What the forms ask for, by the name that they emit."""


_TABS = {one.key: one for one in PRIVACY_TABS}
_ELSEWHERE = {Kind.DISCLOSURE: _TABS["disclosure"], Kind.DELETION: _TABS["erasures"]}
"""The tabs on which requests of these kinds are carried out."""


class RequestTab(CaseTabPanel):
    """Reads what the view shows, and carries out what it asks for."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "request_tab")
        self._session = session
        self._case: CasePage | None = None
        self._request: RequestPage | None = None
        self._is_awaited = False
        self._left: QWidget | None = None  # where the keyboard was when an act began
        self._step = -1
        self._refused = ""  # the words that said why the last act wasn't done
        self.receive = ReceiveForm(session.look, zone=session.zone)
        permissions = session.account.permissions
        self.view = RequestView(
            session.look,
            zone=session.zone,
            may_open=[kind for kind, tab in _ELSEWHERE.items() if tab.permission in permissions],
        )
        self.letter = LetterSaver(session, self)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.receive)
        self.stack.addWidget(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolling(self, self.stack, "ui_cases.tab_request"))
        self.receive.wanted.connect(self._on_received)
        self.view.wanted.connect(self._on_wanted)
        self.view.letter_wanted.connect(self._on_letter_wanted)

    def show_case(self, page: CasePage) -> None:
        if self._case is None or self._case.id != page.id:
            self.stack.hide()  # nothing is offered before it is known what this case has
        self._case = page

        def found(what: RequestPage | ReceiveOffer) -> None:
            if self._case is page:
                self._show(what)

        self._session.read(self, views.request_of_case, page.id, done=found)

    def enter(self) -> None:
        if self.stack.isHidden():
            self._is_awaited = True
            return
        current = self.stack.currentWidget()
        (self.view if current is self.view else self.receive).enter()

    def _show(self, what: RequestPage | ReceiveOffer) -> None:
        self.setEnabled(True)
        if isinstance(what, ReceiveOffer):
            self._request = None
            self.receive.present(what)
            self.stack.setCurrentWidget(self.receive)
        else:
            self._show_request(what)
        self.stack.show()
        if self._is_awaited:
            self._is_awaited = False
            left, self._left = self._left, None
            is_same = left is not None and self.view.steps.currentRow() == self._step
            if left is not None and is_same and left.isVisible():
                left.setFocus()  # another of the same, such as a further change
            else:
                self.enter()

    def _show_request(self, what: RequestPage) -> None:
        self._request = what
        self.view.present(what)
        self.stack.setCurrentWidget(self.view)
        if what.must_choose:
            self._session.change(
                self, service.open_candidates, what.id, done=self.view.show_candidates
            )

    def _on_received(self, received: Received) -> None:
        if self._case is not None:
            self._begin()
            self._session.create(
                self,
                service.receive,
                self._case.id,
                received,
                done=lambda _id: self._go_on(),
                failed=self._failed,
            )

    def _on_wanted(self, act: str, given: dict[str, Any]) -> None:
        request = self._request
        if request is None:
            return
        if act == "open":
            self._open_elsewhere(request)
            return
        self._begin()

        def done(_version: object) -> None:
            self.view.clear()
            self._go_on()

        self._session.change(
            self, ACTS[act], request.id, request.version, **given, done=done, failed=self._failed
        )

    def _begin(self) -> None:
        """Nothing else is begun meanwhile, which takes the keyboard away; what kept the last act is
        true no more."""
        focus = self.window().focusWidget()  # also while another window is in front
        self._step = self.view.steps.currentRow()
        self._left = focus if focus is not None and self.isAncestorOf(focus) else None
        self._session.notices.withdraw(self._refused)
        self.setEnabled(False)

    def _go_on(self) -> None:
        """The act was carried out: the keyboard stays in its step, or goes to the next."""
        self._is_awaited = self._left is not None
        self.case_changed.emit()

    def _open_elsewhere(self, request: RequestPage) -> None:
        """To where a request of this kind is carried out."""
        number = self._case.number if self._case is not None else None
        what = number if request.kind is Kind.DELETION else request.id
        self._session.place_wanted.emit(Place("privacy", _ELSEWHERE[request.kind].key, what))

    def _on_letter_wanted(self) -> None:
        if self._request is not None:
            self.letter.save(self._request.id)

    def _failed(self, error: Exception) -> None:
        """What was typed stays; the request is read again below it."""
        self._session.notices.error(error)
        self._refused = f"errors.{error.code}" if isinstance(error, DeskError) else ""
        self.setEnabled(True)
        if self._left is not None:
            self._left.setFocus()
        self.case_changed.emit()
