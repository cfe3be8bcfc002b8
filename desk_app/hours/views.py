"""What the status bar and the calendar page show of the hours."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desk_app.hours.calendar import OfficeCalendar, closure_rows, open_calendar
from desk_app.hours.model import HoursPermit
from desk_app.hours.phrases import OfficeTime, Reason
from desk_app.hours.rules import ClosureRow, SeasonStanding, standings
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """Open or closed, until when, and why; times are on the office's wall clock.

    ``permitted_until`` is set while a supervisor's stretch runs outside the hours, and
    ``calls_permitted`` counts the single calls that may still be taken. ``provisional``: the
    change rests on holidays that are not published yet. ``warnings`` are seasons whose closure
    is neither entered nor declared to be none.
    """

    now: datetime
    is_open: bool
    changes_at: datetime
    reason: Reason | None
    provisional: bool
    permitted_until: datetime | None
    calls_permitted: int
    warnings: tuple[SeasonStanding, ...]

    @property
    def takes_calls(self) -> bool:
        """Whether a call that rings now would be admitted."""
        return self.is_open or self.permitted_until is not None or self.calls_permitted > 0

    def say(self, words: Words) -> str:
        """One line for the status bar."""
        until = OfficeTime(self.changes_at, self.now, brief=self.is_open)
        if self.is_open:
            return words("hours.status.open", until=until)
        form = "closed_provisional" if self.provisional else "closed"
        line = words(f"hours.status.{form}", reason=self.reason, until=until)
        if self.permitted_until is not None:
            permitted = OfficeTime(self.permitted_until, self.now, brief=True)
            return words("hours.status.permitted", closed=line, until=permitted)
        if self.calls_permitted:
            return words.count("hours.status.calls", self.calls_permitted, closed=line)
        return line

    def say_briefly(self, words: Words) -> str:
        """The same where there is little room: while it is open and closes today, until when."""
        if not self.is_open or self.changes_at.date() != self.now.date():
            return self.say(words)
        return words("hours.status.open_briefly", until=f"{self.changes_at:%H:%M}")


@dataclass(frozen=True, slots=True)
class PermitRow:
    """A permit that still covers calls."""

    id: int
    ends_at: datetime
    one_call: bool
    reason: str
    permitted_by: int


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The calendar as the page shows it: weekly hours, closures, seasons, permits in force."""

    revision: int | None
    zone: str
    shifts: tuple[tuple[str, str], ...]
    closed_weekdays: frozenset[int]
    closures: tuple[ClosureRow, ...]
    seasons: tuple[SeasonStanding, ...]
    permits: tuple[PermitRow, ...]


@needs(Permission.READ_HOURS)
def status(actor: Actor, work: UnitOfWork) -> HoursStatus:
    """Open or closed now."""
    calendar = open_calendar(work)
    is_open = calendar.hours.is_open(work.now)
    changes_at = calendar.hours.changes_at(work.now)
    permits = () if is_open else _permits(work)
    stretches = [permit.ends_at for permit in permits if not permit.one_call]
    return HoursStatus(
        now=calendar.local(work.now),
        is_open=is_open,
        changes_at=calendar.local(changes_at),
        reason=None if is_open else calendar.why_closed(work.now),
        provisional=calendar.is_provisional(changes_at),
        permitted_until=calendar.local(max(stretches)) if stretches else None,
        calls_permitted=len(permits) - len(stretches),
        warnings=tuple(one for one in _seasons(calendar, work) if one.warn),
    )


@needs(Permission.READ_HOURS)
def calendar_page(actor: Actor, work: UnitOfWork) -> CalendarPage:
    """The calendar in force, its closures and seasons, and the permits that still run."""
    calendar = open_calendar(work)
    return CalendarPage(
        revision=calendar.revision,
        zone=calendar.zone,
        shifts=calendar.shifts,
        closed_weekdays=calendar.closed_weekdays,
        closures=closure_rows(work),
        seasons=_seasons(calendar, work),
        permits=_permits(work),
    )


def _seasons(calendar: OfficeCalendar, work: UnitOfWork) -> tuple[SeasonStanding, ...]:
    return standings(calendar.closures, calendar.local(work.now).date())


def _permits(work: UnitOfWork) -> tuple[PermitRow, ...]:
    found = work.session.scalars(
        select(HoursPermit)
        .where(
            HoursPermit.starts_at <= work.now,
            HoursPermit.ends_at > work.now,
            HoursPermit.used_at.is_(None),
        )
        .order_by(HoursPermit.id)
    )
    return tuple(
        PermitRow(row.id, row.ends_at, row.one_call, row.reason, row.permitted_by) for row in found
    )
