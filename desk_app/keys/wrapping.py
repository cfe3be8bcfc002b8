"""A person's identity wrapped under their password: Argon2id, then ChaCha20-Poly1305.

The wrapping is bound to the account, the recipient and the parameters, so that none of them can
be swapped or weakened by editing the keyring.
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from desk_app.keys.passwords import password_bytes

_PURPOSE = "inquiry-desk identity 1"
_NONCE_BYTES = 12
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Hardness:
    """The cost of one try; the default is RFC 9106's second recommendation."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    def __post_init__(self) -> None:
        # The upper bounds keep an edited keyring from taking the machine's memory.
        if not (1 <= self.passes <= 64 and 1 <= self.lanes <= 64):
            raise ValueError("unreasonable Argon2id parameters")
        if not 8 * self.lanes <= self.memory_kib <= 4 * 1024 * 1024:
            raise ValueError("unreasonable Argon2id memory")

    def is_at_least(self, other: "Hardness") -> bool:
        """Whether a try costs no less time and no less memory than with ``other``."""
        return self.passes >= other.passes and self.memory_kib >= other.memory_kib


HARDNESS = Hardness()
"""What new wrappings use; older, weaker ones are made anew at the next sign-in."""


@dataclass(frozen=True, slots=True)
class WrappedIdentity:
    """What the keyring keeps of an identity. It opens with the password alone."""

    hardness: Hardness
    salt: bytes
    sealed: bytes = field(repr=False)

    @classmethod
    def wrap(
        cls, identity: str, password: str, *, account: str, recipient: str, hardness: Hardness
    ) -> Self:
        """Wrap under a fresh salt; takes the time and memory that ``hardness`` says."""
        salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
        key = _derive(password, salt, hardness)
        bound = _bound(account, recipient, hardness)
        sealed = nonce + ChaCha20Poly1305(key).encrypt(nonce, identity.encode(), bound)
        return cls(hardness, salt, sealed)

    def open(self, password: str, *, account: str, recipient: str) -> str | None:
        """The identity, or None if the password is wrong or the keyring was edited."""
        key = _derive(password, self.salt, self.hardness)
        bound = _bound(account, recipient, self.hardness)
        nonce, sealed = self.sealed[:_NONCE_BYTES], self.sealed[_NONCE_BYTES:]
        try:
            return ChaCha20Poly1305(key).decrypt(nonce, sealed, bound).decode()
        except InvalidTag:
            return None


def spend_one_try(password: str) -> None:
    """Cost as much as trying a password, so that an unknown login takes as long as a known one."""
    _derive(password, bytes(_SALT_BYTES), HARDNESS)


def derive(password: str, salt: bytes, hardness: Hardness) -> bytes:
    """The key of 32 bytes that a password gives, at the cost that ``hardness`` says."""
    return _derive(password, salt, hardness)


def _derive(password: str, salt: bytes, hardness: Hardness) -> bytes:
    return Argon2id(
        salt=salt,
        length=32,
        iterations=hardness.passes,
        lanes=hardness.lanes,
        memory_cost=hardness.memory_kib,
    ).derive(password_bytes(password))


def _bound(account: str, recipient: str, hardness: Hardness) -> bytes:
    cost = [hardness.passes, hardness.memory_kib, hardness.lanes]
    return json.dumps([_PURPOSE, account, recipient, cost]).encode()
