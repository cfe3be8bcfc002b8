"""When an upload is tried again, and what a recording's copy in a store may be."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_AHEAD = timedelta(hours=1)
"""Nothing is put off for longer than this: a later time was told by a clock that was wrong."""
LATE_AFTER = timedelta(days=1)
"""A recording that waits longer than this is spoken of, even if nothing went wrong."""


class CopyState(StrEnum):
    WAITING = "waiting"  # to be uploaded; the desk's own file is the only one
    ARRIVED = "arrived"  # read back there and found the same
    LEFT = "left"  # was tried, then another store was entered: something may lie there


class ErrandKind(StrEnum):
    """What the desk has to do next about a copy."""

    FORGET = "forget"  # its recording was discarded: nothing may be left in the store
    REMOVE_LOCAL = "remove_local"  # it has arrived
    UPLOAD = "upload"


def next_try(attempts: int, now: datetime) -> datetime:
    """After ``attempts`` failures, one or more: twice as long each time, up to a quarter hour."""
    doubled = FIRST_WAIT * (1 << min(attempts - 1, 16))
    return now + min(doubled, LONGEST_WAIT)
