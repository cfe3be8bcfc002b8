"""When a target falls due: pauses as a union, calendars in succession, against a slow oracle."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.reckoning import MINUTE_US, Pause, Reckoned, Run, reckon, union, windows
from tests.hours.calendars import calendar_of, calendars

MINUTE = timedelta(minutes=1)
START = datetime(2025, 11, 3, tzinfo=UTC)
FEW = settings(max_examples=40)

minute_marks = st.integers(0, 9_000).map(lambda n: START + n * MINUTE)
any_marks = st.integers(0, 9_000 * 60).map(
    lambda n: START + timedelta(seconds=n, microseconds=3 * n)
)
targets = st.integers(1, 900)


def pauses_at(marks: st.SearchStrategy[datetime]) -> st.SearchStrategy[list[Pause]]:
    closed = st.tuples(marks, st.integers(0, 4_000)).map(
        lambda pair: (pair[0], pair[0] + pair[1] * MINUTE)
    )
    return st.lists(closed, max_size=4)


def open_pauses() -> st.SearchStrategy[list[Pause]]:
    return st.lists(minute_marks.map(lambda at: (at, None)), max_size=1)


def slowly(
    calendar: OfficeCalendar, start: datetime, minutes: int, pauses: list[Pause]
) -> Reckoned:
    """Minute by minute, as somebody with a calendar and a pencil would."""
    never = datetime.max.replace(tzinfo=UTC)
    stopped = min((begins for begins, ends in pauses if ends is None), default=never)
    at, left = start, minutes
    while left:
        if at >= stopped:
            return Reckoned(None, left * MINUTE_US)
        paused = any(begins <= at < (ends or never) for begins, ends in pauses)
        left -= calendar.hours.is_open(at) and not paused
        at += MINUTE
    return Reckoned(at)


@given(calendars(), minute_marks, targets, pauses_at(minute_marks), open_pauses())
@FEW
def test_it_is_due_when_the_oracle_says(
    calendar: OfficeCalendar, start: datetime, minutes: int, closed: list[Pause], last: list[Pause]
) -> None:
    pauses = closed + last
    assert reckon(start, minutes, [Run(start, calendar)], pauses) == slowly(
        calendar, start, minutes, pauses
    )


@given(pauses_at(any_marks), open_pauses(), any_marks)
def test_a_union_holds_the_same_instants_in_order(
    closed: list[Pause], last: list[Pause], at: datetime
) -> None:
    def holds(pauses: "list[Pause] | tuple[Pause, ...]") -> bool:
        return any(begins <= at and (ends is None or at < ends) for begins, ends in pauses)

    joined = union(closed + last)
    assert holds(joined) == holds(closed + last)
    assert all(a[1] is not None and a[1] < b[0] for a, b in pairwise(joined))
    assert union(joined) == joined


@given(calendars(), any_marks, targets, targets, pauses_at(any_marks), any_marks)
@FEW
def test_targets_are_additive_and_monotone(
    calendar: OfficeCalendar,
    start: datetime,
    one: int,
    other: int,
    pauses: list[Pause],
    later: datetime,
) -> None:
    runs = [Run(start, calendar)]
    first = reckon(start, one, runs, pauses).due_at
    both = reckon(start, one + other, runs, pauses).due_at
    assert first is not None
    assert both is not None
    assert reckon(first, other, runs, pauses).due_at == both, "in two steps as in one"
    assert first < both
    from_later = reckon(max(start, later), one, runs, pauses).due_at
    assert from_later is not None
    assert from_later >= first, "what begins later isn't due earlier"
    longer = reckon(start, one, runs, [*pauses, (later, later + 90 * MINUTE)]).due_at
    assert longer is not None
    assert longer >= first, "a pause never shortens a target"


@given(calendars(), any_marks, targets, pauses_at(any_marks))
@FEW
def test_the_open_time_outside_of_pauses_is_the_target(
    calendar: OfficeCalendar, start: datetime, minutes: int, pauses: list[Pause]
) -> None:
    runs = [Run(start, calendar)]
    due = reckon(start, minutes, runs, pauses).due_at
    assert due is not None
    counted = sum(
        calendar.hours.between_us(window.starts_at, min(window.ends_at or due, due))
        for window in windows(start, runs, pauses)
        if not window.paused and window.starts_at < due
    )
    assert counted == minutes * MINUTE_US


@given(calendars(), calendars(), any_marks, targets, any_marks)
@FEW
def test_a_new_calendar_counts_from_when_it_came(
    old: OfficeCalendar, new: OfficeCalendar, start: datetime, minutes: int, change: datetime
) -> None:
    before = reckon(start, minutes, [Run(start, old)]).due_at
    assert reckon(start, minutes, [Run(start, old), Run(change, old)]).due_at == before
    due = reckon(start, minutes, [Run(start, old), Run(change, new)]).due_at
    assert before is not None
    assert due is not None
    if before <= change:
        assert due == before, "what has passed stays as it was counted"
    else:
        counted = old.hours.between_us(start, max(start, change))
        counted += new.hours.between_us(max(start, change), due)
        assert counted == minutes * MINUTE_US


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


def test_a_pause_over_a_weekend_adds_only_its_open_time() -> None:
    """glpi#10594."""
    start = tokyo("2026-06-12T16:00")
    runs = [Run(start, calendar_of())]
    weekend = [(tokyo("2026-06-12T17:00"), tokyo("2026-06-15T10:00"))]
    assert reckon(start, 120, runs) == reckon(start, 120, runs, weekend)
    assert reckon(start, 120, runs).due_at == tokyo("2026-06-15T11:00")
    longer = [(tokyo("2026-06-12T16:30"), tokyo("2026-06-15T10:30"))]
    assert reckon(start, 120, runs, longer).due_at == tokyo("2026-06-15T12:00")


def test_a_missed_target_is_not_mended_by_waiting() -> None:
    start = tokyo("2026-06-12T10:00")
    runs = [Run(start, calendar_of())]
    due = tokyo("2026-06-12T11:00")
    assert reckon(start, 60, runs, [(due, None)]) == Reckoned(due)
    assert reckon(start, 60, runs, [(due - MINUTE, None)]) == Reckoned(None, MINUTE_US)


def test_a_target_runs_neither_through_lunch_nor_through_a_closure() -> None:
    """frappe/helpdesk#2212, osTicket#6847."""
    start = tokyo("2026-08-07T11:30")
    runs = [Run(start, calendar_of(closures=[(date(2026, 8, 10), date(2026, 8, 14))]))]
    assert reckon(start, 60, runs).due_at == tokyo("2026-08-07T13:30")
    assert reckon(start, 330, runs).due_at == tokyo("2026-08-17T11:00")
