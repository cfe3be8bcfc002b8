"""How long an account stays locked after wrong passwords. Pure: the keyring keeps the state.

It slows whoever tries passwords at the window, restarts included. Against a copied keyring only
the cost of Argon2id counts, and whoever can set the machine's clock forward can wait less.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_FAILURES = 4
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lockout:
    """Failures since the last success, and when the last of them was."""

    failures: int = 0
    failed_at: datetime | None = None

    @property
    def duration(self) -> timedelta:
        """From the fifth failure on a lock, twice as long with each further one."""
        if self.failures <= FREE_FAILURES:
            return timedelta(0)
        doublings = min(self.failures - FREE_FAILURES - 1, 10)
        return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)

    def remaining(self, now: datetime) -> timedelta:
        """How long attempts are still refused; zero if they aren't.

        A clock that stands before the failure was set back: the lock then runs anew in full,
        which neither opens it early nor keeps it until the wrong date comes round again.
        """
        if self.failed_at is None:
            return timedelta(0)
        since = max(now - self.failed_at, timedelta(0))
        return max(self.duration - since, timedelta(0))

    def seen(self, now: datetime) -> "Lockout":
        """The state to keep once ``now`` was seen: a failure never lies in the future."""
        if self.failed_at is not None and now < self.failed_at:
            return Lockout(self.failures, now)
        return self

    def failed(self, now: datetime) -> "Lockout":
        """The state after one more failure."""
        return Lockout(self.failures + 1, now)


NEVER_FAILED = Lockout()
