"""Files in the age v1 format (age-encryption.org/v1), written and read without copies on disk.

Everything sealed by the desk is such a file, so that the stock ``age`` tool opens it with the
right identity and without this product. The format is the promise; this package holds to it
strictly and to nothing beyond it:

- written for X25519 recipients, or under a passphrase for somebody outside; read with X25519
  identities, or with a passphrase where the header has an scrypt stanza (alone, and with a work
  factor of at most 2^20);
- stanzas of other kinds are skipped, never guessed at. Keys of other kinds (post-quantum
  hybrid, plug-ins, SSH) are refused as `InvalidKey`: the desk makes none;
- ASCII armor is read (up to 16 MiB), never written;
- a header that isn't in its one canonical form, a payload without its final chunk, and any byte
  after it are errors. There is no lenient mode.

All errors are `AgeError`, a `Fault`: a file that can't be opened is damaged, cut off, or sealed
for somebody else; none of that can be mended by asking differently. They are sticky: a stream
that failed once fails in the same way ever after. No message holds key material.
"""

from collections.abc import Iterable
from typing import BinaryIO

from desk_app.keys.age.armor import dearmored
from desk_app.keys.age.errors import (
    AgeError,
    HeaderError,
    InvalidKey,
    MacError,
    NoMatch,
    PayloadError,
)
from desk_app.keys.age.header import (
    make_header,
    make_passphrase_header,
    open_header,
    read_header,
)
from desk_app.keys.age.payload import (
    CHUNK_BYTES,
    FileKey,
    Sink,
    copy_payload,
    digest_payload,
    write_all,
)
from desk_app.keys.age.reader import PayloadReader, Remains
from desk_app.keys.age.writer import PayloadWriter
from desk_app.keys.age.x25519 import generate_identity, recipient_of, wrap

__all__ = [
    "CHUNK_BYTES",
    "AgeError",
    "HeaderError",
    "InvalidKey",
    "MacError",
    "NoMatch",
    "PayloadError",
    "PayloadReader",
    "PayloadWriter",
    "Remains",
    "Sink",
    "decrypt",
    "encrypt",
    "encrypt_for_passphrase",
    "generate_identity",
    "is_recipient",
    "payload_digest",
    "recipient_of",
    "remains",
    "rewrap",
]


def encrypt(sink: Sink, recipients: Iterable[str]) -> PayloadWriter:
    """A writable stream that seals what is written to it for each of ``recipients`` (age1…).

    The header is written at once, and a chunk each time 64 KiB are full; `PayloadWriter.close`
    writes the final chunk, without which the file is invalid. As a context manager it closes on
    success and aborts on an exception. The sink stays open and belongs to the caller, who also
    makes it durable. One thread at a time.
    """
    key = FileKey.generate()
    write_all(sink, make_header(key.secret, recipients))
    return PayloadWriter(sink, key)


def encrypt_for_passphrase(sink: Sink, passphrase: str) -> PayloadWriter:
    """As `encrypt`, for whoever is told the passphrase: the stock tool asks for it. How strong it
    is, the caller has judged; it takes about a second and 256 MiB."""
    key = FileKey.generate()
    write_all(sink, make_passphrase_header(key.secret, passphrase))
    return PayloadWriter(sink, key)


def decrypt(
    source: BinaryIO, identities: Iterable[str], passphrase: str | None = None
) -> PayloadReader:
    """A seekable readable stream of what was sealed in ``source``, from its current position on.

    The header is checked now, chunks when they are read: a seek costs the one chunk it lands in,
    and the end of the file is believed only after the final chunk was checked. ``source`` must be
    seekable; it stays open and belongs to the caller. One thread at a time.

    Raises `HeaderError`, `NoMatch` or `MacError` here, `PayloadError` when reading.
    """
    plain = dearmored(source)
    header = read_header(plain)
    secret = open_header(header, identities, passphrase)
    return PayloadReader(plain, FileKey.read(secret, plain))


def is_recipient(text: str) -> bool:
    """Whether something can be sealed for ``text``: an X25519 recipient, and a sound one."""
    try:
        wrap(bytes(16), text)
    except InvalidKey:
        return False
    return True


def remains(source: BinaryIO, identities: Iterable[str]) -> Remains:
    """What can still be read of a file that may have been cut off: for salvage only."""
    header = read_header(source)
    secret = open_header(header, identities, None)
    return Remains(source, FileKey.read(secret, source))


def rewrap(
    source: BinaryIO, sink: Sink, identities: Iterable[str], recipients: Iterable[str]
) -> None:
    """Copy an age file with its header made anew for ``recipients``; the payload stays the same.

    Who could open the old file and kept it, or its file key, can open the new one too: this hands
    a file on to new keys, it takes nothing back. The payload is copied unchecked; compare
    `payload_digest`. Neither stream is closed or synced.
    """
    header = read_header(source)
    secret = open_header(header, identities, None)
    write_all(sink, make_header(secret, recipients))
    copy_payload(source, sink)


def payload_digest(source: BinaryIO) -> bytes:
    """SHA-256 of payload nonce and payload: the same after `rewrap`, needs no identity."""
    read_header(source)
    return digest_payload(source)
