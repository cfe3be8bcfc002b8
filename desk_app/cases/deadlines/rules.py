"""Pure decisions about deadlines: what starts, meets, restarts and ends which.

- *First response* is met by the first thing that the customer is told: an answer during the
  contact, an outbound contact that reached them, a written answer that somebody noted, or the
  resolution.
- *Next update* runs from the last time the customer was told something, until then from when
  they came in. Each time they are told it is met, and another one begins; the resolution ends it.
- *Resolution* is met when the case is resolved; if its closing is refused, it runs on.
- While the customer is awaited, all three stand still. None of them moves another.
- A *statutory* clock runs in calendar days. Nothing pauses it, resolving the case doesn't end it:
  somebody has to say that the duty is done, or why there is none. Until then the case can't be
  closed.

Reopening begins another episode with targets of its own; those of the one before stay as they
were. A statutory clock belongs to no episode but to what was learnt.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk_app.calls.rules import REACHED, Disposition
from desk_app.cases.rules import TargetKind
from desk_app.hours.reckoning import Pause


class DeadlineKind(StrEnum):
    """The kinds of targets, and statutory clocks."""

    FIRST_RESPONSE = TargetKind.FIRST_RESPONSE.value
    NEXT_UPDATE = TargetKind.NEXT_UPDATE.value
    RESOLUTION = TargetKind.RESOLUTION.value
    STATUTORY = "statutory"


class DeadlineState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"  # missed, and still to be done
    MET = "met"
    MISSED = "missed"  # done late, or not needed any more when it was already late
    ENDED = "ended"  # not needed any more, and not late


class MoveCause(StrEnum):
    """Why a deadline was moved."""

    CALENDAR = "calendar"  # the hours or closures were changed
    KNOWING = "knowing"  # the day of knowing was corrected


def state_of(
    due_at: datetime | None,
    met_at: datetime | None,
    ended_at: datetime | None,
    now: datetime,
) -> DeadlineState:
    """Where a deadline stands at ``now``."""
    if met_at is not None:
        return DeadlineState.MET if due_at is None or met_at <= due_at else DeadlineState.MISSED
    if ended_at is not None:
        return (
            DeadlineState.MISSED
            if due_at is not None and due_at < ended_at
            else DeadlineState.ENDED
        )
    if due_at is None:
        return DeadlineState.PAUSED
    return DeadlineState.RUNNING if now <= due_at else DeadlineState.OVERDUE


def tells_customer(*, outbound: bool, disposition: Disposition | None, answered: bool) -> bool:
    """Whether the customer was told something in a contact.

    Of an outbound contact it is enough that somebody was reached; in an inbound one an answer
    was given, whether or not something is left to do.
    """
    if disposition not in REACHED:
        return False
    return outbound or answered or disposition is Disposition.ANSWERED


def earliest(due: Iterable[datetime | None]) -> datetime | None:
    """The due time of a case: of its open deadlines the one that comes first."""
    return min((at for at in due if at is not None), default=None)


def brought(pauses: Iterable[Pause], until: datetime) -> dict[str, Any]:
    """The pauses of a target that goes on with another case at ``until``, as its row keeps them."""
    ended = [(begins, min(ends or until, until)) for begins, ends in pauses if begins < until]
    return {
        "until": until.isoformat(),
        "pauses": [[begins.isoformat(), ends.isoformat()] for begins, ends in ended],
    }


def pauses_for(kept: Mapping[str, Any] | None, of_case: Iterable[Pause]) -> list[Pause]:
    """The pauses that count for a target: those of its case; of one that came with another case
    those that it ``brought``, and its present case's from then on."""
    if kept is None:
        return list(of_case)
    until = datetime.fromisoformat(kept["until"])
    before = [tuple(map(datetime.fromisoformat, pause)) for pause in kept["pauses"]]
    since = [(max(begins, until), ends) for begins, ends in of_case if ends is None or ends > until]
    return [*((begins, ends) for begins, ends in before), *since]
