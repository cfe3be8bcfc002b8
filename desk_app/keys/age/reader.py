"""Reading a payload: any place of a whole file, or what is left of one that was cut off."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from desk_app.keys.age.errors import AgeError, PayloadError
from desk_app.keys.age.payload import CHUNK_BYTES, SEALED_BYTES, TAG_BYTES, FileKey, chunk_nonce

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_WRONG_END = "the file doesn't end with its final chunk"


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
        # a final chunk that is cut within its tag still leaves the ones before it whole
        self._size = max(self._sealed - (self._last + 1) * TAG_BYTES, self._last * CHUNK_BYTES)
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
    """A file that may have been cut off while it was written, or damaged since."""

    def __init__(self, source: BinaryIO, key: FileKey) -> None:
        self._source = source
        self._start = source.tell()
        self._key = key
        sealed = source.seek(0, io.SEEK_END) - self._start
        self.size = max(sealed - -(-sealed // SEALED_BYTES) * TAG_BYTES, 0)
        """How many bytes it would give if each of its chunks were sound."""
        self.is_complete = False
        """Whether the final chunk was met and nothing after it."""

    def derive_key(self, info: bytes) -> bytes:
        """What `PayloadWriter.derive_key` gave to the writer of this file."""
        return self._key.derive_companion(info)

    def chunks(self) -> Iterator[bytes]:
        """Every chunk that was written whole, in order, up to the end or the first bad one."""
        for expected, (number, chunk) in enumerate(self.sound_chunks()):
            if number != expected:
                self.is_complete = False
                return
            yield chunk

    def sound_chunks(self) -> Iterator[tuple[int, bytes]]:
        """Every chunk that opens in its place, with its number; bad ones are left out."""
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
                    yield number, chunk
                    break
            number += 1
            sealed = following


def _open_chunk(
    cipher: ChaCha20Poly1305, sealed: bytes, number: int, *, final: bool
) -> bytes | None:
    try:
        return cipher.decrypt(chunk_nonce(number, final=final), sealed, None)
    except InvalidTag:
        return None
