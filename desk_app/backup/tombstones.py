"""The list of what was erased, signed, as it lies at each destination of backups.

``tombstones.json``, UTF-8::

    {"inquiry-desk tombstones": 1, "office": "…", "version": 3, "at": "…", "by": 1,
     "tombstones": [[1, "case", 17, "2026-06-10 01:30:00.000000"], …], "signature": "…"}

``version`` is the last tombstone's number (0 for none). ``signature`` is Ed25519, by the person
who wrote it, over ``inquiry-desk tombstones v1\\n`` and the SHA-256 (hex) of the rest as compact
JSON with sorted keys. A backup is restored with a current list only: one that is as new as the
backup itself, as any backup beside it, and as the office that it takes the place of. Signing alone
leaves nothing out: everything counts that any list names which somebody signed who might make
backups then, that the backup itself knows, and that the office knows which is there.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from desk_app.audit.chain import AT_FORMAT
from desk_app.backup.model import ErasureTombstone
from desk_app.backup.rules import BackupName, ErasedKind
from desk_app.errors import Fault, Refused
from desk_app.people.standing import Term
from desk_app.storage.unit_of_work import UnitOfWork

LIST_FILE = "tombstones.json"
MAGIC = "inquiry-desk tombstones"
VERSION = 1
_LARGEST = 1 << 28


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One thing that was erased."""

    id: int
    kind: ErasedKind
    subject_id: int
    erased_at: datetime


def _instant(at: str) -> datetime:
    return datetime.strptime(at + "+0000", f"{AT_FORMAT}%z")


@dataclass(frozen=True, slots=True)
class TombstoneList:
    """All tombstones of an office at one time, as a person signed them."""

    office: str
    tombstones: tuple[Tombstone, ...]
    at: str
    by: int
    signature: str = ""

    @property
    def version(self) -> int:
        return self.tombstones[-1].id if self.tombstones else 0

    def _fields(self) -> dict[str, object]:
        return {
            MAGIC: VERSION,
            "office": self.office,
            "version": self.version,
            "at": self.at,
            "by": self.by,
            "tombstones": [
                [
                    one.id,
                    one.kind,
                    one.subject_id,
                    one.erased_at.astimezone(UTC).strftime(AT_FORMAT),
                ]
                for one in self.tombstones
            ],
        }

    def message(self) -> bytes:
        """What the signature covers."""
        plain = json.dumps(self._fields(), sort_keys=True, separators=(",", ":"))
        return f"{MAGIC} v{VERSION}\n{sha256(plain.encode()).hexdigest()}".encode()

    def to_bytes(self) -> bytes:
        fields = self._fields() | {"signature": self.signature}
        return json.dumps(fields, sort_keys=True, indent=1).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The list; ``Refused("backup.tombstones_unreadable")`` for what is none."""
        try:
            fields = json.loads(data)
            if fields[MAGIC] != VERSION:
                raise Refused("backup.tombstones_unreadable")
            kinds = {kind for _, kind, _, _ in fields["tombstones"]}
            if not kinds <= set(ErasedKind):
                raise Refused("backup.tombstone_unknown")
            read = cls(
                office=str(fields["office"]),
                tombstones=tuple(
                    Tombstone(
                        int(id),
                        ErasedKind(kind),
                        int(subject),
                        _instant(at),
                    )
                    for id, kind, subject, at in fields["tombstones"]
                ),
                at=str(fields["at"]),
                by=int(fields["by"]),
                signature=str(fields["signature"]),
            )
            _instant(read.at)
            if read.version != fields["version"]:
                raise Refused("backup.tombstones_unreadable")
        except (ValueError, KeyError, TypeError):
            raise Refused("backup.tombstones_unreadable") from None
        return read

    def is_signed(
        self, keys: Mapping[int, Iterable[str]], terms: Mapping[int, Iterable[Term]]
    ) -> bool:
        """Whether one of the signer's public keys (hex), by user, made the signature, in one of
        the terms in which the user might make backups."""
        at = _instant(self.at)
        return any(term.covers(at) for term in terms.get(self.by, ())) and any(
            self._is_by(key) for key in keys.get(self.by, ())
        )

    def _is_by(self, verify_key: str) -> bool:
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(verify_key))
            key.verify(bytes.fromhex(self.signature), self.message())
        except (InvalidSignature, ValueError):
            return False
        return True


def version_of(work: UnitOfWork) -> int:
    """How new the office's own list is."""
    return work.session.scalar(select(func.max(ErasureTombstone.id))) or 0


