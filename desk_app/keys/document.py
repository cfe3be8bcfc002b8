"""What a keyring holds, and the one format in which both keyrings keep it.

Three parts: a line of magic, a line with the SHA-256 of the rest in hexadecimal, and JSON::

    inquiry-desk keyring 1
    6f1c…
    {"accounts": {"<account>": {…}}, "escrow": {"database 1": "<base64>"}, "salt": "<base64>"}

An account has ``tag`` (HMAC-SHA-256 of the login under the salt: names aren't in plain),
``recipient``, ``hardness`` ([passes, KiB, lanes] of Argon2id), ``kdf_salt``, ``identity`` (nonce
and wrapped identity), ``failures``, ``failed_at`` (ISO 8601 or null) and ``grants`` (age files by
name). Bytes are base64, keys are sorted. The digest finds damage; against intent, the identity
is bound to its account and each grant to its name.
"""

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desk_app.errors import Fault
from desk_app.keys.grants import GrantName
from desk_app.keys.lockout import NEVER_FAILED, Lockout
from desk_app.keys.wrapping import Hardness, WrappedIdentity

MAGIC = b"inquiry-desk keyring "
VERSION = 1


@dataclass(slots=True)
class Account:
    """What the keyring knows of a person: nothing that names them, nothing that opens by itself."""

    id: str
    tag: bytes
    recipient: str
    identity: WrappedIdentity
    lockout: Lockout = NEVER_FAILED
    grants: dict[GrantName, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    """A keyring's whole content. ``escrow`` holds secrets addressed to the recovery key."""

    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    accounts: dict[str, Account] = field(default_factory=dict)
    escrow: dict[GrantName, bytes] = field(default_factory=dict)

    def tag(self, login: str) -> bytes:
        """How a login is found: the same for full-width, half-width, upper and lower case."""
        normal = unicodedata.normalize("NFKC", login).casefold().strip()
        return hmac.digest(self.salt, normal.encode(errors="surrogatepass"), "sha256")

    def find(self, login: str) -> Account | None:
        """The account of a login, or None."""
        tag = self.tag(login)
        for account in self.accounts.values():
            if hmac.compare_digest(account.tag, tag):
                return account
        return None

    def to_bytes(self) -> bytes:
        fields = {
            "accounts": {id: _account_fields(account) for id, account in self.accounts.items()},
            "escrow": _grant_fields(self.escrow),
            "salt": _text(self.salt),
        }
        body = json.dumps(fields, sort_keys=True, indent=1).encode() + b"\n"
        digest = hashlib.sha256(body).hexdigest().encode()
        return MAGIC + str(VERSION).encode() + b"\n" + digest + b"\n" + body

    @classmethod
    def from_bytes(cls, data: bytes) -> "Document":
        """The content; `Fault` if it is damaged, or made by a newer version of the program."""
        magic, _, rest = data.partition(b"\n")
        digest, _, body = rest.partition(b"\n")
        if magic.startswith(MAGIC) and magic[len(MAGIC) :].isdigit():
            version = int(magic[len(MAGIC) :])
            if version > VERSION:
                raise Fault("keys.keyring_newer", version=version)
        if magic != MAGIC + str(VERSION).encode():
            raise Fault("keys.keyring_damaged")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            raise Fault("keys.keyring_damaged")
        try:
            fields = json.loads(body)
            accounts = {id: _account(id, account) for id, account in fields["accounts"].items()}
            return cls(_bytes(fields["salt"]), accounts, _grants(fields["escrow"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            # From None: the cause would carry pieces of the content into a log.
            raise Fault("keys.keyring_damaged") from None


def _account_fields(account: Account) -> dict[str, Any]:
    hardness = account.identity.hardness
    failed_at = account.lockout.failed_at
    return {
        "tag": _text(account.tag),
        "recipient": account.recipient,
        "hardness": [hardness.passes, hardness.memory_kib, hardness.lanes],
        "kdf_salt": _text(account.identity.salt),
        "identity": _text(account.identity.sealed),
        "failures": account.lockout.failures,
        "failed_at": None if failed_at is None else failed_at.isoformat(),
        "grants": _grant_fields(account.grants),
    }


def _account(id: str, fields: dict[str, Any]) -> Account:
    failed_at = fields["failed_at"]
    return Account(
        id=id,
        tag=_bytes(fields["tag"]),
        recipient=str(fields["recipient"]),
        identity=WrappedIdentity(
            Hardness(*fields["hardness"]), _bytes(fields["kdf_salt"]), _bytes(fields["identity"])
        ),
        lockout=Lockout(
            int(fields["failures"]),
            None if failed_at is None else datetime.fromisoformat(failed_at),
        ),
        grants=_grants(fields["grants"]),
    )


def _grant_fields(grants: dict[GrantName, bytes]) -> dict[str, str]:
    return {str(name): _text(grant) for name, grant in grants.items()}


def _grants(fields: dict[str, str]) -> dict[GrantName, bytes]:
    return {GrantName.parse(name): _bytes(grant) for name, grant in fields.items()}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
