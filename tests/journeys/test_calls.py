"""Days at the desk on a real office, without a window: from the ring to the closed case."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from desk_app.audit import views as audit
from desk_app.audit.heads import remembered
from desk_app.calls import service as calls
from desk_app.calls import views as call_views
from desk_app.calls.drafts import DraftStore
from desk_app.calls.endings import Answered, CallOnly, JoinCase, NewCase
from desk_app.calls.form import ContactForm, Draft, InquiryForm, NewCustomer
from desk_app.calls.rules import AnnouncedBy, Channel, ContactState, Disposition, NextStep
from desk_app.cases import service as cases
from desk_app.cases import views as case_views
from desk_app.cases.pages import SavedContact
from desk_app.cases.rules import CaseState, Resolution
from desk_app.clock import FixedClock
from desk_app.customers import service as customers
from desk_app.customers.rules import PersonalField
from desk_app.errors import NotPermitted, Refused
from desk_app.hours import service as hours
from desk_app.office import Desk, Office
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import Purpose
from desk_app.search import service as search
from desk_app.search import views as search_views
from desk_app.search.pages import Query
from desk_app.words import LANGUAGES, Words
from tests.conftest import IN_HOURS
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in

NAME, MATTER = "長谷川 美穂", "三徳包丁の刃先が欠けてしまいました"
COMPLAINT = ContactForm(
    caller_name=PersonalField.of(NAME),
    caller_reading=PersonalField.of("ハセガワ ミホ"),
    callback_number=PersonalField.of("０９０−１２３４−５６７８"),
    customer=NewCustomer(PersonalField.of(NAME), PersonalField.of("ハセガワ ミホ")),
    inquiries=(InquiryForm(text=MATTER, category="complaint", product="三徳包丁 165mm"),),
    disposition=Disposition.FOLLOW_UP,
)
of_inquiries = {"purpose": Purpose.INQUIRIES}


@pytest.fixture
def operator(office: Office) -> Iterator[Desk]:
    with sign_in(office, OPERATOR) as desk:
        yield desk


def take(desk: Desk, clock: FixedClock, **particulars: object) -> int:
    named = {"uid": str(uuid.uuid4()), "rang_at": clock.now()} | particulars
    return desk.perform(calls.start_call, **named)


def finish(desk: Desk, clock: FixedClock, contact_id: int, *ended: object) -> SavedContact:
    desk.perform(calls.hang_up, contact_id, ended_at=clock.now())
    return desk.perform(cases.save_contact, contact_id, *ended)


def at(text: str) -> datetime:
    """An instant on the office's clock."""
    return datetime.fromisoformat(f"{text}+09:00")


