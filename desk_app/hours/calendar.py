"""The calendar in force: weekly hours, public holidays and closures, read once per use case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk_app.hours.business_hours import BusinessHours
from desk_app.hours.edits import WeekEntry
from desk_app.hours.holidays import PUBLISHED_UNTIL, public_holidays
from desk_app.hours.model import CalendarRevision, Closure
from desk_app.hours.phrases import Cause, Reason, Unsettled
from desk_app.hours.rules import ClosureRow, Season, missing_seasons
from desk_app.storage.unit_of_work import UnitOfWork

PUBLISHED_SHIFTS = (("10:00", "12:00"), ("13:00", "17:00"))
"""The hours of the published policy (section 7), in force until an office enters its own."""

YEARS_BACK, YEARS_AHEAD = 30, 10

_IN_FORCE = select(CalendarRevision).order_by(CalendarRevision.id.desc()).limit(1)
_STANDING = select(Closure).where(Closure.withdrawn_at.is_(None))


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """The hours, and why the office is closed when it is."""

    revision: int | None  # None: nothing entered yet, the published hours are in force
    zone: str
    shifts: tuple[tuple[str, str], ...]
    closed_weekdays: frozenset[int]
    closures: tuple[ClosureRow, ...]
    holidays: Mapping[date, str]
    hours: BusinessHours

    def local(self, t: datetime) -> datetime:
        """``t`` as the office's wall clock shows it."""
        return t.astimezone(ZoneInfo(self.zone))

    def is_provisional(self, t: datetime) -> bool:
        """Whether ``t`` lies after the published holidays, so that it may still turn out so."""
        return self.local(t).date() > PUBLISHED_UNTIL

    def rests_on(self, start: datetime, end: datetime) -> tuple[Unsettled, ...]:
        """What isn't known yet of the time from ``start`` to ``end``, so that ``end`` may move."""
        first, last = self.local(start).date(), self.local(end).date()
        missing = missing_seasons(self.closures, first, last)
        holidays = [Unsettled()] if self.is_provisional(end) else []
        return (*holidays, *(Unsettled(season, year) for season, year in missing))

    def midnight(self, day: date) -> datetime:
        """The instant at which ``day`` begins on the office's wall clock."""
        return datetime.combine(day, time(), ZoneInfo(self.zone))

    def opens_on(self, day: date) -> datetime | None:
        """When the office first opens on ``day``; None if it is closed all day."""
        first, end = self.midnight(day), self.midnight(day + timedelta(days=1))
        return self.hours.next_open(first) if self.hours.between_us(first, end) else None

    def same_hours(self, other: "OfficeCalendar") -> bool:
        """Whether both reckon alike, whoever entered what when."""
        return self.hours is other.hours or self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        return (self.zone, self.shifts, self.closed_weekdays, self.closures, self.holidays)

    def why_closed(self, t: datetime) -> Reason:
        """What closes the office at ``t``, an instant at which it is closed."""
        wall = self.local(t)
        day = wall.date()
        for row in self.closures:
            if row.first_day and row.last_day and row.first_day <= day <= row.last_day:
                return Reason(Cause.CLOSURE, season=row.season, label=row.label)
        if day in self.holidays:
            return Reason(Cause.HOLIDAY, label=self.holidays[day])
        if day.weekday() in self.closed_weekdays:
            return Reason(Cause.WEEKDAY, weekday=day.weekday())
        clock = f"{wall:%H:%M}"
        if all(clock < opens.zfill(5) for opens, _ in self.shifts):
            return Reason(Cause.BEFORE)
        if all(clock >= closes.zfill(5) for _, closes in self.shifts):
            return Reason(Cause.AFTER)
        return Reason(Cause.LUNCH)


def load(work: UnitOfWork) -> BusinessHours:
    """The business time in force, for deadlines."""
    return open_calendar(work).hours


def open_calendar(work: UnitOfWork) -> OfficeCalendar:
    """The calendar in force; read once in each unit of work, built once for each content."""
    if "calendar" not in work.remembered:
        work.remembered["calendar"] = _read(work)
    calendar: OfficeCalendar = work.remembered["calendar"]
    return calendar


def office_day(work: UnitOfWork, at: datetime | None = None) -> date:
    """The day of an instant, or of now, as the office counts its days."""
    return open_calendar(work).local(at or work.now).date()


