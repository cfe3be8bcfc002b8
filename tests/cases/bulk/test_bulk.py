"""Acts on many cases: what is previewed is done, and undone as far as nobody went on."""

from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import Answered
from desk_app.cases import service as cases
from desk_app.cases.bulk import service
from desk_app.cases.bulk.rules import MOST_CASES, AssignAll, CloseAll, Left, TagAll
from desk_app.cases.linking import service as linking
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState, EntryKind, Resolution
from desk_app.cases.tags import service as tagging
from desk_app.cases.tags import views as tags
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role
from tests.day import QUESTION, OfficeDay


def columns(day: OfficeDay, case_id: int) -> dict[str, Any]:
    """Everything of a case but its version."""
    with day.work(reading=True) as work:
        case = work.session.get_one(Case, case_id)
        return {
            column.name: getattr(case, column.name)
            for column in Case.__table__.columns
            if column.name != "version"
        }


def resolved(day: OfficeDay) -> int:
    case_id = day.new_case()
    day.perform(
        day.operator,
        cases.resolve,
        case_id,
        day.page(case_id).version,
        resolution=Resolution.ANSWERED,
        text="ご案内した",
    )
    return case_id


def done(day: OfficeDay, actor: Actor, wish: Any, ids: list[int]) -> Any:
    preview = day.perform(actor, service.preview, wish, ids)
    return day.perform(actor, service.carry_out, wish, preview.versions)


