"""Brings the blocks of one or two inputs into one stream: two parties, `RATE`, side by side.

The first input's clock is the recording's; the second is made a little faster or slower to keep
step with it (`clocks`). Where sound belongs is decided by the time at which its blocks were
complete, so that a position in the recording is always the time since its start:

- An input that begins, or begins again, is held for `SETTLE_SECONDS`, then put where its time
  says.
- Where all blocks are more than `JUMP_SECONDS` late for `CERTAIN_SECONDS`, sound was lost: as much
  silence is put in, and noted as a gap. Sound that comes later than `STANDSTILL_SECONDS` is held
  until that is clear, at most `SUSPECT_SECONDS`: a sound server that stood still may have kept
  it all.
- An input that is lost, ended, said to stand still alone, or behind for `PATIENCE_SECONDS` is
  silence, noted as a gap, so that the other party is still recorded. What comes after that for a
  place that was already given out is left out.

Otherwise nothing that was heard is dropped or doubled. Memory is bounded whatever the times say:
a leap of the clock (a laptop that slept) puts in `LONGEST_FILL_SECONDS` at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desk_app.recordings.clocks import JUMP_SECONDS, DriftLoop
from desk_app.recordings.encoder import CHANNELS, RATE, Samples
from desk_app.recordings.lines import Line
from desk_app.recordings.parties import Party, Source

PATIENCE_SECONDS = 5.0
SETTLE_SECONDS = 0.2
STANDSTILL_SECONDS = 0.5
SUSPECT_SECONDS = 0.5
MOST_HELD_SECONDS = 2 * PATIENCE_SECONDS
LONGEST_FILL_SECONDS = 300.0
SHORTEST_GAP_MS = 50
"""Shorter silences that were put in are no gap worth a mark on the timeline."""
RAGGED_END_SECONDS = 0.5
"""By so much the last blocks of two inputs may end apart without a gap."""
_MOST_AT_ONCE = 10 * RATE
_LONGEST_FILL = round(LONGEST_FILL_SECONDS * RATE)


@dataclass(slots=True)
class _Gap:
    """Silence put in where an input gave nothing, in samples of the recording."""

    parties: tuple[Party, ...]
    at: int
    length: int


class Mixer:
    """Aligns the inputs of one recording. One thread at a time.

    Times are monotonic seconds. What the methods give out is the recording, piece by piece, at
    most ten seconds at once; `rest` gives all.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._lines = [
            Line(source, is_variable=number > 0) for number, source in enumerate(sources)
        ]
        self._loop = DriftLoop()
        self._origin: float | None = None
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

    def position_at(self, moment: float) -> int:
        """Where in the recording, in ms, what is said at ``moment`` belongs."""
        if self._origin is None:
            return self.position_ms
        return max(round((moment - self._origin) * 1000), 0)

    def take(self, source: int, block: bytes, *, ended_at: float) -> Samples:
        """Take a block of an input that was complete at ``ended_at``, give out what is complete
        for both parties. What comes from an input that was said to be lost is left out."""
        line = self._lines[source]
        if block and not line.is_absent:
            line.hold(block, ended_at)
            self._judge(line)
            self._steer()
        return self._give(_MOST_AT_ONCE)

    def withheld(self, source: int, frames: int, *, ended_at: float) -> Samples:
        """Take as much silence instead of a block that nobody may hear."""
        channels = len(self._lines[source].source.parties)
        return self.take(source, bytes(2 * channels * frames), ended_at=ended_at)

    def lost(self, source: int) -> Samples:
        """The input has gone: what it still held is given out, then silence in its place."""
        self._leave(self._lines[source])
        return self._give(_MOST_AT_ONCE)

    def overtake(self, source: int) -> Samples:
        """The input stands still: go on without it. What it gives later for a place that was
        given out by then is left out."""
        line = self._lines[source]
        if not line.is_absent:
            if line.holds and line.is_placed:
                line.release()
            line.is_placed, line.was_overtaken = False, True
        return self._give(_MOST_AT_ONCE)

    def reopened(self, source: int, new: Source) -> None:
        """The input is back, or another in its place; its first block ends the gap."""
        line = self._lines[source]
        self._leave(line)
        line.reopen(new)

    def tick(self, now: float) -> Samples:
        """Let time pass when no input is there; to be called several times a second."""
        if all(line.is_absent for line in self._lines) and not self.has_ended():
            if self._origin is None:
                self._origin = now
            longest = max(line.length for line in self._lines)
            silence = round((now - self._origin) * RATE) - longest
            if silence < -PATIENCE_SECONDS * RATE:
                self._origin = now - longest / RATE
            if silence > _LONGEST_FILL:
                self._origin += (silence - _LONGEST_FILL) / RATE
            for line in self._lines:
                self._fill(line, longest + min(silence, _LONGEST_FILL) - line.length)
        return self._give(_MOST_AT_ONCE)

    def end(self, source: int) -> Samples:
        """No more comes from this input."""
        line = self._lines[source]
        self._leave(line)
        line.has_ended = True
        return self._give(_MOST_AT_ONCE)

    def rest(self) -> Samples:
        """End all inputs and give out everything."""
        there = [line for line in self._lines if not line.is_absent]
        for line in there:
            self._leave(line)
        for line in there:  # the last blocks of two inputs don't end together: that is no gap
            behind = self._behind(line)
            self._fill(line, behind, is_gap=behind > RAGGED_END_SECONDS * RATE)
        for line in self._lines:
            line.has_ended = True
        return self._give(None)

    def has_ended(self) -> bool:
        """Whether no input is left."""
        return all(line.has_ended for line in self._lines)

    # Where sound belongs

    def _judge(self, line: Line) -> None:
        """Put on what the line holds, as soon as it is clear where it belongs."""
        if line.is_placed and line.clock.origin is not None:
            origin = line.newest_origin
            if origin - line.clock.origin <= STANDSTILL_SECONDS:
                line.release()
                self._fill(line, round(line.clock.note(origin, end=line.end) * RATE))
                self._follow(line)
            elif line.has_held(SUSPECT_SECONDS, most_seconds=MOST_HELD_SECONDS):
                self._place(line)
            return
        is_alone = len(self._lines) == 1 and not self._given
        if is_alone or line.has_held(SETTLE_SECONDS, most_seconds=MOST_HELD_SECONDS):
            self._place(line)

    def _place(self, line: Line) -> None:
        """Put on what the line holds where its time says."""
        origin = line.held_origin
        apart = 0 if self._origin is None else round((origin - self._origin) * RATE)
        apart = max(-_LONGEST_FILL, min(apart, _LONGEST_FILL))
        moved = 0  # how much later in the recording it comes than if it were simply put on
        if line.is_placed:
            if apart > JUMP_SECONDS * RATE:
                self._fill(line, apart)
                moved = apart
        elif apart > 0:
            self._fill(line, apart, is_gap=line.length > 0)
            moved = apart
        elif not self._given:
            for other in self._lines:
                if other is not line and other.is_placed:
                    other.pad_front(-apart)
            self._origin = origin
        elif -apart <= MOST_HELD_SECONDS * RATE:
            moved = apart
        too_late = moved < 0 and -moved >= line.held_length
        line.release(without=max(-moved, 0))
        if too_late:
            return
        if not line.is_placed:
            self._restart_loop()
        line.is_placed, line.was_overtaken = True, False
        line.missing = line.source.parties
        line.clock.set(origin - moved / RATE, end=line.end)
        self._follow(line)

    def _follow(self, line: Line) -> None:
        """Keep the recording's time by the first input that is there."""
        leader = next(line for line in self._lines if line.is_placed and not line.is_absent)
        if leader is line:
            self._origin = line.clock.origin

    def _restart_loop(self) -> None:
        self._loop.restart()
        self._lines[-1].correct(self._loop.correction)

    def _steer(self) -> None:
        """Correct the second input's speed, once a second."""
        if len(self._lines) < CHANNELS:
            return
        clocks = [line.clock for line in self._lines if line.is_placed and not line.is_absent]
        if len(clocks) < CHANNELS or not all(clock.is_fresh for clock in clocks):
            return
        first, second = clocks
        assert first.origin is not None and second.origin is not None  # noqa: S101, PT018
        self._loop.steer(second.origin - first.origin)
        self._lines[1].correct(self._loop.correction)
        first.is_fresh = second.is_fresh = False

    # Silence

    def _leave(self, line: Line) -> None:
        """Nothing more comes from this input."""
        if line.is_absent:
            return
        if line.holds and line.is_placed:
            line.release()  # too little to doubt its place
        elif line.holds:
            self._place(line)
        line.flush()
        line.is_absent = True
        self._restart_loop()

    def _fill(self, line: Line, length: int, *, is_gap: bool = True) -> None:
        if length <= 0:
            return
        if is_gap:
            self._note_gap(line, length)
        line.pad(length)

    def _note_gap(self, line: Line, length: int) -> None:
        at = round(line.end)
        for gap in self._gaps:
            if gap.parties == line.missing and gap.at + gap.length == at:
                gap.length += length
                return
        self._gaps.append(_Gap(line.missing, at, length))

    def _wait_no_longer(self) -> None:
        """Fill up the inputs that are absent or too far behind."""
        patience = PATIENCE_SECONDS * RATE
        for line in self._lines:
            if line.holds and self._behind(line) > patience:
                self._place(line)
        for line in self._lines:
            if not line.is_silent and self._behind(line) > patience:
                line.is_placed, line.was_overtaken = False, True
            if line.is_silent or self._behind(line) > patience:
                self._fill(line, self._behind(line))

    def _behind(self, line: Line) -> int:
        return max(other.length for other in self._lines) - line.length

    def _give(self, most: int | None) -> Samples:
        self._wait_no_longer()
        whole = min(line.waiting for line in self._lines)
        if most is not None:
            whole = min(whole, most)
        mixed: Samples = np.zeros((whole, CHANNELS), np.int16)
        for line in self._lines:
            line.give(whole, mixed)
        self._given += whole
        return mixed
