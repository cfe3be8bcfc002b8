"""One input of a recording on its way into it: held, brought to `RATE`, and put in its place.

A line knows how many samples of the recording it has filled, and by each block's time how that
number and the time agree. Where it belongs is decided by `mixing.Mixer`.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from desk_app.recordings.clocks import Clock, Resampler, what_is_not_late
from desk_app.recordings.encoder import CALLER_CHANNEL, CHANNELS, OPERATOR_CHANNEL, RATE, Samples
from desk_app.recordings.parties import Party, Source

_CHANNEL = {Party.OPERATOR: OPERATOR_CHANNEL, Party.CALLER: CALLER_CHANNEL}


@dataclass(slots=True)
class _Held:
    samples: Samples
    ended_at: float
    origin: float


class Line:
    """One input: its resampler, its clock, and what of it waits for the other party."""

    def __init__(self, source: Source, *, is_variable: bool) -> None:
        self.source = source
        self.missing = source.parties
        """Who is missing while it is silent: until it is placed, those who were on it before."""
        self.clock = Clock()
        self.length = 0
        """Samples of the recording that it has filled, with sound or silence."""
        self.is_placed = False
        """Whether it is known where in the recording its next sound belongs."""
        self.is_absent = False
        """Whether nothing comes from it: lost or ended."""
        self.was_overtaken = False
        """Whether the recording went on without it, because it stood still."""
        self.has_ended = False
        self._is_variable = is_variable
        self._correction = 0.0
        self._resampler = self._new_resampler()
        self._began = 0
        self._held: list[_Held] = []
        self.held_length = 0.0
        """How many samples of the recording are held."""
        self._waiting: deque[Samples] = deque()
        self._waiting_length = 0

    # What comes in

    def hold(self, block: bytes, ended_at: float) -> None:
        """Keep a block back until it is known where it belongs."""
        samples = np.frombuffer(block, np.int16).reshape(-1, len(self.source.parties))
        self.held_length += self._resampler.length_of(len(samples))
        origin = ended_at - (self.end + self.held_length) / RATE
        self._held.append(_Held(samples, ended_at, origin))

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing in it to wait for."""
        return self.is_absent or (self.was_overtaken and not self._held)

    @property
    def holds(self) -> bool:
        return bool(self._held)

    def has_held(self, seconds: float, *, most_seconds: float) -> bool:
        """Whether the first held block has waited so long, or that much sound is held: a burst
        of late blocks is no time in which anything could become clear."""
        waited = self._held[-1].ended_at - self._held[0].ended_at
        return waited >= seconds or self.held_length >= most_seconds * RATE

    @property
    def newest_origin(self) -> float:
        """When the recording began, by the newest held block, if what is held is simply put on."""
        return self._held[-1].origin

    @property
    def held_origin(self) -> float:
        """The same by all held blocks."""
        return what_is_not_late([held.origin for held in self._held])

    def release(self, *, without: int = 0) -> None:
        """Put on what is held, but for its first samples (of the recording)."""
        leave_out = round(without / self._resampler.length_of(1))
        held, self._held = self._held, []
        self.held_length = 0.0
        for block in held:
            self._append(self._resampler.feed(block.samples[leave_out:]))
            leave_out = max(leave_out - len(block.samples), 0)

    @property
    def end(self) -> float:
        """Where in the recording the sound so far ends, that on the way included."""
        return self._began + self._resampler.promised

    # Silence, speed, ends

    def pad(self, samples: int) -> None:
        """Go on with silence."""
        self.flush()
        self._append_mapped(np.zeros((samples, CHANNELS), np.int16))
        self._began = self.length

    def pad_front(self, samples: int) -> None:
        """Begin with silence; only as long as nothing was given out."""
        self._waiting.appendleft(np.zeros((samples, CHANNELS), np.int16))
        self._waiting_length += samples
        self.length += samples
        self._began += samples
        self.clock.shift(samples)
        for held in self._held:
            held.origin -= samples / RATE

    def correct(self, correction: float) -> None:
        """Change the speed of a variable line."""
        self._correction = correction
        self._resampler.correct(correction)

    def flush(self) -> None:
        """Bring out what the resampler still has."""
        if not self._resampler.promised:
            return
        self._append(self._resampler.flush())
        self._resampler = self._new_resampler()
        self._began = self.length

    def reopen(self, source: Source) -> None:
        """Go on from another input, from a place not yet known."""
        self.source = source
        self._resampler = self._new_resampler()
        self._began = self.length
        self.is_absent = self.is_placed = self.was_overtaken = False

    # What goes out

    @property
    def waiting(self) -> int:
        """Samples that wait for the other party."""
        return self._waiting_length

    def give(self, length: int, into: Samples) -> None:
        """Add the next samples into the recording's."""
        self._waiting_length -= length
        at = 0
        while at < length:
            samples = self._waiting.popleft()
            whole = samples[: length - at]
            into[at : at + len(whole)] += whole
            at += len(whole)
            if len(whole) < len(samples):
                self._waiting.appendleft(samples[len(whole) :])

    def _new_resampler(self) -> Resampler:
        channels = len(self.source.parties)
        resampler = Resampler(self.source.rate, channels, is_variable=self._is_variable)
        resampler.correct(self._correction)
        return resampler

    def _append(self, samples: Samples) -> None:
        mapped: Samples = np.zeros((len(samples), CHANNELS), np.int16)
        for column, party in enumerate(self.source.parties):
            mapped[:, _CHANNEL[party]] = samples[:, column]
        self._append_mapped(mapped)

    def _append_mapped(self, samples: Samples) -> None:
        if len(samples):
            self._waiting.append(samples)
            self._waiting_length += len(samples)
            self.length += len(samples)
