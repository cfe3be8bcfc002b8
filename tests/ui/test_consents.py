"""Consents at the window: given, withdrawn, and nothing that was typed is dropped unsaid."""

import uuid
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases.pages import CasePage
from desk_app.customers import service as customers
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import PersonalField
from desk_app.office import Office
from desk_app.people.access import Actor
from desk_app.privacy.requests import service as requests
from desk_app.privacy.requests.deciding import service as deciding
from desk_app.privacy.requests.rules import Kind, Outcome, Party
from desk_app.privacy.requests.service import Received
from desk_app.purposes.consents import views
from desk_app.purposes.consents.pages import ConsentChannel, ConsentForm, CustomerUses
from desk_app.purposes.model import Consent
from desk_app.purposes.rules import (
    USUAL_PURPOSE,
    Act,
    Block,
    BlockReason,
    Purpose,
    ResumeReason,
    Stops,
)
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from ui.cases.consents.sheet import ConsentSheet
from ui.cases.consents.tab import ConsentsTab
from ui.controls import choose
from ui.look import Look
from ui.people.second_person import SecondPerson
from ui.session import Session

PATIENCE_MS = 30_000


@pytest.fixture
def session(sit_down: SitDown) -> Session:
    return sit_down(OPERATOR)


def a_case(session: Session) -> CasePage:
    """A case of Sato's, about her data, from a call."""
    desk, now = session.desk, session.desk.office.clock.now()
    contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
    desk.perform(calls.hang_up, contact_id, ended_at=now)
    sato = CustomerFields(name=PersonalField.of("佐藤 花子"))
    form = ContactForm(
        customer=desk.perform(customers.enter_customer, sato),
        inquiries=(InquiryForm(text="私の情報を使わないでほしい。", category="privacy"),),
        disposition=Disposition.FOLLOW_UP,
    )
    saved = desk.perform(cases.save_contact, contact_id, form, NewCase())
    assert saved.case_id is not None
    page: CasePage = desk.perform(cases.open_case, saved.case_id, purpose=USUAL_PURPOSE)
    return page


def test_a_consent_is_withdrawn_with_where_that_can_be_read_again(
    session: Session, window: QWidget, qtbot: QtBot
) -> None:
    tab = ConsentsTab(session)
    window.layout().addWidget(tab)
    sheet, page = tab.sheet, a_case(session)
    tab.show_case(page)
    qtbot.waitUntil(sheet.new.isVisible, timeout=PATIENCE_MS)
    sheet.new.click()
    sheet.purposes.tick([Purpose.PARTNERS])
    choose(sheet.channel, ConsentChannel.LETTER)
    sheet.evidence.document.setText("同意書 C-12")
    sheet.save.click()
    qtbot.waitUntil(lambda: len(sheet.table.rows) == 1, timeout=PATIENCE_MS)
    sheet.withdraw.click()
    assert sheet.proof.contact.hasFocus()
    assert sheet.withdrawn.text()
    sheet.proof.second.setText("9:99")
    sheet.withdraw_now.click()
    assert sheet.withdraw_now.isVisible(), "a position that is none is asked for again"
    sheet.proof.second.clear()
    choose(sheet.proof.contact, page.contacts[0].id)
    sheet.proof.document.setText("葉書 C-13")
    sheet.withdraw_now.click()
    qtbot.waitUntil(lambda: not sheet.withdraw.isEnabled(), timeout=PATIENCE_MS)
    qtbot.waitUntil(sheet.withdraw.isVisible, timeout=PATIENCE_MS)

    def kept(_actor: Actor, work: UnitOfWork) -> tuple[int | None, str | None]:
        consent = work.session.scalars(select(Consent)).one()
        return consent.withdrawn_contact_id, consent.withdrawn_document

    assert session.desk.read(kept) == (page.contacts[0].id, "葉書 C-13")


