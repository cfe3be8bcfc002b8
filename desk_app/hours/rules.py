"""What makes sense in a calendar: weekly hours, closures by season, permits.

Pure decisions: no database, no clock. Whatever a user can mend is a `Refused`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.hours.business_hours import BusinessHours
from desk_app.text import line

SHORTEST_REASON = 3
LONGEST_CLOSURE = timedelta(days=31)
LONGEST_PERMIT = timedelta(hours=12)
STILL_RINGING = timedelta(minutes=10)
"""A permit also covers the call that waits on the line while the supervisor is asked."""
ONE_CALL_WITHIN = timedelta(hours=2)
"""A permit for one call lapses unless a call rings within this time."""
MOST_MINUTES_AHEAD = 60_000
"""Of business time: about half a year. Nothing is reckoned further ahead than this."""
FIRST_YEAR, LAST_YEAR = 1955, 2100
"""The years of which a calendar says something."""
RING_MAY_BE_OFF = timedelta(days=1)
"""A ring further from now than this comes from a clock that is wrong."""


class Season(StrEnum):
    SUMMER = "summer"
    NEW_YEAR = "new_year"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SeasonRule:
    """Where in the year a season's closure lies, and from when on its absence is pointed out."""

    warn_from: tuple[int, int]  # month, day
    earliest: tuple[int, int]
    latest: tuple[int, int]
    ends_next_year: bool


SEASON_RULES = {
    Season.SUMMER: SeasonRule((5, 1), (6, 1), (9, 30), ends_next_year=False),
    Season.NEW_YEAR: SeasonRule((9, 1), (12, 15), (1, 15), ends_next_year=True),
}


class SeasonState(StrEnum):
    ENTERED = "entered"
    NONE = "none"  # the office said that it does not close
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ClosureRow:
    """A closure as entered; without dates it states that the season has none."""

    id: int
    season: Season
    year: int  # of its first day
    first_day: date | None
    last_day: date | None  # inclusive
    label: str


@dataclass(frozen=True, slots=True)
class SeasonStanding:
    """Whether a season's closure is entered; ``warn`` once it is missing and due."""

    season: Season
    year: int
    state: SeasonState
    warn: bool


def check_reason(reason: str) -> str:
    """The reason as one clean line; `Refused` if it says nothing."""
    cleaned = line(reason, field="reason")
    if len(cleaned) < SHORTEST_REASON:
        raise Refused("hours.reason_needed")
    return cleaned


def check_week(
    zone: str, shifts: Sequence[tuple[str, str]], closed_weekdays: Iterable[int]
) -> None:
    """`Refused` unless these make weekly hours that open at all."""
    try:
        BusinessHours(zone, shifts, frozenset(closed_weekdays))
    except (TypeError, ValueError) as error:
        raise Refused("hours.week_makes_no_sense") from error


def check_opens(hours: BusinessHours, now: datetime) -> None:
    """`Refused` unless the office opens for long enough that every target can be reckoned; twice
    as long, so that it does in later years, too."""
    try:
        hours.add(now, 2 * MOST_MINUTES_AHEAD)
    except ValueError:
        raise Refused("hours.opens_too_little") from None


def check_closure(
    season: Season, year: int, first: date, last: date, *, existing: Iterable[ClosureRow]
) -> None:
    """`Refused` for a closure that is reversed, too long, out of season or doubled."""
    if first > last:
        raise Refused("hours.closure_reversed")
    if last - first >= LONGEST_CLOSURE:
        raise Refused("hours.closure_too_long", days=LONGEST_CLOSURE.days)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("hours.closure_out_of_season")
    if first.year != year and not (season is Season.NEW_YEAR and first.year == year + 1):
        raise Refused("hours.closure_out_of_season")
    rule = SEASON_RULES.get(season)
    if rule is not None:
        earliest = date(year, *rule.earliest)
        latest = date(year + rule.ends_next_year, *rule.latest)
        if not earliest <= first <= last <= latest:
            raise Refused("hours.closure_out_of_season")
    for row in existing:
        if row.first_day is None or row.last_day is None:
            if season is not Season.OTHER and (row.season, row.year) == (season, year):
                raise Refused("hours.season_declared_none")
        elif row.first_day <= last and first <= row.last_day:
            raise Refused("hours.closure_overlaps")


def check_no_closure(season: Season, year: int, *, existing: Iterable[ClosureRow]) -> None:
    """`Refused` unless the season still waits for an entry."""
    if season not in SEASON_RULES or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("hours.closure_out_of_season")
    if season_state(season, year, existing) is not SeasonState.MISSING:
        raise Refused("hours.season_already_entered")


def check_permit_end(ends_at: datetime, now: datetime) -> None:
    """`Refused` unless a permit ends ahead, and within the working day."""
    if ends_at <= now:
        raise Refused("hours.permit_in_past")
    if ends_at - now > LONGEST_PERMIT:
        raise Refused("hours.permit_too_long", hours=LONGEST_PERMIT // timedelta(hours=1))


def season_state(season: Season, year: int, rows: Iterable[ClosureRow]) -> SeasonState:
    found = [row for row in rows if (row.season, row.year) == (season, year)]
    if any(row.first_day is not None for row in found):
        return SeasonState.ENTERED
    return SeasonState.NONE if found else SeasonState.MISSING


def missing_seasons(
    rows: Sequence[ClosureRow], first: date, last: date
) -> tuple[tuple[Season, int], ...]:
    """The seasons of which a possible day lies among these days, both included, and whose closure
    is neither entered nor declared to be none."""
    return tuple(
        (season, year)
        for year in range(first.year - 1, last.year + 1)
        for season, rule in SEASON_RULES.items()
        if date(year, *rule.earliest) <= last
        and first <= date(year + rule.ends_next_year, *rule.latest)
        and season_state(season, year, rows) is SeasonState.MISSING
    )


def standings(rows: Sequence[ClosureRow], today: date) -> tuple[SeasonStanding, ...]:
    """Each season that is under way or ahead: this year's, and New Year's that began last year.

    A season is pointed out as missing from ``warn_from`` until its last possible day.
    """
    found = []
    for season, rule in SEASON_RULES.items():
        for year in (today.year - 1, today.year):
            latest = date(year + rule.ends_next_year, *rule.latest)
            if today > latest:
                continue
            state = season_state(season, year, rows)
            due = today >= date(year, *rule.warn_from)
            warn = due and state is SeasonState.MISSING
            found.append(SeasonStanding(season, year, state, warn))
    return tuple(found)
