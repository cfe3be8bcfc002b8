"""The service target of a case, in business time; paused while the customer is awaited.

Pure: hours come in, instants go out. Statutory clocks run in calendar days and are never paused;
they are not kept here.
"""

from dataclasses import dataclass
from datetime import datetime

from desk_app.errors import Refused
from desk_app.hours import BusinessHours
from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.phrases import OfficeTime


@dataclass(frozen=True, slots=True)
class Target:
    """When a case is due; or, while it waits, how much of its time is left (minutes)."""

    due_at: datetime | None
    remaining_minutes: float | None = None


def begin(hours: BusinessHours, start: datetime, minutes: int) -> Target:
    """The target of a case that came in, or was reopened, at ``start``."""
    return Target(due_at=hours.add(start, minutes))


def pause(hours: BusinessHours, target: Target, now: datetime) -> Target:
    """Stop the clock. A target that was missed stays missed: waiting doesn't mend it."""
    if target.due_at is None or target.due_at <= now:
        return target
    return Target(due_at=None, remaining_minutes=hours.between(now, target.due_at))


def resume(hours: BusinessHours, target: Target, now: datetime) -> Target:
    """Let the clock go on with the time that was left, whatever the length of the pause."""
    if target.remaining_minutes is None:
        return target
    return Target(due_at=hours.add(now, target.remaining_minutes))


def check_callback(calendar: OfficeCalendar, at: datetime, now: datetime) -> None:
    """A call-back is promised for a coming time at which the office is open.

    A promise is never moved in silence: the refusal names the next opening instead.
    """
    if at <= now:
        raise Refused("cases.callback_in_past")
    if not calendar.hours.is_open(at):
        next_open = calendar.local(calendar.hours.next_open(at))
        raise Refused("cases.callback_when_closed", next_open=OfficeTime(next_open, now))
