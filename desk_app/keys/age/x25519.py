"""X25519 identities and recipients: their Bech32 texts, and file keys wrapped with them."""

import secrets
from typing import Literal

import bech32
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desk_app.keys.age.errors import HeaderError, InvalidKey

_KEY_BYTES = 32
_INFO = b"age-encryption.org/v1/X25519"
_ZERO_NONCE = bytes(12)  # each wrap key is used once


def generate_identity() -> str:
    """A new secret identity, ``AGE-SECRET-KEY-1…``."""
    return _encode("age-secret-key-", secrets.token_bytes(_KEY_BYTES)).upper()


def recipient_of(identity: str) -> str:
    """The public recipient (``age1…``) of an identity; `InvalidKey` if it isn't one."""
    return _encode("age", private_key(identity).public_key().public_bytes_raw())


def private_key(identity: str) -> X25519PrivateKey:
    """The key that an identity's text stands for; `InvalidKey` if it isn't exactly that."""
    return X25519PrivateKey.from_private_bytes(_decode(identity, "age-secret-key-", "upper"))


def public_key(recipient: str) -> X25519PublicKey:
    """The key that a recipient's text stands for; `InvalidKey` if it isn't exactly that."""
    return X25519PublicKey.from_public_bytes(_decode(recipient, "age", "lower"))


def _encode(prefix: str, key: bytes) -> str:
    groups = bech32.convertbits(key, 8, 5) or []  # None is for values above 8 bits
    return bech32.bech32_encode(prefix, groups)


def _decode(text: str, prefix: str, case: Literal["upper", "lower"]) -> bytes:
    # The library refuses mixed case, foreign characters, a wrong checksum and loose padding
    # bits; BIP 173 lets either case stand, age ties each prefix to one.
    kind = "identity" if case == "upper" else "recipient"
    found, groups = bech32.bech32_decode(text)
    cased = text.upper() if case == "upper" else text.lower()
    if groups is None or found != prefix or text != cased:
        raise InvalidKey(f"not an X25519 {kind}")
    key = bech32.convertbits(groups, 5, 8, False)
    if key is None or len(key) != _KEY_BYTES:
        raise InvalidKey(f"an X25519 {kind} has {_KEY_BYTES} bytes")
    return bytes(key)


def wrap(file_key: bytes, recipient: str) -> tuple[bytes, bytes]:
    """The share and the body of a stanza for ``recipient``, under a fresh ephemeral key."""
    public = public_key(recipient)
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    try:
        shared = ephemeral.exchange(public)
    except ValueError as error:
        raise InvalidKey("the recipient is a point of low order") from error
    wrap_key = _wrap_key(shared, share + public.public_bytes_raw())
    return share, ChaCha20Poly1305(wrap_key).encrypt(_ZERO_NONCE, file_key, None)


def unwrap(share: bytes, body: bytes, key: X25519PrivateKey) -> bytes | None:
    """The file key, or None if the stanza is for somebody else."""
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise HeaderError("the share is a point of low order") from error
    wrap_key = _wrap_key(shared, share + key.public_key().public_bytes_raw())
    try:
        return ChaCha20Poly1305(wrap_key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None


def _wrap_key(shared: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=_INFO).derive(shared)
