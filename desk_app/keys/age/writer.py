"""Writing a payload: sealing chunks as they fill, and the final one when the file is closed."""

import io
from typing import TYPE_CHECKING

from desk_app.keys.age.payload import (
    CHUNK_BYTES,
    SEALED_BYTES,
    TAG_BYTES,
    FileKey,
    Sink,
    chunk_nonce,
    write_all,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


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
