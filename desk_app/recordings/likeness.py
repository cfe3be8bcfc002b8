"""Whether both channels carry the same sound: an input that was moved onto the other's source.

Pure arithmetic. Both channels are brought down to the band of a voice without mains hum, and half
a second of the louder one is looked for in the other, a quarter of a second to either side: two
streams of one source begin at different moments. They are the same when the normalised
correlation is high *and* both are as loud: side-tone and echo are copies too, but attenuated
ones. Two people who talk at once, silence and noise of two sources are never alike.
"""

import numpy as np
import numpy.typing as npt

from desk_app.recordings.encoder import CHANNELS, RATE, Samples

ALIKE = 0.6
"""Correlation from which two sounds are one. Two people reach 0.4; one sound falls to 0.7 while
the mixer brings an input that was moved back into step, a thousandth faster than the other."""
LEVEL_APART_DB = 1.5
"""An echo is further below what it repeats; a stream of the same source isn't."""
FAINTEST_DB = -50.0
"""Below this there is nothing to compare."""

_STEP = 4
_LOW_RATE = RATE // _STEP
_BAND = (300.0, 1700.0)
_TAPS = 161
_WINDOW = _LOW_RATE  # a second is looked at,
_SOUGHT = slice(_WINDOW // 4, _WINDOW * 3 // 4)  # and its middle is looked for
_HOP = _LOW_RATE // 4
_FINER = 4  # lags between samples: the streams' clocks don't tick together
_SIZE = _WINDOW  # what is sought stays within the window at every lag: nothing wraps around
_ALIKE_TURNS, _UNLIKE_TURNS = 3, 2

_Floats = npt.NDArray[np.float64]


def _band_pass() -> _Floats:
    """A windowed sinc; its length decides how steep it is."""
    at = np.arange(_TAPS) - _TAPS // 2
    low, high = (2 * edge / RATE for edge in _BAND)
    taps: _Floats = (high * np.sinc(high * at) - low * np.sinc(low * at)) * np.hamming(_TAPS)
    return taps


_FILTER = _band_pass()


class Likeness:
    """Follows two channels at `RATE`; says when they become one sound, and when two again.

    The verdict takes a second and a quarter of sound, and stands while there is silence.
    """

    def __init__(self) -> None:
        self.is_alike = False
        self._turns = 0  # how often in a row the verdict was the opposite of `is_alike`
        self._tail: Samples = np.zeros((0, CHANNELS), np.int16)
        self._low: _Floats = np.zeros((0, CHANNELS))

    def feed(self, samples: Samples) -> bool:
        """Take the next samples of both channels; whether they are one sound."""
        sound = np.concatenate([self._tail, samples])
        turns = max(len(sound) - _TAPS + 1, 0) // _STEP
        if turns:
            used = sound[: turns * _STEP + _TAPS - 1].astype(np.float64) / 32768.0
            columns = [
                np.convolve(used[:, channel], _FILTER, "valid")[::_STEP]
                for channel in range(CHANNELS)
            ]
            self._low = np.concatenate([self._low, np.stack(columns, axis=1)])
        self._tail = sound[turns * _STEP :]
        while len(self._low) >= _WINDOW:
            self._judge(self._low[:_WINDOW])
            self._low = self._low[_HOP:]
        return self.is_alike

    def start_over(self) -> None:
        """What was heard until now doesn't join what comes: a pause, or another device."""
        self._turns = 0
        self._tail = np.zeros((0, CHANNELS), np.int16)
        self._low = np.zeros((0, CHANNELS))

    def _judge(self, window: _Floats) -> None:
        found = are_alike(window)
        if found is None:
            return
        self._turns = self._turns + 1 if found is not self.is_alike else 0
        if self._turns >= (_UNLIKE_TURNS if self.is_alike else _ALIKE_TURNS):
            self.is_alike, self._turns = found, 0


def are_alike(window: _Floats) -> bool | None:
    """Whether a second of both channels, filtered, is one sound; None if it is too faint."""
    powers = np.square(window[_SOUGHT]).mean(axis=0)
    louder = int(np.argmax(powers))
    if powers[louder] < 10 ** (FAINTEST_DB / 10):
        return None
    sought, other = window[_SOUGHT, louder], window[:, 1 - louder]
    length = len(sought)
    sums = np.concatenate([[0.0], np.cumsum(np.square(other))])
    energies = sums[length:] - sums[:-length]
    energy = float(np.square(sought).sum())
    apart_db = np.abs(10 * np.log10(np.maximum(energies, 1e-12) / energy))
    if apart_db.min() >= LEVEL_APART_DB:
        return False  # mostly so when one party speaks, and it spares the transforms
    crossed = np.fft.rfft(other, _SIZE) * np.conj(np.fft.rfft(sought, _SIZE))
    lags = np.arange((_WINDOW - length) * _FINER + 1) // _FINER
    products = np.fft.irfft(crossed, _SIZE * _FINER)[: len(lags)] * _FINER
    correlations = products / np.sqrt(np.maximum(energies * energy, 1e-12))[lags]
    at = int(np.argmax(correlations))
    return bool(correlations[at] > ALIKE and apart_db[lags[at]] < LEVEL_APART_DB)