def a_stop(office: Office, page: CasePage) -> None:
    """What Sato asked for, on her case: no use any more; decided and approved by two."""
    assert page.customer is not None
    asked = Received(Kind.CEASE_USE, received_at=office.clock.now(), customer_id=page.customer.id)
    with sign_in(office, OPERATOR) as operator, sign_in(office, DPO) as officer:
        request_id = operator.perform(requests.receive, page.id, asked)
        versions = count(1)
        for desk, use_case, given in (
            (
                operator,
                requests.check_identity,
                {"party": Party.CUSTOMER, "method": "photo_document", "proven": True},
            ),
            (officer, deciding.decide, {"outcome": Outcome.GRANTED}),
            (sign_in(office, SUPERVISOR), deciding.approve, {}),
            (operator, requests.carry_out, {"language": "ja"}),
        ):
            desk.perform(use_case, request_id, next(versions), **given)


def test_a_stop_that_a_request_brought_is_lifted_by_two_at_one_desk(
    office: Office, sit_down: SitDown, window: QWidget, qtbot: QtBot
) -> None:
    operator = sit_down(OPERATOR)
    page = a_case(operator)
    a_stop(office, page)
    officer = sit_down(DPO)
    tab = ConsentsTab(officer)
    window.layout().addWidget(tab)
    sheet = tab.sheet
    tab.show_case(page)
    qtbot.waitUntil(sheet.lift.isVisible, timeout=PATIENCE_MS)
    sheet.lift.click()
    choose(sheet.why, ResumeReason.FOUND_RIGHT)
    sheet.lift_now.click()
    qtbot.waitUntil(lambda: tab.findChild(SecondPerson) is not None, timeout=PATIENCE_MS)
    beside = tab.findChild(SecondPerson)
    assert isinstance(beside, SecondPerson)
    with qtbot.waitSignal(tab.case_changed, timeout=PATIENCE_MS):
        beside.given.emit(SUPERVISOR.login, SUPERVISOR.password)
    assert page.customer is not None
    assert officer.desk.read(views.uses_of, page.customer.id).blocks == ()
    assert officer.notices.shown == []


def test_a_stop_is_lifted_for_a_reason_that_was_chosen(qtbot: QtBot, look: Look) -> None:
    stops = Stops(frozenset({Act.VIEW}))
    blocks = [
        Block(at, stops, BlockReason.CONTESTED, datetime(2026, 9, at, tzinfo=UTC)) for at in (3, 4)
    ]
    uses = CustomerUses(7, blocks=tuple(blocks))
    for may_lift in (False, True):
        sheet = ConsentSheet(look, zone=ZoneInfo("Asia/Tokyo"), may_record=True, may_lift=may_lift)
        qtbot.addWidget(sheet)
        sheet.present(uses)
        assert sheet.lift.isVisibleTo(sheet) is may_lift
    lifted: list[tuple[int, object]] = []
    sheet.lift_wanted.connect(lambda *given: lifted.append(given))
    sheet.lift.click()
    sheet.block.setCurrentIndex(1)
    sheet.why.setCurrentIndex(sheet.why.findData("found_right"))
    sheet.lift_now.click()
    assert lifted == [(4, ResumeReason.FOUND_RIGHT)]


@pytest.mark.parametrize(
    ("typed", "second"), [("", None), ("12:34", 754), ("9:99", None), ("abc", None)]
)
def test_a_mistyped_position_is_said_and_nothing_recorded(
    qtbot: QtBot, look: Look, typed: str, second: int | None
) -> None:
    sheet = ConsentSheet(look, zone=ZoneInfo("Asia/Tokyo"), may_record=True)
    qtbot.addWidget(sheet)
    forms: list[ConsentForm] = []
    mistakes: list[str] = []
    sheet.consent_wanted.connect(forms.append)
    sheet.position_mistyped.connect(lambda: mistakes.append(typed))
    sheet.evidence.second.setText(typed)
    sheet.save.click()
    if typed and second is None:
        assert (forms, mistakes) == ([], [typed])
    else:
        assert [form.evidence.second for form in forms] == [second]