def bury(work: UnitOfWork, kind: ErasedKind, subject_id: int) -> int:
    """Put down that something was erased, in the transaction that erases it; the new version.

    The list goes to the destinations after the commit, because of what this says has changed.
    """
    stone = ErasureTombstone(kind=kind.value, subject_id=subject_id, erased_at=work.now)
    work.session.add(stone)
    work.session.flush()
    work.changed("tombstone", stone.id)
    return stone.id


def stones_of(work: UnitOfWork) -> tuple[Tombstone, ...]:
    """What the office knows was erased."""
    rows = work.session.scalars(select(ErasureTombstone).order_by(ErasureTombstone.id))
    return tuple(
        Tombstone(one.id, ErasedKind(one.kind), one.subject_id, one.erased_at) for one in rows
    )


def signed_list(
    work: UnitOfWork, *, office: str, by: int, sign: Callable[[bytes], bytes]
) -> TombstoneList:
    """The office's list as it is now, signed."""
    stones = stones_of(work)
    at = work.now.astimezone(UTC).strftime(AT_FORMAT)
    unsigned = TombstoneList(office, stones, at, by)
    return TombstoneList(office, stones, at, by, sign(unsigned.message()).hex())


def take_over(work: UnitOfWork, stones: Iterable[Tombstone]) -> None:
    """Enter tombstones that a restored office didn't know of."""
    work.session.add_all(
        ErasureTombstone(
            id=one.id, kind=one.kind.value, subject_id=one.subject_id, erased_at=one.erased_at
        )
        for one in stones
    )


def read_list(path: Path) -> TombstoneList | None:
    """The list in a file; None if there is none, `Refused` if it can't be read as one."""
    try:
        with path.open("rb") as source:
            data = source.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused("backup.tombstones_unreadable") from error
    return TombstoneList.from_bytes(data)


def newest_known(folder: Path) -> int:
    """The newest list that a backup lying in the folder knew, by the backups' names."""
    try:
        names = [BackupName.parse(path.name) for path in folder.iterdir()]
    except OSError as error:
        raise Fault("backup.unreadable") from error
    return max((one.tombstones for one in names if one is not None), default=0)


def ours(lists: Sequence[TombstoneList | None], office: str) -> tuple[TombstoneList, ...]:
    """Those lists that are this office's; ``Refused("backup.no_tombstones")`` if none is."""
    found = tuple(one for one in lists if one is not None and one.office == office)
    if not found:
        raise Refused("backup.no_tombstones")
    return found


def united(*lists: Iterable[Tombstone]) -> tuple[Tombstone, ...]:
    """Everything that one of the lists names, by number; ``Refused("backup.tombstones_forged")``
    where two say something different under the same."""
    stones: dict[int, Tombstone] = {}
    for stone in (stone for one in lists for stone in one):
        if stones.setdefault(stone.id, stone) != stone:
            raise Refused("backup.tombstones_forged")
    return tuple(stones[id] for id in sorted(stones))


def newest_of(stones: Iterable[Tombstone]) -> int:
    """How new a list of them is."""
    return max((one.id for one in stones), default=0)


def check_current(version: int, *, at_least: int) -> None:
    """``Refused("backup.tombstones_old")`` if something knows of a newer list."""
    if version < at_least:
        raise Refused("backup.tombstones_old")
