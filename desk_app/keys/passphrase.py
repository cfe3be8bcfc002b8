"""A few bytes sealed under a passphrase: a file that one person hands to another.

Format 1, all of it ASCII: the line ``inquiry-desk sealed 1``, a line of JSON ``{"for", "passes",
"memory_kib", "lanes", "salt"}`` (hexadecimal), and a line of Base64: a nonce of 12 bytes and what
ChaCha20-Poly1305 made of the content. The key is Argon2id of the passphrase, and both lines above
are authenticated, so that neither the purpose nor the cost can be exchanged.
"""

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from desk_app.errors import Refused
from desk_app.keys.wrapping import HARDNESS, Hardness, derive

MAGIC = b"inquiry-desk sealed 1"
MOST_BYTES = 1 << 20
_NONCE_BYTES = 12
_SALT_BYTES = 16


def seal(content: bytes, passphrase: str, *, purpose: str) -> bytes:
    """The file; takes as long as a sign-in."""
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    return _sealed(content, passphrase, purpose, HARDNESS, salt, nonce)


def _sealed(
    content: bytes, passphrase: str, purpose: str, hardness: Hardness, salt: bytes, nonce: bytes
) -> bytes:
    terms = {
        "for": purpose,
        "passes": hardness.passes,
        "memory_kib": hardness.memory_kib,
        "lanes": hardness.lanes,
        "salt": salt.hex(),
    }
    head = MAGIC + b"\n" + json.dumps(terms).encode("ascii")
    key = derive(passphrase, salt, hardness)
    body = nonce + ChaCha20Poly1305(key).encrypt(nonce, content, head)
    return head + b"\n" + base64.b64encode(body) + b"\n"


def unseal(sealed: bytes, passphrase: str, *, purpose: str) -> bytes:
    """The content. ``Refused("keys.not_sealed")`` for what is no such file, and
    ``keys.wrong_passphrase`` for another passphrase or a changed file: nobody can tell them
    apart."""
    try:
        magic, terms, body, end = sealed[:MOST_BYTES].split(b"\n")
        fields = json.loads(terms)
        if magic != MAGIC or end or fields["for"] != purpose:
            raise ValueError("another file")
        cost = (fields["passes"], fields["memory_kib"], fields["lanes"])
        if not all(isinstance(one, int) for one in cost):
            raise ValueError("no number")
        hardness = Hardness(*cost)
        salt = bytes.fromhex(fields["salt"])
        raw = base64.b64decode(body, validate=True)
        if len(salt) != _SALT_BYTES or len(raw) <= _NONCE_BYTES:
            raise ValueError("too short")
        if base64.b64encode(raw) != body:
            raise ValueError("bits that nobody wrote")
    except (ValueError, KeyError, TypeError):
        raise Refused("keys.not_sealed") from None
    key = derive(passphrase, salt, hardness)
    try:
        return ChaCha20Poly1305(key).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], magic + b"\n" + terms
        )
    except InvalidTag:
        raise Refused("keys.wrong_passphrase") from None
