"""Deadlines as the use cases keep them, on both engines."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from desk_app.calls import service as calls
from desk_app.calls.endings import Answered, JoinCase, NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Channel, Disposition
from desk_app.cases import service as cases
from desk_app.cases.approval import service as approval
from desk_app.cases.calendar_edits import service as calendar_edits
from desk_app.cases.deadlines import keeping, recomputing, service, views
from desk_app.cases.deadlines.pages import DeadlineRow, Explanation
from desk_app.cases.deadlines.rules import DeadlineKind, DeadlineState, MoveCause
from desk_app.cases.details import service as details
from desk_app.cases.linking import service as linking
from desk_app.cases.model import Case
from desk_app.cases.pages import CasePage
from desk_app.cases.rules import OPEN_STATES, CaseState, EntryKind, Resolution, TargetKind
from desk_app.cases.types import case_type
from desk_app.cases.types import service as types
from desk_app.errors import NotPermitted, Refused
from desk_app.hours.edits import CalendarEdit, ClosureEntry
from desk_app.hours.phrases import Cause, Unsettled
from desk_app.hours.rules import Season
from desk_app.people.access import Actor, Role
from tests.day import COMPLAINT, QUESTION, OfficeDay
from tests.engines import FILE

ENGINES = FILE

FIRST, UPDATE, RESOLUTION, STATUTORY = DeadlineKind
RESOLVED = {"resolution": Resolution.APOLOGISED, "text": "お詫びした"}
ACCIDENT = replace(COMPLAINT, inquiries=(InquiryForm(text="指を切った", category="accident"),))


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


def do(
    day: OfficeDay,
    use_case: Callable[..., Any],
    case_id: int,
    actor: Actor | None = None,
    **named: Any,
) -> CasePage:
    who = actor or day.operator
    day.perform(who, use_case, case_id, day.page(case_id).version, **named)
    return checked(day, case_id)


def checked(day: OfficeDay, case_id: int) -> CasePage:
    """The page, after what holds whatever happens: the case is due when its first open deadline
    is, of each kind one is open at most, and each explains itself exactly."""
    page = day.page(case_id)
    open_rows = [row for row in page.deadlines if row.is_open]
    assert page.due_at == min((row.due_at for row in open_rows if row.due_at), default=None)
    assert len({row.kind for row in open_rows}) == len(open_rows)
    targets = [row for row in open_rows if not row.is_statutory]
    latest = max((row.episode for row in page.deadlines), default=1)
    assert {row.episode for row in targets} <= {latest}
    paused = {row.state is DeadlineState.PAUSED for row in targets}
    assert page.state is CaseState.WAITING or paused <= {False}
    assert page.state in OPEN_STATES or not targets
    with day.work(reading=True) as w:
        for row in page.deadlines:
            assert views.explain(day.operator, w, case_id, row.id).adds_up, row
    return page


def why(day: OfficeDay, case_id: int, row: DeadlineRow) -> Explanation:
    explained: Explanation = day.read(day.operator, views.explain, case_id, row.id)
    return explained


def one(page: CasePage, kind: DeadlineKind, *, episode: int | None = None) -> DeadlineRow:
    """The open deadline of a kind, else its latest."""
    found = [
        row
        for row in page.deadlines
        if row.kind is kind and (episode is None or row.episode == episode)
    ]
    return found[0]


def letter(day: OfficeDay, form: ContactForm, ending: Any, received_at: datetime) -> int:
    """Something in writing that came in earlier and is entered now."""
    contact_id = day.perform(
        day.operator,
        calls.enter_contact,
        uid=f"letter-{received_at}",
        channel=Channel.LETTER,
        received_at=received_at,
    )
    case_id = day.save(contact_id, form, ending).case_id
    assert case_id is not None
    return case_id


def test_each_target_runs_by_itself_from_when_the_contact_came_in(day: OfficeDay) -> None:
    page = checked(day, day.new_case())
    due = {row.kind: row.due_at for row in page.deadlines}
    assert due == {
        FIRST: tokyo("2026-06-10T11:30"),
        UPDATE: tokyo("2026-06-11T10:30"),
        RESOLUTION: tokyo("2026-06-11T10:30"),
    }
    assert page.due_at == due[FIRST]
    late = letter(day, COMPLAINT, NewCase(), tokyo("2026-06-08T10:30"))
    assert one(checked(day, late), FIRST).state is DeadlineState.OVERDUE


def test_telling_the_customer_meets_the_response_and_restarts_the_update(day: OfficeDay) -> None:
    """zammad#5177: the update target overwrote that of the first response."""
    case_id = day.new_case()
    day.later(minutes=30)
    page = do(day, service.tell_customer, case_id, text="調査中とお伝えした")
    assert page.timeline[-1].kind is EntryKind.CUSTOMER_TOLD
    assert one(page, FIRST).state is DeadlineState.MET
    assert one(page, UPDATE).due_at == tokyo("2026-06-11T11:00")
    assert one(page, RESOLUTION).due_at == tokyo("2026-06-11T10:30")
    day.later(days=1, hours=3)
    page = do(day, service.tell_customer, case_id, text="続報")
    assert [row.state for row in page.deadlines if row.kind is UPDATE] == [
        DeadlineState.RUNNING,
        DeadlineState.MISSED,
        DeadlineState.MET,
    ]
    assert one(page, FIRST).met_at == tokyo("2026-06-10T11:00"), "once met it stays met"
    assert one(page, RESOLUTION).state is DeadlineState.OVERDUE


