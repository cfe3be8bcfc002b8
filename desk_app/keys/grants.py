"""Grants: secrets that one person holds, each an age file addressed to that person alone.

The sealed text is two lines, so that it is of use without this product: ``age -d`` shows a
database key in hexadecimal, and a recordings' identity comes out as a file for ``age -i``::

    # inquiry-desk recordings 2
    AGE-SECRET-KEY-1…

The first line binds the secret to its name: a grant put in another's place is refused.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from desk_app.errors import Fault
from desk_app.keys import age


class GrantKind(StrEnum):
    """What a grant opens."""

    DATABASE = "database"  # the SQLCipher key, 32 bytes in hexadecimal
    SERVER = "server"  # the person's own role on the database server
    OWNER = "owner"  # the role that owns the database on the server
    RECORDINGS = "recordings"  # an identity that recordings are addressed to
    SEALED = "sealed"  # an identity that sensitive records are addressed to
    ATTACHMENTS = "attachments"  # an identity that the attachments of cases are addressed to
    SIGNING = "signing"  # the person's own Ed25519 seed, in hexadecimal


SHARED = frozenset(
    {
        GrantKind.DATABASE,
        GrantKind.OWNER,
        GrantKind.RECORDINGS,
        GrantKind.SEALED,
        GrantKind.ATTACHMENTS,
    }
)
"""Kinds whose secret is the same for all who hold it; the others are one person's own."""

OPENS_DATABASE = frozenset({GrantKind.DATABASE, GrantKind.OWNER})
"""Kinds of which one version is in use at a time, changed when somebody leaves who knew it."""


@dataclass(frozen=True, slots=True, order=True)
class GrantName:
    """A secret's kind and version; a later version replaces an earlier one."""

    kind: GrantKind
    version: int = 1

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of ``str``; `ValueError` if it isn't one."""
        kind, version = text.split(" ")
        if version != str(int(version)) or int(version) < 1:
            raise ValueError("versions count from 1")
        return cls(GrantKind(kind), int(version))


Secrets = Mapping[GrantName, str]
"""Opened secrets by name. Never logged, never kept longer than the step that needs them."""


@dataclass(frozen=True, slots=True)
class ServerCredential:
    """A person's own role on the database server."""

    role: str
    password: str = field(repr=False)

    def to_secret(self) -> str:
        return json.dumps({"password": self.password, "role": self.role})

    @classmethod
    def from_secret(cls, secret: str) -> Self:
        fields = json.loads(secret)
        return cls(role=str(fields["role"]), password=str(fields["password"]))


def seal_grant(name: GrantName, secret: str, *recipients: str) -> bytes:
    """The grant of ``secret`` to whoever holds the identity of one of ``recipients``."""
    sink = io.BytesIO()
    with age.encrypt(sink, recipients) as writer:
        writer.write(f"{_label(name)}\n{secret}\n".encode())
    return sink.getvalue()


def seal_grants(secrets: Secrets, *recipients: str) -> dict[GrantName, bytes]:
    """A grant of each secret."""
    return {name: seal_grant(name, secret, *recipients) for name, secret in secrets.items()}


def open_grant(name: GrantName, grant: bytes, identity: str) -> str:
    """The secret; `Fault` ``keys.grant_damaged`` if the grant isn't this person's or this one."""
    try:
        label, secret, end = age.decrypt(io.BytesIO(grant), [identity]).read().decode().split("\n")
    except (age.AgeError, ValueError):
        raise Fault("keys.grant_damaged", grant=str(name)) from None
    if label != _label(name) or end:
        raise Fault("keys.grant_damaged", grant=str(name))
    return secret


def open_grants(grants: Mapping[GrantName, bytes], identity: str) -> dict[GrantName, str]:
    """Every secret; `Fault` if one of them can't be opened."""
    return {name: open_grant(name, grant, identity) for name, grant in grants.items()}


def _label(name: GrantName) -> str:
    return f"# inquiry-desk {name}"
