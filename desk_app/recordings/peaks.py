"""What is known of a recording without decoding it: its waveform, and who speaks when.

Both are measured while it is made and sealed beside it as the sidecar, version 2:

    IDRP | 2 | channels (1) | window ms (2) | windows (4) | measured (1) | peaks | voices

all numbers big-endian. ``channels`` is 2, the operator first; ``window ms`` is 100. ``peaks`` are
``windows`` times for each channel the least and the greatest sample of the window, as int8.
``measured`` is 0 or 1; with 0 no voices follow. ``voices`` are for each channel the number of
intervals (4), then for each interval the silence since the end of the one before (or since the
beginning) and its length, in ms, each in the fewest groups of 7 bits that hold it, at most 5, the
lowest first, the high bit set in all but the last. Lengths, and silences but the first, are at
least 1; the last interval ends within ``windows``. Nothing follows.

Version 1 is still read: ``IDRP | 1 | channels (1) | window ms (2) | peaks`` up to the end.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desk_app.errors import Fault
from desk_app.recordings.encoder import CHANNELS, RATE, Samples
from desk_app.recordings.parties import Level
from desk_app.recordings.voice import Interval, Intervals, VoiceActivity, Voices

WINDOW_MS = 100
_WINDOW = RATE * WINDOW_MS // 1000
_HEAD = struct.Struct(">4sBBH")
_EXTENT = struct.Struct(">IB")
_COUNT = struct.Struct(">I")
_MARK = b"IDRP"
_GROUPS = 5
_WINDOW_BYTES = CHANNELS * 2
SILENCE_DB = -96.0
"""What digital silence is called, in dB below full scale."""

Peaks = npt.NDArray[np.int8]
"""Shape (windows, channels, 2): least and greatest sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Sidecar:
    """What a sidecar holds. ``voices`` is None where nobody measured them."""

    peaks: Peaks
    voices: Voices | None = None


class Meter:
    """Measures sound in whole windows; the rest waits for more. One thread at a time.

    Memory grows by 4 bytes a window: 144 kB an hour.
    """

    def __init__(self) -> None:
        self._waiting: Samples = np.empty((0, CHANNELS), np.int16)
        self._peaks = bytearray()  # an array a window would take forty times as much

    def feed(self, samples: Samples) -> list[Level]:
        """The levels of the windows that ``samples`` completed."""
        waiting = np.concatenate([self._waiting, samples])
        whole = len(waiting) // _WINDOW
        self._waiting = waiting[whole * _WINDOW :]
        if not whole:
            return []
        # A channel's samples side by side in memory: numpy is much quicker along those.
        windows = waiting[: whole * _WINDOW].reshape(whole, _WINDOW, CHANNELS)
        windows = np.ascontiguousarray(windows.transpose(0, 2, 1))
        self._peaks += _extremes(windows).tobytes()
        power = np.square(windows.astype(np.float32) / 32768.0).mean(axis=2)
        decibels = 10.0 * np.log10(np.maximum(power, 10.0 ** (SILENCE_DB / 10.0)))
        return [Level(float(operator), float(caller)) for operator, caller in decibels]

    @property
    def peaks(self) -> Peaks:
        """The waveform of everything that was fed, the broken last window included."""
        broken = _extremes(self._waiting.T[np.newaxis]).tobytes() if len(self._waiting) else b""
        return np.frombuffer(self._peaks + broken, np.int8).reshape(-1, CHANNELS, 2)


def _extremes(windows: npt.NDArray[np.int16]) -> Peaks:
    """Of windows of shape (windows, channels, samples)."""
    both = np.stack([windows.min(axis=2), windows.max(axis=2)], axis=-1)
    return (both >> 8).astype(np.int8)


def sidecar_of(meter: Meter, activity: VoiceActivity) -> bytes:
    """The sidecar's content for what both were fed with."""
    return write_sidecar(Sidecar(meter.peaks, activity.intervals))


def write_sidecar(sidecar: Sidecar) -> bytes:
    """The sidecar's content, in the newest version."""
    written = bytearray(_HEAD.pack(_MARK, 2, CHANNELS, WINDOW_MS))
    written += _EXTENT.pack(len(sidecar.peaks), sidecar.voices is not None)
    written += sidecar.peaks.tobytes()
    for intervals in sidecar.voices or ():
        written += _COUNT.pack(len(intervals))
        last = 0
        for start, end in intervals:
            written += _groups(start - last) + _groups(end - start)
            last = end
    return bytes(written)


def _groups(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def read_sidecar(content: bytes) -> Sidecar:
    """What a sidecar says; ``Fault("recordings.peaks")`` if it isn't one, to the last byte."""
    try:
        return _Reader(content).sidecar()
    except (struct.error, IndexError, ValueError) as error:
        raise Fault("recordings.peaks") from error


class _Reader:
    """Reads from front to back; takes no length at its word before it is there."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def sidecar(self) -> Sidecar:
        mark, version, channels, window_ms = self._take(_HEAD)
        if (mark, channels, window_ms) != (_MARK, CHANNELS, WINDOW_MS):
            raise ValueError("not a sidecar of this kind")
        if version == 1:
            sidecar = Sidecar(self._peaks((len(self._content) - self._at) // _WINDOW_BYTES))
        elif version == 2:
            sidecar = self._version_2()
        else:
            raise ValueError("a newer sidecar")
        if self._at != len(self._content):
            raise ValueError("more than a sidecar")
        return sidecar

    def _version_2(self) -> Sidecar:
        windows, measured = self._take(_EXTENT)
        peaks = self._peaks(windows)
        if measured == 0:
            return Sidecar(peaks)
        if measured != 1:
            raise ValueError("neither measured nor not")
        end_ms = windows * WINDOW_MS
        return Sidecar(peaks, (self._intervals(end_ms), self._intervals(end_ms)))

    def _take(self, fields: struct.Struct) -> tuple[Any, ...]:
        taken = fields.unpack_from(self._content, self._at)
        self._at += fields.size
        return taken

    def _peaks(self, windows: int) -> Peaks:
        end = self._at + windows * _WINDOW_BYTES
        body = self._content[self._at : end]
        if len(body) != windows * _WINDOW_BYTES:
            raise ValueError("cut")
        self._at = end
        return np.frombuffer(body, np.int8).reshape(-1, CHANNELS, 2)

    def _intervals(self, end_ms: int) -> Intervals:
        (count,) = self._take(_COUNT)
        if count * 2 > len(self._content) - self._at:
            raise ValueError("more intervals than bytes")
        intervals = tuple(self._each(count))
        if intervals and intervals[-1][1] > end_ms:
            raise ValueError("beyond the end")
        return intervals

    def _each(self, count: int) -> Iterator[Interval]:
        last = 0
        for index in range(count):
            start = last + self._number()
            end = start + self._number()
            if end == start or (index and start == last):
                raise ValueError("empty")
            yield start, end
            last = end

    def _number(self) -> int:
        number = 0
        for group in range(_GROUPS):
            byte = self._content[self._at]
            self._at += 1
            number |= (byte & 0x7F) << (7 * group)
            if byte < 0x80:
                if group and not byte:
                    raise ValueError("more groups than needed")
                return number
        raise ValueError("endless")
