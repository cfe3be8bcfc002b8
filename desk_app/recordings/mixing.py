"""Brings the blocks of one or two inputs into one stream: two parties, `RATE`, side by side.

The inputs are aligned by counting samples from the moment each began. Nothing that was heard is
ever dropped: an input that ended or stays behind for `PATIENCE_SECONDS` is filled up with silence,
so that the other party is still recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np

from desk_app.recordings.encoder import CHANNELS, RATE, Samples
from desk_app.recordings.parties import Party, Source

PATIENCE_SECONDS = 5.0
SHORTEST_GAP_MS = 100
_CHANNEL = {Party.OPERATOR: 0, Party.CALLER: 1}


@dataclass(slots=True)
class _Gap:
    """Silence put in where an input gave nothing, in samples of the recording."""

    parties: tuple[Party, ...]
    at: int
    length: int


class _Line:
    """One input: its resampler and what of it waits for the other."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.began_at: float | None = None
        self.ended = False
        self._layout = "stereo" if len(source.parties) == CHANNELS else "mono"
        self._resampler: av.AudioResampler | None = None
        if source.rate != RATE:
            self._resampler = av.AudioResampler("s16", self._layout, RATE)
        self.waiting: Samples = np.empty((0, len(source.parties)), np.int16)

    def take(self, block: bytes) -> None:
        samples = np.frombuffer(block, np.int16).reshape(-1, len(self.source.parties))
        if self._resampler is None:
            self._append(samples)
            return
        frame = av.AudioFrame.from_ndarray(
            samples.reshape(1, -1), format="s16", layout=self._layout
        )
        frame.sample_rate = self.source.rate
        self._resample(frame)

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            if self._resampler is not None and self.began_at is not None:
                self._resample(None)

    def pad(self, samples: int) -> None:
        self._append(np.zeros((samples, len(self.source.parties)), np.int16))

    def _resample(self, frame: av.AudioFrame | None) -> None:
        assert self._resampler is not None  # noqa: S101 -- only called where there is one
        for resampled in self._resampler.resample(frame):
            flat = resampled.to_ndarray().astype(np.int16, copy=False)
            self._append(flat.reshape(-1, len(self.source.parties)))

    def _append(self, samples: Samples) -> None:
        self.waiting = np.concatenate([self.waiting, samples])


class Mixer:
    """Aligns the inputs of one recording. One thread at a time."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._lines = [_Line(source) for source in sources]
        self._given = 0
        self._gaps: list[_Gap] = []

    @property
    def gaps(self) -> list[dict[str, object]]:
        """The gaps so far, for the recording's timeline."""
        return [
            {
                "kind": "gap",
                "parties": list(gap.parties),
                "at_ms": gap.at * 1000 // RATE,
                "ms": gap.length * 1000 // RATE,
            }
            for gap in self._gaps
            if gap.length * 1000 >= SHORTEST_GAP_MS * RATE
        ]

    @property
    def position_ms(self) -> int:
        """How much sound was given out."""
        return self._given * 1000 // RATE

    def take(self, source: int, block: bytes, *, ended_at: float) -> Samples:
        """Take a block of an input and give out what is complete for both parties."""
        line = self._lines[source]
        if line.began_at is None:
            frames = len(block) // (2 * len(line.source.parties))
            line.began_at = ended_at - frames / line.source.rate
            self._align(line)
        line.take(block)
        return self._give()

    def end(self, source: int) -> Samples:
        """No more comes from this input."""
        self._lines[source].end()
        return self._give()

    def rest(self) -> Samples:
        """End all inputs and give out everything."""
        for line in self._lines:
            line.end()
        return self._give()

    def has_ended(self) -> bool:
        """Whether no input is left."""
        return all(line.ended for line in self._lines)

    def _note_gap(self, line: _Line, length: int) -> None:
        at = self._given + len(line.waiting)
        for gap in self._gaps:
            if gap.parties == line.source.parties and gap.at + gap.length == at:
                gap.length += length
                return
        self._gaps.append(_Gap(line.source.parties, at, length))

    def _align(self, late: _Line) -> None:
        """Fill up the input that began later, if the earlier one waited for it."""
        for early in self._lines:
            if early is late or early.began_at is None or late.began_at is None or self._given:
                continue
            apart = round((late.began_at - early.began_at) * RATE)
            if apart > 0:
                late.pad(apart)
            else:
                early.waiting = np.concatenate(
                    [np.zeros((-apart, early.waiting.shape[1]), np.int16), early.waiting]
                )

    def _give(self) -> Samples:
        most = max(len(line.waiting) for line in self._lines)
        for line in self._lines:
            behind = most - len(line.waiting)
            if behind and (line.ended or behind > PATIENCE_SECONDS * RATE):
                self._note_gap(line, behind)
                line.pad(behind)
        whole = min(len(line.waiting) for line in self._lines)
        mixed: Samples = np.zeros((whole, CHANNELS), np.int16)
        for line in self._lines:
            for column, party in enumerate(line.source.parties):
                mixed[:, _CHANNEL[party]] = line.waiting[:whole, column]
            line.waiting = line.waiting[whole:]
        self._given += whole
        return mixed