def test_a_complaint_from_the_ring_to_the_supervisors_closing(
    office: Office, operator: Desk, clock: FixedClock
) -> None:
    store = DraftStore(office.folder / "drafts")
    uid = str(uuid.uuid4())
    contact_id = take(operator, clock, uid=uid, number_shown="09012345678")
    script = operator.read(purposes.current_announcement)
    operator.perform(
        calls.confirm_announcement,
        contact_id,
        announcement_id=script.id,
        by=AnnouncedBy.OPERATOR,
    )
    assert operator.perform(customers.matches, number="09012345678") == ()
    draft = Draft(uid, Channel.TELEPHONE, clock.now(), contact_id=contact_id, form=COMPLAINT)
    store.save(uid, draft.to_json(), operator.read(call_views.draft_recipients))
    saved = finish(operator, clock, contact_id, COMPLAINT, NewCase())
    store.drop(uid)
    assert saved.case_id is not None
    assert operator.read(call_views.contact_number, contact_id) == "20260610-0001"
    assert operator.read(case_views.case_number, saved.case_id) == "2026-000001"

    # She rings again: the desk offers her and her case, and the operator confirms.
    again = take(operator, clock, number_shown="+81 90-1234-5678")
    offered = operator.perform(customers.matches, number="+81 90-1234-5678")
    assert [one.name for one in offered] == [NAME]
    open_cases = operator.read(case_views.open_cases_of, offered[0].customer_id)
    earlier = operator.read(call_views.earlier_contacts_of, offered[0].customer_id)
    assert [row.id for row in open_cases] == [saved.case_id]
    assert [row.inquiries[0].text for row in earlier] == [MATTER]
    promise = ContactForm(
        customer=offered[0].customer_id,
        inquiries=(InquiryForm(text="返品の送り先を知りたい"),),
        disposition=Disposition.FOLLOW_UP,
        next_step=NextStep.PROMISE,
        callback_at=at("2026-06-10T15:00"),
    )
    finish(operator, clock, again, promise, JoinCase(saved.case_id))

    # The promise is kept after hours, which is always allowed.
    clock.move_to(at("2026-06-10T17:05"))
    back = take(operator, clock, outbound=True, number_shown="090-1234-5678")
    told = ContactForm(customer=offered[0].customer_id, disposition=Disposition.ANSWERED)
    finish(operator, clock, back, told, JoinCase(saved.case_id))
    page = operator.perform(cases.open_case, saved.case_id, **of_inquiries)
    assert page.callback_due_at is None
    assert len(page.contacts) == 3
    version = operator.perform(
        cases.assign, page.id, page.version, assignee_id=operator.actor.user_id
    )
    version = operator.perform(
        cases.resolve,
        page.id,
        version,
        resolution=Resolution.REPLACED,
        text="代替品を発送し、お詫びした",
    )
    with pytest.raises(NotPermitted):
        operator.perform(cases.close, page.id, version)
    operator.sign_out()

    clock.move_to(at("2026-06-11T10:00"))
    with sign_in(office, SUPERVISOR) as supervisor:
        found = supervisor.perform(search.find, Query(text="ハセガワ"))
        row = supervisor.read(search_views.rows, found.ids)[0]
        assert (row.number, row.customer) == ("2026-000001", NAME)
        supervisor.perform(cases.close, page.id, version, reason="対応を確認した")
        closed = supervisor.perform(cases.open_case, page.id, **of_inquiries)
        assert closed.state is CaseState.CLOSED
        assert {entry.user for entry in closed.timeline} == {"Olive Park", "Sofia Lang"}


def test_nothing_that_was_said_is_readable_in_the_data_folder(
    office: Office, operator: Desk, clock: FixedClock
) -> None:
    store = DraftStore(office.folder / "drafts")
    uid = str(uuid.uuid4())
    contact_id = take(operator, clock, uid=uid, number_shown="09012345678")
    draft = Draft(uid, Channel.TELEPHONE, clock.now(), contact_id=contact_id, form=COMPLAINT)
    store.save(uid, draft.to_json(), operator.read(call_views.draft_recipients))
    finish(operator, clock, contact_id, COMPLAINT, NewCase())

    def holding(needle: str) -> list[Path]:
        forms = [needle.encode(), needle.encode("utf-16-le"), draft_escape(needle).encode()]
        return [
            path
            for path in office.folder.rglob("*")
            if path.is_file() and any(form in path.read_bytes() for form in forms)
        ]

    # The control: the search does find what is written openly.
    control = office.folder / "control.txt"
    control.write_text(MATTER, "utf-8")
    assert holding("三徳包丁の刃先") == [control]
    control.unlink()
    for needle in (NAME, "長谷川", "三徳包丁", "9012345678", "ハセガワ"):
        assert holding(needle) == []


def draft_escape(text: str) -> str:
    """The text as JSON escapes it."""
    return text.encode("unicode_escape").decode()


def test_the_window_dies_in_mid_call_and_the_operator_goes_on(
    office: Office, clock: FixedClock
) -> None:
    store = DraftStore(office.folder / "drafts")
    uid = str(uuid.uuid4())
    before = sign_in(office, OPERATOR)
    contact_id = take(before, clock, uid=uid)
    typed = replace(COMPLAINT, inquiries=(InquiryForm(text=MATTER[:7], category="complaint"),))
    draft = Draft(uid, Channel.TELEPHONE, clock.now(), contact_id=contact_id, form=typed)
    store.save(uid, draft.to_json(), before.read(call_views.draft_recipients))
    before.lock()  # the keys are gone, and nobody signed out

    with sign_in(office, OPERATOR) as after:
        (open_call,) = after.read(call_views.my_open_contacts)
        assert (open_call.uid, open_call.state) == (uid, ContactState.OPEN)
        recovered = store.recover(after.keys.identity)
        (back,) = [Draft.from_json(text) for _, text in recovered.drafts]
        assert back == draft
        assert recovered.unreadable == ()
        assert (
            after.perform(calls.start_call, uid=back.uid, rang_at=back.received_at)
            == back.contact_id
        )
        whole = replace(back.form, inquiries=COMPLAINT.inquiries)
        saved = finish(after, clock, contact_id, whole, NewCase())
        # The answer is lost on the way: the same save again is no second case.
        assert after.perform(cases.save_contact, contact_id, whole, NewCase()) == saved
        store.drop(uid)
        assert after.read(call_views.my_open_contacts) == ()
        assert after.read(case_views.case_number, saved.case_id or 0) == "2026-000001"
    with sign_in(office, SUPERVISOR) as supervisor:
        assert store.recover(supervisor.keys.identity).drafts == ()


