"""What is kept of copies and destinations, for the use cases of backups and of moving."""

import secrets
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from desk_app.audit.heads import last_entry
from desk_app.backup.model import BackupDestination
from desk_app.backup.rules import (
    BORNE_OUT,
    BackupName,
    CopyKind,
    borne_out,
    expires_at,
    is_copys_name,
)
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


def place_name(at: BackupDestination | StoreTerms) -> str:
    """A folder, or server and bucket, as people are told of it; no secret."""
    if at.kind == StoreKind.FOLDER:
        return at.folder
    server = at.endpoint.removeprefix("https://") or f"s3.{at.region}"
    return f"{server} · {at.bucket}/{at.prefix}".rstrip("/")


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


def keep_found(work: UnitOfWork, destination_id: int, names: Iterable[str], *, desk_id: str) -> int:
    """Register every backup that lies at a destination and isn't known there; how many those were.

    An office that came out of a backup knows neither that one, nor any made later; each is to be
    deleted in time all the same.
    """
    rows = work.session.scalars(
        select(StoredCopy).where(
            StoredCopy.destination_id == destination_id, StoredCopy.kind == CopyKind.BACKUP.value
        )
    )
    known = {row.name: row for row in rows}
    found = 0
    for name in filter(None, map(BackupName.parse, names)):
        kept = known.get(f"{destination_id}/{name}")
        if kept is not None and kept.removed_at is None:
            continue
        found += 1
        if kept is not None:
            kept.removed_at = None  # somebody has put it back
            continue
        work.session.add(
            StoredCopy(
                name=f"{destination_id}/{name}",
                kind=CopyKind.BACKUP.value,
                made_at=name.made_at,
                expires_at=expires_at(name.made_at),
                desk_id=desk_id,
                destination_id=destination_id,
                arrived_at=work.now,
            )
        )
    return found


def surely_now(work: UnitOfWork) -> datetime:
    """The desk's time as far as something else bears it out; never later than that.

    On a server its clock. In a file the log: after a longer gap in its entries it is the time
    before the gap, until there have been entries behind it for `rules.BORNE_OUT`; a wrong clock is
    noticed meanwhile, and whoever comes back from holidays loses two days.
    """
    if work.session.get_bind().dialect.name == "postgresql":
        there: datetime = work.session.scalars(select(func.statement_timestamp())).one()
        return min(work.now, there)
    return borne_out(work.now, last_entry(work, work.now - BORNE_OUT))


def keep_left(work: UnitOfWork, folder: Path, *, desk_id: str) -> None:
    """Register offices that were left in a data folder before, and that this one doesn't know."""
    known = set(work.session.scalars(select(StoredCopy.name)))
    for path in sorted(folder.glob("office.*")):
        for kind in (CopyKind.REPLACED, CopyKind.MOVED):
            if path.name not in known and is_copys_name(kind, path.name):
                keep_copy(work, path.name, kind, desk_id=desk_id, made_at=work.now)


def office_id(work: UnitOfWork) -> str:
    """The office's lasting id, given the first time."""
    return setting_or_made(work, OFFICE_ID, lambda: secrets.token_hex(16))


def office_and_destinations(
    work: UnitOfWork, *, list_older_than: int | None = None
) -> tuple[str, tuple[tuple[int, StoreTerms], ...]]:
    """The office's lasting id, given the first time, and where its backups go; or only where an
    older list of tombstones lies."""
    query = select(BackupDestination).where(BackupDestination.retired_at.is_(None))
    if list_older_than is not None:
        query = query.where(BackupDestination.tombstones < list_older_than)
    rows = work.session.scalars(query.order_by(BackupDestination.id))
    return office_id(work), tuple((row.id, terms_of(row)) for row in rows)


def left_copies(work: UnitOfWork, kind: CopyKind) -> tuple[tuple[int, str], ...]:
    """What is registered of a kind and isn't removed yet: id and name."""
    rows = work.session.execute(
        select(StoredCopy.id, StoredCopy.name)
        .where(StoredCopy.kind == kind.value, StoredCopy.removed_at.is_(None))
        .order_by(StoredCopy.id)
    )
    return tuple((id, name) for id, name in rows)
