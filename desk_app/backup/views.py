"""What is shown of backups: where they go, what lies where and for how long, what is due."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from desk_app.backup.model import BackupDestination
from desk_app.backup.registry import BACKUP_HOUR, place_name
from desk_app.backup.rules import CopyKind, days_since, is_due, last_due
from desk_app.backup.tombstones import version_of
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import setting
from desk_app.recordings.stores.base import StoreKind
from desk_app.storage.model import StoredCopy
from desk_app.storage.unit_of_work import UnitOfWork

MOST_COPIES = 200


@dataclass(frozen=True, slots=True)
class DestinationRow:
    """A place that backups go to; ``place`` is a folder, or server and bucket."""

    id: int
    kind: StoreKind
    place: str
    trouble: str | None
    is_list_current: bool
    """Whether the list of what was erased lies there as it is now."""


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A registered copy of the office that is still there, or on its way."""

    id: int
    kind: str
    name: str
    place: str
    made_at: datetime
    expires_at: datetime
    size_bytes: int | None
    has_arrived: bool
    trouble: str | None


@dataclass(frozen=True, slots=True)
class BackupPage:
    """Everything about backups; newest copy first."""

    destinations: tuple[DestinationRow, ...]
    copies: tuple[CopyRow, ...]
    last_at: datetime | None
    hour: str
    is_due: bool
    due_at: datetime
    """When the daily backup was due last, in the office's local time."""
    days_without: int | None
    """Whole days since the last backup, once that is worth a warning."""


@needs(Permission.BACK_UP)
def overview(actor: Actor, work: UnitOfWork, /) -> BackupPage:
    """Where backups go, the copies there are, and whether one is due."""
    rows = work.session.scalars(select(BackupDestination).order_by(BackupDestination.id)).all()
    places = {row.id: place_name(row) for row in rows}
    version = version_of(work)
    last = work.session.scalar(
        select(func.max(StoredCopy.made_at)).where(
            StoredCopy.kind == CopyKind.BACKUP.value, StoredCopy.arrived_at.is_not(None)
        )
    )
    copies = work.session.scalars(
        select(StoredCopy)
        .where(StoredCopy.removed_at.is_(None))
        .order_by(StoredCopy.made_at.desc(), StoredCopy.id.desc())
        .limit(MOST_COPIES)
    )
    hour = setting(work, BACKUP_HOUR) or ""
    local = open_calendar(work).local
    used = [row for row in rows if row.retired_at is None]
    return BackupPage(
        destinations=tuple(
            DestinationRow(
                row.id, StoreKind(row.kind), place_name(row), row.trouble, row.tombstones == version
            )
            for row in used
        ),
        copies=tuple(
            CopyRow(
                copy.id,
                copy.kind,
                copy.name.rpartition("/")[2],
                places.get(copy.destination_id or 0, ""),
                copy.made_at,
                copy.expires_at,
                copy.size_bytes,
                copy.destination_id is None or copy.arrived_at is not None,
                copy.trouble,
            )
            for copy in copies
        ),
        last_at=last,
        hour=hour,
        is_due=bool(used)
        and is_due(now=local(work.now), last=None if last is None else local(last), hour=hour),
        due_at=last_due(now=local(work.now), hour=hour),
        days_without=days_since(last, work.now),
    )
