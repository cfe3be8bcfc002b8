"""What is shown of deadlines: frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime

from desk_app.cases.deadlines.rules import DeadlineKind, DeadlineState, MoveCause
from desk_app.cases.deadlines.statutory import StatutoryRule
from desk_app.hours.explaining import CountedDay, Stretch
from desk_app.hours.phrases import Unsettled
from desk_app.words import Words


@dataclass(frozen=True, slots=True)
class MoveRow:
    """That a deadline was moved; due times are empty while the customer is awaited."""

    at: datetime
    user: str
    cause: MoveCause
    reason: str
    old_due_at: datetime | None
    new_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One deadline of a case, as it stands now."""

    id: int
    kind: DeadlineKind
    episode: int
    state: DeadlineState
    started_at: datetime
    minutes: int | None  # of business time
    days: int | None  # of a statutory clock
    known_on: date | None
    due_at: datetime | None  # empty while the customer is awaited
    rests_on: tuple[Unsettled, ...]  # what isn't known yet and may move it while it is open
    warn_at: datetime | None  # of an open statutory clock
    warns: bool  # from `warn_at` on
    due_when_closed: bool  # a statutory clock that is warned of: the office is closed on its day
    met_at: datetime | None
    ended_at: datetime | None
    rule_key: str | None
    rule: StatutoryRule | None
    moves: tuple[MoveRow, ...]

    @property
    def provisional(self) -> bool:
        """It may still move."""
        return bool(self.rests_on)

    @property
    def is_open(self) -> bool:
        """Somebody still has to do it."""
        return self.met_at is None and self.ended_at is None

    @property
    def is_statutory(self) -> bool:
        return self.kind is DeadlineKind.STATUTORY

    def say(self, words: Words) -> str:
        """What has to be done by then."""
        if self.rule_key is not None:
            return words(f"deadlines.statutory.{self.rule_key}")
        return words(f"deadlines.kind.{self.kind}")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a deadline falls where it does.

    ``stretches`` of a service target lead to its due time, or to now while the customer is
    awaited; ``days`` are those of a statutory clock. ``adds_up`` is False where the counted time
    isn't that of the target: one carried over from before deadlines kept their pauses, or whose
    holidays were announced otherwise since.
    """

    deadline: DeadlineRow
    stretches: tuple[Stretch, ...] = ()
    days: tuple[CountedDay, ...] = ()
    counted_minutes: float = 0
    left_minutes: float = 0
    adds_up: bool = True


@dataclass(frozen=True, slots=True)
class StatutoryWarning:
    """An open statutory clock whose last open day has come, or that has run out."""

    case_id: int
    case_number: str | None
    rule_key: str
    due_at: datetime
    closed_when_due: bool  # the office is closed on the due date
    overdue: bool

    def say(self, words: Words) -> str:
        """What has to be done."""
        return words(f"deadlines.statutory.{self.rule_key}")
