"""Speech to Opus in Ogg, page by page in memory; nothing here touches a disk.

PyAV rather than soundfile: its Opus can keep the channels apart, it costs a third of the CPU,
errors of the sink surface, and playback can change the tempo and keep the pitch. Each party is
an Opus stream of its own (joint stereo leaks one party into the other when both talk). FFmpeg
marks such files with channel mapping family 255, which general players refuse; two uncoupled
streams are just as valid in family 1 (RFC 7845, 5.1.1.2), where the channels are *left* and
*right*, so the head is written as that.
"""

from collections.abc import Callable
from typing import Any

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
"""Samples a second of what is recorded: wideband speech, twice what a telephone line carries."""
PAGE_MS = 100
"""How much sound an Ogg page holds: a file decodes to its last whole page, wherever it is cut.
FFmpeg keeps the newest page back, because it might be the last one, so that what is on the disk
lags by up to two pages."""
CHANNELS = 2
OPERATOR_CHANNEL, CALLER_CHANNEL = 0, 1

Samples = npt.NDArray[np.int16]
"""Sound at `RATE`, shape (samples, channels)."""

_FRAME = RATE // 50  # an Opus frame of 20 ms
_BITS_A_SECOND = 32_000
_EFFORT = "6"
"""Opus' complexity, of ten: the rest would cost a third more CPU for 0.04 dB."""
_FAMILY_AT = 18  # of the mapping family in OpusHead
_FAMILY_STEREO = 1


class _Pages:
    """What FFmpeg writes to: each write is one whole Ogg page, handed on at once."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def write(self, page: Any) -> int:
        self._take(bytes(page))
        return len(page)


class Encoder:
    """Encodes sound for two parties. One thread at a time.

    ``take`` is called with whole Ogg pages, in order, from within `feed` and `close`; what it
    raises comes out of them unchanged, and the encoder is then spent. ``repeatable``: the same
    sound gives the same bytes, without the random number that tells two streams apart.
    """

    def __init__(self, take: Callable[[bytes], None], *, repeatable: bool = False) -> None:
        options = {"page_duration": str(PAGE_MS * 1000), "flush_packets": "1"}
        if repeatable:
            options["fflags"] = "+bitexact"
        self._container = av.open(
            _Pages(take),
            "w",
            format="ogg",
            container_options=options,
        )
        self._stream = self._container.add_stream("libopus", rate=RATE)
        codec = self._stream.codec_context
        codec.layout = "stereo"
        codec.format = "s16"
        codec.bit_rate = _BITS_A_SECOND
        codec.options = {
            "mapping_family": "255",
            "application": "voip",
            "compression_level": _EFFORT,
        }
        codec.open(strict=False)
        head = bytearray(codec.extradata or b"")
        head[_FAMILY_AT] = _FAMILY_STEREO
        codec.extradata = bytes(head)
        self._waiting: Samples = np.empty((0, CHANNELS), np.int16)
        self._encoded = 0

    def feed(self, samples: Samples) -> None:
        """Encode any number of samples; up to one frame waits for the next call."""
        waiting = np.concatenate([self._waiting, samples])
        whole = len(waiting) - len(waiting) % _FRAME
        for start in range(0, whole, _FRAME):
            self._encode(waiting[start : start + _FRAME])
        self._waiting = waiting[whole:]

    def close(self) -> None:
        """Encode what waits and hand on the last page."""
        if len(self._waiting):
            self._encode(self._waiting)
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()

    def _encode(self, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate = RATE
        frame.pts = self._encoded  # without it FFmpeg counts the pre-skip twice
        self._encoded += len(samples)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
