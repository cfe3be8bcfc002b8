"""Weekly hours and closures as iCalendar (RFC 5545, RFC 7953), and back. Pure.

- A closure is an all-day VEVENT; its DTEND is the day after the last (exclusive, as RFC 5545 has
  it). CATEGORIES says the season: SUMMER, NEW-YEAR or none.
- That a season has no closure is a VJOURNAL with the categories NO-CLOSURE and the season, on
  1 January of its year: an event would close the office.
- Weekly hours are one VAVAILABILITY with an AVAILABLE for each shift, repeated weekly on the open
  days, in the office's zone. It is the only component that may repeat.

Whatever else a file says is refused with its place, never read half: a calendar that closes the
office on the wrong days moves deadlines.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Available, Calendar, Component, Event, Journal

from desk_app.errors import Refused
from desk_app.hours.edits import ClosureEntry, WeekEntry
from desk_app.hours.rules import Season
from desk_app.text import line

MOST_BYTES = 1_000_000
MOST_CLOSURES = 1_000
_CATEGORY = {Season.SUMMER: "SUMMER", Season.NEW_YEAR: "NEW-YEAR"}
_SEASON = {category: season for season, category in _CATEGORY.items()}
_NONE = "NO-CLOSURE"
_REPEATS = ("rdate", "exdate", "exrule")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONDAY = date(2024, 1, 1)
_OURS = uuid.UUID("6d1f1b0e-6c1c-5a5e-9d0b-0f2a1f6f7a10")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a file says. ``week`` is None if it says nothing of weekly hours."""

    week: WeekEntry | None
    closures: tuple[ClosureEntry, ...]


