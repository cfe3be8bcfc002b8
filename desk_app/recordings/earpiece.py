"""What the recorder plays into the operator's ear during a call: a reminder, or the last minute.

On a thread of its own, one thing at a time; what was played is overwritten in memory.
"""

import threading
from collections.abc import Callable

import numpy as np
import soxr

from desk_app.errors import Fault
from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.devices import Output
from desk_app.recordings.encoder import CHANNELS, RATE, Samples

_BLOCK = PLAY_RATE // 10
_CHIME_HZ = (660.0, 880.0)
_CHIME_SECONDS = 0.12
_CHIME_LEVEL = 0.12  # of full scale: heard, and nobody is startled

Progress = Callable[[bool, int, int], None]
"""Whether it plays, how far it is and how long it is, in ms."""


def chime() -> Samples:
    """Two soft rising tones, at `PLAY_RATE`."""
    seconds = np.arange(round(_CHIME_SECONDS * PLAY_RATE)) / PLAY_RATE
    swell = np.sin(np.pi * seconds / _CHIME_SECONDS) ** 2
    tones = [np.sin(2 * np.pi * pitch * seconds) * swell for pitch in _CHIME_HZ]
    mono = np.concatenate(tones) * _CHIME_LEVEL * 32767
    both: Samples = np.repeat(mono.astype(np.int16)[:, np.newaxis], CHANNELS, axis=1)
    return both


class Earpiece:
    """Any thread. ``failed`` is told why nothing could be played."""

    def __init__(self, failed: Callable[[Fault], None]) -> None:
        self._failed = failed
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def chime(self, output: str) -> None:
        """Play the reminder, unless something is played already."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._start(chime(), output, None)

    def play(self, samples: Samples, output: str, progress: Progress) -> None:
        """Play sound at `RATE`, operator left and caller right, in the place of what is played."""
        self.stop()
        with self._lock:
            self._start(soxr.resample(samples, RATE, PLAY_RATE), output, progress)
        samples.fill(0)

    def stop(self, *, seconds: float = 1.0) -> None:
        """Fall silent, within ``seconds``."""
        with self._lock:
            thread = self._thread
            self._stop.set()
        if thread is not None:
            thread.join(seconds)

    def _start(self, samples: Samples, output: str, progress: Progress | None) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(samples, output, progress, self._stop), daemon=True
        )
        self._thread.start()

    def _run(
        self, samples: Samples, output: str, progress: Progress | None, stop: threading.Event
    ) -> None:
        length_ms = len(samples) * 1000 // PLAY_RATE
        try:
            line = Output(PLAY_RATE, name=output)
            try:
                if progress is not None:  # also where nothing was heard yet
                    progress(True, 0, length_ms)
                for at in range(0, len(samples), _BLOCK):
                    if stop.is_set():
                        break
                    if progress is not None:
                        progress(True, at * 1000 // PLAY_RATE, length_ms)
                    line.write(samples[at : at + _BLOCK].tobytes())
                else:
                    line.drain()
            finally:
                line.close()
        except Fault as error:
            self._failed(error)
        finally:
            samples.fill(0)
            if progress is not None:
                progress(False, length_ms, length_ms)
