"""When a backup is due, what it is called, and how long a copy may stay."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

KEPT = timedelta(days=28)
"""How long a copy of the office is kept. After 35 days what was erased has to be gone from all of
them, and deleting one takes somebody who signs in, at that very desk: a week is for weekends,
closures and a destination that isn't connected."""

WARN_AFTER = timedelta(days=2)
"""Without a backup for so long it is said to whoever may make one."""

BORNE_OUT = timedelta(days=2)
"""So old is an entry in the log that bears out what the clock of a desk says."""

LONGEST_GAP = timedelta(days=11)
"""Entries so far apart are still nothing to wonder at: closed from 29 December to 5 January."""

AT_SIGN_IN = ""
"""The hour of the daily backup where none is set: the first sign-in of whoever may."""


BACKUP_PREFIX = "backup-"


class CopyKind(StrEnum):
    """Copies of an office that are registered, beside those that upgrades make."""

    BACKUP = "backup"
    REPLACED = "replaced"  # an office that a restored one took the place of
    MOVED = "moved"  # an office's files, since it is on a server
    MOVED_SERVER = "moved_server"  # an office's database on a server, since it is in a file


class ErasedKind(StrEnum):
    """What a tombstone can speak of; `moving.erasing` knows the rows of each."""

    CUSTOMER = "customer"
    CONTACT = "contact"
    CASE = "case"
    RECORDING = "recording"
    CONSENT = "consent"
    PROVISION = "provision"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class BackupName:
    """What a backup is called: when it was made, a random part, and the version of the list of
    tombstones then: whoever takes an old list back has to take newer backups away as well."""

    made_at: datetime
    token: str
    tombstones: int

    def __str__(self) -> str:
        return f"{BACKUP_PREFIX}{self.made_at:%Y%m%dT%H%M%SZ}-{self.token}-{self.tombstones}.age"

    @classmethod
    def parse(cls, name: str) -> "BackupName | None":
        """The inverse of ``str``; None for what is no backup's name."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        try:
            made_at = datetime.strptime(found[1] + "+0000", "%Y%m%dT%H%M%SZ%z")
        except ValueError:
            return None
        return cls(made_at, found[2], int(found[3]))


def is_copys_name(kind: CopyKind, name: str) -> bool:
    """Whether the product itself gives such a name to a copy of this kind: whatever is registered
    under another one is never deleted, whoever has registered it."""
    match kind:
        case CopyKind.BACKUP:
            return BackupName.parse(name) is not None
        case CopyKind.REPLACED | CopyKind.MOVED:
            return _LEFT[kind].fullmatch(name) is not None
        case CopyKind.MOVED_SERVER:
            try:
                fields = json.loads(name)
            except ValueError:
                return False
            return isinstance(fields, dict) and _MOVE.fullmatch(str(fields.get("move"))) is not None


_MOVE = re.compile(r"[0-9a-f]{16}", re.ASCII)
_LEFT = {
    CopyKind.REPLACED: re.compile(r"office\.replaced-[0-9]{8}T[0-9]{6}Z", re.ASCII),
    CopyKind.MOVED: re.compile(r"office\.moved-[0-9a-f]{16}", re.ASCII),
}
_NAME = re.compile(r"backup-([0-9]{8}T[0-9]{6}Z)-([0-9a-f]{8})-(0|[1-9][0-9]{0,17})\.age", re.ASCII)
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def is_hour(text: str) -> bool:
    """Whether it is an hour of the day, ``HH:MM``, or `AT_SIGN_IN`."""
    return text == AT_SIGN_IN or _HOUR.fullmatch(text) is not None


def is_due(*, now: datetime, last: datetime | None, hour: str) -> bool:
    """Whether the daily backup is due; times are the office's local ones.

    One a day: from midnight on without an hour, else from that hour on. A day that was missed is
    made up for as soon as somebody is there: the hour that has passed last counts.
    """
    return last is None or last < last_due(now=now, hour=hour)


def last_due(*, now: datetime, hour: str) -> datetime:
    """When the daily backup was due last."""
    due = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if hour != AT_SIGN_IN:
        due = due.replace(hour=int(hour[:2]), minute=int(hour[3:]))
        if due > now:
            due -= timedelta(days=1)
    return due


def expires_at(made_at: datetime) -> datetime:
    return made_at + KEPT


def borne_out(now: datetime, last: datetime | None) -> datetime:
    """The desk's time, or that of the log's last entry older than `BORNE_OUT` if the gap between
    the two is too long to be believed; at the beginning of a log nothing is that old."""
    if last is None:
        return datetime.min.replace(tzinfo=UTC)
    return now if now - last <= LONGEST_GAP else last


def days_since(last: datetime | None, now: datetime) -> int | None:
    """Whole days since the last backup once that is worth a warning; None while it isn't."""
    if last is None or now - last < WARN_AFTER:
        return None
    return (now - last).days
