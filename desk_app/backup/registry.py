"""What is kept of copies and destinations, for the use cases of backups and of moving."""

import secrets
from dataclasses import fields
from datetime import datetime

from sqlalchemy import select

from desk_app.backup.model import BackupDestination
from desk_app.backup.rules import CopyKind, expires_at
from desk_app.people.settings import setting_or_made
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.storage.model import StoredCopy
from desk_app.storage.unit_of_work import UnitOfWork

OFFICE_ID = "office_id"
"""The setting that tells an office from every other, wherever it is restored or moved to."""

BACKUP_HOUR = "backup_hour"
KEPT_TERMS = tuple(field.name for field in fields(StoreTerms) if field.name != "kind")


def terms_of(row: BackupDestination) -> StoreTerms:
    """How a destination is reached, its secret included."""
    return StoreTerms(kind=StoreKind(row.kind), **{name: getattr(row, name) for name in KEPT_TERMS})


def keep_copy(
    work: UnitOfWork, name: str, kind: CopyKind, *, desk_id: str, made_at: datetime
) -> None:
    """Register an office that was left where it was, for those who put another in its place."""
    work.session.add(
        StoredCopy(
            name=name,
            kind=kind.value,
            made_at=made_at,
            expires_at=expires_at(work.now),
            desk_id=desk_id,
            arrived_at=work.now,
        )
    )


def office_and_destinations(work: UnitOfWork) -> tuple[str, tuple[tuple[int, StoreTerms], ...]]:
    """The office's lasting id, given the first time, and where its backups go."""
    office = setting_or_made(work, OFFICE_ID, lambda: secrets.token_hex(16))
    rows = work.session.scalars(
        select(BackupDestination)
        .where(BackupDestination.retired_at.is_(None))
        .order_by(BackupDestination.id)
    )
    return office, tuple((row.id, terms_of(row)) for row in rows)


def left_copies(work: UnitOfWork, kind: CopyKind) -> tuple[tuple[int, str], ...]:
    """What is registered of a kind and isn't removed yet: id and name."""
    rows = work.session.execute(
        select(StoredCopy.id, StoredCopy.name)
        .where(StoredCopy.kind == kind.value, StoredCopy.removed_at.is_(None))
        .order_by(StoredCopy.id)
    )
    return tuple((id, name) for id, name in rows)
