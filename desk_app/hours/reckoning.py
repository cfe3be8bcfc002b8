"""When a target falls due: business time from a start, without the pauses, by the calendars in
force.

Pure. A calendar that changes counts from then on: what had passed before stays counted as it
was. Pauses may overlap and touch: they count once. A pause that hasn't ended has no end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from desk_app.hours.calendar import OfficeCalendar

MINUTE_US = 60_000_000

Pause = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Run:
    """A calendar, and from when on it is the one that counts; the first counts from the start."""

    from_at: datetime
    calendar: OfficeCalendar


@dataclass(frozen=True, slots=True)
class Reckoned:
    """When it is due; or, while it is paused, how much open time is left."""

    due_at: datetime | None
    left_us: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A time under one calendar that is paused as a whole, or runs as a whole."""

    starts_at: datetime
    ends_at: datetime | None
    calendar: OfficeCalendar
    paused: bool


def union(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """The same time as pauses in order that neither overlap nor touch."""
    joined: list[Pause] = []
    in_utc = ((begins.astimezone(UTC), ends and ends.astimezone(UTC)) for begins, ends in pauses)
    for begins, ends in sorted(in_utc, key=lambda pause: pause[0]):
        if ends is not None and ends <= begins:
            continue
        last = joined[-1] if joined else None
        if last is None or (last[1] is not None and last[1] < begins):
            joined.append((begins, ends))
        elif last[1] is not None and (ends is None or ends > last[1]):
            joined[-1] = (last[0], ends)
    return tuple(joined)


def windows(start: datetime, runs: Sequence[Run], pauses: Iterable[Pause]) -> Iterator[Window]:
    """From ``start`` on without a gap; the last has no end. There is at least one run."""
    together = union(pauses)
    edges = {run.from_at.astimezone(UTC) for run in runs}
    edges.update(at for pause in together for at in pause if at)
    begins_at = start.astimezone(UTC)
    cuts = [begins_at, *sorted(at for at in edges if at > begins_at)]
    for at, until in zip(cuts, [*cuts[1:], None], strict=True):
        calendar = next((run.calendar for run in reversed(runs) if run.from_at <= at), None)
        paused = any(begins <= at and (ends is None or at < ends) for begins, ends in together)
        yield Window(at, until, calendar or runs[0].calendar, paused)


def reckon(
    start: datetime, minutes: int, runs: Sequence[Run], pauses: Iterable[Pause] = ()
) -> Reckoned:
    """When ``minutes`` of open time, one or more, have passed since ``start`` without pauses.

    A pause that begins once it was due changes nothing: waiting doesn't mend what was missed.
    """
    left_us = minutes * MINUTE_US
    for window in windows(start, runs, pauses):
        if window.paused:
            continue
        hours = window.calendar.hours
        if window.ends_at is not None:
            counted_us = hours.between_us(window.starts_at, window.ends_at)
            if counted_us < left_us:
                left_us -= counted_us
                continue
        return Reckoned(hours.add(window.starts_at, Fraction(left_us, MINUTE_US)))
    return Reckoned(None, left_us)
