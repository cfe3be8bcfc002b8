"""A recording's sound, from any position on. Reads what it needs and keeps nothing on disk."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Protocol

import av
import numpy as np

from desk_app.recordings.encoder import RATE, Samples

PLAY_RATE = 48_000
"""Samples a second of what is decoded: Opus' own."""
_PER_MS = PLAY_RATE // 1000
_PRE_ROLL_MS = 80  # an Opus decoder needs that much to settle (RFC 7845, 4.6)


class ByteSource(Protocol):
    """A seekable stream of bytes; a short `read` is no end, an empty one is."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, whence: int = ..., /) -> int: ...
    def tell(self) -> int: ...


class Decoder:
    """Decodes Opus in Ogg. One thread at a time; `close` it.

    Raises `av.FFmpegError` for what isn't a recording. The source stays open.
    """

    def __init__(self, source: ByteSource) -> None:
        self._container = av.open(source, "r", format="ogg")
        self._stream = self._container.streams.audio[0]
        self._start = self._stream.start_time or 0
        self._frames = self._container.decode(self._stream)
        self._from = 0
        self.position_ms = 0
        """Where the next block begins."""

    def seek(self, position_ms: int) -> None:
        """Go on from there; beyond the end nothing follows."""
        early = max(position_ms - _PRE_ROLL_MS, 0) * _PER_MS
        self._container.seek(early + self._start, stream=self._stream)
        self._frames = self._container.decode(self._stream)
        self._from = position_ms * _PER_MS
        self.position_ms = position_ms

    def read(self) -> Samples | None:
        """The next block at `PLAY_RATE`, some 20 ms; None at the end."""
        for frame in self._frames:
            samples = _to_int16(frame)
            begin = self._from if frame.pts is None else frame.pts - self._start
            wanted = samples[max(self._from - begin, 0) :]
            if len(wanted):
                self._from = begin + len(samples)
                self.position_ms = self._from // _PER_MS
                return wanted
        return None

    def close(self) -> None:
        self._container.close()


def _to_int16(frame: Any) -> Samples:
    floats = frame.to_ndarray()
    scaled = np.rint(np.clip(floats, -1.0, 1.0) * 32767.0)
    samples: Samples = scaled.T.astype(np.int16)
    return samples


def decode_blocks(source: ByteSource) -> Iterator[Samples]:
    """A whole recording at `RATE`, in blocks, as it was fed to the encoder."""
    resampler = av.AudioResampler("s16", "stereo", RATE)
    with av.open(source, "r", format="ogg") as container:
        for frame in chain(container.decode(audio=0), (None,)):
            for resampled in resampler.resample(frame):
                yield resampled.to_ndarray().astype(np.int16, copy=False).reshape(-1, 2)
