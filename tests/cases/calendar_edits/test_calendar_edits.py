"""Edits of the calendar and what they move: previewed, done in one commit, kept, undone."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.cases import service as cases
from desk_app.cases.approval import service as approval
from desk_app.cases.calendar_edits import service, views
from desk_app.cases.calendar_edits.pages import ClosedPromise, EditEffect
from desk_app.cases.deadlines import recomputing
from desk_app.cases.deadlines.rules import DeadlineKind, MoveCause
from desk_app.cases.linking import service as linking
from desk_app.cases.rules import CaseState, Resolution
from desk_app.cases.tasks import service as tasks
from desk_app.cases.tasks import views as task_views
from desk_app.cases.tasks.views import ReminderKind
from desk_app.errors import NotPermitted, Refused
from desk_app.hours import views as hours
from desk_app.hours.edits import CalendarEdit, ClosureEntry, WeekEntry
from desk_app.hours.exchange import ics
from desk_app.hours.exchange import views as exchange
from desk_app.hours.rules import Season
from desk_app.people.access import Actor, Role
from tests.cases.deadlines.test_keeping import ACCIDENT, checked, do, tokyo
from tests.day import OfficeDay

TOKYO = "Asia/Tokyo"
SUMMER = ClosureEntry(Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 16), "夏季休業")
SOON = ClosureEntry(Season.OTHER, 2026, date(2026, 6, 11), date(2026, 6, 12), "棚卸")
ONE_MINUTE_A_WEEK = WeekEntry(TOKYO, (("10:00", "10:01"),), frozenset(range(1, 7)))
WHY = {"reason": "日程の変更"}


@pytest.fixture
def administrator(day: OfficeDay) -> Actor:
    return day.person(Role.ADMINISTRATOR, appointed=False)


def preview(day: OfficeDay, actor: Actor, edit: CalendarEdit) -> EditEffect:
    seen: EditEffect = day.read(actor, views.preview, edit)
    return seen


def carry_out(day: OfficeDay, actor: Actor, edit: CalendarEdit) -> EditEffect:
    done: EditEffect = day.perform(actor, service.carry_out, edit, **WHY)
    return done


def due_times(day: OfficeDay, *case_ids: int) -> list[tuple[int, datetime | None]]:
    return [(row.id, row.due_at) for case_id in case_ids for row in day.page(case_id).deadlines]


def standing(day: OfficeDay, actor: Actor) -> list[int]:
    return [row.id for row in day.read(actor, hours.calendar_page).closures]


@pytest.mark.parametrize("seed", [8])
def test_any_edit_does_what_its_preview_said_and_nothing_else(
    day: OfficeDay, administrator: Actor, seed: int
) -> None:
    """While cases are resolved and refused, merged and separated, in between."""
    chance = Random(seed)
    ids = [day.new_case(), day.new_case(ACCIDENT), day.new_case()]
    do(day, cases.wait_for_customer, ids[2], reason="お返事待ち")
    others = Others(day, chance)
    moved = refused = 0
    for _ in range(10):
        day.later(minutes=chance.choice((3, 20, 90, 700)))
        others.act()
        edit = any_edit(day, administrator, chance)
        shown = [*ids, *others.apart()]
        before = dict(due_times(day, *shown))
        try:
            seen = preview(day, administrator, edit)
        except Refused as why:
            with pytest.raises(Refused, match=why.code):
                carry_out(day, administrator, edit)
            refused += 1
            continue
        assert due_times(day, *shown) == list(before.items()), "a preview changes nothing"
        assert carry_out(day, administrator, edit) == seen
        after = due_times(day, *shown)
        changed = [(before[row], due) for row, due in after if before[row] != due]
        assert sorted(changed) == sorted((one.old_due_at, one.new_due_at) for one in seen.moved)
        moved += len(changed)
    for case_id in (*ids, *others.apart()):
        checked(day, case_id)
    assert moved
    assert refused < 10
    assert len(others.done) > 3


class Others:
    """Two more cases, which colleagues resolve, don't approve, merge and separate."""

    def __init__(self, day: OfficeDay, chance: Random) -> None:
        self.day, self.chance = day, chance
        self.supervisor = day.person(Role.SUPERVISOR)
        self.merged, self.into = day.new_case(), day.new_case()
        self.are_one = False
        self.done: set[str] = set()

    def apart(self) -> list[int]:
        return [self.into] if self.are_one else [self.merged, self.into]

    def act(self) -> None:
        """One of them; afterwards no open deadline rests on an earlier calendar."""
        state = self.day.page(self.into).state
        if state is CaseState.RESOLVED:
            act = self.refuse
        else:
            act = self.chance.choice((self.resolve, self.separate if self.are_one else self.merge))
        act()
        self.done.add(act.__name__)
        with self.day.work(reading=True) as w:
            assert recomputing.recompute(w) == ()

    def resolve(self) -> None:
        do(self.day, cases.resolve, self.into, resolution=Resolution.ANSWERED, text="ご案内した")

    def refuse(self) -> None:
        do(self.day, approval.refuse_closing, self.into, self.supervisor, reason="不足")

    def merge(self) -> None:
        versions = [self.day.page(one).version for one in (self.merged, self.into)]
        self.day.perform(
            self.day.operator,
            linking.merge,
            self.merged,
            versions[0],
            into_id=self.into,
            into_version=versions[1],
            reason="同じお申し出",
        )
        self.are_one = True

    def separate(self) -> None:
        do(self.day, linking.undo_merge, self.into, merged_id=self.merged, reason="別のお申し出")
        self.are_one = False