def test_an_answer_during_the_call_is_the_first_response(day: OfficeDay) -> None:
    contact_id = day.ring()
    day.later(minutes=5)
    day.hang_up(contact_id)
    day.later(minutes=20)
    answered = replace(COMPLAINT.inquiries[0], answer="お預かりして調べる")
    saved = day.save(contact_id, replace(COMPLAINT, inquiries=(answered,)), NewCase())
    assert saved.case_id is not None
    page = checked(day, saved.case_id)
    assert one(page, FIRST).met_at == tokyo("2026-06-10T10:35"), "said in the call, not after it"
    assert one(page, UPDATE).started_at == tokyo("2026-06-10T10:35")
    closed = checked(day, day.called(QUESTION, Answered()).case_id or 0)
    assert {row.state for row in closed.deadlines} == {DeadlineState.MET}
    assert closed.due_at is None


def test_an_outbound_contact_counts_when_it_reached_somebody(day: OfficeDay) -> None:
    case_id = day.new_case()
    for disposition in (Disposition.NO_ANSWER, Disposition.MESSAGE_LEFT):
        day.called(ContactForm(disposition=disposition), JoinCase(case_id), outbound=True)
    assert one(checked(day, case_id), FIRST).state is DeadlineState.RUNNING
    day.called(ContactForm(disposition=Disposition.ANSWERED), JoinCase(case_id), outbound=True)
    assert one(checked(day, case_id), FIRST).state is DeadlineState.MET


def test_waiting_pauses_every_target_and_no_statutory_clock(day: OfficeDay) -> None:
    """glpi#10594: over a weekend only what was left remains."""
    day.clock.move_to(tokyo("2026-06-12T16:00"))  # a Friday
    case_id = day.new_case(ACCIDENT)
    day.later(minutes=30)
    page = do(day, cases.wait_for_customer, case_id, reason="写真の到着待ち")
    assert {row.kind: row.state for row in page.deadlines} == {
        FIRST: DeadlineState.PAUSED,
        UPDATE: DeadlineState.PAUSED,
        RESOLUTION: DeadlineState.PAUSED,
        STATUTORY: DeadlineState.RUNNING,
    }
    assert page.due_at == one(page, STATUTORY).due_at
    explained = why(day, case_id, one(page, FIRST))
    assert (explained.counted_minutes, explained.left_minutes) == (30, 30)
    day.clock.move_to(tokyo("2026-06-15T11:00"))
    page = do(day, cases.resume, case_id)
    assert one(page, FIRST).due_at == tokyo("2026-06-15T11:30")
    assert one(page, RESOLUTION).due_at == tokyo("2026-06-15T13:30")
    pauses = [
        stretch
        for stretch in why(day, case_id, one(page, FIRST)).stretches
        if stretch.reason is not None and stretch.reason.cause is Cause.PAUSE
    ]
    assert [(one.starts_at, one.ends_at) for one in pauses] == [
        (tokyo("2026-06-12T16:30"), tokyo("2026-06-15T11:00"))
    ]


