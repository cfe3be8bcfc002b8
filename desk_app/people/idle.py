"""When a desk that nobody touches is to be locked. The window's timer asks; nothing ticks here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from desk_app.clock import Clock


class IdleWatch:
    """Counts the time since the desk was last touched; a running call stops the count.

    Both kinds of time are looked at: a machine that slept has no ticks for it, and a clock
    that was set back must not keep the desk open. Safe on any thread.
    """

    def __init__(self, clock: Clock, allowed: timedelta) -> None:
        self._clock = clock
        self._allowed = allowed
        self._calls = 0
        self._lock = Lock()
        self._touched = (clock.ticks(), clock.now())

    def touch(self) -> None:
        """Somebody is there: a key, the mouse, a page that was chosen."""
        with self._lock:
            self._touched = (self._clock.ticks(), self._clock.now())

    @contextmanager
    def call(self) -> Iterator[None]:
        """A call and its wrap-up: the lock waits, and the count begins anew afterwards."""
        with self._lock:
            self._calls += 1
        try:
            yield
        finally:
            with self._lock:
                self._calls -= 1
                self._touched = (self._clock.ticks(), self._clock.now())

    @property
    def left(self) -> timedelta | None:
        """How long until the lock is due, never negative; None while a call runs."""
        with self._lock:
            if self._calls:
                return None
            ticks, now = self._touched
            idle = max(timedelta(seconds=self._clock.ticks() - ticks), self._clock.now() - now)
            return max(self._allowed - idle, timedelta())

    @property
    def is_due(self) -> bool:
        return self.left == timedelta()
