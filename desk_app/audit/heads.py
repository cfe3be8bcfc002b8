"""Signed heads: the chain's end at one instant, kept where the database can't reach it.

A chain finds edits, not a cut end, and whoever can write the database can compute a whole new
chain. So the head is signed with a person's own key at sign-in and sign-out, stored in the
database, remembered by the desk in a small file, and copied to the backup destination. A
remembered head that the log no longer holds is evidence and is never replaced.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from desk_app.audit.chain import AT_FORMAT, at_text
from desk_app.audit.model import AuditEntry, AuditHead, AuditLink
from desk_app.errors import Fault
from desk_app.files import whole_file
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Head:
    """The link ``seq`` with its hash, as a person saw and signed it; ``at`` is UTC text."""

    seq: int
    hash: str
    at: str
    user_id: int
    desk_id: str
    signature: str

    def message(self) -> bytes:
        """What the signature covers."""
        lines = ("inquiry-desk audit head v1", self.seq, self.hash, self.at)
        return "\n".join(map(str, (*lines, self.user_id, self.desk_id))).encode()

    def is_signed_by(self, verify_key: str) -> bool:
        """Whether the signature is that of the Ed25519 public key (hex)."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(verify_key))
            key.verify(bytes.fromhex(self.signature), self.message())
        except (InvalidSignature, ValueError, TypeError):  # no hex, or no text at all
            return False
        return True


def sign_head(actor: Actor, work: UnitOfWork, sign: Callable[[bytes], bytes]) -> Head | None:
    """Sign the chain's end and store the head; None while the log is empty.

    On the server the end is the last committed entry: those of this unit of work are linked
    when it commits and fall under the next head.
    """
    last = work.session.execute(
        select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)
    ).first()
    if last is None:
        return None
    at = work.now.astimezone(UTC).strftime(AT_FORMAT)
    unsigned = Head(last.seq, last.hash, at, actor.user_id, actor.desk_id, "")
    head = Head(
        last.seq, last.hash, at, actor.user_id, actor.desk_id, sign(unsigned.message()).hex()
    )
    if work.session.get_bind().dialect.name == "postgresql":  # nobody inserts there
        kept = (head.seq, head.hash, work.now, head.user_id, head.desk_id, head.signature)
        work.session.execute(select(func.desk_sign(*kept)))
    else:
        work.session.add(AuditHead(**(asdict(head) | {"at": work.now})))
    return head


def end_of_log(work: UnitOfWork) -> tuple[int, str]:
    """The number and the hash of the chain's last link; 0 and nothing for an empty log."""
    last = work.session.execute(
        select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)
    ).first()
    return (last.seq, last.hash) if last else (0, "")


def last_entry(work: UnitOfWork, until: datetime) -> datetime | None:
    """The time of the last entry that isn't later; reads those that are."""
    return work.session.scalar(
        select(AuditEntry.at).where(AuditEntry.at <= until).order_by(AuditEntry.id.desc()).limit(1)
    )


def hash_at(work: UnitOfWork, seq: int) -> str | None:
    """The hash of one link; None if the log has none of that number."""
    return work.session.scalar(select(AuditLink.hash).where(AuditLink.seq == seq))


def not_in_log(work: UnitOfWork, heads: Iterable[Head]) -> list[Head]:
    """Those heads that the log does not hold any more: its end was cut, or it was rewritten."""
    return [
        head
        for head in heads
        if work.session.scalar(select(AuditLink.hash).where(AuditLink.seq == head.seq)) != head.hash
    ]


def remember(folder: Path, head: Head, *, evidence: Iterable[Head] = ()) -> None:
    """Keep the head in the folder, in place of this desk's last one; whole or not at all.

    ``evidence`` are earlier heads to keep beside it, because the log no longer holds them. Used
    for the data folder and for the backup destination. `Fault` if it can't be written.
    """
    heads = [asdict(each) for each in (*evidence, head) if each.desk_id == head.desk_id]
    with whole_file(folder / f"audit-head-{head.desk_id}.json") as sink:
        sink.write(json.dumps(heads).encode("ascii"))


def remembered(folder: Path) -> list[Head]:
    """The heads kept in the folder, of every desk; `Fault` if one can't be read."""
    heads: list[Head] = []
    for path in sorted(folder.glob("audit-head-*.json")):
        try:
            heads += [Head(**fields) for fields in json.loads(path.read_text("ascii"))]
        except (OSError, ValueError, TypeError) as error:
            raise Fault("audit.head_unreadable", file=path.name) from error
    return heads


def stored(work: UnitOfWork) -> list[Head]:
    """The heads in the database, in the order in which they were signed, as they stand there."""
    connection = work.session.connection()
    at = at_text(connection.dialect.name, "at")
    rows = connection.exec_driver_sql(
        f"SELECT CAST(seq AS bigint), hash, {at}, user_id, desk_id, signature"  # noqa: S608 -- one of two constants
        " FROM audit_head ORDER BY id"
    )
    return [Head(*row) for row in rows]