def test_a_supervisor_finishes_what_an_operator_left(office: Office, clock: FixedClock) -> None:
    store = DraftStore(office.folder / "drafts")
    uid = str(uuid.uuid4())
    with sign_in(office, OPERATOR) as operator:
        contact_id = take(operator, clock, uid=uid)
        draft = Draft(uid, Channel.TELEPHONE, clock.now(), contact_id=contact_id, form=COMPLAINT)
        store.save(uid, draft.to_json(), operator.read(call_views.draft_recipients))
    with sign_in(office, SUPERVISOR) as supervisor:
        ((_, text),) = store.recover(supervisor.keys.identity).drafts
        left = Draft.from_json(text)
        assert left.contact_id == contact_id
        assert finish(supervisor, clock, contact_id, left.form, NewCase()).case_id


@pytest.mark.parametrize(
    ("rings_at", "opens"),
    [
        ("2026-06-10T12:30", "13:00"),
        ("2026-09-22T11:00", "24"),  # a citizens' holiday, and the 23rd is one as well
        ("2026-06-13T11:00", "15"),
        ("2026-06-10T17:00", "10:00"),
    ],
)
def test_a_call_outside_the_hours_is_refused_with_the_next_opening_in_words(
    office: Office, clock: FixedClock, rings_at: str, opens: str
) -> None:
    clock.move_to(at(rings_at))
    with sign_in(office, OPERATOR) as desk:
        with pytest.raises(Refused) as refused:
            take(desk, clock)
        for language in LANGUAGES:
            assert opens in Words(language).error(refused.value)
        letter = desk.perform(
            calls.enter_contact, uid="letter", channel=Channel.LETTER, received_at=clock.now()
        )
        assert desk.perform(cases.save_contact, letter, COMPLAINT, NewCase()).case_id
        late = take(desk, clock, late_entry=True, rang_at=IN_HOURS)
        wrong_number = ContactForm(disposition=Disposition.WRONG_NUMBER)
        assert desk.perform(cases.save_contact, late, wrong_number, CallOnly())
        with sign_in(office, SUPERVISOR) as supervisor:
            supervisor.perform(hours.permit_call, reason="お約束のお電話のため")
        assert take(desk, clock)
        with pytest.raises(Refused):
            take(desk, clock)


def test_a_day_of_calls_is_counted_and_the_log_holds(
    office: Office, operator: Desk, clock: FixedClock
) -> None:
    question = ContactForm(
        inquiries=(InquiryForm(text="研ぎ方を知りたい", answer="ご案内した"),),
        disposition=Disposition.ANSWERED,
    )
    nothing = [Disposition.WRONG_NUMBER, Disposition.SILENT, Disposition.SALES]
    saved = []
    for hour in range(4):
        clock.move_to(at(f"2026-06-10T{13 + hour}:10"))
        saved.append(finish(operator, clock, take(operator, clock), question, Answered()))
        for disposition in nothing:
            form = ContactForm(disposition=disposition)
            saved.append(finish(operator, clock, take(operator, clock), form, CallOnly()))
    numbers = [operator.read(call_views.contact_number, one.contact_id) for one in saved]
    assert numbers == [f"20260610-{n:04d}" for n in range(1, 17)]
    by_number = [operator.read(case_views.case_number, one.case_id) for one in saved if one.case_id]
    assert by_number == [f"2026-{n:06d}" for n in range(1, 5)]
    operator.sign_out()
    with sign_in(office, SUPERVISOR) as supervisor:
        drawn = supervisor.perform(cases.draw_spot_checks, count=2)
        for row in drawn:
            supervisor.perform(cases.pass_spot_check, row.id, row.version, remark="問題なし")
    with sign_in(office, DPO) as officer:
        verdict = officer.read(audit.verdict, remembered(office.folder))
        assert verdict.first_bad is None
