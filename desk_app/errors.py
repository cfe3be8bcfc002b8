"""The two errors a user may meet. Anything else that is raised is a bug and is shown as one.

An error carries a word key and parameters, never a finished sentence: the words of each
language stand in ``resources/words`` under ``errors.<code>``. Parameters hold no personal
data, because errors are logged.
"""

from typing import ClassVar


class DeskError(Exception):
    """Base of `Refused` and `Fault`; ``code`` is stable and names the words to show."""

    kind: ClassVar[str]

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        particulars = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} ({particulars})" if particulars else self.code


class Refused(DeskError):
    """The user asked for what may not or can not be done, and can mend it."""

    kind = "refused"


class NotPermitted(Refused):
    """The actor's roles, appointment or purpose do not allow this."""


class Fault(DeskError):
    """The surroundings failed: disk, device, server or key."""

    kind = "fault"


SERVER_GONE = frozenset(
    {"storage.server_away", "storage.server_lost", "storage.server_unreachable"}
)
"""Codes of faults after which the same thing may well succeed, once the server is back."""
