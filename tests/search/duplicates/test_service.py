"""Cases that may be the same matter: offered with the reason, audited, bounded, told apart."""

from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm, NewCustomer
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases.linking import service as linking
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.model import Case
from desk_app.cases.rules import Resolution
from desk_app.customers.rules import PersonalField
from desk_app.errors import NotPermitted
from desk_app.people.access import Role
from desk_app.search.duplicates import service
from desk_app.search.duplicates.pages import SameNumber, SimilarText, Suggestion
from tests.day import OfficeDay
from tests.search.duplicates.matters import OTHERS, SAME_MATTER

TYPED, KEPT = SAME_MATTER[0][:2]


def written(text: str, **more: Any) -> ContactForm:
    return ContactForm(
        inquiries=(InquiryForm(text=text),), disposition=Disposition.FOLLOW_UP, **more
    )


def case(day: OfficeDay, text: str, number: str = "", **more: Any) -> int:
    saved = day.called(written(text, **more), NewCase(), number_shown=number)
    assert saved.case_id is not None
    return saved.case_id


def offered(day: OfficeDay, **asked: Any) -> tuple[Suggestion, ...]:
    return day.perform(day.operator, service.for_contact, **asked)


def named(name: str) -> NewCustomer:
    return NewCustomer(PersonalField.of(name))


def test_by_number_and_by_text_with_the_reason(day: OfficeDay) -> None:
    for text in OTHERS[:8]:
        case(day, text)
    same = case(day, KEPT, "090-1234-5678")
    day.later(days=5)
    (found,) = offered(day, number="０９０−１２３４−５６７８")
    assert (found.case_id, found.reasons) == (same, (SameNumber(5),))
    (found,) = offered(day, text=TYPED)
    assert found.case_id == same
    (reason,) = found.reasons
    assert isinstance(reason, SimilarText)
    assert {"三徳包丁", "かぼちゃ"} & set(reason.words) or len(reason.words) == 3
    (found,) = offered(day, number="09012345678", text=TYPED)
    assert [type(one) for one in found.reasons] == [SameNumber, SimilarText]
    assert offered(day, number="03-9999-9999", text=OTHERS[12]) == ()
    assert offered(day, text="") == ()
    assert offered(day, text="包丁") == ()
    assert offered(day, text=TYPED, without=[same]) == ()
    day.later(days=28)
    assert offered(day, number="09012345678") == (), "too long ago"
    with day.work(reading=True) as w:
        entries = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "case.offered")
        ).all()
        assert [entry.particulars for entry in entries] == [{"ids": [same]}] * 3
        assert {entry.purpose for entry in entries} == {"G"}


def test_a_number_that_was_given_counts_as_well(day: OfficeDay) -> None:
    callback = case(day, "一", callback_number=PersonalField.of("03-1234-5678"))
    (found,) = offered(day, number="0312345678")
    assert found.case_id == callback


def test_only_open_cases_and_none_of_somebody_else(day: OfficeDay) -> None:
    theirs = case(day, KEPT, "0312345678", customer=named("佐藤"))
    done = case(day, KEPT, "0312345678")
    with day.work(reading=True) as w:
        customer_id = w.session.get_one(Case, theirs).customer_id
        version = w.session.get_one(Case, done).version
    day.perform(
        day.operator,
        cases.resolve,
        done,
        version,
        resolution=Resolution.ANSWERED,
        text="済み",
    )
    assert customer_id is not None
    for known, expected in ((None, [theirs]), (customer_id, [theirs]), (customer_id + 99, [])):
        found = offered(day, number="0312345678", text=TYPED, customer_id=known)
        assert [one.case_id for one in found] == expected


def test_a_case_page_finds_its_like_until_they_are_told_apart_or_linked(day: OfficeDay) -> None:
    one, other, third = case(day, KEPT), case(day, TYPED), case(day, SAME_MATTER[0][2])

    def like(case_id: int) -> set[int]:
        return {row.case_id for row in day.perform(day.operator, service.for_case, case_id)}

    assert like(one) == {other, third}
    day.perform(day.operator, linking.tell_apart, one, other_id=other)
    day.perform(day.operator, linking.tell_apart, other, other_id=one)
    assert like(one) == {third}
    assert like(other) == {third}
    day.perform(
        day.operator,
        linking.link,
        third,
        other_id=one,
        kind=LinkKind.DUPLICATE_OF,
        reason="同じ",
    )
    assert like(one) == set()


def test_only_who_takes_calls_is_offered_cases(day: OfficeDay) -> None:
    with pytest.raises(NotPermitted):
        day.perform(day.person(Role.DPO), service.for_contact, text=TYPED)