def test_the_pause_ends_when_the_customer_wrote_and_not_when_that_was_entered(
    day: OfficeDay,
) -> None:
    case_id = day.new_case()
    do(day, cases.wait_for_customer, case_id, reason="写真の到着待ち")
    day.later(days=1, hours=2)
    letter(day, COMPLAINT, JoinCase(case_id), tokyo("2026-06-11T10:30"))
    page = checked(day, case_id)
    assert page.state is CaseState.IN_PROGRESS
    assert one(page, RESOLUTION).due_at == tokyo("2026-06-12T10:30")


def test_a_missed_target_is_not_mended_by_waiting(day: OfficeDay) -> None:
    case_id = day.new_case()
    day.later(hours=1, minutes=1)
    page = do(day, cases.wait_for_customer, case_id, reason="写真の到着待ち")
    assert one(page, FIRST).state is DeadlineState.OVERDUE
    assert one(page, RESOLUTION).state is DeadlineState.PAUSED


def test_reopening_begins_another_episode_and_keeps_the_one_before(day: OfficeDay) -> None:
    """osTicket#5955: a reopened case was overdue at once."""
    case_id = day.new_case()
    do(day, cases.wait_for_customer, case_id, reason="写真の到着待ち")
    day.later(hours=1)
    page = do(day, cases.resolve, case_id, **RESOLVED)
    assert {row.kind: row.state for row in page.deadlines} == {
        FIRST: DeadlineState.MET,
        UPDATE: DeadlineState.ENDED,
        RESOLUTION: DeadlineState.MET,
    }
    before = set(page.deadlines)
    day.later(days=7)
    page = do(day, cases.reopen, case_id, reason="再度のお申し出")
    assert before < set(page.deadlines), "the old episode is as it was"
    new = [row for row in page.deadlines if row.episode == 2]
    assert {row.state for row in new} == {DeadlineState.RUNNING}
    assert one(page, RESOLUTION).due_at == tokyo("2026-06-18T11:30")


def test_a_contact_reopens_from_when_it_came_in_but_never_before_the_end(day: OfficeDay) -> None:
    case_id = day.new_case()
    day.later(hours=1)
    do(day, cases.resolve, case_id, **RESOLVED)
    day.later(days=1)
    letter(day, COMPLAINT, JoinCase(case_id), tokyo("2026-06-10T10:00"))
    page = checked(day, case_id)
    assert one(page, RESOLUTION, episode=2).started_at == tokyo("2026-06-10T11:30")


def test_a_resolution_that_is_not_accepted_runs_on_by_the_calendar_of_then(
    day: OfficeDay,
) -> None:
    supervisor, administrator = day.person(Role.SUPERVISOR), day.person(Role.ADMINISTRATOR)
    case_id, open_all_the_while = day.new_case(), day.new_case()
    do(day, cases.resolve, case_id, **RESOLVED)
    day.later(minutes=10)
    close_on(day, administrator, date(2026, 6, 11), date(2026, 6, 12))
    day.clock.move_to(tokyo("2026-06-12T11:00"))
    page = do(day, approval.refuse_closing, case_id, supervisor, reason="調査が足りない")
    for kind in (UPDATE, RESOLUTION):
        row = one(page, kind)
        assert row.state is DeadlineState.RUNNING
        assert row.due_at == tokyo("2026-06-15T10:30")
        assert row.due_at == one(day.page(open_all_the_while), kind).due_at
        assert [(move.cause, move.old_due_at) for move in row.moves] == [
            (MoveCause.CALENDAR, tokyo("2026-06-11T10:30"))
        ]
    assert one(page, FIRST).state is DeadlineState.MET
    assert {row.episode for row in page.deadlines} == {1}
    with day.work(reading=True) as w:
        assert recomputing.recompute(w, case_id) == ()


