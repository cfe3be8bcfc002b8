"""Use cases of backups: where they go, each copy's registration, and its end.

A copy is registered before the first byte of it leaves the desk, so that none is forgotten,
whatever becomes of the desk. Secrets of destinations are in no entry, no view and no repr.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.backup.destinations import in_own_words
from desk_app.backup.model import BackupDestination
from desk_app.backup.registry import (
    BACKUP_HOUR,
    KEPT_TERMS,
    keep_found,
    office_and_destinations,
    surely_now,
    terms_of,
)
from desk_app.backup.rules import BackupName, CopyKind, expires_at, is_hour
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import RECOVERY_RECIPIENT, set_setting, setting
from desk_app.recordings.stores.base import StoreTerms
from desk_app.recordings.stores.opening import checked
from desk_app.storage.model import StoredCopy
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Plan:
    """What making a backup needs to know."""

    office: str
    recovery_recipient: str
    now: datetime
    destinations: tuple[tuple[int, StoreTerms], ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """A copy whose time is over."""

    id: int
    name: str
    kind: CopyKind
    terms: StoreTerms | None


@needs(Permission.BACK_UP)
def enter_destination(actor: Actor, work: UnitOfWork, /, terms: StoreTerms) -> int:
    """From now on backups go there too; its id. The terms were tried out before.

    A place that was entered before takes the new key and authority, and is in use again.
    """
    with in_own_words():
        terms = checked(terms)
    places = work.session.scalars(select(BackupDestination).order_by(BackupDestination.id)).all()
    row = next((one for one in places if terms_of(one).place == terms.place), None)
    if row is None:
        row = BackupDestination(kind=terms.kind.value)
        work.session.add(row)
    for name in KEPT_TERMS:
        setattr(row, name, getattr(terms, name))
    row.entered_by, row.entered_at, row.retired_at, row.trouble = (
        actor.user_id,
        work.now,
        None,
        None,
    )
    work.session.flush()
    subject = ("backup_destination", row.id)
    record(actor, work, "backup.destination_entered", subject=subject, kind=terms.kind.value)
    work.changed("backup", row.id)
    return row.id


@needs(Permission.BACK_UP)
def leave_destination(actor: Actor, work: UnitOfWork, /, destination_id: int) -> None:
    """No backup goes there any more; those that lie there are still deleted in time."""
    row = work.session.get(BackupDestination, destination_id)
    if row is None or row.retired_at is not None:
        return
    row.retired_at = work.now
    subject = ("backup_destination", row.id)
    record(actor, work, "backup.destination_left", subject=subject)
    work.changed("backup", row.id)


@needs(Permission.BACK_UP)
def choose_hour(actor: Actor, work: UnitOfWork, /, hour: str) -> None:
    """When the daily backup is made: ``HH:MM``, or empty for the day's first sign-in."""
    if not is_hour(hour):
        raise Refused("backup.hour")
    set_setting(work, BACKUP_HOUR, hour or None)
    minutes = int(hour[:2]) * 60 + int(hour[3:]) if hour else None
    record(actor, work, "backup.hour_chosen", minutes=minutes)
    work.changed("backup", 0)


@needs(Permission.BACK_UP)
def plan(actor: Actor, work: UnitOfWork, /) -> Plan:
    """What the next backup needs to know; gives the office its lasting id the first time."""
    office, destinations = office_and_destinations(work)
    return Plan(
        office=office,
        recovery_recipient=setting(work, RECOVERY_RECIPIENT) or "",
        now=work.now,
        destinations=destinations,
    )


@needs(Permission.BACK_UP)
def register(
    actor: Actor,
    work: UnitOfWork,
    /,
    name: BackupName,
    *,
    destination_id: int,
    size_bytes: int,
) -> int:
    """From now on a copy may lie there; its id."""
    copy = StoredCopy(
        name=f"{destination_id}/{name}",
        kind=CopyKind.BACKUP.value,
        made_at=name.made_at,
        expires_at=expires_at(name.made_at),
        desk_id=actor.desk_id,
        destination_id=destination_id,
        size_bytes=size_bytes,
    )
    work.session.add(copy)
    work.session.flush()
    return copy.id


