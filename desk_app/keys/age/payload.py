"""The binary payload: 64 KiB chunks of ChaCha20-Poly1305, each sealed in its place.

    nonce (16) | chunk 0 | chunk 1 | … | final chunk

A chunk's nonce is its number (11 bytes) and a flag that only the final one carries, so that
chunks can't be moved, dropped or appended. The key is derived from the file key and the nonce,
both fresh for each file: a chunk, once written, is never written again with other content.
The number of chunks can't reach 2^88, so the counter never wraps.
"""

import hashlib
import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NoReturn, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desk_app.keys.age.errors import AgeError, HeaderError, PayloadError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CHUNK_BYTES = 1 << 16
TAG_BYTES = 16
SEALED_BYTES = CHUNK_BYTES + TAG_BYTES
NONCE_BYTES = 16
_FINAL = 1
_WRONG_END = "the file doesn't end with its final chunk"


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


class PayloadWriter(io.BufferedIOBase):
    """Seals what is written in chunks. One thread at a time.

    A chunk is written when more follows it, because the last one is sealed as the final one:
    up to 64 KiB are therefore only in memory. `pending`, `chunks_written` and `derive_key` let a
    recorder keep them in a journal of its own. Dropped, aborted or failed, the writer leaves a
    file without a final chunk, which no reader takes for a whole one.
    """

    def __init__(self, sink: Sink, key: FileKey) -> None:
        self._sink = sink
        self._key = key
        self._cipher = key.cipher()
        self._chunk = bytearray(CHUNK_BYTES)
        self._chunk_view = memoryview(self._chunk)
        self._filled = 0
        self._sealed = memoryview(bytearray(SEALED_BYTES))
        self._number = 0
        self._failure: BaseException | None = None
        write_all(sink, key.nonce)

    @property
    def pending(self) -> bytes:
        """What was written and isn't sealed yet: at most 64 KiB."""
        return bytes(self._chunk_view[: self._filled])

    @property
    def chunks_written(self) -> int:
        """How many whole chunks the sink has taken."""
        return self._number

    def derive_key(self, info: bytes) -> bytes:
        """32 bytes bound to this file and to ``info``, for something kept beside it.

        Who can open the file can derive it again (`Remains.derive_key`). ``info`` must be the
        caller's own; ``payload`` is refused.
        """
        return self._key.derive_companion(info)

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        self._check_open()
        with memoryview(data).cast("B") as view:
            length = len(view)
            start = 0
            while start < length:
                if self._filled == CHUNK_BYTES:
                    self._seal(self._chunk_view, final=False)
                    self._filled = 0
                # Whole chunks that more follows are sealed from where they lie.
                while not self._filled and length - start > CHUNK_BYTES:
                    self._seal(view[start : start + CHUNK_BYTES], final=False)
                    start += CHUNK_BYTES
                end = min(length, start + CHUNK_BYTES - self._filled)
                filled = self._filled + end - start
                self._chunk_view[self._filled : filled] = view[start:end]
                self._filled, start = filled, end
        return length

    def close(self) -> None:
        """Seal the final chunk. The sink is flushed and stays open. Closing again does nothing."""
        if self.closed:
            return
        if self._failure is not None:
            self._end()
            raise self._failure
        try:
            self._seal(self._chunk_view[: self._filled], final=True)
            flush = getattr(self._sink, "flush", None)
            if flush is not None:
                flush()
        finally:
            self._end()

    def abort(self) -> None:
        """Stop here: nothing more is written, and the file stays without a final chunk."""
        if not self.closed:
            self._end()

    def __exit__(self, *exception: object) -> None:
        if exception[0] is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        # io's own finalizer would close, and so finish a file that nobody had finished.
        if hasattr(self, "_number"):
            self.abort()

    def _end(self) -> None:
        self._chunk_view[:] = bytes(CHUNK_BYTES)
        self._filled = 0
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("write to a finished age file")
        if self._failure is not None:
            raise self._failure

    def _seal(self, chunk: memoryview, *, final: bool) -> None:
        try:
            sealed = self._sealed[: len(chunk) + TAG_BYTES]
            self._cipher.encrypt_into(chunk_nonce(self._number, final=final), chunk, None, sealed)
            write_all(self._sink, sealed)
        except BaseException as error:
            # Sticky, or the chunk would be sealed again with other content under the same nonce.
            self._failure = error
            raise
        self._number += 1


