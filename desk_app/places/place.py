"""Where an office's keyring and database are: two files in its folder, or a server.

A place is built beside what is there and made ready in one step, so that an office either is
whole or is not there at all. Opening takes a person's keys; nothing else opens it.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from sqlalchemy import Engine

from desk_app.founding import Founding
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.keys.recovery import RecoveryKey


class Place(ABC):
    """Where an office's keyring and database are. Any thread."""

    @property
    @abstractmethod
    def keyring(self) -> Keyring:
        """The keyring; reading it needs nobody's password."""

    @abstractmethod
    def check_there(self) -> None:
        """`Refused` ``office.none`` if there is no office, `Fault` if half of one is missing."""

    @abstractmethod
    def open(self, keys: HeldKeys) -> Engine:
        """An engine with a person's keys; `Fault` if they don't open it, `Refused` if the
        database is newer than the program."""

    def help_waits(self) -> datetime | None:
        """Since when somebody calls for help at another desk and nobody has answered; asked
        without anybody's keys. None where there is no other desk."""
        return None

    @property
    @abstractmethod
    def renews(self) -> GrantKind:
        """The kind of secret that `renew_key` changes when somebody left who knew it."""

    @abstractmethod
    def renew_key(
        self, keys: HeldKeys, *, recipients: dict[str, str], recovery_recipient: str
    ) -> None:
        """Change it, and grant the new one to ``recipients`` (by account) only.

        It is granted before it comes into use and the old one taken away afterwards, so that a
        crash in between locks nobody out. Nobody may have the database open with ``keys``.
        """

    @abstractmethod
    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        """Make the keyring and the database of a new office, not ready yet."""

    @abstractmethod
    def make_ready(self) -> None:
        """From now on the office is there."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections, and of what was built and not made ready."""
