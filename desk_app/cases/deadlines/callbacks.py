"""When a call-back may be promised."""

from datetime import datetime

from desk_app.errors import Refused
from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.phrases import OfficeTime


def check_callback(calendar: OfficeCalendar, at: datetime, now: datetime) -> None:
    """A call-back is promised for a coming time at which the office is open.

    A promise is never moved in silence: the refusal names the next opening instead.
    """
    if at <= now:
        raise Refused("cases.callback_in_past")
    try:
        if calendar.hours.is_open(at):
            return
        next_open = calendar.local(calendar.hours.next_open(at))
    except ValueError:
        raise Refused("cases.callback_too_far") from None
    raise Refused("cases.callback_when_closed", next_open=OfficeTime(next_open, now))
