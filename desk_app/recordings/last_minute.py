"""The last minute of the call that runs, in memory only, for the operator to listen to again.

It stays in the recorder's process, is never written anywhere, and is overwritten when the
recording ends.
"""

import numpy as np

from desk_app.recordings.encoder import CHANNELS, RATE, Samples

SECONDS = 60


class LastMinute:
    """A ring of fixed size. One thread at a time."""

    def __init__(self) -> None:
        self._ring: Samples = np.zeros((SECONDS * RATE, CHANNELS), np.int16)
        self._length = 0
        self._next = 0

    def feed(self, samples: Samples) -> None:
        """Keep the newest samples at `RATE`."""
        size = len(self._ring)
        samples = samples[-size:]
        first = samples[: size - self._next]
        self._ring[self._next : self._next + len(first)] = first
        rest = samples[len(first) :]
        self._ring[: len(rest)] = rest
        self._next = (self._next + len(samples)) % size
        self._length = min(self._length + len(samples), size)

    def last(self, seconds: float) -> Samples:
        """A copy of the last ``seconds``, or of what there is; whoever asks overwrites it."""
        count = min(round(seconds * RATE), self._length)
        at = np.arange(self._next - count, self._next) % len(self._ring)
        return self._ring[at]

    def wipe(self) -> None:
        """Overwrite everything."""
        self._ring.fill(0)
        self._length = self._next = 0