def write(file: CalendarFile, *, now: datetime) -> bytes:
    """The file's text; the same calendar gives the same text but for the time stamp."""
    calendar = Calendar()
    calendar.add("prodid", "-//Inquiry Desk//Hours//EN")
    calendar.add("version", "2.0")
    stamp = now.astimezone(UTC).replace(microsecond=0)
    if file.week is not None:
        calendar.add_component(_availability(file.week, stamp))
    for entry in file.closures:
        calendar.add_component(_closure(entry, stamp))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def read(data: bytes) -> CalendarFile:
    """What a file says; `Refused` with the place of the first thing that can't be taken over."""
    if len(data) > MOST_BYTES:
        raise Refused("hours.ics_too_large", limit=MOST_BYTES // 1_000_000)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("hours.ics_garbled") from None
    if "\ufffd" in text or "\x00" in text:
        raise Refused("hours.ics_garbled")
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        found = list(_read(calendars))
    except Refused:
        raise
    except Exception:  # the library raises whatever its parts do, and says what it read
        raise Refused("hours.ics_unreadable") from None
    weeks = [one for one in found if isinstance(one, WeekEntry)]
    closures = tuple(one for one in found if isinstance(one, ClosureEntry))
    if len(weeks) > 1:
        raise Refused("hours.ics_two_weeks")
    if len(closures) > MOST_CLOSURES:
        raise Refused("hours.ics_too_many", limit=MOST_CLOSURES)
    if not found:
        raise Refused("hours.ics_empty")
    return CalendarFile(weeks[0] if weeks else None, closures)


def _availability(week: WeekEntry, stamp: datetime) -> Component:
    made = Component.from_ical(
        b"BEGIN:VAVAILABILITY\r\nBUSYTYPE:BUSY-UNAVAILABLE\r\nEND:VAVAILABILITY"
    )
    made.add("uid", _uid("week", week))
    made.add("dtstamp", stamp)
    zone = ZoneInfo(week.zone)
    open_days = [day for day in range(7) if day not in week.closed_weekdays]
    first = _MONDAY + timedelta(days=open_days[0])
    for shift in week.shifts:
        opens, closes = (_moment(first, clock, zone) for clock in shift)
        one = Available()
        one.add("uid", _uid("shift", shift))
        one.add("dtstamp", stamp)
        one.add("dtstart", opens)
        one.add("dtend", closes)
        one.add("rrule", {"freq": "weekly", "byday": [_DAYS[day] for day in open_days]})
        made.add_component(one)
    return made


def _closure(entry: ClosureEntry, stamp: datetime) -> Component:
    made: Component
    categories = [_CATEGORY[entry.season]] if entry.season in _CATEGORY else []
    if entry.first_day is None or entry.last_day is None:
        made = Journal()
        made.add("dtstart", date(entry.year, 1, 1))
        categories.insert(0, _NONE)
    else:
        made = Event()
        made.add("dtstart", entry.first_day)
        made.add("dtend", entry.last_day + _ONE_DAY)
        made.add("transp", "OPAQUE")
    made.add("uid", _uid("closure", entry))
    made.add("dtstamp", stamp)
    if entry.label:
        made.add("summary", entry.label)
    if categories:
        made.add("categories", categories)
    return made


def _uid(kind: str, thing: object) -> str:
    return str(uuid.uuid5(_OURS, f"{kind} {thing}"))


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    later, hour = divmod(hours, 24)  # a day ends at 24:00
    return datetime.combine(day + timedelta(days=later), time(hour, minutes), zone)


def _read(calendars: Iterable[Component]) -> Iterator[WeekEntry | ClosureEntry]:
    for calendar in calendars:
        if calendar.name != "VCALENDAR":
            raise Refused("hours.ics_unreadable")
        if calendar.errors:
            raise Refused("hours.ics_unreadable")
        for component in calendar.subcomponents:
            match component.name:
                case "VEVENT":
                    yield _event(component)
                case "VJOURNAL":
                    yield _statement(component)
                case "VAVAILABILITY":
                    yield _week(component)
                case "VTIMEZONE":
                    pass
                case other:
                    raise Refused("hours.ics_component", name=line(str(other), field="ics")[:40])


def _event(event: Component) -> ClosureEntry:
    label = _label(event)
    first = _value(event, "dtstart")
    place = _place(first)
    if event.errors:
        raise Refused("hours.ics_unreadable")
    _check_once(event, place)
    if str(event.get("status", "CONFIRMED")).upper() != "CONFIRMED":
        raise Refused("hours.ics_not_closed", place=place)
    if str(event.get("transp", "OPAQUE")).upper() != "OPAQUE":
        raise Refused("hours.ics_not_closed", place=place)
    if not _is_day(first):
        raise Refused("hours.ics_timed", place=place)
    last = first
    if "dtend" in event:
        end = _value(event, "dtend")
        if not _is_day(end):
            raise Refused("hours.ics_timed", place=place)
        if end <= first:
            raise Refused("hours.ics_ends_before", place=place)
        last = end - _ONE_DAY
    elif "duration" in event:
        length = event.decoded("duration")
        if length <= timedelta(0) or length % _ONE_DAY:
            raise Refused("hours.ics_ends_before", place=place)
        last = first + length - _ONE_DAY
    season = _season(event)
    # New Year's belongs to the year that ends, also where it begins after its last day.
    year = first.year - 1 if season is Season.NEW_YEAR and first.month == 1 else first.year
    return ClosureEntry(season, year, first, last, label)


def _statement(journal: Component) -> ClosureEntry:
    day, season = _value(journal, "dtstart"), _season(journal)
    if _NONE not in _categories(journal) or not _is_day(day) or season is Season.OTHER:
        raise Refused("hours.ics_component", name="VJOURNAL")
    _check_once(journal, _place(day))
    return ClosureEntry(season, day.year, None, None, _label(journal))


def _check_once(component: Component, place: str) -> None:
    """`Refused` for what is cancelled or repeats."""
    if str(component.get("status", "")).upper() == "CANCELLED":
        raise Refused("hours.ics_cancelled", place=place)
    if any(name in component for name in (*_REPEATS, "rrule", "recurrence-id")):
        raise Refused("hours.ics_repeats", place=place)


def _week(availability: Component) -> WeekEntry:
    shifts, days, zones = [], set(), set()
    if any(name in availability for name in (*_REPEATS, "rrule", "dtstart", "dtend", "duration")):
        raise Refused("hours.ics_week")
    for one in availability.subcomponents:
        start, end = _value(one, "dtstart"), _value(one, "dtend")
        rule = one.get("rrule")
        if one.name != "AVAILABLE" or rule is None or set(rule) - {"FREQ", "BYDAY"}:
            raise Refused("hours.ics_week")
        if any(name in one for name in _REPEATS):
            raise Refused("hours.ics_week")
        if rule.get("FREQ") != ["WEEKLY"] or not isinstance(start, datetime):
            raise Refused("hours.ics_week")
        if not isinstance(end, datetime) or not isinstance(start.tzinfo, ZoneInfo):
            raise Refused("hours.ics_week")
        zones.add(start.tzinfo.key)
        days.add(frozenset(_DAYS.index(str(day)) for day in rule.get("BYDAY", ())))
        midnight = end.date() == start.date() + _ONE_DAY and end.time() == time()
        if not midnight and end.date() != start.date():
            raise Refused("hours.ics_week")
        shifts.append((f"{start:%H:%M}", "24:00" if midnight else f"{end:%H:%M}"))
    if len(zones) != 1 or len(days) != 1 or not next(iter(days)):
        raise Refused("hours.ics_week")
    (zone,), (open_days,) = zones, days
    return WeekEntry(zone, tuple(sorted(shifts)), frozenset(range(7)) - open_days)


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _value(component: Component, name: str) -> Any:
    if name not in component:
        raise Refused("hours.ics_unreadable")
    return component.decoded(name)


def _label(component: Component) -> str:
    summary = component.get("summary", "")
    if isinstance(summary, list):
        raise Refused("hours.ics_unreadable")
    return line(str(summary), field="label")


def _place(first: Any) -> str:
    """Its day alone: errors are logged, and a file may be anybody's."""
    return f"{first:%Y-%m-%d}" if isinstance(first, date) else ""


def _categories(component: Component) -> set[str]:
    found = component.get("categories")
    lists = found if isinstance(found, list) else [found] if found is not None else []
    return {str(one).upper() for each in lists for one in each.cats}


def _season(component: Component) -> Season:
    for category in _categories(component):
        if category in _SEASON:
            return _SEASON[category]
    return Season.OTHER
