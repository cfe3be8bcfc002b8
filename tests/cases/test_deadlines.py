"""Service targets: business time, paused while the customer is awaited."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desk_app.cases import deadlines
from desk_app.cases.deadlines import Target
from desk_app.hours import BusinessHours

HOURS = BusinessHours(
    holidays=[date(2026, 9, 22)], closures=[(date(2026, 8, 10), date(2026, 8, 14))]
)
TARGETS = st.integers(1, 3000)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=360)).map(lambda span: NEW_YEAR + span)
SPANS = st.timedeltas(timedelta(0), timedelta(days=40))


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


def test_a_target_runs_in_open_hours() -> None:
    assert deadlines.begin(HOURS, tokyo("2026-06-12T16:00"), 120).due_at == tokyo(
        "2026-06-15T11:00"
    )


def test_waiting_over_a_weekend_adds_what_was_left_and_no_more() -> None:
    target = deadlines.begin(HOURS, tokyo("2026-06-12T16:00"), 120)
    paused = deadlines.pause(HOURS, target, tokyo("2026-06-12T16:30"))
    assert paused == Target(None, 90)
    resumed = deadlines.resume(HOURS, paused, tokyo("2026-06-15T10:00"))
    assert resumed.due_at == tokyo("2026-06-15T11:30")


@given(INSTANTS, TARGETS, SPANS, SPANS)
def test_a_pause_never_takes_time_away_or_gives_any(
    start: datetime, minutes: int, worked: timedelta, waited: timedelta
) -> None:
    target = deadlines.begin(HOURS, start, minutes)
    paused_at = start + worked
    assume(target.due_at is not None and paused_at < target.due_at)
    resumed_at = paused_at + waited
    resumed = deadlines.resume(HOURS, deadlines.pause(HOURS, target, paused_at), resumed_at)
    assert resumed.due_at is not None
    used = HOURS.between(start, paused_at) + HOURS.between(resumed_at, resumed.due_at)
    assert used == pytest.approx(minutes, abs=1e-6)
    assert target.due_at is not None
    assert resumed.due_at >= target.due_at


@given(INSTANTS, TARGETS, SPANS)
def test_a_missed_target_is_not_mended_by_waiting(
    start: datetime, minutes: int, overdue: timedelta
) -> None:
    target = deadlines.begin(HOURS, start, minutes)
    assert target.due_at is not None
    now = target.due_at + overdue
    assert deadlines.resume(HOURS, deadlines.pause(HOURS, target, now), now) == target


@given(INSTANTS, TARGETS)
def test_a_due_instant_is_one_at_which_somebody_works(start: datetime, minutes: int) -> None:
    due = deadlines.begin(HOURS, start, minutes).due_at
    assert due is not None
    assert due > start
    assert HOURS.is_open(due - timedelta(microseconds=1))
