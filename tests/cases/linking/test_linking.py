"""Links and splits: told on both sides, refused where they make no sense."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.calls.endings import JoinCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service
from desk_app.cases.linking import service as linking
from desk_app.cases.linking import views
from desk_app.cases.linking.pages import RelatedPage
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.model import CaseContact
from desk_app.cases.rules import EntryKind
from desk_app.errors import Refused
from tests.day import COMPLAINT, QUESTION, OfficeDay

TWO_MATTERS = ContactForm(
    inquiries=(
        InquiryForm(text="刃が欠けていた", category="complaint"),
        InquiryForm(text="砥石の使い方", category="question"),
    ),
    disposition=Disposition.FOLLOW_UP,
)


def link(day: OfficeDay, one: int, other: int, kind: LinkKind = LinkKind.CAUSED_BY) -> int:
    return day.perform(
        day.operator, linking.link, one, other_id=other, kind=kind, reason="同じロット"
    )


def related(day: OfficeDay, case_id: int) -> RelatedPage:
    return day.read(day.operator, views.related, case_id)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as error:
        act()
    assert error.value.code == code


def split(day: OfficeDay, case_id: int, inquiry_ids: list[int], **named: Any) -> int:
    return day.perform(
        day.operator,
        linking.split,
        case_id,
        named.get("version", day.page(case_id).version),
        inquiry_ids=inquiry_ids,
        reason="別の件",
    )


def contacts(day: OfficeDay, case_id: int) -> set[int]:
    with day.work(reading=True) as w:
        query = select(CaseContact.contact_id).where(CaseContact.case_id == case_id)
        return set(w.session.scalars(query))


def test_a_link_is_shown_and_told_on_both_sides(day: OfficeDay) -> None:
    one, other = day.new_case(), day.new_case()
    versions = [day.page(id).version for id in (one, other)]
    made = link(day, one, other)
    assert [day.page(id).version for id in (one, other)] == versions, "nobody's edit is disturbed"
    (row,), (back,) = related(day, one).links, related(day, other).links
    assert (row.other.id, row.outgoing, row.kind, row.reason) == (
        other,
        True,
        LinkKind.CAUSED_BY,
        "同じロット",
    )
    assert (back.other.id, back.outgoing) == (one, False)
    for id, number in ((one, day.page(other).number), (other, day.page(one).number)):
        told = day.page(id).timeline[-1]
        assert (told.kind, told.text, told.particulars["number"]) == (
            EntryKind.LINKED,
            "同じロット",
            number,
        )
    day.perform(day.operator, linking.unlink, other, made, reason="勘違い")
    assert related(day, one).links == related(day, other).links == ()
    assert [day.page(id).timeline[-1].kind for id in (one, other)] == [EntryKind.UNLINKED] * 2
    refused("cases.no_such_link", lambda: day.perform(day.operator, linking.unlink, one, made))


def test_no_link_to_itself_nor_twice_from_either_side(day: OfficeDay) -> None:
    one, other = day.new_case(), day.new_case()
    refused("cases.same_case", lambda: link(day, one, one))
    refused("cases.not_found", lambda: link(day, one, 999))
    link(day, one, other)
    refused("cases.already_linked", lambda: link(day, one, other))
    refused("cases.already_linked", lambda: link(day, other, one))
    link(day, one, other, LinkKind.RELATED)
    assert len(related(day, other).links) == 2


def test_part_of_a_case_becomes_another(day: OfficeDay) -> None:
    case_id = day.new_case(TWO_MATTERS)
    came_in = day.clock.now()
    complaint, question = (one.inquiry_id for one in related(day, case_id).inquiries)
    day.later(hours=1)
    new = split(day, case_id, [question])
    page, rest = day.page(new), day.page(case_id)
    assert page.number is not None
    assert (page.case_type, page.subject) == ("question", "砥石の使い方")
    assert page.opened_at > came_in
    later = day.page(day.new_case(QUESTION_TO_DO))
    assert page.due_at is not None
    assert later.due_at is not None
    assert page.due_at < later.due_at, "due from when the contact came in"
    assert contacts(day, new) == contacts(day, case_id), "the contact belongs to both"
    assert [one.text for one in page.contacts[0].inquiries] == ["砥石の使い方"]
    assert [one.text for one in rest.contacts[0].inquiries] == ["刃が欠けていた"]
    assert (rest.timeline[-1].kind, rest.timeline[-1].particulars["number"]) == (
        EntryKind.SPLIT_OFF,
        page.number,
    )
    assert (page.timeline[-1].kind, page.timeline[-1].particulars["number"]) == (
        EntryKind.SPLIT_FROM,
        rest.number,
    )
    assert related(day, new).links[0].other.id == case_id
    refused("cases.split_everything", lambda: split(day, case_id, [complaint]))
    refused("cases.split_nothing", lambda: split(day, case_id, []))
    refused("cases.split_nothing", lambda: split(day, case_id, [question]))
    # Merging it back undoes the split.
    day.perform(
        day.operator,
        linking.merge,
        new,
        page.version,
        into_id=case_id,
        into_version=rest.version,
        reason="やはり同じ件",
    )
    back = day.page(case_id)
    assert len(back.contacts) == 1
    assert len(back.contacts[0].inquiries) == 2
    assert related(day, case_id).links == ()


QUESTION_TO_DO = ContactForm(
    inquiries=(InquiryForm(text="砥石の使い方"),), disposition=Disposition.FOLLOW_UP
)


def test_a_contact_without_anything_left_goes_along(day: OfficeDay) -> None:
    case_id = day.new_case(COMPLAINT)
    second = day.called(QUESTION, JoinCase(case_id)).contact_id
    chosen = [one.inquiry_id for one in related(day, case_id).inquiries if one.contact_id == second]
    new = split(day, case_id, chosen)
    assert contacts(day, new) == {second}
    assert second not in contacts(day, case_id)


def test_a_split_of_a_stale_page_is_a_conflict(day: OfficeDay) -> None:
    case_id = day.new_case(TWO_MATTERS)
    stale = day.page(case_id).version
    day.perform(day.operator, service.assign, case_id, stale, assignee_id=day.operator.user_id)
    chosen = related(day, case_id).inquiries[0].inquiry_id
    refused("storage.conflict", lambda: split(day, case_id, [chosen], version=stale))
