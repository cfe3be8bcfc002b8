"""Business hours over a span of 30 days, against businesstimedelta on the same calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz

from desk_app.hours import BusinessHours
from tests.benchmarks.measuring import Row, turn_about

STARTS = [datetime(2026, 6, day, 1, 30, tzinfo=UTC) for day in range(1, 11)]
SPAN = timedelta(days=30)
MINUTES = 21 * 6 * 60
"""About the open time of 30 days."""
REPEATS = 500
"""Ours answers too fast to be timed once."""


def measure() -> Iterator[Row]:
    tokyo = ZoneInfo("Asia/Tokyo")
    public = {day: str(name) for day, name in holidays.country_holidays("JP", years=2026).items()}
    ours = BusinessHours(
        zone="Asia/Tokyo",
        shifts=[("10:00", "12:00"), ("13:00", "17:00")],
        closed_weekdays={5, 6},
        holidays=[date.fromisoformat(str(day)) for day in public],
        closures=[],
    )
    zone = pytz.timezone("Asia/Tokyo")
    theirs = businesstimedelta.Rules(
        [
            businesstimedelta.WorkDayRule(
                start_time=time(10), end_time=time(17), working_days=[0, 1, 2, 3, 4], tz=zone
            ),
            businesstimedelta.LunchTimeRule(
                start_time=time(12), end_time=time(13), working_days=[0, 1, 2, 3, 4], tz=zone
            ),
            businesstimedelta.HolidayRule(public, tz=zone),
        ]
    )
    length = businesstimedelta.BusinessTimeDelta(theirs, hours=MINUTES / 60)

    for start in STARTS:  # the two must agree, or the comparison means nothing
        spans = theirs.difference(start, start + SPAN)
        assert ours.between(start, start + SPAN) == spans.hours * 60 + spans.seconds / 60
        assert ours.add(start, MINUTES).astimezone(tokyo) == (start + length).astimezone(tokyo)

    def add() -> None:
        for _ in range(REPEATS):
            for start in STARTS:
                ours.add(start, MINUTES)

    def between() -> None:
        for _ in range(REPEATS):
            for start in STARTS:
                ours.between(start, start + SPAN)

    yield _row("hours.add", turn_about(add, lambda: [start + length for start in STARTS], rounds=3))
    yield _row(
        "hours.between",
        turn_about(between, lambda: [theirs.difference(s, s + SPAN) for s in STARTS], rounds=3),
    )


def _row(name: str, seconds: tuple[float, float]) -> Row:
    return Row(
        name,
        value=REPEATS * len(STARTS) / seconds[0],
        unit="ops/s",
        floor=len(STARTS) / seconds[1],
        goal=1000,
        better="at least",
    )