def any_edit(day: OfficeDay, administrator: Actor, chance: Random) -> CalendarEdit:
    today = day.clock.now().astimezone(UTC).date()
    first = today + timedelta(days=chance.randint(0, 5))
    last = first + timedelta(days=chance.randint(-1, 3))
    closures = (
        ClosureEntry(Season.OTHER, first.year, first, last),
        ClosureEntry(chance.choice((Season.SUMMER, Season.NEW_YEAR)), first.year, None, None),
    )
    shifts = chance.choice(
        ((("10:00", "12:00"), ("13:00", "17:00")), (("9:30", "16:00"),), (("12:00", "10:00"),))
    )
    there = standing(day, administrator)
    return CalendarEdit(
        closures=tuple(one for one in closures if chance.random() < 0.6),
        week=WeekEntry(TOKYO, shifts, frozenset({5, 6})) if chance.random() < 0.4 else None,
        withdrawn=tuple(one for one in there if chance.random() < 0.3),
    )


def test_hours_that_come_to_the_same_due_time_count_from_their_edit_on(
    day: OfficeDay, administrator: Actor
) -> None:
    day.clock.move_to(tokyo("2026-06-10T13:30"))
    case_id = day.new_case()
    due = tokyo("2026-06-11T13:30")
    assert {due} < set(dict(due_times(day, case_id)).values())
    earlier = WeekEntry(TOKYO, (("09:00", "12:00"), ("13:00", "16:00")), frozenset({5, 6}))
    day.later(minutes=1)
    carry_out(day, administrator, CalendarEdit(week=earlier))
    assert due in dict(due_times(day, case_id)).values()
    day.clock.move_to(tokyo("2026-06-11T09:30"))
    with day.work(reading=True) as w:
        assert recomputing.recompute(w) == (), "an hour more of this day has been counted before"
    checked(day, case_id)


def test_an_edit_that_is_taken_back_leaves_the_deadlines_as_reckoned(
    day: OfficeDay, administrator: Actor
) -> None:
    ids = [day.new_case(), day.new_case()]
    before = due_times(day, *ids)
    day.later(minutes=20)
    done = carry_out(day, administrator, CalendarEdit((SOON,)))
    assert done.cases == 2
    assert due_times(day, *ids) != before
    day.later(minutes=20)
    back = carry_out(day, administrator, CalendarEdit(withdrawn=(*standing(day, administrator),)))
    assert [(one.new_due_at, one.old_due_at) for one in back.moved] == [
        (one.old_due_at, one.new_due_at) for one in done.moved
    ]
    assert due_times(day, *ids) == before
    for case_id in ids:
        rows = [row for row in checked(day, case_id).deadlines if row.moves]
        assert rows
        for row in rows:
            there, again = row.moves
            assert (there.old_due_at, again.new_due_at) == (row.due_at, row.due_at)
            assert (there.cause, there.reason) == (MoveCause.CALENDAR, WHY["reason"])


