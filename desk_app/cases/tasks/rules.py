"""When tasks are due and when they are remembered: pure, in the office's hours."""

from datetime import datetime

from desk_app.errors import Refused
from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.phrases import OfficeTime
from desk_app.text import line

REMIND_MINUTES_BEFORE = 60
"""Of business time: an hour before nine in the morning is four in the afternoon of the day before,
never eight, and never midnight."""
CALLBACK_MINUTES_BEFORE = 10
LONGEST_DEPARTMENT = 80


def check_due(calendar: OfficeCalendar, due_at: datetime, now: datetime) -> None:
    """Something is due at a coming time at which the office is open, or at a closing instant."""
    if due_at <= now:
        raise Refused("tasks.due_in_past")
    try:
        if is_in_hours(calendar, due_at):
            return
        opens = calendar.local(calendar.hours.next_open(due_at))
    except ValueError:
        raise Refused("tasks.due_too_far") from None
    raise Refused("tasks.due_when_closed", next_open=OfficeTime(opens, now))


def is_in_hours(calendar: OfficeCalendar, at: datetime) -> bool:
    """Whether the office is open at ``at``, or closes then."""
    hours = calendar.hours
    return hours.is_open(at) or hours.add(hours.before(at, 1), 1) == at


def reminder(
    calendar: OfficeCalendar, due_at: datetime, now: datetime, *, minutes_before: int
) -> datetime:
    """When somebody is reminded of what is due: so much open time before it, while the office is
    open; if that has passed, at the next open instant from now."""
    return max(calendar.hours.before(due_at, minutes_before), calendar.hours.next_open(now))


def department_name(text: str) -> str:
    """A department's name; `Refused` if it is empty or too long."""
    name = line(text, field="department")
    if not name:
        raise Refused("tasks.department_unnamed")
    if len(name) > LONGEST_DEPARTMENT:
        raise Refused("tasks.department_too_long", limit=LONGEST_DEPARTMENT)
    return name
