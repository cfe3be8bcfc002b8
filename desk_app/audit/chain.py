"""The audit chain: what is hashed, how entries are linked, and what keeps them from changing.

Definition, the same on both engines, all hashes SHA-256 in lower-case hex:

- content hash: over the UTF-8 text of the JSON array ``[at, user_id, desk_id, action,
  subject_kind, subject_id, purpose, particulars]`` without spaces, non-ASCII escaped, keys
  sorted; ``at`` is ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC.
- link hash: over ``<seq>:<hash of the link before>:<content hash>``; before the first link
  stand 64 zeros.

In the encrypted file the link is written with the entry, because there is one writer at a
time. On the server a deferred trigger writes it at commit under a lock that no role of the staff
can take by itself, so that desks only wait for each other there; it needs READ COMMITTED. Triggers
refuse to update or delete on both engines. That stops accidents; who can drop a trigger is found
by the verifier.
"""

import json
from hashlib import sha256
from typing import cast

from sqlalchemy import DDL, Connection, Table, event, insert, select

from desk_app.audit.model import AuditEntry, AuditHead, AuditLink

BEFORE_FIRST = "0" * 64
AT_FORMAT = "%Y-%m-%d %H:%M:%S.%f"

# repr: what nobody but a forger wrote, a blob for a word, has a hash too, and a wrong one.
_encode = json.JSONEncoder(separators=(",", ":"), default=repr).encode


def at_text(dialect: str, column: str) -> str:
    """SQL for a stored instant as the text that was hashed; SQLite keeps it in that form."""
    if dialect == "postgresql":
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return column


def content_hash(
    at: str,
    user_id: int | None,
    desk_id: str,
    action: str,
    subject_kind: str | None,
    subject_id: int | None,
    purpose: str | None,
    particulars: str,
) -> str:
    """The hash of an entry; ``particulars`` is its canonical JSON text as stored."""
    fields = _encode([at, user_id, desk_id, action, subject_kind, subject_id, purpose])
    return sha256(f"{fields[:-1]},{particulars}]".encode()).hexdigest()


_LAST = select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)
_LINK = insert(cast(Table, AuditLink.__table__))


def link_hash(seq: int, prev: str, content: str) -> str:
    """The hash of the link that follows ``prev``."""
    return sha256(f"{seq}:{prev}:{content}".encode()).hexdigest()


def link_in_file(connection: Connection, entry_id: int, content: str) -> None:
    """Append an entry to the chain of an encrypted file; the writer's lock is held."""
    last = connection.execute(_LAST).first()
    seq, prev = (last.seq + 1, last.hash) if last else (1, BEFORE_FIRST)
    link = {"seq": seq, "entry_id": entry_id, "prev": prev, "hash": link_hash(seq, prev, content)}
    connection.execute(_LINK, link)


_LINK_AT_COMMIT = """
CREATE FUNCTION audit_link_entry() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last record;
    next_seq bigint := 1;
    prev_hash text := repeat('0', 64);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the audit chain needs READ COMMITTED';
    END IF;
    LOCK TABLE audit_head IN SHARE UPDATE EXCLUSIVE MODE;
    SELECT * INTO last FROM audit_link ORDER BY seq DESC LIMIT 1;
    IF FOUND THEN
        next_seq := last.seq + 1;
        prev_hash := last.hash;
    END IF;
    INSERT INTO audit_link (seq, entry_id, prev, hash) VALUES (
        next_seq, NEW.id, prev_hash,
        encode(sha256(convert_to(
            next_seq || ':' || prev_hash || ':' || NEW.content_hash, 'UTF8')), 'hex')
    );
    RETURN NULL;
END $$
"""

_LINK_TRIGGER = """
CREATE CONSTRAINT TRIGGER audit_entry_link AFTER INSERT ON audit_entry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link_entry()
"""

_REFUSE_FUNCTION = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$
"""


def _attach() -> None:
    def add(table_of: type, statement: str, dialect: str) -> None:
        event.listen(
            table_of.__table__,  # type: ignore[attr-defined]  # every entity has a table
            "after_create",
            DDL(statement.strip()).execute_if(dialect=dialect),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
        )

    # audit_link before audit_entry in the alphabet, but functions are looked up when they run.
    add(AuditEntry, _LINK_AT_COMMIT, "postgresql")
    add(AuditEntry, _LINK_TRIGGER, "postgresql")
    add(AuditEntry, _REFUSE_FUNCTION, "postgresql")
    for entity in (AuditEntry, AuditLink, AuditHead):
        table = entity.__tablename__
        add(
            entity,
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "EXECUTE FUNCTION audit_refuse()",
            "postgresql",
        )
        for act in ("update", "delete"):
            add(
                entity,
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
                "sqlite",
            )


_attach()