def test_only_cases_that_move_have_another_version_and_the_log_counts_them(
    day: OfficeDay, administrator: Actor
) -> None:
    moved, waiting = day.new_case(), day.new_case()
    do(day, cases.wait_for_customer, waiting, reason="写真の到着待ち")
    versions = [day.page(one).version for one in (moved, waiting)]
    # The first response is due today, by which the case is due: it doesn't move, the others do.
    day.later(minutes=20)
    effect = carry_out(day, administrator, CalendarEdit((SOON,)))
    page = day.page(moved)
    assert [one.case_number for one in effect.moved] == [page.number] * 2
    assert [one.old_due_at for one in effect.moved] == [tokyo("2026-06-11T10:30")] * 2
    assert [day.page(one).version for one in (moved, waiting)] == versions
    closes_today = ClosureEntry(Season.OTHER, 2026, date(2026, 6, 10), date(2026, 6, 10))
    carry_out(day, administrator, CalendarEdit((closes_today,)))
    assert [day.page(one).version for one in (moved, waiting)] == [versions[0] + 1, versions[1]]
    with pytest.raises(Refused, match="conflict"):
        day.perform(day.operator, cases.assign, moved, versions[0], assignee_id=1)
    with day.work(reading=True) as w:
        entries = list(
            w.session.scalars(
                select(AuditEntry).where(AuditEntry.action.startswith("hours.")).order_by("id")
            )
        )
        kinds = [one.action for one in entries]
        assert kinds == ["hours.closure_entered", "hours.deadlines_moved"] * 2
        assert entries[1].particulars == {"deadlines": 2, "cases": 1, "warnings": 0, "promises": 0}


def test_a_warning_of_a_statutory_clock_moves_and_its_day_never(
    day: OfficeDay, administrator: Actor
) -> None:
    case_id, _other = day.new_case(ACCIDENT), day.new_case()
    clock = next(row for row in day.page(case_id).deadlines if row.is_statutory)
    assert clock.warn_at == tokyo("2026-06-19T10:00")
    day.later(minutes=20)
    days = date(2026, 6, 18), date(2026, 6, 19)
    closed = CalendarEdit((ClosureEntry(Season.OTHER, 2026, *days),))
    assert carry_out(day, administrator, closed).warnings == 1
    now = next(row for row in day.page(case_id).deadlines if row.is_statutory)
    assert (now.due_at, now.warn_at) == (clock.due_at, tokyo("2026-06-17T10:00"))
    seen = preview(day, administrator, CalendarEdit((SOON,)))
    assert seen.moved
    assert DeadlineKind.STATUTORY not in {one.kind for one in seen.moved}


def test_what_is_promised_for_a_time_that_closes_is_named_and_not_moved(
    day: OfficeDay, administrator: Actor
) -> None:
    case_id = day.new_case()
    then, next_day = tokyo("2026-06-11T11:00"), tokyo("2026-06-12T17:00")
    open_then = tokyo("2026-06-15T10:30")
    for due_at in (then, next_day, open_then):
        day.perform(
            day.operator,
            tasks.give_task,
            case_id,
            what="照会",
            due_at=due_at,
            assignee_id=day.operator.user_id,
        )
    do(day, cases.promise_callback, case_id, at=then)
    day.later(minutes=20)
    effect = preview(day, administrator, CalendarEdit((SOON,)))
    number = day.page(case_id).number
    assert effect.promises == (
        ClosedPromise(number, ReminderKind.CALLBACK, then),
        ClosedPromise(number, ReminderKind.TASK, then),
        ClosedPromise(number, ReminderKind.TASK, next_day),
    )
    assert carry_out(day, administrator, CalendarEdit((SOON,))) == effect
    page, rows = day.page(case_id), day.read(day.operator, task_views.tasks_of, case_id)
    assert page.callback_due_at == then
    assert [(row.due_at, row.remind_at) for row in rows] == [
        (then, tokyo("2026-06-10T16:00")),
        (next_day, tokyo("2026-06-10T16:00")),
        (open_then, tokyo("2026-06-10T16:30")),
    ], "each an hour of open time before"
    back = CalendarEdit(withdrawn=(*standing(day, administrator),))
    assert carry_out(day, administrator, back).promises == ()
    rows = day.read(day.operator, task_views.tasks_of, case_id)
    assert [row.remind_at for row in rows] == [
        tokyo("2026-06-11T10:00"),
        tokyo("2026-06-12T16:00"),
        tokyo("2026-06-12T16:30"),
    ]