@needs(Permission.BACK_UP)
def found_there(
    actor: Actor, work: UnitOfWork, /, destination_id: int, names: Sequence[str]
) -> int:
    """What lies at a destination was listed: backups that weren't known there are registered; how
    many."""
    found = keep_found(work, destination_id, names, desk_id=actor.desk_id)
    if found:
        subject = ("backup_destination", destination_id)
        record(actor, work, "backup.copies_found", subject=subject, count=found)
        work.changed("backup", destination_id)
    return found


@needs(Permission.BACK_UP)
def arrived(actor: Actor, work: UnitOfWork, /, copy_id: int, *, tombstones: int) -> None:
    """The copy was read back from its destination, and the list of tombstones lies beside it."""
    copy = work.session.get_one(StoredCopy, copy_id)
    copy.arrived_at = work.now
    row = work.session.get_one(BackupDestination, copy.destination_id)
    row.trouble, row.tombstones = None, tombstones
    record(
        actor,
        work,
        "backup.made",
        subject=("stored_copy", copy.id),
        destination=row.id,
        size=copy.size_bytes,
        expires_at=copy.expires_at,
    )
    work.changed("backup", row.id)


@needs(Permission.OWN_ACCOUNT)
def list_arrived(
    actor: Actor, work: UnitOfWork, /, destination_id: int, *, version: int, trouble: str | None
) -> None:
    """The list of tombstones lies there in this version, or could not be brought there."""
    row = work.session.get_one(BackupDestination, destination_id)
    row.trouble = trouble
    if trouble is None:
        row.tombstones = version
    work.changed("backup", row.id)


@needs(Permission.BACK_UP)
def failed(
    actor: Actor, work: UnitOfWork, /, destination_id: int, *, copy_id: int | None, trouble: str
) -> None:
    """It didn't work there; ``trouble`` is the error's code. What may lie there of a copy is
    deleted the next time."""
    row = work.session.get_one(BackupDestination, destination_id)
    row.trouble = trouble
    if copy_id is not None:
        work.session.get_one(StoredCopy, copy_id).expires_at = work.now
    subject = ("backup_destination", row.id)
    record(actor, work, "backup.failed", subject=subject, reason=trouble.rpartition(".")[2])
    work.changed("backup", row.id)


@needs(Permission.OWN_ACCOUNT)
def expired(actor: Actor, work: UnitOfWork, /) -> tuple[Expired, ...]:
    """Copies whose time is over and that aren't known to be gone; those in a data folder only of
    this desk. One clock alone that is wrong has none of them deleted (`surely_now`), but for what
    never arrived."""
    now = surely_now(work)
    rows = work.session.execute(
        select(StoredCopy, BackupDestination)
        .outerjoin(BackupDestination, BackupDestination.id == StoredCopy.destination_id)
        .where(
            (StoredCopy.expires_at <= now)
            | (StoredCopy.arrived_at.is_(None) & (StoredCopy.expires_at <= work.now)),
            StoredCopy.removed_at.is_(None),
            StoredCopy.kind.in_([kind.value for kind in CopyKind]),
        )
        .order_by(StoredCopy.id)
    )
    found = []
    for copy, destination in rows:
        at: BackupDestination | None = destination  # an outer join: there may be none
        if at is None and copy.kind != CopyKind.MOVED_SERVER and copy.desk_id != actor.desk_id:
            continue  # in the data folder of another desk
        name = copy.name if at is None else copy.name.removeprefix(f"{at.id}/")
        terms = None if at is None else terms_of(at)
        found.append(Expired(copy.id, name, CopyKind(copy.kind), terms))
    return tuple(found)


@needs(Permission.OWN_ACCOUNT)
def removed(actor: Actor, work: UnitOfWork, /, copy_id: int) -> None:
    """It was looked for, and nothing of the copy is left."""
    copy = work.session.get_one(StoredCopy, copy_id)
    if copy.removed_at is not None:
        return
    copy.removed_at, copy.trouble = work.now, None
    record(actor, work, "backup.copy_removed", subject=("stored_copy", copy.id), kind=copy.kind)
    work.changed("backup", copy.destination_id or 0)


@needs(Permission.OWN_ACCOUNT)
def not_removed(actor: Actor, work: UnitOfWork, /, copy_id: int, *, trouble: str) -> None:
    """The copy is still to be deleted; tried again at the next sign-in and backup."""
    copy = work.session.get_one(StoredCopy, copy_id)
    if copy.trouble != trouble:
        copy.trouble = trouble
        work.changed("backup", copy.destination_id or 0)
