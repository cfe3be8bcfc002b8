"""Time as the desk sees it: aware UTC, handed in so that tests can set it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of time. ``now`` may jump when the machine's clock is set; ``ticks`` never does."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""

    def ticks(self) -> float:
        """Seconds since an arbitrary start; only differences mean something."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def ticks(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock that stands until it is moved: for tests and for the scripted day."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._now = now.astimezone(UTC)
        self._ticks = 0.0

    def now(self) -> datetime:
        return self._now

    def ticks(self) -> float:
        return self._ticks

    def move_to(self, now: datetime) -> None:
        """Set the clock; like a machine's clock, ``ticks`` only ever goes forward."""
        self._ticks += max((now - self._now).total_seconds(), 0.0)
        self._now = now.astimezone(UTC)


class ShiftedClock:
    """Runs like the machine's clock, but from another instant: for the scripted day."""

    def __init__(self, now: datetime) -> None:
        self.move_to(now)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def ticks(self) -> float:
        return time.monotonic()

    def move_to(self, now: datetime) -> None:
        """Go on from this instant."""
        self._start, self._began = now.astimezone(UTC), time.monotonic()
