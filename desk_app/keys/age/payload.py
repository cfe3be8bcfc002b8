"""The binary payload: 64 KiB chunks of ChaCha20-Poly1305, each sealed in its place.

    nonce (16) | chunk 0 | chunk 1 | … | final chunk

A chunk's nonce is its number (11 bytes) and a flag that only the final one carries, so that
chunks can't be moved, dropped or appended. The key is derived from the file key and the nonce,
both fresh for each file: a chunk, once written, is never written again with other content.
The number of chunks can't reach 2^88, so the counter never wraps.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, Self

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desk_app.keys.age.errors import HeaderError

CHUNK_BYTES = 1 << 16
TAG_BYTES = 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
NONCE_BYTES = 16
_FINAL = 1


class Sink(Protocol):
    """Where an age file is written to: a file opened for writing bytes, or anything like it."""

    def write(self, data: memoryview, /) -> int | None:
        """Take some of ``data``; the number of bytes taken, None if it would block."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """What a payload's keys are derived from: the file key and the payload nonce."""

    secret: bytes = field(repr=False)
    nonce: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """For a new file; it must never be used for a second one."""
        return cls(secrets.token_bytes(16), secrets.token_bytes(NONCE_BYTES))

    @classmethod
    def read(cls, secret: bytes, source: BinaryIO) -> Self:
        """Take the nonce off a source that stands at the end of the header."""
        nonce = source.read(NONCE_BYTES)
        if len(nonce) != NONCE_BYTES:
            raise HeaderError("the payload nonce is cut off")
        return cls(secret, nonce)

    def derive(self, info: bytes) -> bytes:
        """32 bytes for the one use that ``info`` names; ``payload`` is the format's own."""
        return HKDF(algorithm=SHA256(), length=32, salt=self.nonce, info=info).derive(self.secret)

    def derive_companion(self, info: bytes) -> bytes:
        """`derive` for a caller outside this package."""
        if info in (b"payload", b"header"):
            raise ValueError("this info is the format's own")
        return self.derive(info)

    def cipher(self) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(self.derive(b"payload"))


def chunk_nonce(number: int, *, final: bool) -> bytes:
    """The AEAD nonce of a chunk."""
    return (number << 8 | (_FINAL if final else 0)).to_bytes(12, "big")


def write_all(sink: Sink, data: bytes | bytearray | memoryview) -> None:
    """Write every byte or raise: a raw file on a full disk may take only some, silently."""
    rest = memoryview(data)
    while rest:
        taken = sink.write(rest)
        if taken is None:
            raise BlockingIOError("the sink of an age file must block")
        if taken <= 0:
            raise OSError("the sink of an age file takes no more bytes")
        rest = rest[taken:]


def copy_payload(source: BinaryIO, sink: Sink) -> None:
    """Copy nonce and payload, from the end of the header to the end of the source."""
    while block := source.read(1 << 20):
        write_all(sink, block)


def digest_payload(source: BinaryIO) -> bytes:
    """SHA-256 from the end of the header to the end of the source."""
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
    return digest.digest()
