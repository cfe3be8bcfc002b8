"""Policy section 7: the customer's requests, from the call to the closed case, at a real office.

Somebody who is on record calls because their name is written wrongly. The operator receives the
request on the case of the call and calls back; the officer decides, a supervisor approves; the
operator carries it out, prints the answer, tells the customer and closes the request.
"""

import uuid
from datetime import timedelta
from pathlib import Path

from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases.rules import CaseState
from desk_app.clock import FixedClock
from desk_app.customers import service as customers
from desk_app.customers.rules import PersonalField
from desk_app.office import Desk, Office
from desk_app.privacy.requests import views
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.pages import RequestPage
from desk_app.privacy.requests.rules import Kind, Outcome, State
from desk_app.purposes.rules import USUAL_PURPOSE
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown, sit_down, window
from ui.cases.page import CasesPage
from ui.cases.request.opened import OpenedForm
from ui.cases.request.tab import RequestTab
from ui.session import Session

__all__ = ["sit_down", "window"]

PATIENCE_MS = 30_000
WRONG, RIGHT, NUMBER = "佐藤 花子", "斎藤 花子", "03-1234-5678"


def called(desk: Desk, clock: FixedClock, text: str, category: str, **more: object) -> int:
    """A whole call of the customer; its case."""
    now = clock.now()
    contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
    desk.perform(calls.hang_up, contact_id, ended_at=now)
    form = ContactForm(
        inquiries=(InquiryForm(text=text, category=category),),
        disposition=Disposition.FOLLOW_UP,
        caller_name=PersonalField.of(WRONG),
        callback_number=PersonalField.of(NUMBER),
        **more,
    )
    saved = desk.perform(cases.save_contact, contact_id, form, NewCase())
    assert saved.case_id is not None
    return int(saved.case_id)


def page_of(desk: Desk, case_id: int) -> RequestPage:
    found = desk.read(views.request_of_case, case_id)
    assert isinstance(found, RequestPage)
    return found


