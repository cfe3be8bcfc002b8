"""Seals a recording while it is made, so that nothing readable and nothing lost is on disk.

What is written goes into ``<uid>.age.part``, an age file. age seals 64 KiB at a time, which is
14 s of speech; what the part doesn't hold yet is journalled in ``<uid>.age.tail`` with every page
and synced. Once a chunk is in the part and synced, the journal starts anew. A chunk is never
written twice with other content, and a journal nonce is never used twice.

The journal, version 1: ``IDRT`` and the byte 1, then records

    counter (8) | offset (8) | length (4) | sealed (length + 16)

all big-endian. ``sealed`` is ChaCha20-Poly1305 of ``length`` bytes of the recording from
``offset`` on; the nonce is the counter (12 bytes), the additional data the mark of the file and
the three numbers, the key the one that `age.PayloadWriter.derive_key` gives for `TAIL_KEY`. The
counter grows from record to record for as long as the recording lasts. A record that is torn,
changed, or not newer than the one before is passed over, and the next one is looked for.
"""

import contextlib
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from desk_app.errors import Fault
from desk_app.files import fault_of, sync_folder, whole_file
from desk_app.keys import age
from desk_app.keys.age.payload import write_all
from desk_app.recordings.files import (
    RecordingFiles,
    Sealed,
    VoiceMs,
    create,
    lock,
    sync,
    write_note,
)

TAIL_KEY = b"inquiry-desk/recording-tail/1"
TAIL_MARK = b"IDRT\x01"
_RECORD = struct.Struct(">QQI")
_TAG_BYTES = 16
_NONCE_BYTES = 12
RESERVE_BYTES = 3 * age.CHUNK_BYTES
"""Room for the chunk that found the disk full, the final chunk, and the note."""


def _is_full(error: OSError) -> bool:
    return fault_of(error).code == "files.disk_full"


class _Part:
    """The growing age file. When the disk is full it gives up the reserve and goes on once."""

    def __init__(self, files: RecordingFiles) -> None:
        self.file = create(files.part)
        self._reserve = files.reserve
        self.is_full = False

    def write(self, data: memoryview, /) -> int:
        try:
            return self.file.write(data)
        except OSError as error:
            if self.is_full or not _is_full(error):
                raise
            self.is_full = True
            self._reserve.unlink(missing_ok=True)
            return self.file.write(data)