def test_a_preview_changes_nothing_and_says_what_would_be_left(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    still_open, ready = day.new_case(), resolved(day)
    before = [columns(day, one) for one in (still_open, ready)]
    preview = day.perform(supervisor, service.preview, CloseAll(), [still_open, ready, 99])
    assert list(preview.versions) == [ready]
    assert {left.case_id: left.code for left in preview.left} == {
        still_open: "cases.not_in_this_state",
        99: "cases.not_found",
    }
    assert [columns(day, one) for one in (still_open, ready)] == before
    with day.work(reading=True) as work:
        actions = list(work.session.scalars(select(AuditEntry.action)))
    assert "case.bulk_act" not in actions


@pytest.mark.parametrize("act", ["assign", "close", "tag"])
def test_an_undo_puts_every_case_back(day: OfficeDay, act: str) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    ids = [resolved(day) if act == "close" else day.new_case() for _ in range(3)]
    wish = {
        "assign": AssignAll(day.operator.user_id, "混雑のため"),
        "close": CloseAll("確認済み"),
        "tag": TagAll("展示会"),
    }[act]
    before = [columns(day, one) for one in ids]
    outcome = done(day, supervisor, wish, ids)
    assert outcome.changed == tuple(ids)
    if act == "assign":
        assert day.page(ids[0]).state is CaseState.IN_PROGRESS
    if act == "close":
        assert day.page(ids[0]).state is CaseState.CLOSED
    if act == "tag":
        assert day.read(supervisor, tags.tags_of, ids[0]) == ("展示会",)
    undone = day.perform(supervisor, service.undo, outcome.bulk_id)
    assert undone.changed == tuple(ids)
    assert [columns(day, one) for one in ids] == before
    assert day.read(supervisor, tags.tags_of, ids[0]) == ()
    if act != "tag":
        assert day.page(ids[0]).timeline[-1].kind is EntryKind.BULK_UNDONE
    with pytest.raises(Refused) as refused:
        day.perform(supervisor, service.undo, outcome.bulk_id)
    assert refused.value.code == "cases.bulk_undone"


def test_what_somebody_did_since_is_not_undone(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    touched, untouched = day.new_case(), day.new_case()
    outcome = done(day, supervisor, AssignAll(day.operator.user_id), [touched, untouched])
    day.perform(
        day.operator, cases.wait_for_customer, touched, day.page(touched).version, reason="写真待ち"
    )
    undone = day.perform(supervisor, service.undo, outcome.bulk_id)
    assert (undone.changed, [left.case_id for left in undone.left]) == ((untouched,), [touched])
    assert day.page(touched).state is CaseState.WAITING
    assert day.page(untouched).state is CaseState.NEW


def test_a_tag_that_a_colleague_set_anew_stays(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    anew, gone, as_it_was = day.new_case(), day.new_case(), day.new_case()
    outcome = done(day, supervisor, TagAll("展示品"), [anew, gone, as_it_was])
    day.later(minutes=5)
    for case_id in (anew, gone):
        day.perform(day.operator, tagging.remove_tag, case_id, name="展示品")
    day.perform(day.operator, tagging.add_tag, anew, name="展示品")
    undone = day.perform(supervisor, service.undo, outcome.bulk_id)
    assert (undone.changed, [left.case_id for left in undone.left]) == ((as_it_was,), [anew, gone])
    assert day.read(day.operator, tags.tags_of, anew) == ("展示品",)
    assert day.read(day.operator, tags.tags_of, as_it_was) == ()


def test_a_case_changed_since_the_preview_is_left(day: OfficeDay) -> None:
    changed, same = day.new_case(), day.new_case()
    wish = AssignAll(day.operator.user_id)
    preview = day.perform(day.operator, service.preview, wish, [changed, same])
    day.perform(
        day.operator, cases.wait_for_customer, changed, day.page(changed).version, reason="写真待ち"
    )
    outcome = day.perform(day.operator, service.carry_out, wish, preview.versions)
    assert outcome.changed == (same,)
    assert [left.code for left in outcome.left] == ["storage.conflict"]


def test_only_ones_own_latest_act_is_undone(day: OfficeDay) -> None:
    other = day.person(Role.SUPERVISOR)
    case_id = day.new_case()
    first = done(day, day.operator, TagAll("一"), [case_id])
    second = done(day, day.operator, TagAll("二"), [case_id])
    for actor, bulk_id in ((other, second.bulk_id), (day.operator, first.bulk_id)):
        with pytest.raises(Refused) as refused:
            day.perform(actor, service.undo, bulk_id)
        assert refused.value.code == "cases.bulk_not_latest"


def test_an_act_that_changes_nothing_leaves_nothing_to_undo(day: OfficeDay) -> None:
    case_id = day.new_case()
    outcome = day.perform(day.operator, service.carry_out, CloseAll(), {case_id: 1})
    assert (outcome.bulk_id, outcome.changed) == (None, ())


def test_an_operator_cannot_close_in_bulk_what_needs_a_supervisor(day: OfficeDay) -> None:
    case_id = resolved(day)
    preview = day.perform(day.operator, service.preview, CloseAll(), [case_id])
    assert (preview.versions, preview.left[0].code) == ({}, "cases.needs_supervisor")


def test_a_case_that_closed_at_once_cannot_be_closed_again(day: OfficeDay) -> None:
    case_id = day.called(QUESTION, Answered()).case_id
    assert case_id is not None
    preview = day.perform(day.operator, service.preview, CloseAll(), [case_id])
    assert preview.left[0].code == "cases.not_in_this_state"


@pytest.mark.parametrize(
    ("ids", "code"), [([], "cases.bulk_none"), (list(range(MOST_CASES + 1)), "cases.bulk_too_many")]
)
def test_none_and_too_many_are_refused(day: OfficeDay, ids: list[int], code: str) -> None:
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.preview, TagAll("x"), ids)
    assert refused.value.code == code


def test_a_colleague_who_may_not_take_cases_is_refused_for_each(day: OfficeDay) -> None:
    case_id = day.new_case()
    preview = day.perform(day.operator, service.preview, AssignAll(4711), [case_id])
    assert preview.left[0].code == "cases.not_assignable"


def test_a_case_that_was_merged_since_is_left_and_the_others_are_undone(day: OfficeDay) -> None:
    merged, into, other = (day.new_case() for _ in range(3))
    act = done(day, day.operator, AssignAll(day.operator.user_id), [merged, into, other])
    versions = {one: day.page(one).version for one in (merged, into)}
    number = day.page(merged).number
    day.perform(
        day.operator,
        linking.merge,
        merged,
        versions[merged],
        into_id=into,
        into_version=versions[into],
        reason="同じ件",
    )
    undone = day.perform(day.operator, service.undo, act.bulk_id)
    assert undone.changed == (other,)
    assert undone.left == (
        Left(merged, number, "cases.is_merged"),
        Left(into, day.page(into).number, "storage.conflict"),
    )
    assert day.page(other).assignee is None