def calendar_as_at(work: UnitOfWork, at: datetime) -> OfficeCalendar:
    """The calendar as it stood at ``at``: later edits of the hours and closures left out.

    Deadlines explain themselves by the calendar they were reckoned with.
    """
    if at >= work.now:
        return open_calendar(work)
    revisions, closures = _edits(work)
    stood = (
        row
        for row in closures
        if row.entered_at <= at and (row.withdrawn_at is None or row.withdrawn_at > at)
    )
    made = [row for row in revisions if row.made_at <= at]
    return _of(work, made[-1] if made else None, _rows(stood))


def edited_at(work: UnitOfWork, since: datetime) -> tuple[datetime, ...]:
    """When the calendar was edited after ``since``, in order."""
    revisions, closures = _edits(work)
    times = {row.made_at for row in revisions}
    for row in closures:
        times |= {row.entered_at, row.withdrawn_at or row.entered_at}
    return tuple(sorted(at for at in times if at > since))


def _edits(work: UnitOfWork) -> tuple[Sequence[CalendarRevision], Sequence[Closure]]:
    if "calendar_edits" not in work.remembered:
        work.remembered["calendar_edits"] = (
            work.session.scalars(select(CalendarRevision).order_by(CalendarRevision.id)).all(),
            work.session.scalars(select(Closure)).all(),
        )
    edits: tuple[Sequence[CalendarRevision], Sequence[Closure]] = work.remembered["calendar_edits"]
    return edits


def forget(work: UnitOfWork) -> None:
    """Have the calendar read again: it was changed in this unit of work."""
    work.remembered.pop("calendar", None)
    work.remembered.pop("calendar_edits", None)


def closure_rows(work: UnitOfWork) -> tuple[ClosureRow, ...]:
    """The closures that stand, and the statements that a season has none."""
    return _rows(work.session.scalars(_STANDING))


def as_if(
    work: UnitOfWork, week: WeekEntry | None, closures: Iterable[ClosureRow]
) -> OfficeCalendar:
    """The calendar in force, but with these closures, and with these weekly hours if given."""
    now = open_calendar(work)
    if week is None:
        week = WeekEntry(now.zone, now.shifts, now.closed_weekdays)
    return _built(
        now.revision,
        week.zone,
        in_order(week.shifts),
        week.closed_weekdays,
        _sorted(closures),
        _years(work),
    )


def in_order(shifts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Shifts as they are kept: the earliest first, "09:00" and not "9:00"."""
    return tuple(sorted((opens.zfill(5), closes.zfill(5)) for opens, closes in shifts))


def _rows(closures: Iterable[Closure]) -> tuple[ClosureRow, ...]:
    return _sorted(
        ClosureRow(row.id, Season(row.season), row.year, row.first_day, row.last_day, row.label)
        for row in closures
    )


def _sorted(closures: Iterable[ClosureRow]) -> tuple[ClosureRow, ...]:
    return tuple(sorted(closures, key=lambda row: (row.year, row.first_day or date.max, row.id)))


def _years(work: UnitOfWork) -> tuple[int, int]:
    return (work.now.year - YEARS_BACK, work.now.year + YEARS_AHEAD)


def _read(work: UnitOfWork) -> OfficeCalendar:
    return _of(work, work.session.scalar(_IN_FORCE), closure_rows(work))


def _of(
    work: UnitOfWork, revision: CalendarRevision | None, closures: tuple[ClosureRow, ...]
) -> OfficeCalendar:
    years = _years(work)
    if revision is None:
        published = PUBLISHED_SHIFTS, frozenset({5, 6})
        return _remembered(work, None, "Asia/Tokyo", *published, closures, years)
    return _remembered(
        work,
        revision.id,
        revision.zone,
        tuple((opens, closes) for opens, closes in revision.shifts),
        frozenset(revision.closed_weekdays),
        closures,
        years,
    )


def _remembered(work: UnitOfWork, *content: Any) -> OfficeCalendar:
    """Built once in a unit of work, however many calendars its deadlines were reckoned by."""
    built: dict[Any, OfficeCalendar] = work.remembered.setdefault("calendars_built", {})
    if content not in built:
        built[content] = _built(*content)
    return built[content]


@lru_cache(maxsize=16)
def _built(
    revision: int | None,
    zone: str,
    shifts: tuple[tuple[str, str], ...],
    closed_weekdays: frozenset[int],
    closures: tuple[ClosureRow, ...],
    years: tuple[int, int],
) -> OfficeCalendar:
    # Keyed by the content, so that no edit at another desk can leave a stale table.
    holidays = public_holidays(*years)
    stretches = [
        (row.first_day, row.last_day) for row in closures if row.first_day and row.last_day
    ]
    hours = BusinessHours(zone, shifts, closed_weekdays, holidays, stretches, years=years)
    return OfficeCalendar(revision, zone, shifts, closed_weekdays, closures, holidays, hours)
