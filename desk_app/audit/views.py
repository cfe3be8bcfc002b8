"""What the officer and the administrator see of the audit log."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.audit.heads import Head
from desk_app.audit.log import Subject
from desk_app.audit.model import AuditEntry
from desk_app.audit.verify import Verdict, verify
from desk_app.people.access import Actor, Permission, UserId, needs
from desk_app.storage.unit_of_work import UnitOfWork

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One act as the log has it."""

    id: int
    at: datetime
    user_id: UserId | None
    desk_id: str
    action: str
    subject: Subject | None
    purpose: str | None
    particulars: dict[str, Any]


@needs(Permission.READ_AUDIT)
def entries(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    before: int | None = None,
    subject: Subject | None = None,
    user_id: UserId | None = None,
    limit: int = 100,
) -> tuple[EntryRow, ...]:
    """The newest entries first: those with ids below ``before``, at most ``limit`` (500)."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(min(limit, MOST_ROWS))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if subject is not None:
        kind, id = subject
        query = query.where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == id)
    if user_id is not None:
        query = query.where(AuditEntry.user_id == user_id)
    return tuple(_row(entry) for entry in work.session.scalars(query))


@needs(Permission.READ_AUDIT)
def entry_ids(actor: Actor, work: UnitOfWork, /) -> "array[int]":
    """The id of every entry, newest first: eight bytes each, so that a list of any length stands
    at once and `entry_rows` reads what comes into view."""
    return array("q", work.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())))


@needs(Permission.READ_AUDIT)
def entry_rows(actor: Actor, work: UnitOfWork, /, ids: Sequence[int]) -> tuple[EntryRow, ...]:
    """The entries with these ids, newest first."""
    query = select(AuditEntry).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.id.desc())
    return tuple(_row(entry) for entry in work.session.scalars(query))


@needs(Permission.READ_AUDIT)
def verdict(actor: Actor, work: UnitOfWork, /, remembered: Iterable[Head]) -> Verdict:
    """Verify the whole log against itself, its signed heads and those that were remembered."""
    return verify(work, remembered)


def _row(entry: AuditEntry) -> EntryRow:
    subject = None
    if entry.subject_kind is not None and entry.subject_id is not None:
        subject = (entry.subject_kind, entry.subject_id)
    return EntryRow(
        entry.id,
        entry.at,
        None if entry.user_id is None else UserId(entry.user_id),
        entry.desk_id,
        entry.action,
        subject,
        entry.purpose,
        entry.particulars,
    )
