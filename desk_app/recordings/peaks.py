"""The waveform of a recording: loudness ten times a second, measured while it is made.

The sidecar, version 1: ``IDRP``, the bytes 1 (version) and 2 (channels), the window in ms (2
bytes, big-endian), then for each window and channel the least and the greatest sample as int8.
"""

import struct

import numpy as np
import numpy.typing as npt

from desk_app.errors import Fault
from desk_app.recordings.encoder import CHANNELS, RATE, Samples
from desk_app.recordings.parties import Level

WINDOW_MS = 100
_WINDOW = RATE * WINDOW_MS // 1000
_HEAD = struct.Struct(">4sBBH")
_MARK, _VERSION = b"IDRP", 1
SILENCE_DB = -96.0
"""What digital silence is called, in dB below full scale."""

Peaks = npt.NDArray[np.int8]
"""Shape (windows, channels, 2): least and greatest sample."""


class Meter:
    """Measures sound in whole windows; the rest waits for more. One thread at a time."""

    def __init__(self) -> None:
        self._waiting: Samples = np.empty((0, CHANNELS), np.int16)
        self._windows: list[Peaks] = []

    def feed(self, samples: Samples) -> list[Level]:
        """The levels of the windows that ``samples`` completed."""
        waiting = np.concatenate([self._waiting, samples])
        whole = len(waiting) // _WINDOW
        self._waiting = waiting[whole * _WINDOW :]
        if not whole:
            return []
        windows = waiting[: whole * _WINDOW].reshape(whole, _WINDOW, CHANNELS)
        self._windows.append(_extremes(windows))
        power = np.square(windows.astype(np.float32) / 32768.0).mean(axis=1)
        decibels = 10.0 * np.log10(np.maximum(power, 10.0 ** (SILENCE_DB / 10.0)))
        return [Level(float(operator), float(caller)) for operator, caller in decibels]

    def to_bytes(self) -> bytes:
        """The sidecar's content for everything that was fed, the broken last window included."""
        windows = list(self._windows)
        if len(self._waiting):
            windows.append(_extremes(self._waiting[np.newaxis]))
        head = _HEAD.pack(_MARK, _VERSION, CHANNELS, WINDOW_MS)
        return head + b"".join(window.tobytes() for window in windows)


def _extremes(windows: npt.NDArray[np.int16]) -> Peaks:
    both = np.stack([windows.min(axis=1), windows.max(axis=1)], axis=-1)
    return (both >> 8).astype(np.int8)


def read_peaks(content: bytes) -> Peaks:
    """The waveform in a sidecar's content; ``Fault("recordings.peaks")`` if it isn't one."""
    if len(content) < _HEAD.size:
        raise Fault("recordings.peaks")
    mark, version, channels, window_ms = _HEAD.unpack(content[: _HEAD.size])
    body = content[_HEAD.size :]
    known = (mark, version, channels, window_ms) == (_MARK, _VERSION, CHANNELS, WINDOW_MS)
    if not known or len(body) % (CHANNELS * 2):
        raise Fault("recordings.peaks")
    return np.frombuffer(body, np.int8).reshape(-1, CHANNELS, 2)
