"""What is shown of an edit before it is done: numbers and times of cases, nothing of a customer."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.tasks.views import ReminderKind


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """An open deadline that an edit moves."""

    case_number: str | None
    kind: DeadlineKind
    old_due_at: datetime
    new_due_at: datetime


@dataclass(frozen=True, slots=True)
class ClosedPromise:
    """A task, a hand-over or a call-back for a time at which an edit closes the office. It isn't
    moved: what was promised is agreed on anew, or kept all the same."""

    case_number: str | None
    kind: ReminderKind
    at: datetime


@dataclass(frozen=True, slots=True)
class EditEffect:
    """What an edit does to the open cases: every deadline that it moves, the first due first.

    ``warnings`` counts the statutory clocks that would be warned of at another time; their days
    never move. ``promises`` come the first due first, too.
    """

    moved: tuple[MovedDeadline, ...]
    cases: int
    warnings: int
    promises: tuple[ClosedPromise, ...] = ()
