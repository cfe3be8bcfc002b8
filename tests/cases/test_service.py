"""A case from new to closed and back: who may, in which order, and what the timeline tells."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.calls.endings import Answered
from desk_app.cases import service, views
from desk_app.cases.pages import CasePage
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, Resolution
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Role
from desk_app.text import PROSE_LIMIT
from tests.day import QUESTION, OfficeDay


def do(
    day: OfficeDay,
    use_case: Callable[..., Any],
    case_id: int,
    actor: Actor | None = None,
    **named: Any,
) -> CasePage:
    """One change on the version that the page shows; the page after it."""
    who = actor or day.operator
    version = day.page(case_id, who).version
    returned = day.perform(who, use_case, case_id, version, **named)
    page = day.page(case_id, who)
    assert page.version == returned
    return page


def refusal(
    day: OfficeDay,
    use_case: Callable[..., Any],
    case_id: int,
    actor: Actor | None = None,
    **named: Any,
) -> str:
    before = day.page(case_id)
    with pytest.raises(Refused) as refused:
        do(day, use_case, case_id, actor, **named)
    assert day.page(case_id) == before, "a refusal changes nothing"
    return refused.value.code


def test_a_complaint_from_new_to_closed(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    case_id = day.new_case()
    page = do(day, service.assign, case_id, assignee_id=day.operator.user_id, reason="窓口担当")
    assert page.state is CaseState.IN_PROGRESS
    do(day, service.add_note, case_id, text="製造番号を確認した")
    page = do(day, service.wait_for_customer, case_id, reason="写真の到着待ち")
    assert (page.state, page.due_at) == (CaseState.WAITING, None)
    day.later(days=2)
    page = do(day, service.resume, case_id)
    assert page.state is CaseState.IN_PROGRESS
    assert page.due_at is not None
    page = do(
        day, service.resolve, case_id, resolution=Resolution.REPLACED, text="代替品を送付した"
    )
    assert page.state is CaseState.RESOLVED
    assert CaseAct.CLOSE not in page.acts
    assert refusal(day, service.close, case_id) == "cases.needs_supervisor"
    page = do(day, service.close, case_id, supervisor, reason="内容を確認した")
    assert page.state is CaseState.CLOSED
    assert page.closed_by == page.timeline[-1].user
    assert not page.spot_check
    assert [(row.kind, row.text) for row in page.timeline] == [
        (EntryKind.OPENED, ""),
        (EntryKind.ASSIGNED, "窓口担当"),
        (EntryKind.NOTE, "製造番号を確認した"),
        (EntryKind.WAITING, "写真の到着待ち"),
        (EntryKind.RESUMED, ""),
        (EntryKind.RESOLVED, "代替品を送付した"),
        (EntryKind.CLOSED, "内容を確認した"),
    ]


def test_reopening_forgets_the_resolution_and_begins_a_new_target(day: OfficeDay) -> None:
    case_id = day.new_case()
    first = day.page(case_id)
    do(day, service.resolve, case_id, resolution=Resolution.APOLOGISED, text="お詫びした")
    day.later(days=7)
    page = do(day, service.reopen, case_id, reason="再度のお申し出")
    assert page.state is CaseState.REOPENED
    assert page.resolution is None
    assert page.resolution_text == ""
    assert page.resolved_at is None
    assert page.due_at is not None
    assert first.due_at is not None
    assert page.due_at > day.clock.now(), "a reopened case isn't overdue at once"
    assert page.due_at - first.due_at == timedelta(days=7)
    assert page.timeline[-2].text == "お詫びした", "the timeline still knows"


def test_a_promise_stands_until_it_is_kept_or_withdrawn(day: OfficeDay) -> None:
    case_id = day.new_case()
    at = day.clock.now() + timedelta(days=1)
    assert do(day, service.promise_callback, case_id, at=at).callback_due_at == at
    solved = {"resolution": Resolution.ANSWERED, "text": "解決"}
    assert refusal(day, service.resolve, case_id, **solved) == "cases.callback_open"
    page = do(day, service.withdraw_callback, case_id, reason="お客様がメールを希望された")
    assert page.callback_due_at is None
    assert refusal(day, service.withdraw_callback, case_id, reason="?") == "cases.no_callback"
    assert do(day, service.resolve, case_id, **solved).state is CaseState.RESOLVED


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (-1, "cases.callback_in_past"),
        (0, "cases.callback_in_past"),
        (2, "cases.callback_when_closed"),  # lunch
        (10, "cases.callback_when_closed"),
        (24 * 3, "cases.callback_when_closed"),  # a Saturday
    ],
)
def test_a_promise_is_for_a_coming_time_in_the_hours(day: OfficeDay, hours: int, code: str) -> None:
    case_id = day.new_case()
    at = day.clock.now() + timedelta(hours=hours)
    assert refusal(day, service.promise_callback, case_id, at=at) == code


def test_a_reason_is_asked_where_the_timeline_needs_one(day: OfficeDay) -> None:
    case_id = day.new_case()
    assert refusal(day, service.add_note, case_id, text=" \n\x00 ") == "cases.needs_text"
    assert refusal(day, service.wait_for_customer, case_id, reason="") == "cases.needs_text"
    empty = {"resolution": Resolution.NO_ACTION, "text": ""}
    assert refusal(day, service.resolve, case_id, **empty) == "cases.needs_text"
    do(day, service.resolve, case_id, resolution=Resolution.NO_ACTION, text="対応不要")
    assert refusal(day, service.reopen, case_id, reason="") == "cases.needs_text"


def test_what_the_state_does_not_allow_is_refused(day: OfficeDay) -> None:
    case_id = day.new_case()
    assert refusal(day, service.resume, case_id) == "cases.not_in_this_state"
    assert refusal(day, service.close, case_id, day.person(Role.SUPERVISOR)) == (
        "cases.not_in_this_state"
    )
    assert refusal(day, service.reopen, case_id, reason="!") == "cases.not_in_this_state"


def test_only_somebody_who_handles_cases_can_be_given_one(day: OfficeDay) -> None:
    case_id = day.new_case()
    for actor in (
        day.person(Role.ADMINISTRATOR),
        day.person(Role.DPO),
        day.person(Role.OPERATOR, appointed=False),
    ):
        code = refusal(day, service.assign, case_id, assignee_id=actor.user_id)
        assert code == "cases.not_assignable"


def test_of_two_who_change_the_same_version_one_is_told(day: OfficeDay) -> None:
    case_id = day.new_case()
    version = day.page(case_id).version
    colleague = day.person(Role.OPERATOR)
    mine, theirs = day.operator.user_id, colleague.user_id
    day.perform(day.operator, service.assign, case_id, version, assignee_id=mine)
    with pytest.raises(Refused) as refused:
        day.perform(colleague, service.assign, case_id, version, assignee_id=theirs)
    assert refused.value.code == "storage.conflict"
    assert day.page(case_id).assignee_id == mine


def test_notes_of_two_at_once_are_both_kept(day: OfficeDay) -> None:
    case_id = day.new_case()
    version = day.page(case_id).version
    for text in ("先", "後"):
        day.perform(day.operator, service.add_note, case_id, version, text=text)
    assert [row.text for row in day.page(case_id).timeline][1:] == ["先", "後"]


def test_a_note_takes_emoji_and_length_and_refuses_a_megabyte(day: OfficeDay) -> None:
    case_id = day.new_case()
    page = do(day, service.add_note, case_id, text="ありがとう👩‍🍳\x00\x1b\ud800 髙﨑")
    assert page.timeline[-1].text == "ありがとう👩‍🍳 髙﨑"
    page = do(day, service.add_note, case_id, text="長" * PROSE_LIMIT)
    assert len(page.timeline[-1].text) == PROSE_LIMIT
    assert refusal(day, service.add_note, case_id, text="長" * 1_000_000) == "text.too_long"


def test_the_page_offers_what_this_actor_may_do(day: OfficeDay) -> None:
    case_id = day.new_case()
    do(day, service.resolve, case_id, resolution=Resolution.APOLOGISED, text="お詫びした")
    operator = day.page(case_id).acts
    supervisor = day.page(case_id, day.person(Role.SUPERVISOR)).acts
    assert supervisor - operator == {CaseAct.APPROVE, CaseAct.REFUSE}
    assert CaseAct.ASK_CLOSING in operator
    assert CaseAct.CLOSE not in operator
    assert day.page(case_id, day.person(Role.DPO)).acts == frozenset()


def test_every_change_is_in_the_audit_log_without_its_text(day: OfficeDay) -> None:
    case_id = day.new_case()
    do(day, service.add_note, case_id, text="佐藤様")
    do(day, service.resolve, case_id, resolution=Resolution.APOLOGISED, text="佐藤様へお詫び")
    with day.work(reading=True) as w:
        entries = w.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "case.changed").order_by(AuditEntry.id)
        ).all()
        assert [(entry.subject_id, entry.particulars) for entry in entries] == [
            (case_id, {"act": "note", "state": "new"}),
            (case_id, {"act": "resolve", "state": "resolved", "resolution": "apologised"}),
        ]


def test_unknown_cases_are_said_to_be_unknown(day: OfficeDay) -> None:
    with pytest.raises(Refused) as refused:
        day.page(999)
    assert refused.value.code == "cases.not_found"
    with pytest.raises(Refused):
        day.perform(day.operator, service.add_note, 999, 1, text="?")
    assert day.read(day.operator, views.case_number, 999) is None


def test_without_an_appointment_a_case_stays_closed_to_the_eye(day: OfficeDay) -> None:
    case_id = day.new_case()
    for actor in (
        day.person(Role.OPERATOR, appointed=False),
        day.person(Role.ADMINISTRATOR),
    ):
        with pytest.raises(NotPermitted):
            day.page(case_id, actor)


def test_what_closed_without_a_second_look_is_drawn_by_lot_and_passed(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    answered = {day.called(QUESTION, Answered()).case_id for _ in range(4)}
    day.new_case()
    drawn = day.perform(supervisor, service.draw_spot_checks, count=2)
    assert len(drawn) == 2
    assert {row.id for row in drawn} < answered
    case_id = drawn[0].id
    assert CaseAct.SPOT_CHECK in day.page(case_id, supervisor).acts
    page = do(day, service.pass_spot_check, case_id, supervisor, remark="問題なし")
    assert (page.spot_check, page.state) == (False, CaseState.CLOSED)
    assert (page.timeline[-1].kind, page.timeline[-1].text) == (
        EntryKind.SPOT_CHECKED,
        "問題なし",
    )
    assert CaseAct.SPOT_CHECK not in page.acts
    again = day.perform(supervisor, service.draw_spot_checks, count=9)
    assert {row.id for row in again} == answered - {case_id}
    assert refusal(day, service.pass_spot_check, case_id, supervisor) == "cases.no_spot_check"


def test_nobody_passes_their_own_case(day: OfficeDay) -> None:
    both = day.person(Role.OPERATOR, Role.SUPERVISOR)
    contact_id = day.ring(actor=both)
    day.hang_up(contact_id, actor=both)
    case_id = day.save(contact_id, QUESTION, Answered(), actor=both).case_id
    assert case_id is not None
    assert day.perform(both, service.draw_spot_checks) == ()
    assert refusal(day, service.pass_spot_check, case_id, both) == "cases.own_spot_check"
    assert CaseAct.SPOT_CHECK not in day.page(case_id, both).acts
