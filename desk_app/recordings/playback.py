"""An opened recording: decrypted in memory, chunk by chunk, as sound is asked for.

A tampered chunk looks like the end of the file to a decoder, so the reader's own failure is kept
and raised where the sound before it has been given out.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import av

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.keys.age.payload import NONCE_BYTES, SEALED_BYTES, TAG_BYTES
from desk_app.recordings.decoder import Decoder
from desk_app.recordings.encoder import Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.peaks import Sidecar, read_sidecar


@dataclass(frozen=True, slots=True)
class PlaybackTicket:
    """Leave to open one recording, given by `service.open_playback` once that is committed."""

    recording_id: int
    uid: str
    duration_ms: int
    digest: str
    identity: str = field(repr=False)
    """Of the version that the recording's row names."""
    others: tuple[str, ...] = field(default=(), repr=False)
    """Of the other versions: a file may be ahead of its row while it is being re-wrapped."""
    timeline: tuple[dict[str, Any], ...] = ()
    """Gaps, pauses and troubles, in ms from the beginning."""
    played_id: int = 0
    """The entry of this opening: what is read beside the sound is read under it."""

    @property
    def identities(self) -> tuple[str, ...]:
        return (self.identity, *self.others)


class _OpenedSound:
    """What the decoder reads from: the plain bytes up to the first chunk that fails.

    It knows its length without opening the final chunk, so that a damaged end doesn't keep the
    rest from being heard.
    """

    def __init__(self, source: BinaryIO, identities: tuple[str, ...]) -> None:
        self.failure: age.AgeError | OSError | None = None
        self._source = source
        self._identities = identities
        self._length = _plain_length(source)
        self._position = 0
        self._reader = self._open()

    def _open(self) -> age.PayloadReader:
        self._source.seek(0)
        return age.decrypt(self._source, self._identities)

    def read(self, size: int, /) -> bytes:
        try:
            self._reader.seek(self._position)
            data = self._reader.read1(size)
        except age.PayloadError as error:
            self.failure = error
            self._reader = self._open()  # errors are sticky, and the other chunks may be good
            return b""
        except OSError as error:
            self.failure = error
            return b""
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        if start + offset < 0:
            raise ValueError("seek before the start")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position


def _plain_length(source: BinaryIO) -> int:
    """How long the plain text must be by the length of the age file, whatever its chunks hold."""
    source.seek(0)
    while (line := source.readline(1 << 10)) and not line.startswith(b"--- "):
        continue
    start = source.tell() + NONCE_BYTES
    sealed = source.seek(0, io.SEEK_END) - start
    before = max(-(-sealed // SEALED_BYTES) - 1, 0)  # whole chunks, all but the last
    return before * age.CHUNK_BYTES + max(sealed - before * SEALED_BYTES - TAG_BYTES, 0)


class Playback:
    """One recording, opened for the holder of a ticket. One thread at a time; a context manager.

    Opening raises ``Fault("recordings.file_missing")``, ``recordings.not_readable`` if the disk
    fails, ``recordings.damaged_head`` if not even the beginning can be read,
    ``recordings.replaced`` if the file is sound and isn't the one that was sealed, or
    `age.NoMatch`. ``may_go_on`` is asked before each block is decrypted, and raises if it isn't
    to be heard any more.
    """

    def __init__(
        self,
        ticket: PlaybackTicket,
        folder: Path,
        *,
        may_go_on: Callable[[], object] = lambda: None,
    ) -> None:
        self._may_go_on = may_go_on
        self._files = RecordingFiles(folder, ticket.uid)
        self._ticket = ticket
        try:
            self._source = self._files.sealed.open("rb")
        except FileNotFoundError as error:
            raise Fault("recordings.file_missing") from error
        except OSError as error:
            raise Fault("recordings.not_readable") from error
        try:
            self._check_is_the_one()
            self._sound = _OpenedSound(self._source, ticket.identities)
            self._decoder = Decoder(self._sound)
        except (age.HeaderError, age.MacError) as error:
            self._source.close()
            raise Fault("recordings.damaged_head") from error
        except av.FFmpegError as error:
            self._source.close()
            if isinstance(self._sound.failure, OSError):
                raise Fault("recordings.not_readable") from error
            raise Fault("recordings.damaged_head") from error
        except OSError as error:
            self._source.close()
            raise Fault("recordings.not_readable") from error
        except BaseException:
            self._source.close()
            raise
        self._sound.failure = None  # a look at the end while opening; it is met again when played

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def duration_ms(self) -> int:
        return self._ticket.duration_ms

    @property
    def position_ms(self) -> int:
        """Where the next block begins."""
        return self._decoder.position_ms

    def seek(self, position_ms: int) -> None:
        """Go on from there, within the recording."""
        self._sound.failure = None
        try:
            self._decoder.seek(min(max(position_ms, 0), self.duration_ms))
        except av.FFmpegError as error:
            raise self._damaged() from error

    def read(self) -> Samples | None:
        """The next block at `decoder.PLAY_RATE`, operator left and caller right; None at the end.

        ``Fault("recordings.damaged")`` where a chunk was changed, ``recordings.not_readable``
        where the disk fails; what comes before it has been given out. Seeking beyond it goes on.
        """
        self._may_go_on()
        try:
            block = self._decoder.read()
        except av.FFmpegError as error:
            raise self._damaged() from error
        if block is None and self._sound.failure is not None:
            raise self._damaged()
        return block

    def sidecar(self) -> Sidecar | None:
        """Waveform and voices; None if never made. ``Fault("recordings.peaks")`` if damaged."""
        try:
            with self._files.peaks.open("rb") as source:
                content = age.decrypt(source, self._ticket.identities).read()
        except FileNotFoundError:
            return None
        except (age.AgeError, OSError) as error:
            raise Fault("recordings.peaks") from error
        return read_sidecar(content)

    def close(self) -> None:
        self._decoder.close()
        self._source.close()

    def _damaged(self) -> Fault:
        return self._fault(self.position_ms // 1000)

    def _fault(self, seconds: int) -> Fault:
        """What is wrong from there on."""
        if isinstance(self._sound.failure, OSError):
            return Fault("recordings.not_readable")
        return Fault("recordings.damaged", at=f"{seconds // 60}:{seconds % 60:02}")

    def _check_is_the_one(self) -> None:
        """Refuse a sound file in the place of the sealed one: anybody can seal one for the key.

        Where a chunk is damaged the digest differs too; that is met when the chunk is played.
        """
        digest = age.payload_digest(self._source)
        self._source.seek(0)
        if digest.hex() == self._ticket.digest:
            return
        try:
            reader = age.decrypt(self._source, self._ticket.identities)
            while reader.read(age.CHUNK_BYTES):
                pass
        except age.PayloadError:
            return
        raise Fault("recordings.replaced")
