"""Why a deadline falls where it does: each counted and each skipped stretch with its reason.

Pure, and exact: the counted time of `explain` adds up to the microsecond. Stretches follow each
other without a gap; what belongs together is one (a night, a weekend, a closure of ten days).
Times are on the office's wall clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce

from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.phrases import Cause, Reason
from desk_app.hours.reckoning import Pause, Run, windows
from desk_app.words import Words

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time that counts, or with its ``reason`` time that doesn't.

    ``weekdays`` are those of a closed weekend, Monday is 0. ``provisional``: it reaches into a
    time whose public holidays aren't published yet.
    """

    starts_at: datetime
    ends_at: datetime
    counted_us: int
    reason: Reason | None = None
    weekdays: tuple[int, ...] = ()
    provisional: bool = False

    def say(self, words: Words) -> str:
        """That it counts, or why it doesn't."""
        if self.reason is None:
            return words("hours.stretch.counted")
        if self.reason.cause in (Cause.BEFORE, Cause.AFTER):
            return words(f"hours.stretch.{self.reason.cause}")
        if self.weekdays:
            days = [words(f"hours.weekday.{day}") for day in self.weekdays]
            return reduce(lambda a, b: words("hours.stretch.both", first=a, second=b), days)
        return self.reason.say(words)


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day of a calendar-day clock. ``number`` is 0 for a first day that doesn't count;
    ``closed`` says why the office is closed all day, which changes nothing for the clock."""

    day: date
    number: int
    closed: Reason | None
    provisional: bool


def explain(
    start: datetime, end: datetime, runs: Sequence[Run], pauses: Iterable[Pause] = ()
) -> tuple[Stretch, ...]:
    """All stretches in [start, end)."""
    end = end.astimezone(UTC)
    joined: list[Stretch] = []
    for stretch in _pieces(start, end, runs, pauses):
        both = _together(joined[-1], stretch) if joined else None
        if both is None:
            joined.append(stretch)
        else:
            joined[-1] = both
    return tuple(joined)


def counted_days(
    calendar: OfficeCalendar, known_on: date, days: int, *, knowing_counts: bool
) -> tuple[CountedDay, ...]:
    """The days of a statutory clock, from the day of knowing to the last."""
    first = 1 if knowing_counts else 0
    found = []
    for number in range(first, days + 1):
        day = known_on + (number - first) * _DAY
        midnight = calendar.midnight(day)
        closed = None if calendar.opens_on(day) else calendar.why_closed(midnight)
        found.append(CountedDay(day, number, closed, calendar.is_provisional(midnight)))
    return tuple(found)


def last_day(known_on: date, days: int, *, knowing_counts: bool) -> date:
    """The day with whose end a statutory clock runs out."""
    return known_on + (days - 1 if knowing_counts else days) * _DAY


def end_of_day(calendar: OfficeCalendar, day: date) -> datetime:
    """The last instant of a day on the office's wall clock, so that it shows as that day."""
    return calendar.midnight(day + _DAY).astimezone(UTC) - _MICROSECOND


def warns_at(calendar: OfficeCalendar, known_on: date, due_on: date) -> datetime:
    """From when a statutory clock is warned of: the opening of the last day that the office is
    open on or before the due date. If it doesn't open in between, from the day of knowing on."""
    day = due_on
    while day >= known_on:
        opening = calendar.opens_on(day)
        if opening is not None:
            return opening.astimezone(UTC)
        day -= _DAY
    return calendar.midnight(known_on).astimezone(UTC)


def _pieces(
    start: datetime, end: datetime, runs: Sequence[Run], pauses: Iterable[Pause]
) -> Iterator[Stretch]:
    for window in windows(start, runs, pauses):
        if window.starts_at >= end:
            return
        until = end if window.ends_at is None else min(window.ends_at, end)
        if window.paused:
            yield _stretch(window.calendar, window.starts_at, until, Reason(Cause.PAUSE))
        else:
            yield from _running(window.calendar, window.starts_at, until)


def _running(calendar: OfficeCalendar, at: datetime, end: datetime) -> Iterator[Stretch]:
    hours = calendar.hours
    while at < end:
        try:
            turns = min(hours.changes_at(at), end)
        except ValueError:  # open around the clock, every day from now on
            turns = end
        if hours.is_open(at):
            yield _stretch(calendar, at, turns, None)
            at = turns
            continue
        while at < turns:
            tomorrow = calendar.midnight(calendar.local(at).date() + _DAY)
            until = min(turns, tomorrow.astimezone(UTC))
            yield _stretch(calendar, at, until, calendar.why_closed(at))
            at = until


def _stretch(
    calendar: OfficeCalendar, starts_at: datetime, ends_at: datetime, reason: Reason | None
) -> Stretch:
    return Stretch(
        starts_at=calendar.local(starts_at),
        ends_at=calendar.local(ends_at),
        counted_us=0 if reason else (ends_at - starts_at) // _MICROSECOND,
        reason=reason,
        weekdays=() if reason is None or reason.weekday is None else (reason.weekday,),
        provisional=calendar.is_provisional(ends_at - _MICROSECOND),
    )


def _together(a: Stretch, b: Stretch) -> Stretch | None:
    """One stretch for two that follow each other, if one reason holds for both."""
    reason, weekdays = a.reason, a.weekdays
    if a.weekdays and b.weekdays:
        weekdays = (*a.weekdays, *b.weekdays)
    elif (
        a.reason is not None
        and b.reason is not None
        and a.reason.cause in (Cause.AFTER, Cause.OVERNIGHT)
        and b.reason.cause is Cause.BEFORE
    ):
        reason = Reason(Cause.OVERNIGHT)
    elif a.reason != b.reason:
        return None
    return replace(
        a,
        ends_at=b.ends_at,
        counted_us=a.counted_us + b.counted_us,
        reason=reason,
        weekdays=tuple(dict.fromkeys(weekdays)),
        provisional=a.provisional or b.provisional,
    )
