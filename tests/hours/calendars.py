"""Calendars for tests of deadlines: the office's usual one, and any that opens at all."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from desk_app.hours import BusinessHours
from desk_app.hours.calendar import PUBLISHED_SHIFTS, OfficeCalendar
from desk_app.hours.holidays import public_holidays
from desk_app.hours.rules import ClosureRow, Season
from tests.hours.test_business_hours import weeks


def calendar_of(
    zone: str = "Asia/Tokyo",
    shifts: Iterable[tuple[str, str]] = PUBLISHED_SHIFTS,
    closed_weekdays: Iterable[int] = (5, 6),
    holidays: Mapping[date, str] | None = None,
    closures: Iterable[tuple[date, date]] = (),
    season: Season = Season.SUMMER,
) -> OfficeCalendar:
    """An office's calendar; Japanese holidays unless others are given."""
    named = public_holidays(2024, 2030) if holidays is None else holidays
    rows = tuple(
        ClosureRow(at, season, first.year, first, last, "")
        for at, (first, last) in enumerate(closures, 1)
    )
    stretches = [(row.first_day, row.last_day) for row in rows if row.first_day and row.last_day]
    week = tuple(shifts)
    weekdays = frozenset(closed_weekdays)
    hours = BusinessHours(zone, week, weekdays, named, stretches, years=(2020, 2040))
    return OfficeCalendar(None, zone, week, weekdays, rows, named, hours)


def _named(week: dict[str, Any]) -> OfficeCalendar:
    return calendar_of(**week | {"holidays": dict.fromkeys(week["holidays"], "元日")})


def calendars() -> st.SearchStrategy[OfficeCalendar]:
    """Any calendar of `weeks`."""
    return weeks().map(_named)
