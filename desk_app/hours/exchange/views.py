"""The calendar as a file, and what a file would add: carried out by `cases.calendar_edits`."""

from desk_app.hours.calendar import OfficeCalendar, in_order, open_calendar
from desk_app.hours.edits import ClosureEntry, WeekEntry, accepted, entry_of
from desk_app.hours.exchange import ics
from desk_app.hours.exchange.plan import ImportPlan
from desk_app.hours.rules import check_week
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork

_ALSO_UTC = frozenset(
    f"{area}{name}"
    for area in ("", "Etc/")
    for name in ("GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "UTC", "Universal", "Zulu")
)


@needs(Permission.READ_HOURS)
def export_calendar(actor: Actor, work: UnitOfWork) -> bytes:
    """Weekly hours and closures in force as an iCalendar file."""
    calendar = open_calendar(work)
    closures = tuple(entry_of(row) for row in calendar.closures)
    return ics.write(ics.CalendarFile(_week(calendar), closures), now=work.now)


@needs(Permission.EDIT_HOURS)
def plan_import(actor: Actor, work: UnitOfWork, /, data: bytes) -> ImportPlan:
    """What a file would add; `Refused` if it isn't one that can be read as a whole."""
    file, calendar = ics.read(data), open_calendar(work)
    days = {_days(entry_of(row)) for row in calendar.closures}
    new: dict[tuple[object, ...], ClosureEntry] = {}
    present = []
    for entry in file.closures:
        if _days(entry) in days or _days(entry) in new:
            present.append(entry)
        else:
            new[_days(entry)] = entry
    added, refused = accepted(tuple(new.values()), calendar.closures)
    week = file.week
    if week is not None:
        check_week(week.zone, week.shifts, week.closed_weekdays)
    if week is not None and _same_week(week, _week(calendar)):
        week = None
    return ImportPlan(added, tuple(present), refused, week)


def _week(calendar: OfficeCalendar) -> WeekEntry:
    return WeekEntry(calendar.zone, calendar.shifts, calendar.closed_weekdays)


def _same_week(one: WeekEntry, other: WeekEntry) -> bool:
    return (_zone(one), one.closed_weekdays, in_order(one.shifts)) == (
        _zone(other),
        other.closed_weekdays,
        in_order(other.shifts),
    )


def _zone(week: WeekEntry) -> str:
    """A file has one name for the zones that are UTC."""
    return "UTC" if week.zone in _ALSO_UTC else week.zone


def _days(entry: ClosureEntry) -> tuple[object, ...]:
    return (entry.season, entry.year, entry.first_day, entry.last_day)