def test_an_edit_is_done_as_a_whole_or_not_at_all(day: OfficeDay, administrator: Actor) -> None:
    case_id = day.new_case()
    before = due_times(day, case_id)
    day.later(minutes=20)
    for edit, why in (
        (CalendarEdit((SOON, SOON)), "closure_overlaps"),
        (CalendarEdit((SOON,), WeekEntry(TOKYO, (), frozenset())), "week_makes_no_sense"),
        (CalendarEdit((SOON,), withdrawn=(99,)), "closure_gone"),
        (CalendarEdit(week=ONE_MINUTE_A_WEEK), "opens_too_little"),
    ):
        for attempt in (preview, carry_out):
            with pytest.raises(Refused, match=why):
                attempt(day, administrator, edit)
    with pytest.raises(Refused, match="reason_needed"):
        day.perform(administrator, service.carry_out, CalendarEdit((SOON,)), reason=" ")
    with pytest.raises(NotPermitted):
        carry_out(day, day.operator, CalendarEdit((SOON,)))
    assert standing(day, administrator) == []
    assert due_times(day, case_id) == before


def test_a_file_is_planned_carried_out_and_comes_back_as_it_went(
    day: OfficeDay, administrator: Actor
) -> None:
    day.new_case()
    day.later(minutes=20)
    carry_out(day, administrator, CalendarEdit((SUMMER,)))
    week = WeekEntry(TOKYO, (("09:00", "12:00"), ("13:00", "18:00")), frozenset({6}))
    new_year = ClosureEntry(Season.NEW_YEAR, 2026, date(2026, 12, 29), date(2027, 1, 4), "年末年始")
    overlaps = ClosureEntry(Season.OTHER, 2026, date(2026, 8, 16), date(2026, 8, 17))
    none = ClosureEntry(Season.SUMMER, 2027, None, None)
    closures = (SUMMER, new_year, overlaps, SOON, SOON, none)
    data = ics.write(ics.CalendarFile(week, closures), now=day.clock.now())
    plan = day.read(administrator, exchange.plan_import, data)
    assert (plan.added, plan.present, plan.week) == ((new_year, SOON, none), (SUMMER, SOON), week)
    assert [(one, why.code) for one, why in plan.refused] == [(overlaps, "hours.closure_overlaps")]
    seen = preview(day, administrator, plan.edit(with_week=True))
    assert seen.moved
    assert carry_out(day, administrator, plan.edit(with_week=True)) == seen
    again = day.read(administrator, exchange.plan_import, data)
    assert (again.added, again.week) == ((), None)
    exported = day.read(day.operator, exchange.export_calendar)
    assert ics.read(exported) == ics.CalendarFile(week, (SOON, SUMMER, new_year, none))
    own = day.read(administrator, exchange.plan_import, exported)
    assert (own.added, own.refused, own.week) == ((), (), None)
    with suppress(Refused):
        carry_out(day, administrator, CalendarEdit(withdrawn=(*standing(day, administrator),)))
    emptied = day.read(administrator, exchange.plan_import, exported)
    assert emptied.added == (SOON, SUMMER, new_year, none)


@pytest.mark.parametrize("zone", ["Etc/UTC", "GMT", "Zulu"])
def test_a_file_knows_its_own_hours_again_whatever_utc_is_called(
    day: OfficeDay, administrator: Actor, zone: str
) -> None:
    week = WeekEntry(zone, (("01:00", "08:00"),), frozenset({5, 6}))
    carry_out(day, administrator, CalendarEdit(week=week))
    exported = day.read(day.operator, exchange.export_calendar)
    assert day.read(administrator, exchange.plan_import, exported).week is None
    other = ics.write(ics.CalendarFile(replace(week, zone=TOKYO), ()), now=day.clock.now())
    assert day.read(administrator, exchange.plan_import, other).week is not None


def test_a_file_with_hours_that_never_open_is_refused(day: OfficeDay, administrator: Actor) -> None:
    week = WeekEntry(TOKYO, (("09:00", "13:00"), ("12:00", "18:00")), frozenset())
    data = ics.write(ics.CalendarFile(week, ()), now=day.clock.now())
    with pytest.raises(Refused, match="week_makes_no_sense"):
        day.read(administrator, exchange.plan_import, data)