def test_a_request_goes_from_the_call_to_the_closed_case(
    office: Office,
    clock: FixedClock,
    sit_down: SitDown,
    window: QWidget,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    with sign_in(office, OPERATOR) as desk:
        known = NewCustomer(PersonalField.of(WRONG), PersonalField.of("さとう はなこ"))
        first = called(desk, clock, "包丁の研ぎ方", "question", customer=known)
        opened = desk.perform(cases.open_case, first, purpose=USUAL_PURPOSE)
        assert opened.customer is not None
        customer_id = opened.customer.id
        clock.move_to(clock.now() + timedelta(minutes=5))
        case_id = called(desk, clock, "名前が間違っている", "privacy", customer=customer_id)
    session = sit_down(OPERATOR)
    tab = open_request(session, window, qtbot, case_id)

    # The operator receives it, says what is wrong, and calls back.
    form = tab.receive
    qtbot.waitUntil(lambda: form.customer.text() == WRONG, timeout=PATIENCE_MS)
    form.kind.setCurrentIndex(form.kind.findData(Kind.CORRECTION.value))
    qtbot.keyClick(form.kind, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    opened_form = tab.view.forms["opened"]
    assert isinstance(opened_form, OpenedForm)
    qtbot.waitUntil(lambda: opened_form.place.count() > 0, timeout=PATIENCE_MS)
    assert tab.view.steps.currentRow() == 0, "it isn't said yet what is to be corrected"
    opened_form.new.setFocus()
    opened_form.new.setText(RIGHT)
    qtbot.keyClick(opened_form.new, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened_form.changes.count() == 1, timeout=PATIENCE_MS)
    assert window.focusWidget() is opened_form.new, "where a further change is entered"
    identity = tab.view.identity
    tab.view.steps.setCurrentRow(1)
    identity.method.setCurrentIndex(identity.method.findData("call_back"))
    assert identity.number.currentText() == NUMBER
    identity.note.setText("1234567890")  # of a document: refused, and typed again from where it was
    identity.note.setFocus()
    shown = tab._case
    qtbot.keyClick(identity.note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    refused = "errors.requests.note_has_number"
    qtbot.waitUntil(lambda: refused in told(session), timeout=PATIENCE_MS)
    qtbot.waitUntil(tab.isEnabled, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: tab._case is not shown, timeout=PATIENCE_MS)  # read again
    assert window.focusWidget() is identity.note
    identity.note.clear()
    identity.proven.click()
    wait_for(qtbot, tab, State.VERIFIED)
    assert refused not in told(session), "it is true no more"
    assert tab.view.steps.currentRow() == 2, "the next step is open"
    assert tab.view.others.isVisible(), "it says whose it is"
    assert window.focusWidget() is tab.view.steps, "the keyboard goes along"

    # The officer decides, and can't approve that alone.
    with sign_in(office, DPO) as officer:
        page = page_of(officer, case_id)
        officer.perform(deciding.decide, page.id, page.version, outcome=Outcome.GRANTED)
        assert page_of(officer, case_id).withheld == "requests.own_decision"
    with sign_in(office, SUPERVISOR) as supervisor:
        page = page_of(supervisor, case_id)
        supervisor.perform(deciding.approve, page.id, page.version)

    # The operator carries it out, answers, and closes it.
    read_again(session, tab, case_id)
    wait_for(qtbot, tab, State.APPROVED)
    tab.view.forms["execution"].carry_out.click()
    wait_for(qtbot, tab, State.EXECUTED)
    card = session.desk.perform(customers.open_customer, customer_id, purpose=USUAL_PURPOSE)
    assert card.name.text == RIGHT
    letter = tmp_path / "answer.pdf"
    tab.letter.write(tab.view.page.id, letter)
    qtbot.waitUntil(letter.exists, timeout=PATIENCE_MS)
    text = "".join(page.extract_text() for page in PdfReader(letter).pages)
    for said in (RIGHT, DPO.name, SUPERVISOR.name):
        assert said.replace(" ", "") in "".join(text.split())
    tab.view.notice.save.click()
    wait_for(qtbot, tab, State.NOTIFIED)
    tab.view.forms["closing"].save.click()
    wait_for(qtbot, tab, State.CLOSED)
    last = session.desk.perform(cases.open_case, case_id, purpose=USUAL_PURPOSE)
    assert last.state is CaseState.RESOLVED
    assert last.closing.asked_at is not None, "a supervisor closes it"
    with sign_in(office, DPO) as officer:
        (change, in_contact, _again) = page_of(officer, case_id).changes
        assert (change.wanted, change.before, change.is_sealed) == (RIGHT, None, True)
        assert in_contact.contact_number is not None


def open_request(session: Session, window: QWidget, qtbot: QtBot, case_id: int) -> RequestTab:
    page = CasesPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(page)
    window.show()
    page.open_case(case_id)
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)
    page.case.setFocus()
    qtbot.keyClick(page.case, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)  # the tenth tab
    assert page.case.book.bar.currentIndex() == list(page.case.book._makers).index("request")
    tab = page.case.book.panel("request")
    assert tab.minimumSizeHint().height() < 400, "the window would grow past the screen"
    assert isinstance(tab, RequestTab)
    return tab


def told(session: Session) -> list[str]:
    return [one.key for one in session.notices.shown]


def wait_for(qtbot: QtBot, tab: RequestTab, state: State) -> None:
    qtbot.waitUntil(
        lambda: tab.view.page is not None and tab.view.page.state is state, timeout=PATIENCE_MS
    )
    qtbot.waitUntil(tab.isEnabled, timeout=PATIENCE_MS)


def read_again(session: Session, tab: RequestTab, case_id: int) -> None:
    tab.show_case(session.desk.perform(cases.open_case, case_id, purpose=USUAL_PURPOSE))