def test_a_resolution_that_is_not_accepted_leaves_earlier_episodes_alone(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    case_id = day.new_case()
    do(day, cases.resolve, case_id, **RESOLVED)
    with day.work(reading=True) as w:
        kind = case_type(w, "complaint")
    fewer = {key: value for key, value in kind.targets.items() if key != TargetKind.NEXT_UPDATE}
    revised = replace(kind, targets=fewer)
    day.perform(day.person(Role.ADMINISTRATOR), types.revise_type, revised, reason="見直し")
    do(day, cases.reopen, case_id, reason="再度のお申し出")
    do(day, cases.resolve, case_id, **RESOLVED)
    page = do(day, approval.refuse_closing, case_id, supervisor, reason="調査が足りない")
    assert {(row.kind, row.episode) for row in page.deadlines if row.is_open} == {(RESOLUTION, 2)}
    assert one(page, UPDATE).state is DeadlineState.ENDED


def test_a_case_separated_again_is_due_by_the_calendar_of_then(day: OfficeDay) -> None:
    administrator = day.person(Role.ADMINISTRATOR)
    merged, into, alone = day.new_case(), day.new_case(), day.new_case()
    day.perform(
        day.operator,
        linking.merge,
        merged,
        day.page(merged).version,
        into_id=into,
        into_version=day.page(into).version,
        reason="同じお申し出",
    )
    day.later(minutes=10)
    close_on(day, administrator, date(2026, 6, 11), date(2026, 6, 12))
    day.later(minutes=10)
    do(day, linking.undo_merge, into, merged_id=merged, reason="別のお申し出")
    expected = {row.kind: row.due_at for row in day.page(alone).deadlines}
    for case_id in (merged, into):
        page = checked(day, case_id)
        assert {row.kind: row.due_at for row in page.deadlines} == expected
    assert [move.cause for move in one(day.page(merged), RESOLUTION).moves] == [MoveCause.CALENDAR]
    with day.work(reading=True) as w:
        assert recomputing.recompute(w) == ()


def test_a_statutory_clock_takes_a_closed_case_up_again(day: OfficeDay) -> None:
    """Whatever the contact was: on a case that is over nobody would see the clock run out."""
    case_id = day.new_case()
    do(day, cases.resolve, case_id, **RESOLVED)
    do(day, cases.close, case_id, day.person(Role.SUPERVISOR))
    wish = InquiryForm(text="情報を開示してほしい", category="privacy", answer="承りました")
    day.called(replace(QUESTION, inquiries=(wish,)), JoinCase(case_id))
    page = checked(day, case_id)
    assert page.state is CaseState.REOPENED
    assert one(page, STATUTORY).state is DeadlineState.RUNNING


def assess(day: OfficeDay, case_id: int) -> None:
    """What the type asks for before an accident is resolved and closed."""
    do(day, details.fill_in, case_id, values={"harm": "minor"})
    do(day, details.go_to_stage, case_id, stage="assess")


def test_an_accident_runs_ten_days_and_holds_the_closing(day: OfficeDay) -> None:
    supervisor, other = day.person(Role.SUPERVISOR), day.person(Role.SUPERVISOR)
    case_id = day.new_case(ACCIDENT)
    clock = one(checked(day, case_id), STATUTORY)
    assert (clock.known_on, clock.days) == (date(2026, 6, 10), 10)
    assert clock.due_at == tokyo("2026-06-20T00:00") - timedelta(microseconds=1)
    assert clock.warn_at == tokyo("2026-06-19T10:00")
    assert clock.rule is not None
    assert clock.rule.effective_from == date(2009, 9, 1)
    days = why(day, case_id, clock).days
    assert [one.number for one in days] == list(range(1, 11))
    assert [one.day.day for one in days if one.closed] == [13, 14]
    assess(day, case_id)
    page = do(day, cases.resolve, case_id, **RESOLVED)
    assert page.due_at == clock.due_at, "the duty stays when the customer is content"
    do(day, approval.approve_closing, case_id, supervisor)
    with pytest.raises(Refused, match="statutory_open"):
        do(day, cases.close, case_id, other)
    day.later(days=2)
    done = {"deadline_id": clock.id, "text": "消費者庁へ報告した"}
    for wrong in (date(2026, 6, 9), date(2026, 6, 13)):
        with pytest.raises(Refused, match="done_on_impossible"):
            do(day, service.statutory_done, case_id, **done, done_on=wrong)
    page = do(day, service.statutory_done, case_id, **done, done_on=date(2026, 6, 11))
    assert one(page, STATUTORY).state is DeadlineState.MET
    assert page.due_at is None
    assert do(day, cases.close, case_id, other).state is CaseState.CLOSED
    with pytest.raises(Refused, match="deadline_settled"):
        do(day, service.statutory_done, case_id, **done)


def test_a_supervisor_corrects_the_day_of_knowing_or_says_that_there_is_no_duty(
    day: OfficeDay,
) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    case_id = day.new_case(ACCIDENT)
    before = one(day.page(case_id), STATUTORY)
    named = {"deadline_id": before.id, "known_on": date(2026, 6, 8), "reason": "店舗が先に把握"}
    with pytest.raises(NotPermitted):
        do(day, service.correct_knowing, case_id, **named)
    for wrong, code in ((date(2026, 6, 11), "in_future"), (date(2026, 6, 10), "unchanged")):
        with pytest.raises(Refused, match=code):
            do(day, service.correct_knowing, case_id, supervisor, **named | {"known_on": wrong})
    page = do(day, service.correct_knowing, case_id, supervisor, **named)
    clock = one(page, STATUTORY)
    assert clock.due_at == tokyo("2026-06-18T00:00") - timedelta(microseconds=1)
    (move,) = clock.moves
    assert (move.cause, move.reason) == (MoveCause.KNOWING, "店舗が先に把握")
    assert (move.old_due_at, move.new_due_at) == (before.due_at, clock.due_at)
    gone = {"deadline_id": clock.id, "reason": "使用中の事故ではなかった"}
    with pytest.raises(NotPermitted):
        do(day, service.statutory_ended, case_id, **gone)
    page = do(day, service.statutory_ended, case_id, supervisor, **gone)
    assert one(page, STATUTORY).state is DeadlineState.ENDED


def test_the_warning_is_read_from_the_last_open_day_on(day: OfficeDay) -> None:
    def warned() -> list[tuple[int, bool, bool]]:
        return [
            (one.case_id, one.closed_when_due, one.overdue)
            for one in day.read(day.operator, views.statutory_warnings)
        ]

    day.later(days=1)  # known on a Thursday: due on a Saturday
    case_id = day.new_case(ACCIDENT)
    day.clock.move_to(tokyo("2026-06-19T09:59"))
    assert warned() == []
    day.clock.move_to(tokyo("2026-06-19T10:00"))
    assert warned() == [(case_id, True, False)]
    day.clock.move_to(tokyo("2026-06-21T00:00"))
    assert warned() == [(case_id, True, True)]
    clock = one(day.page(case_id), STATUTORY)
    do(day, service.statutory_done, case_id, deadline_id=clock.id, text="報告した")
    assert warned() == []


def test_a_graver_contact_starts_its_clock_from_its_own_time(day: OfficeDay) -> None:
    case_id = day.new_case(replace(QUESTION, disposition=Disposition.FOLLOW_UP))
    assert one(checked(day, case_id), RESOLUTION).minutes == 360
    day.later(days=1, hours=-1)  # before the question is due
    letter(day, ACCIDENT, JoinCase(case_id), day.clock.now() - timedelta(minutes=30))
    page = checked(day, case_id)
    clock = one(page, STATUTORY)
    assert clock.known_on == date(2026, 6, 11)
    assert one(page, RESOLUTION).minutes == 360, "the earlier due time stays"
    assert one(page, UPDATE).minutes == 120, "what the question didn't have, it has now"
    letter(day, ACCIDENT, JoinCase(case_id), tokyo("2026-06-09T10:00"))
    page = checked(day, case_id)
    assert one(page, STATUTORY).id == clock.id
    assert one(page, STATUTORY).known_on == date(2026, 6, 9), "it was known earlier"


def test_a_privacy_clock_runs_beside_an_accidents(day: OfficeDay) -> None:
    case_id = day.new_case(ACCIDENT)
    with day.work() as w:
        case = w.session.get_one(Case, case_id)
        keeping.begin_statutory(day.operator, w, case, ["privacy_request"], w.now)
        w.commit()
    page = day.page(case_id)
    clocks = {row.rule_key: row.due_at for row in page.deadlines if row.is_statutory}
    assert clocks["privacy_request"] == tokyo("2026-06-25T00:00") - timedelta(microseconds=1)
    assert clocks["product_accident"] == tokyo("2026-06-20T00:00") - timedelta(microseconds=1)


def test_a_new_closure_moves_what_runs_and_the_old_due_time_is_kept(day: OfficeDay) -> None:
    administrator = day.person(Role.ADMINISTRATOR)
    moved, waiting = day.new_case(), day.new_case()
    do(day, cases.wait_for_customer, waiting, reason="写真の到着待ち")
    day.later(minutes=20)
    with day.work() as w:
        assert recomputing.recompute(w) == ()
    days = date(2026, 6, 11), date(2026, 6, 12)
    edit = CalendarEdit((ClosureEntry(Season.OTHER, 2026, *days, "棚卸"),))
    effect = day.perform(administrator, calendar_edits.carry_out, edit, reason="棚卸のため")
    assert (effect.cases, {one.kind for one in effect.moved}) == (1, {UPDATE, RESOLUTION})
    page = checked(day, moved)
    row = one(page, RESOLUTION)
    assert row.due_at == tokyo("2026-06-15T10:30")
    (move,) = row.moves
    assert (move.cause, move.old_due_at) == (MoveCause.CALENDAR, tokyo("2026-06-11T10:30"))
    assert any(
        stretch.reason is not None and stretch.reason.label == "棚卸"
        for stretch in why(day, moved, row).stretches
    )
    assert one(page, FIRST).due_at == tokyo("2026-06-10T11:30")
    day.clock.move_to(tokyo("2026-06-15T10:00"))
    page = do(day, cases.resume, waiting)
    assert one(page, RESOLUTION).due_at == tokyo("2026-06-15T17:00")


def test_a_target_that_rests_on_what_is_not_known_yet_is_marked(day: OfficeDay) -> None:
    administrator = day.person(Role.ADMINISTRATOR)
    case_id = day.new_case(ACCIDENT)
    page = day.page(case_id)
    summer = Unsettled(Season.SUMMER, 2026)
    assert one(page, FIRST).rests_on == one(page, RESOLUTION).rests_on == (summer,)
    assert one(page, STATUTORY).rests_on == (), "its day stands"
    edit = CalendarEdit((ClosureEntry(Season.SUMMER, 2026, None, None),))
    day.perform(administrator, calendar_edits.carry_out, edit, reason="休業なし")
    page = day.page(case_id)
    assert not any(row.provisional for row in page.deadlines)
    day.clock.move_to(tokyo("2030-03-05T10:30"))
    assert not one(day.page(case_id), FIRST).provisional, "overdue: it moves no more"
    page = checked(day, day.new_case())
    assert one(page, FIRST).rests_on == (Unsettled(),)
    assert all(stretch.provisional for stretch in why(day, page.id, one(page, FIRST)).stretches)


@pytest.mark.parametrize("seed", [7, 13])
def test_a_long_life_of_a_case_explains_itself_at_every_step(day: OfficeDay, seed: int) -> None:
    """Any acts in any order, months of them, while closures come and go."""
    chance = Random(seed)
    supervisor, administrator = day.person(Role.SUPERVISOR), day.person(Role.ADMINISTRATOR)
    case_id = day.new_case(ACCIDENT)
    acts: list[Callable[[], Any]] = [
        lambda: do(day, service.tell_customer, case_id, text="ご連絡した"),
        lambda: do(day, cases.wait_for_customer, case_id, reason="お返事待ち"),
        lambda: do(day, cases.resume, case_id),
        lambda: do(day, cases.resolve, case_id, **RESOLVED),
        lambda: do(day, details.go_to_stage, case_id, stage="assess"),
        lambda: do(day, cases.reopen, case_id, reason="再度のお申し出"),
        lambda: letter(
            day, COMPLAINT, JoinCase(case_id), day.clock.now() - timedelta(hours=chance.random())
        ),
        lambda: close_for(day, administrator, chance),
    ]
    for _ in range(30):
        day.later(minutes=chance.choice((7, 45, 200, 1500, 4000)))
        with suppress(Refused):  # what the state or the calendar doesn't allow
            chance.choice(acts)()
    page = checked(day, case_id)
    assert len(page.deadlines) > len(DeadlineKind)
    with pytest.raises(NotPermitted):
        day.read(administrator, views.explain, case_id, page.deadlines[0].id)
    with pytest.raises(Refused, match="no_such_deadline"):
        day.read(supervisor, views.explain, case_id, 9_999)


def close_for(day: OfficeDay, administrator: Actor, chance: Random) -> None:
    """Close the office for a few days to come."""
    first = day.clock.now().astimezone(UTC).date() + timedelta(days=chance.randint(1, 4))
    close_on(day, administrator, first, first + timedelta(days=chance.randint(0, 3)))


def close_on(day: OfficeDay, administrator: Actor, first: date, last: date) -> None:
    edit = CalendarEdit((ClosureEntry(Season.OTHER, first.year, first, last),))
    day.perform(administrator, calendar_edits.carry_out, edit, reason="臨時休業")
