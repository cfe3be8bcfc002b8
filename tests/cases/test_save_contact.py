"""The four ends of a contact."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls import service as calls
from desk_app.calls import views as call_views
from desk_app.calls.endings import Answered, CallOnly, JoinCase, NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.model import Contact, Inquiry
from desk_app.calls.rules import Channel, Disposition, NextStep
from desk_app.cases import service as cases
from desk_app.cases import views
from desk_app.cases.model import Case
from desk_app.cases.pages import SavedContact
from desk_app.cases.rules import CaseState, EntryKind, Resolution
from desk_app.customers.model import Customer
from desk_app.customers.rules import PersonalField
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Role
from tests.day import COMPLAINT, QUESTION, OfficeDay

THREE_KEYS = [
    Disposition.WRONG_NUMBER,
    Disposition.SILENT,
    Disposition.PRANK,
    Disposition.SALES,
    Disposition.HUNG_UP,
    Disposition.INTERNAL,
    Disposition.TRANSFERRED,
]


@pytest.mark.parametrize("disposition", THREE_KEYS)
def test_call_only_is_three_keys_and_leaves_no_customer_and_no_case(
    day: OfficeDay, disposition: Disposition
) -> None:
    saved = day.called(ContactForm(disposition=disposition), CallOnly())
    assert saved.case_id is None
    assert day.read(day.operator, call_views.contact_number, saved.contact_id) == "20260610-0001"
    with day.work(reading=True) as w:
        assert w.session.scalars(select(Case)).all() == []
        assert w.session.scalars(select(Customer)).all() == []


def test_answered_resolves_a_question_at_once_and_marks_it_for_spot_checks(day: OfficeDay) -> None:
    saved = day.called(QUESTION, Answered())
    page = day.page(saved.case_id)
    assert page.number == "2026-000001"
    assert page.state is CaseState.CLOSED
    assert page.resolution is Resolution.ANSWERED
    assert page.resolution_text == "研ぎ方をご案内した"
    assert page.spot_check
    assert [row.kind for row in page.timeline] == [
        EntryKind.OPENED,
        EntryKind.RESOLVED,
        EntryKind.CLOSED,
    ]
    assert [row.inquiries[0].text for row in page.contacts] == ["包丁の研ぎ方を知りたい"]


def test_an_answered_complaint_still_waits_for_its_supervisor(day: OfficeDay) -> None:
    form = replace(COMPLAINT, disposition=Disposition.ANSWERED)
    page = day.page(day.called(form, Answered()).case_id)
    assert page.state is CaseState.RESOLVED
    assert not page.spot_check


def test_a_new_case_takes_the_gravest_type_and_the_first_line(day: OfficeDay) -> None:
    form = replace(
        COMPLAINT, inquiries=(InquiryForm(text="部品の値段\nも知りたい"), *COMPLAINT.inquiries)
    )
    page = day.page(day.new_case(form))
    assert page.case_type == "complaint"
    assert page.subject == "部品の値段"
    assert page.state is CaseState.NEW
    assert len(page.contacts[0].inquiries) == 2
    with day.work(reading=True) as w:
        assert set(w.session.scalars(select(Inquiry.case_id))) == {page.id}


def test_a_new_case_can_be_given_to_a_colleague_at_once(day: OfficeDay) -> None:
    colleague = day.person(Role.OPERATOR)
    saved = day.called(COMPLAINT, NewCase(assignee_id=colleague.user_id))
    page = day.page(saved.case_id)
    assert page.assignee_id == colleague.user_id
    assert page.state is CaseState.IN_PROGRESS


def test_a_new_customer_is_entered_and_a_known_one_completed(day: OfficeDay) -> None:
    form = replace(
        COMPLAINT,
        customer=NewCustomer(PersonalField.of("佐藤 花子"), PersonalField.of("サトウ ハナコ")),
        callback_number=PersonalField.of("０９０−１２３４−５６７８"),
        email=PersonalField.of("", declined=True),
    )
    first = day.page(day.new_case(form))
    assert first.customer is not None
    assert first.customer.name.text == "佐藤 花子"
    assert first.customer.telephones == ("090-1234-5678",)
    assert first.customer.email == PersonalField.of("", declined=True)
    assert first.customer.address == PersonalField()

    again = replace(
        COMPLAINT, customer=first.customer.id, address=PersonalField.of("岐阜県関市小屋名1110")
    )
    second = day.page(day.new_case(again))
    assert second.customer is not None
    assert second.customer.id == first.customer.id
    assert second.customer.address.text == "岐阜県関市小屋名1110"
    assert second.customer.name.text == "佐藤 花子"
    open_cases = day.read(day.operator, views.open_cases_of, first.customer.id)
    assert [row.id for row in open_cases] == [second.id, first.id]
    earlier = day.read(day.operator, call_views.earlier_contacts_of, first.customer.id)
    assert [row.number for row in earlier] == ["20260610-0002", "20260610-0001"]


def test_joining_adds_the_contact_and_takes_the_case_up_again(day: OfficeDay) -> None:
    case_id = day.called(QUESTION, Answered()).case_id
    assert case_id is not None
    more = replace(QUESTION, disposition=Disposition.FOLLOW_UP)
    assert day.called(more, JoinCase(case_id)).case_id == case_id
    page = day.page(case_id)
    assert page.state is CaseState.REOPENED
    assert page.resolution is None
    assert not page.spot_check
    assert len(page.contacts) == 2
    assert page.timeline[-1].kind is EntryKind.CONTACT_JOINED


def test_joining_with_nothing_left_to_do_leaves_a_closed_case_closed(day: OfficeDay) -> None:
    case_id = day.called(QUESTION, Answered()).case_id
    assert case_id is not None
    day.called(replace(QUESTION, inquiries=()), JoinCase(case_id))
    assert day.page(case_id).state is CaseState.CLOSED


def test_a_complaint_that_joins_a_question_makes_it_a_complaint(day: OfficeDay) -> None:
    case_id = day.called(QUESTION, Answered()).case_id
    assert case_id is not None
    day.called(replace(COMPLAINT, disposition=Disposition.ANSWERED), JoinCase(case_id))
    page = day.page(case_id)
    assert page.case_type == "complaint"
    assert page.state is CaseState.REOPENED


def test_a_promise_is_kept_by_calling_back(day: OfficeDay) -> None:
    at = day.clock.now() + timedelta(hours=3)  # 13:30
    promised = replace(COMPLAINT, next_step=NextStep.PROMISE, callback_at=at)
    case_id = day.new_case(promised)
    assert day.page(case_id).callback_due_at == at

    day.clock.move_to(at)
    attempt = ContactForm(disposition=Disposition.NO_ANSWER)
    day.called(attempt, JoinCase(case_id), outbound=True)
    assert day.page(case_id).callback_due_at == at, "nobody was reached"
    reached = ContactForm(disposition=Disposition.ANSWERED)
    day.called(reached, JoinCase(case_id), outbound=True)
    page = day.page(case_id)
    assert page.callback_due_at is None
    assert page.timeline[-1].kind is EntryKind.CALLBACK_KEPT


def test_a_promise_for_lunch_time_is_refused_and_nothing_is_saved(day: OfficeDay) -> None:
    at = day.clock.now() + timedelta(hours=2)  # 12:30
    contact_id = day.ring()
    day.hang_up(contact_id)
    form = replace(COMPLAINT, next_step=NextStep.PROMISE, callback_at=at)
    with pytest.raises(Refused) as refused:
        day.save(contact_id, form, NewCase())
    assert refused.value.code == "cases.callback_when_closed"
    with day.work(reading=True) as w:
        assert w.session.scalars(select(Case)).all() == []
        assert w.session.get_one(Contact, contact_id).state == "wrap_up"


@pytest.mark.parametrize(
    ("form", "ending", "code"),
    [
        (ContactForm(), CallOnly(), "calls.needs_disposition"),
        (ContactForm(disposition=Disposition.SILENT), NewCase(), "calls.end_does_not_fit"),
        (replace(QUESTION, inquiries=()), Answered(), "calls.needs_inquiry"),
        (replace(QUESTION, purpose=None), Answered(), "calls.needs_purpose"),
        (replace(QUESTION, next_step=NextStep.ITEM_IN), Answered(), "calls.next_step_needs_case"),
        (replace(COMPLAINT, next_step=NextStep.PROMISE), NewCase(), "calls.needs_callback_time"),
        (
            replace(
                COMPLAINT, next_step=NextStep.SHIP, address=PersonalField.of("", declined=True)
            ),
            NewCase(),
            "calls.step_impossible",
        ),
        (
            replace(COMPLAINT, inquiries=(InquiryForm(text="?", category="nonsense"),)),
            NewCase(),
            "cases.no_such_type",
        ),
        (COMPLAINT, JoinCase(999), "cases.not_found"),
        (COMPLAINT, NewCase(assignee_id=999), "cases.not_assignable"),
        (replace(COMPLAINT, customer=999), NewCase(), "customers.not_found"),
    ],
)
def test_what_an_end_still_needs_is_said_and_nothing_is_half_done(
    day: OfficeDay, form: ContactForm, ending: object, code: str
) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, cases.save_contact, contact_id, form, ending)
    assert refused.value.code == code
    with day.work(reading=True) as w:
        assert w.session.get_one(Contact, contact_id).state == "wrap_up"
        assert w.session.scalars(select(Case)).all() == []
        assert w.session.scalars(select(Customer)).all() == []


def test_shipping_is_possible_when_the_address_is_on_record(day: OfficeDay) -> None:
    known = replace(
        COMPLAINT, customer=NewCustomer(), address=PersonalField.of("岐阜県関市小屋名1110")
    )
    customer = day.page(day.new_case(known)).customer
    assert customer is not None
    form = replace(COMPLAINT, customer=customer.id, next_step=NextStep.SHIP)
    assert day.new_case(form)


def test_a_running_call_is_hung_up_before_it_is_saved(day: OfficeDay) -> None:
    contact_id = day.ring()
    with pytest.raises(Refused) as refused:
        day.save(contact_id, ContactForm(disposition=Disposition.SILENT), CallOnly())
    assert refused.value.code == "calls.still_running"


def test_the_same_save_twice_is_one_save(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    first = day.save(contact_id, COMPLAINT, NewCase())
    day.later(seconds=20)
    assert day.save(contact_id, COMPLAINT, NewCase()) == first
    with day.work(reading=True) as w:
        assert len(w.session.scalars(select(Case)).all()) == 1
        entries = w.session.scalars(select(AuditEntry).where(AuditEntry.action == "contact.saved"))
        assert len(entries.all()) == 1
    with pytest.raises(Refused) as refused:
        day.save(contact_id, QUESTION, Answered())
    assert refused.value.code == "calls.already_saved"


def test_the_same_save_by_several_threads_at_once_is_one_save(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    together = Barrier(4)

    def press(_: int) -> SavedContact:
        together.wait()
        return day.save(contact_id, COMPLAINT, NewCase())

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(press, range(4)))) == 1
    with day.work(reading=True) as w:
        assert w.session.scalars(select(Case.number)).all() == ["2026-000001"]


def test_only_the_operator_or_a_supervisor_saves_a_contact(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.hang_up(contact_id)
    form = ContactForm(disposition=Disposition.SILENT)
    with pytest.raises(NotPermitted):
        day.save(contact_id, form, CallOnly(), actor=day.person(Role.OPERATOR))
    assert day.save(contact_id, form, CallOnly(), actor=day.person(Role.SUPERVISOR))


def test_a_letter_needs_no_hours_and_no_hang_up(day: OfficeDay) -> None:
    day.later(hours=10)  # 20:30
    contact_id = day.perform(
        day.operator,
        calls.enter_contact,
        uid="letter-1",
        channel=Channel.LETTER,
        received_at=day.clock.now(),
    )
    form = replace(COMPLAINT, callback_number=PersonalField.of("0575-22-1234"))
    page = day.page(day.save(contact_id, form, NewCase()).case_id)
    assert page.contacts[0].channel is Channel.LETTER
    assert page.contacts[0].callback_number == "0575-22-1234"


def test_opening_a_case_is_audited_with_its_purpose(day: OfficeDay) -> None:
    case_id = day.new_case()
    day.page(case_id)
    with day.work(reading=True) as w:
        entry = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "case.opened")
        ).one()
        assert (entry.subject_kind, entry.subject_id, entry.purpose) == ("case", case_id, "G")
        assert entry.user_id == day.operator.user_id
