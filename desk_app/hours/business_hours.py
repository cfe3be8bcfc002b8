"""Business time: when the office is open, and how much open time lies between two instants.

The open intervals are a sorted table in UTC, in whole microseconds, with the open time up to
the end of each; every question is one or two bisects, whatever the span. The table grows by
itself within ``years``, and never silently ends: a question that leaves it is an error.

Conventions: shifts are half-open; open is what the wall clock of the zone shows, also on the
days when it is put forward or back; ``add`` gives the earliest instant that has the open time
behind it, so it may be a closing instant and never an opening one.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_DAY_US = 24 * 60 * _MINUTE_US
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)

Shift = tuple[str | time, str | time]
"""Opening and closing local time, "HH:MM"; a day ends at "24:00"."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Open intervals from ``first_us`` to ``last_us``, microseconds since 1970 in UTC."""

    first_us: int
    last_us: int
    starts: list[int]
    ends: list[int]
    through: list[int]  # open time from the table's start to each end

    def open_before(self, us: int) -> int:
        i = bisect_right(self.starts, us) - 1
        if i < 0:
            return 0
        left = self.ends[i] - us
        return self.through[i] - left if left > 0 else self.through[i]


class BusinessHours:
    """The open time of an office, from its zone, weekly shifts, holidays and closures.

    ``closed_weekdays`` counts from Monday = 0; ``closures`` are (first, last) days, both closed;
    shifts may touch, not overlap. Questions take aware datetimes in any zone and answer in the
    zone of the question. `ValueError` for a calendar that makes no sense or never opens, a naive
    datetime, negative minutes, and whatever lies outside ``years`` (first and last).
    An instance never changes and may be used on any thread.
    """

    def __init__(
        self,
        zone: str = "Asia/Tokyo",
        shifts: Iterable[Shift] = (("10:00", "12:00"), ("13:00", "17:00")),
        closed_weekdays: Collection[int] = frozenset({5, 6}),
        holidays: Iterable[date] = (),
        closures: Iterable[tuple[date, date]] = (),
        *,
        years: tuple[int, int] = (1955, 2100),
    ) -> None:
        try:
            self._zone = ZoneInfo(zone)
        except (KeyError, OSError) as error:
            raise ValueError("there is no such time zone") from error
        self._shifts = _day_of(shifts)
        self._weekdays = frozenset(range(7)) - frozenset(closed_weekdays)
        if not frozenset(closed_weekdays) <= frozenset(range(7)):
            raise ValueError("weekdays are 0 (Monday) to 6")
        if not self._shifts or not self._weekdays:
            raise ValueError("the office never opens")
        self._closed = _closed_days(holidays, closures)
        # A day more at each end, so that these years are whole in every zone.
        self._limits = (_midnight_us(years[0]) - _DAY_US, _midnight_us(years[1] + 1) + _DAY_US)
        if self._limits[0] >= self._limits[1]:
            raise ValueError("the first year comes after the last")
        self._table = _Table(self._limits[0], self._limits[0], [], [], [])

    def is_open(self, t: datetime) -> bool:
        """Whether the office is open at ``t``."""
        us = _us(t)
        table = self._covering(us, us)
        i = bisect_right(table.starts, us) - 1
        return i >= 0 and us < table.ends[i]

    def next_open(self, t: datetime) -> datetime:
        """``t`` itself if the office is open, else the next instant at which it opens."""
        us = _us(t)
        table = self._covering(us, us)
        while True:
            i = bisect_right(table.ends, us)
            if i < len(table.ends):
                return t if table.starts[i] <= us else _instant(table.starts[i], t)
            table = self._longer(table)

    def changes_at(self, t: datetime) -> datetime:
        """The first instant after ``t`` at which `is_open` answers differently.

        `ValueError` for an office that is always open, or always closed.
        """
        us = _us(t)
        table = self._covering(us, us)
        while True:
            i = bisect_right(table.ends, us)
            # An interval that ends with the table may go on after it.
            if i < len(table.ends) and table.ends[i] < table.last_us:
                return _instant(table.ends[i] if table.starts[i] <= us else table.starts[i], t)
            table = self._longer(table)

    def add(self, t: datetime, minutes: float | Fraction) -> datetime:
        """The earliest instant with ``minutes`` of open time since ``t``; for 0 the next opening.

        Minutes are rounded to the microsecond.
        """
        wanted = _minutes_us(minutes)
        if wanted == 0:
            return self.next_open(t)
        us = _us(t)
        table = self._covering(us, us)
        while True:
            target = table.open_before(us) + wanted
            i = bisect_left(table.through, target)
            if i < len(table.through):
                return _instant(table.ends[i] - (table.through[i] - target), t)
            table = self._longer(table)

    def before(self, t: datetime, minutes: float | Fraction) -> datetime:
        """The latest open instant with ``minutes`` of open time between it and ``t``.

        The other way round than `add`: it may be an opening instant and never a closing one, so
        that what is to happen then falls into the hours. `ValueError` also for 0 minutes.
        """
        wanted = _minutes_us(minutes)
        if wanted == 0:
            raise ValueError("no time before an instant is the instant itself")
        us = _us(t)
        table = self._covering(us, us)
        while True:
            target = table.open_before(us) - wanted
            if target >= 0:
                i = bisect_right(table.through, target)
                return _instant(table.ends[i] - (table.through[i] - target), t)
            table = self._earlier(table)

    def between(self, a: datetime, b: datetime) -> float:
        """The minutes of open time in [a, b); negative if ``b`` comes before ``a``.

        The count is exact in microseconds; only its expression in minutes is a float.
        """
        return self.between_us(a, b) / _MINUTE_US

    def between_us(self, a: datetime, b: datetime) -> int:
        """As `between`, in whole microseconds: what is added up stays exact."""
        a_us, b_us = _us(a), _us(b)
        table = self._covering(min(a_us, b_us), max(a_us, b_us))
        return table.open_before(b_us) - table.open_before(a_us)

    def same_between(self, other: "BusinessHours", a: datetime, b: datetime) -> bool:
        """Whether the office is open at the same times from ``a`` to ``b`` by both."""
        return self._open_us(_us(a), _us(b)) == other._open_us(_us(a), _us(b))

    def _open_us(self, a_us: int, b_us: int) -> list[tuple[int, int]]:
        table = self._covering(a_us, b_us)
        here = slice(bisect_right(table.ends, a_us), bisect_left(table.starts, b_us))
        both = zip(table.starts[here], table.ends[here], strict=True)
        return [(max(start, a_us), min(end, b_us)) for start, end in both]

    def _covering(self, first_us: int, last_us: int) -> _Table:
        table = self._table
        if table.first_us <= first_us and last_us < table.last_us:
            return table
        if first_us < self._limits[0] or last_us >= self._limits[1]:
            raise ValueError("this instant lies outside the years of the calendar")
        if table.starts:
            first_us, last_us = min(first_us, table.first_us), max(last_us, table.last_us)
        return self._build(first_us - 366 * _DAY_US, last_us + 732 * _DAY_US)

    def _longer(self, table: _Table) -> _Table:
        """At least twice the table: so that a far search builds only a few times."""
        if table.last_us >= self._limits[1]:
            raise ValueError("the office does not open again within the years of the calendar")
        return self._build(table.first_us, 2 * table.last_us - table.first_us)

    def _earlier(self, table: _Table) -> _Table:
        """At least twice the table, into the past."""
        if table.first_us <= self._limits[0]:
            raise ValueError("the office was not open for so long within the years of the calendar")
        return self._build(2 * table.first_us - table.last_us, table.last_us)

    def _build(self, first_us: int, last_us: int) -> _Table:
        first_us = max(first_us, self._limits[0])
        last_us = min(last_us, self._limits[1])
        starts: list[int] = []
        ends: list[int] = []
        for from_us, to_us, offset_us in self._offsets(first_us, last_us):
            local_us = from_us + offset_us
            for day in range(local_us // _DAY_US, (to_us + offset_us - 1) // _DAY_US + 1):
                # 1 January 1970, day 0, was a Thursday.
                if (day + 3) % 7 not in self._weekdays or day in self._closed:
                    continue
                midnight_us = day * _DAY_US - offset_us
                for opens_us, closes_us in self._shifts:
                    start = max(midnight_us + opens_us, from_us)
                    end = min(midnight_us + closes_us, to_us)
                    if start >= end:
                        continue
                    if ends and ends[-1] == start:
                        ends[-1] = end
                    else:
                        starts.append(start)
                        ends.append(end)
        through: list[int] = []
        total = 0
        for start, end in zip(starts, ends, strict=True):
            total += end - start
            through.append(total)
        # One assignment: a thread that reads meanwhile sees the old table or the new one.
        self._table = _Table(first_us, last_us, starts, ends, through)
        return self._table

    def _offsets(self, first_us: int, last_us: int) -> Iterator[tuple[int, int, int]]:
        """Stretches of one UTC offset: (from, to, offset), in microseconds."""
        from_us, offset = first_us, self._offset_us(first_us)
        at = first_us
        while at < last_us:
            step = min(at + _DAY_US, last_us)
            changed = self._offset_us(step)
            if changed != offset:
                low, high = at, step
                while high - low > 1:
                    middle = (low + high) // 2
                    if self._offset_us(middle) == offset:
                        low = middle
                    else:
                        high = middle
                yield from_us, high, offset
                from_us, offset = high, changed
            at = step
        if from_us < last_us:
            yield from_us, last_us, offset

    def _offset_us(self, us: int) -> int:
        offset = (_EPOCH + timedelta(microseconds=us)).astimezone(self._zone).utcoffset()
        assert offset is not None  # noqa: S101 -- a ZoneInfo always knows its offset
        return offset // _MICROSECOND


def _us(t: datetime) -> int:
    try:
        since = t - _EPOCH
    except TypeError as error:
        raise ValueError("business time needs aware datetimes") from error
    return (since.days * 86_400 + since.seconds) * _SECOND_US + since.microseconds


def _instant(us: int, like: datetime) -> datetime:
    return (_EPOCH + timedelta(microseconds=us)).astimezone(like.tzinfo)


def _minutes_us(minutes: float | Fraction) -> int:
    try:
        whole = isinstance(minutes, int)  # the usual case, and fractions are slow
        us = int(minutes) * _MINUTE_US if whole else round(Fraction(minutes) * _MINUTE_US)
    except OverflowError as error:
        raise ValueError("minutes are a finite number") from error
    if minutes < 0:
        raise ValueError("business time is added, never taken away")
    return us


def _midnight_us(year: int) -> int:
    return (date(year, 1, 1) - _EPOCH.date()).days * _DAY_US


def _day_of(shifts: Iterable[Shift]) -> list[tuple[int, int]]:
    day = sorted((_clock_us(opens), _clock_us(closes)) for opens, closes in shifts)
    previous = 0
    for opens, closes in day:
        if opens >= closes:
            raise ValueError("a shift closes after it opens, on the same day")
        if opens < previous:
            raise ValueError("shifts overlap")
        previous = closes
    return day


def _clock_us(clock: str | time) -> int:
    text = clock.strftime("%H:%M") if isinstance(clock, time) else clock
    found = _CLOCK.fullmatch(text)
    us = (int(found[1]) * 60 + int(found[2])) * _MINUTE_US if found else _DAY_US + 1
    if us > _DAY_US:
        raise ValueError("a shift's times are written HH:MM, from 00:00 to 24:00")
    return us


def _closed_days(holidays: Iterable[date], closures: Iterable[tuple[date, date]]) -> frozenset[int]:
    epoch = _EPOCH.toordinal()
    closed = {day.toordinal() - epoch for day in holidays}
    for first, last in closures:
        if first > last:
            raise ValueError("a closure ends before it begins")
        closed.update(range(first.toordinal() - epoch, last.toordinal() - epoch + 1))
    return frozenset(closed)
