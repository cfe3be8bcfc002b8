"""When an appointment may begin and end, what it has to cover, and who may not lose theirs: pure.

Trainings are dated data (``resources/privacy/trainings.json``): which ones a scope needs, and how
long each is good for.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk_app.errors import Refused
from desk_app.people.access import Area, UserId


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when an appointment is in force; half-open, without end if that is None."""

    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def overlaps(self, other: "Period") -> bool:
        if self.is_empty or other.is_empty:
            return False
        return (other.ends_at is None or self.starts_at < other.ends_at) and (
            self.ends_at is None or other.starts_at < self.ends_at
        )

    def ends_before(self, ends_at: datetime | None) -> bool:
        """Whether it ends earlier than what would end then; None: never."""
        return self.ends_at is not None and (ends_at is None or self.ends_at < ends_at)

    @property
    def is_empty(self) -> bool:
        """Withdrawn before it began."""
        return self.ends_at is not None and self.ends_at <= self.starts_at


def check_period(period: Period, now: datetime) -> None:
    """Refuse an appointment that begins before now, or is over when it begins."""
    if period.starts_at < now:
        raise Refused("people.appointment_backdated")
    if period.ends_at is not None and period.ends_at <= period.starts_at:
        raise Refused("people.appointment_over")


def check_free(period: Period, others: Iterable[Period]) -> None:
    """Refuse an appointment that runs into one that begins later than it does.

    One that is in force when it begins isn't in the way: it ends there.
    """
    if any(one.starts_at > period.starts_at and one.overlaps(period) for one in others):
        raise Refused("people.appointment_overlaps")


def check_scope(areas: frozenset[Area], *, may_listen: bool) -> None:
    """Refuse an appointment for nothing, or one to listen that doesn't cover the calls."""
    if not areas:
        raise Refused("people.appointment_empty")
    if may_listen and Area.CASES not in areas:
        raise Refused("people.listening_without_cases")


def check_end(current: Period, ends_at: datetime, now: datetime) -> None:
    """Refuse an end that has passed, or that isn't before the one that stands."""
    if ends_at < now:
        raise Refused("people.end_passed")
    if current.ends_at is not None and ends_at >= current.ends_at:
        raise Refused("people.ends_before")


def check_officer_stays(leaving: int, officers: Mapping[UserId, datetime | None]) -> None:
    """Refuse that the last account of an officer with a current appointment loses office or
    appointment: nobody appoints themselves, so nobody could decide about personal data any more.
    ``officers``: until when each is appointed; None: without end."""
    if leaving in officers and not officers.keys() - {leaving}:
        raise Refused("people.last_officer_appointed")


def check_officer_outlasts(
    leaving: int, officers: Mapping[UserId, datetime | None], until: datetime | None
) -> None:
    """Refuse an earlier end to come unless another officer is appointed until ``until``, when it
    would have ended: two who end each other's one after the other leave nobody either."""
    lasting = {
        one: ends_at
        for one, ends_at in officers.items()
        if one == leaving or ends_at is None or (until is not None and ends_at >= until)
    }
    check_officer_stays(leaving, lasting)


@dataclass(frozen=True, slots=True)
class TrainingRule:
    """A kind of training as the data has it from a day on. ``areas``: the scopes that need it,
    or ``may_listen``; all of them if both are empty."""

    kind: str
    effective_from: date
    valid_months: int
    warn_days: int
    areas: frozenset[Area]
    for_listening: bool
    source: Mapping[str, str]

    def is_needed(self, areas: frozenset[Area], *, may_listen: bool) -> bool:
        if not self.areas and not self.for_listening:
            return bool(areas)
        return bool(self.areas & areas) or (self.for_listening and may_listen)

    def due_on(self, held_on: date) -> date:
        """The last day on which it is good, so the one by which it has to be held anew."""
        return months_after(held_on, self.valid_months)

    def warns_on(self, held_on: date) -> date:
        return self.due_on(held_on) - timedelta(days=self.warn_days)


def check_trained(rules: Iterable[TrainingRule], held_on: date, today: date) -> None:
    """Refuse to appoint on a training that isn't good any more."""
    if any(rule.due_on(held_on) < today for rule in rules):
        raise Refused("people.training_lapsed")


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
