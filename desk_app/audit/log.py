"""Writing the audit log: one entry for each act, in the transaction of the act itself.

An entry holds ids, counts, dates, tokens and digests, never personal data and never free text:
`record` refuses those as a bug, because the log is kept when the data it speaks of is erased.
"""

import hmac
import re
import secrets
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Table, Text, func, insert, literal, select

from desk_app.audit.chain import AT_FORMAT, content_hash, link_in_file
from desk_app.audit.model import AuditEntry, canonical
from desk_app.people.access import Actor
from desk_app.people.settings import setting_or_made
from desk_app.storage.base import UtcDateTime
from desk_app.storage.unit_of_work import UnitOfWork

_TOKEN = re.compile(r"[a-z][a-z0-9_]{0,63}|[A-H]", re.ASCII)
_ACTION = re.compile(r"[a-z][a-z0-9_]{0,31}\.[a-z][a-z0-9_]{0,31}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{16,128}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_DESK = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

_ENTRIES = cast(Table, AuditEntry.__table__)
_ADD = insert(_ENTRIES).returning(_ENTRIES.c.id)

Subject = tuple[str, int]
"""What an act was done to, e.g. ``("case", 17)``."""


def record(
    actor: Actor | None,
    work: UnitOfWork,
    action: str,
    *,
    subject: Subject | None = None,
    purpose: str | None = None,
    **particulars: Any,
) -> None:
    """Write that ``actor`` did ``action`` (``room.what_happened``) to ``subject``.

    ``purpose`` is one of A to H. Particulars are ints, bools, None, dates, tokens (lower-case
    words joined by underscores), hexadecimal digests or uuids, lists and tuples of these; anything
    else is a `ValueError`, because it might be personal. ``actor`` is None for what no user did.
    """
    if not _ACTION.fullmatch(action):
        raise ValueError("an action is named room.what_happened")
    kind, subject_id = subject or (None, None)
    if kind is not None:
        _checked(kind)
    if purpose is not None:
        _checked(purpose)
    if actor is not None and not _DESK.fullmatch(actor.desk_id):
        raise ValueError("a desk's id is letters, digits, hyphens")
    checked = {_checked(name): _checked(value) for name, value in particulars.items()}
    if _on_server(work):
        _record_on_server(actor, work, action, (kind, subject_id), purpose, checked)
        return
    content = content_hash(
        work.now.astimezone(UTC).strftime(AT_FORMAT),
        actor.user_id if actor else None,
        actor.desk_id if actor else "",
        action,
        kind,
        subject_id,
        purpose,
        canonical(checked),
    )
    work.session.flush()
    connection = work.session.connection()
    written = connection.execute(
        _ADD,
        {
            "at": work.now,
            "user_id": actor.user_id if actor else None,
            "desk_id": actor.desk_id if actor else "",
            "action": action,
            "subject_kind": kind,
            "subject_id": subject_id,
            "purpose": purpose,
            "particulars": checked,
            "content_hash": content,
        },
    )
    link_in_file(connection, written.scalar_one(), content)


def _record_on_server(
    actor: Actor | None,
    work: UnitOfWork,
    action: str,
    subject: tuple[str | None, int | None],
    purpose: str | None,
    particulars: dict[str, Any],
) -> None:
    """Nobody inserts there: see `audit.server`, which hashes it as `content_hash` does."""
    written = func.desk_record(
        work.now,
        literal(actor.user_id if actor else None, BigInteger),
        actor.desk_id if actor else "",
        action,
        literal(subject[0], Text),
        literal(subject[1], BigInteger),
        literal(purpose, Text),
        canonical(particulars),
    )
    work.session.execute(select(written))


def _on_server(work: UnitOfWork) -> bool:
    return work.session.get_bind().dialect.name == "postgresql"


def latest_at(work: UnitOfWork) -> datetime | None:
    """When the newest act was recorded, by the clock of the desk that recorded it."""
    if _on_server(work):  # where only some read the log
        return work.session.scalar(select(func.desk_latest_entry_at(type_=UtcDateTime())))
    return work.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(1))


def query_digest(work: UnitOfWork, query: str) -> str:
    """A keyed hash of what was searched for: tells equal queries, not what they were.

    The key is the office's own secret, so that nobody without the database can try names
    against an exported log.
    """
    key = setting_or_made(work, "audit_query_key", lambda: secrets.token_hex(32))
    return hmac.digest(bytes.fromhex(key), query.encode(), "sha256").hex()


def _checked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        if _TOKEN.fullmatch(value) or _DIGEST.fullmatch(value):
            return str(value)
    elif isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    raise ValueError("the audit log takes ids, counts, dates, tokens and digests only")