class PayloadReader(io.BufferedIOBase):
    """Opens chunks as they are asked for; keeps the last one. One thread at a time.

    ``read`` and ``readinto`` give all that was asked for unless the file ends before. The end is
    believed only after the final chunk was checked, however it is reached. ``error`` is the
    failure that a player in between may have swallowed.
    """

    def __init__(self, source: BinaryIO, key: FileKey) -> None:
        self.error: AgeError | None = None
        self._source = source
        self._key = key
        self._cipher = key.cipher()
        self._start = source.tell()
        self._sealed = source.seek(0, io.SEEK_END) - self._start
        self._last = max(-(-self._sealed // SEALED_BYTES) - 1, 0)
        self._size = self._sealed - (self._last + 1) * TAG_BYTES
        self._position = 0
        self._open_number = -1
        self._open_chunk = b""
        self._end_is_checked = False
        self._end_is_wrong = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._check_open()
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            self._check_end()
            offset += self._size
        elif whence != io.SEEK_SET:
            raise ValueError("unknown whence")
        if offset < 0:
            raise ValueError("seek before the start")
        self._position = offset
        return offset

    def read(self, size: int | None = -1, /) -> bytes:
        self._check_open()
        wanted = -1 if size is None or size < 0 else size
        parts: list[bytes | memoryview] = []
        while wanted:
            part = self._next(wanted)
            if not part:
                break
            parts.append(part)
            if wanted > 0:
                wanted -= len(part)
        if len(parts) == 1 and isinstance(parts[0], bytes):
            return parts[0]
        return b"".join(parts)

    def read1(self, size: int = -1, /) -> bytes:
        self._check_open()
        return bytes(self._next(size)) if size else b""

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._check_open()
        with memoryview(buffer).cast("B") as view:
            filled = 0
            while filled < len(view):
                part = self._next(len(view) - filled)
                if not part:
                    break
                view[filled : filled + len(part)] = part
                filled += len(part)
            return filled

    def readinto1(self, buffer: "WriteableBuffer", /) -> int:
        with memoryview(buffer).cast("B") as view:
            part = self.read1(len(view))
            view[: len(part)] = part
            return len(part)

    def close(self) -> None:
        """Forget the opened chunk. The source stays open."""
        self._open_number, self._open_chunk = -1, b""
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("read from a closed age file")
        if self.error is not None:
            raise self.error

    def _next(self, wanted: int) -> bytes | memoryview:
        """Up to ``wanted`` bytes (any number if negative) of one chunk; empty at the end."""
        if self._position >= self._size:
            self._check_end()
            return b""
        number, offset = divmod(self._position, CHUNK_BYTES)
        if number != self._open_number:
            self._open(number)
        chunk = self._open_chunk
        end = len(chunk) if wanted < 0 else min(offset + wanted, len(chunk))
        self._position += end - offset
        # A whole chunk is handed on as it is; a part of one without a copy in between.
        return chunk if end - offset == len(chunk) else memoryview(chunk)[offset:end]

    def _check_end(self) -> None:
        if not self._end_is_checked:
            self._open(self._last)
            if self._end_is_wrong:
                self._fail(_WRONG_END)
            self._end_is_checked = True

    def _open(self, number: int) -> None:
        if self._end_is_wrong:
            self._fail(_WRONG_END)
        is_last = number == self._last
        self._source.seek(self._start + number * SEALED_BYTES)
        sealed = self._source.read(SEALED_BYTES)
        length = self._sealed - number * SEALED_BYTES if is_last else SEALED_BYTES
        if len(sealed) != length:
            self._fail("the file changed its length")
        if length == TAG_BYTES and number:
            self._fail("the final chunk is empty")
        chunk = _open_chunk(self._cipher, sealed, number, final=is_last)
        if chunk is None and length == SEALED_BYTES:
            # A sound chunk in its place is given out, as a reader of a pipe would have done; but
            # the file ends too early or goes on too long, and nothing further is read.
            chunk = _open_chunk(self._cipher, sealed, number, final=not is_last)
            self._end_is_wrong = chunk is not None
        if chunk is None:
            self._fail("a chunk was changed or cut off")
        self._open_number, self._open_chunk = number, chunk

    def _fail(self, detail: str) -> NoReturn:
        self._open_number, self._open_chunk = -1, b""
        self.error = PayloadError(detail)
        raise self.error


class Remains:
    """A file that may have been cut off while it was written: its whole chunks, from the start."""

    def __init__(self, source: BinaryIO, key: FileKey) -> None:
        self._source = source
        self._start = source.tell()
        self._key = key
        self.is_complete = False
        """Whether `chunks` has met the final chunk and nothing after it."""

    def derive_key(self, info: bytes) -> bytes:
        """What `PayloadWriter.derive_key` gave to the writer of this file."""
        return self._key.derive_companion(info)

    def chunks(self) -> Iterator[bytes]:
        """Every chunk that was written whole, in order, up to the end or the first bad one."""
        cipher = self._key.cipher()
        self._source.seek(self._start)
        number = 0
        sealed = self._source.read(SEALED_BYTES)
        while sealed:
            following = self._source.read(SEALED_BYTES)
            for final in (False,) if following else (False, True):
                chunk = _open_chunk(cipher, sealed, number, final=final)
                if chunk is not None:
                    self.is_complete = final and (bool(chunk) or number == 0)
                    yield chunk
                    break
            else:
                return
            number += 1
            sealed = following


def _open_chunk(
    cipher: ChaCha20Poly1305, sealed: bytes, number: int, *, final: bool
) -> bytes | None:
    try:
        return cipher.decrypt(chunk_nonce(number, final=final), sealed, None)
    except InvalidTag:
        return None


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
