"""The certificate of an erasure: what was erased, how far that was proven, and by whom.

A JSON object, UTF-8::

    {"inquiry-desk erasure certificate": 1, "office": "…", "erasure": 7, …, "proven": ["rows", …],
     "not_proven": ["disk_remnants", …], "copies": [[3, "backup", "2026-07-08T…"], …],
     "exports": [[991, "case.exported", "2026-06-01T…", "2026-06-29T…"], …],
     "last_expiry": "…", "by": 2, "verify_key": "…", "signature": "…"}

``copies`` are the registered copies that were made before, and when each expires; ``exports`` the
files that were handed out before: the log's entry, the act, when, and by when it was to be gone
(null for what is a recipient's own); ``originals`` the paper that lay in the house. ``control`` and
``proof`` say how many ``values`` there were, and how many of them were ``looked_for`` in pages and
rows.

``signature`` is Ed25519, by the officer's own key (``verify_key``, hex), over
``inquiry-desk erasure certificate v1\\n`` and the SHA-256 (hex) of the rest as compact JSON with
sorted keys. Everything in it is an id, a count, an instant, a digest or one of the tokens of
`Proven` and `NotProven`: no personal data. It claims no more than was looked at; what the product
can't look at stands under ``not_proven``. A reader refuses a version that it doesn't know, and a
file that says something twice.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desk_app.errors import Refused
from desk_app.people.standing import Term
from desk_app.privacy.erasure.rules import Origin

MAGIC = "inquiry-desk erasure certificate"
VERSION = 1
LARGEST_BYTES = 1 << 24
_LARGEST_ID = (1 << 63) - 1


class Proven(StrEnum):
    """What was looked at, and where nothing was found."""

    ROWS = "rows"  # no row of the roots holds a word
    SEARCH = "search"  # the index leads to none of the cases for any of the values
    PAGES = "pages"  # decrypted pages, free ones and the log's included
    REWRITTEN = "rewritten"  # the server's tables were written into new files
    DESKS = "desks"  # every desk removed what lay there alone, and looked again
    STORES = "stores"  # no store has a copy, in any version
    LISTS = "lists"  # every destination of backups has the list of what was erased


class NotProven(StrEnum):
    """What the product can't look at, or what was different this time."""

    DISK_REMNANTS = "disk_remnants"  # blocks that a disk keeps: full-disk encryption is required
    SERVER_FILES = "server_files"  # the server's data files: its administrator looks
    SERVER_LOG = "server_log"  # its write-ahead log and archives: its administrator recycles them
    SHARED_VALUES = "shared_values"  # values that stand in other rows as well
    GIVEN_UP_DESKS = "given_up_desks"  # desks that are gone, by the officer's word
    SHORT_VALUES = "short_values"  # values so short that they are found by chance
    EXPORTS = "exports"  # files that were handed out before
    ORIGINALS = "originals"  # paper that lies in its box until it is disposed of
    COPIES = "copies"  # registered copies, until they expire
    KEPT_BY_LAW = "kept_by_law"  # rows that stay for their time
    REQUEST = "request"  # the request's own case, until it falls to retention


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it was read; ``fields`` are all but the signature."""

    fields: Mapping[str, Any]
    signature: str

    @classmethod
    def signed(
        cls, fields: Mapping[str, Any], *, by: int, verify_key: str, sign: Callable[[bytes], bytes]
    ) -> Self:
        """A new one, by the officer who carried the erasure out."""
        whole = {MAGIC: VERSION} | dict(fields) | {"by": by, "verify_key": verify_key}
        unsigned = cls(whole, "")
        return cls(whole, sign(unsigned.message()).hex())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """``Refused("privacy.certificate_unreadable")`` for what is none."""
        try:
            fields = read_json(text)
            signature = fields.pop("signature")
            if fields[MAGIC] != VERSION:
                raise Refused("privacy.certificate_newer")
            _check(fields)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("privacy.certificate_unreadable") from None
        return cls(fields, str(signature))

    @property
    def certified_at(self) -> datetime:
        return datetime.fromisoformat(self.fields["certified_at"])

    @property
    def by(self) -> int:
        return int(self.fields["by"])

    @property
    def office(self) -> str:
        return str(self.fields["office"])

    @property
    def erasure(self) -> int:
        return int(self.fields["erasure"])

    @property
    def last_expiry(self) -> datetime | None:
        """When the last registered copy that was made before is gone."""
        at = self.fields["last_expiry"]
        return None if at is None else datetime.fromisoformat(at)

    def to_text(self) -> str:
        whole = dict(self.fields) | {"signature": self.signature}
        return json.dumps(whole, sort_keys=True, indent=1) + "\n"

    def message(self) -> bytes:
        """What the signature covers."""
        plain = json.dumps(self.fields, sort_keys=True, separators=(",", ":"))
        return f"{MAGIC} v{VERSION}\n{sha256(plain.encode()).hexdigest()}".encode()

    @property
    def digest(self) -> str:
        return sha256(self.message()).hexdigest()

    def is_signed(
        self, keys: Mapping[int, Iterable[str]], terms: Mapping[int, Iterable[Term]]
    ) -> bool:
        """Whether one of the signer's public keys (hex), by user, made the signature, in a term in
        which the user might erase."""
        at = self.certified_at
        return any(term.covers(at) for term in terms.get(self.by, ())) and any(
            self.is_by(key) for key in keys.get(self.by, ())
        )

    def is_by(self, verify_key: str) -> bool:
        """Whether this key (hex) made the signature."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(verify_key))
            key.verify(bytes.fromhex(self.signature), self.message())
        except (InvalidSignature, ValueError):
            return False
        return True


def read_json(text: str) -> Any:
    """What a signed file says; `ValueError` for what is no JSON, and where something is said twice:
    whoever reads the file would see the one, and the signature would cover the other."""
    try:
        return json.loads(text, object_pairs_hook=_each_once)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("said twice")
    return found


def _check(fields: Mapping[str, Any]) -> None:
    """`ValueError`, `KeyError` or `TypeError` unless everything that is read of it is there."""
    roots, (seq, head) = fields["roots"], fields["log"]
    ids = [fields["by"], fields["erasure"], seq]
    for name in ("contacts", "recordings", "cases"):
        ids += roots[name]
    ids += fields.get("originals", [])
    if roots["customer"] is not None:
        ids.append(roots["customer"])
    times = [fields["certified_at"], fields["erased_at"]]
    if fields["last_expiry"] is not None:
        times.append(fields["last_expiry"])
    for id, kind, expires in fields["copies"]:
        ids.append(id)
        times.append(expires)
        _check_text(kind)
    for entry, action, at, expires in fields["exports"]:
        ids.append(entry)
        times += [at] if expires is None else [at, expires]
        _check_text(action)
    for text in (fields["office"], fields["origin"], fields["verify_key"], head):
        _check_text(text)
    Origin(fields["origin"])
    for token in fields["proven"]:
        Proven(token)
    for token in fields["not_proven"]:
        NotProven(token)
    for one in (fields["control"], fields["proof"]):
        one.get("values")
    if any(type(id) is not int or not 0 <= id <= _LARGEST_ID for id in ids):
        raise ValueError("no id")
    if any(datetime.fromisoformat(at).tzinfo is None for at in times):
        raise ValueError("no instant")


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise TypeError("no text")


def instant(at: datetime) -> str:
    """As a certificate writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