class SealedWriter:
    """Writes one recording. One thread at a time.

    After `write` the bytes survive the end of the process and a power cut. `finish` gives the
    sealed file its name; `abandon` leaves what there is to `recovery`. Any `OSError` that comes
    out means that the disk takes no more: call `finish` if `is_full`, else `abandon`.
    """

    def __init__(self, files: RecordingFiles, recipients: Iterable[str]) -> None:
        self._files = files
        self._recipients = tuple(recipients)
        self._length = 0
        self._counter = 0
        self._chunks = 0
        # The tail is the mark of a living recorder: locked first and removed last.
        self._tail = create(files.tail)
        with contextlib.ExitStack() as opened:
            opened.callback(self._remove)  # a full disk keeps nothing of an attempt
            opened.enter_context(self._tail)
            lock(self._tail, wait=True)  # `recovery.look` may be trying it
            write_all(self._tail, TAIL_MARK)
            self._tail_end = len(TAIL_MARK)
            with create(files.reserve) as reserve:
                write_all(reserve, os.urandom(RESERVE_BYTES))
            self._part = _Part(files)
            opened.enter_context(self._part.file)
            self._age = age.encrypt(self._part, self._recipients)
            self._cipher = ChaCha20Poly1305(self._age.derive_key(TAIL_KEY))
            sync(self._part.file)
            sync(self._tail)
            sync_folder(files.folder)
            opened.pop_all()

    @property
    def is_full(self) -> bool:
        """Whether the disk is full: what was written is safe, and it is time to `finish`."""
        return self._part.is_full

    def write(self, page: bytes) -> None:
        """Seal ``page`` and make it durable."""
        offset = self._length
        self._age.write(page)
        self._length += len(page)
        if self._age.chunks_written == self._chunks:
            self._journal(offset, page)
        else:
            self._chunks = self._age.chunks_written
            sync(self._part.file)
            self._tail.truncate(len(TAIL_MARK))
            self._tail_end = len(TAIL_MARK)
            self._journal(self._chunks * age.CHUNK_BYTES, self._age.pending)

    def _journal(self, offset: int, data: bytes) -> None:
        self._counter += 1
        head = _RECORD.pack(self._counter, offset, len(data))
        nonce = self._counter.to_bytes(_NONCE_BYTES, "big")
        record = head + self._cipher.encrypt(nonce, data, TAIL_MARK + head)
        try:
            self._tail.seek(self._tail_end)  # over a record that a full disk has cut off
            write_all(self._tail, record)
            self._tail_end += len(record)
            sync(self._tail)
        except OSError as error:
            if not _is_full(error):
                raise
            self._part.is_full = True  # the age file still has its reserve

    def finish(
        self,
        *,
        duration_ms: int,
        peaks: bytes,
        timeline: list[dict[str, object]],
        voice_ms: VoiceMs = (None, None),
    ) -> Sealed:
        """Seal the last chunk, note the particulars, and give the file its final name."""
        self._files.reserve.unlink(missing_ok=True)
        self._age.close()
        sync(self._part.file)
        self._part.file.close()
        sealed = conclude(
            self._files, duration_ms=duration_ms, timeline=timeline, voice_ms=voice_ms
        )
        with contextlib.suppress(Fault):  # a waveform is a comfort: playback can do without
            seal_file(self._files.peaks, self._recipients, [peaks])
        self._tail.close()
        self._files.timeline.unlink(missing_ok=True)
        self._files.tail.unlink()
        return sealed

    def _remove(self) -> None:
        for path in (self._files.part, self._files.reserve, self._files.tail):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Let go of the files as they are."""
        self._age.abort()
        self._part.file.close()
        self._tail.close()
        with contextlib.suppress(OSError):
            self._files.reserve.unlink(missing_ok=True)


def conclude(
    files: RecordingFiles,
    *,
    duration_ms: int,
    timeline: list[dict[str, object]],
    voice_ms: VoiceMs = (None, None),
) -> Sealed:
    """Turn a part that holds its final chunk into the sealed recording."""
    with files.part.open("rb") as part:
        digest = age.payload_digest(part).hex()
        sealed = Sealed(duration_ms, os.fstat(part.fileno()).st_size, digest, timeline, *voice_ms)
    with contextlib.suppress(Fault):  # on a full disk the sound comes first
        write_note(files, sealed)
    give_name(files)
    return sealed


def give_name(files: RecordingFiles) -> None:
    """Make a part that is whole the sealed recording."""
    files.part.replace(files.sealed)
    sync_folder(files.folder)


def seal_file(path: Path, recipients: Iterable[str], blocks: Iterable[bytes]) -> None:
    """Write a whole age file at ``path``, durably; there is none if that fails (`Fault`)."""
    with whole_file(path) as file, age.encrypt(file, recipients) as sink:
        for block in blocks:
            sink.write(block)


def read_tail(tail: BinaryIO, key: bytes) -> Iterator[tuple[int, bytes]]:
    """What a journal holds, as (offset, bytes); in the end ``tail`` stands behind its last record.

    A torn or missing mark is an empty journal; ``Fault("recordings.tail_version")`` if it was
    written by a newer version.
    """
    mark = tail.read(len(TAIL_MARK))
    if mark != TAIL_MARK:
        if mark[:4] == TAIL_MARK[:4] and len(mark) == len(TAIL_MARK):
            raise Fault("recordings.tail_version")
        return
    cipher = ChaCha20Poly1305(key)
    content = mark + tail.read()
    tail.seek(len(mark))
    at, newest = len(mark), 0
    while at + _RECORD.size + _TAG_BYTES <= len(content):
        data = _open_record(cipher, content, at)
        if data is None:
            at += 1
            continue
        counter, offset, _ = _RECORD.unpack_from(content, at)
        at += _RECORD.size + len(data) + _TAG_BYTES
        tail.seek(at)
        if counter > newest:
            newest = counter
            yield offset, data


def _open_record(cipher: ChaCha20Poly1305, content: bytes, at: int) -> bytes | None:
    counter, _, length = _RECORD.unpack_from(content, at)
    body = at + _RECORD.size
    end = body + length + _TAG_BYTES
    if not counter or length > 2 * age.CHUNK_BYTES or end > len(content):
        return None
    nonce = counter.to_bytes(_NONCE_BYTES, "big")
    try:
        return cipher.decrypt(nonce, content[body:end], TAIL_MARK + content[at:body])
    except InvalidTag:
        return None
