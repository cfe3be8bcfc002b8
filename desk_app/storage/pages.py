"""The pages of an encrypted file as they lie on the disk, decrypted: free ones and those of the
write-ahead log too, which no query ever sees.

A page of SQLCipher 4 is AES-256-CBC; its vector is the first 16 of the 80 bytes reserved at its
end, and the first page begins with 16 bytes of salt. A frame of the log is a page behind a header
of 24 bytes; the log's own header has 32. What was deleted is in there until it is overwritten or
the file is written anew (`loading.settle_file`).
"""

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from desk_app.files import fault_of
from desk_app.storage.needles import Needles

PAGE_BYTES = 4096
RESERVED_BYTES = 80
_SALT_BYTES = 16
_LOG_HEADER, _FRAME_HEADER = 32, 24
_AT_ONCE = 256


def decrypted_pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Every page of the file, then of its log; the key is the database's 32 raw bytes.

    `Fault` for what the disk says. Read while nobody writes, or some pages are seen torn.
    """
    log = path.with_name(path.name + "-wal")
    try:
        with path.open("rb") as file:
            number = 0
            while page := file.read(PAGE_BYTES):
                yield _decrypted(page, key, salted=number == 0)
                number += 1
        if log.exists():
            with log.open("rb") as file:
                file.read(_LOG_HEADER)
                while frame := file.read(_FRAME_HEADER + PAGE_BYTES):
                    first = int.from_bytes(frame[:4], "big") == 1
                    yield _decrypted(frame[_FRAME_HEADER:], key, salted=first)
    except OSError as error:
        raise fault_of(error) from error


def found_in_pages(path: Path, key: bytes, needles: Collection[bytes]) -> frozenset[bytes]:
    """Those of the needles that some page holds, whole or across the end of the page before."""
    looked = Needles(needles)
    found: frozenset[bytes] = frozenset()
    before = b""
    pages = decrypted_pages(path, key)
    while len(found) < len(looked.wanted) and (some := b"".join(islice(pages, _AT_ONCE))):
        window = before + some
        found |= looked.found_in(window)
        before = window[-looked.longest :]
    return found


def _decrypted(page: bytes, key: bytes, *, salted: bool) -> bytes:
    if len(page) < PAGE_BYTES:
        return b""  # torn, as a crash leaves the end of a log
    body = page[_SALT_BYTES if salted else 0 : PAGE_BYTES - RESERVED_BYTES]
    vector = page[PAGE_BYTES - RESERVED_BYTES :][:16]
    return Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor().update(body)
