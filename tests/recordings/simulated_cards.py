"""Sound cards that aren't there, with clocks of their own, in one room with one sound.

What each card hears is a function of the true time alone, so two of them hear the same at the
same moment however wrong their clocks are, and what lies apart in a recording is its error.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.mixing import Mixer
from desk_app.recordings.parties import Party, Source

Lateness = Callable[[np.random.Generator], float]
"""How late a block's time is told, in seconds."""

_FINE = 8  # points of the sound a sample
_PERIOD = 7  # seconds until it repeats
MONOTONIC_AT_ZERO = 5000.0


def evenly_late(seconds: float) -> Lateness:
    return lambda generator: float(generator.uniform(0.0, seconds))


def _room() -> npt.NDArray[np.int16]:
    """Noise in the band of a telephone, in syllables, without a seam."""
    generator = np.random.default_rng(1)
    count = _PERIOD * RATE * _FINE
    spectrum = np.zeros(count // 2 + 1, complex)
    band = slice(300 * _PERIOD, 3400 * _PERIOD)
    size = band.stop - band.start
    spectrum[band] = generator.standard_normal(size) + 1j * generator.standard_normal(size)
    sound = np.fft.irfft(spectrum, count)
    sound *= 1.1 + np.sin(np.arange(count) * (2 * np.pi * 4 / (RATE * _FINE)))
    return np.rint(sound / np.abs(sound).max() * 20_000).astype(np.int16)


ROOM = _room()


def heard_at(
    times: npt.NDArray[np.float64], room: npt.NDArray[np.int16] = ROOM
) -> npt.NDArray[np.int16]:
    """The room's sound at these true times."""
    points = np.rint(times * (RATE * _FINE)).astype(np.int64)
    return room[points % len(room)]


@dataclass
class Card:
    """One input: its clock's error, when it begins, how it delivers, what it hears."""

    party: Party
    rate: int = RATE
    ppm: float = 0.0
    began: float = 0.0
    frames: int = 0
    lateness: Lateness = field(default_factory=lambda: evenly_late(0.012))
    room: npt.NDArray[np.int16] = field(default_factory=lambda: ROOM)
    delivered: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.frames = self.frames or self.rate // 10
        self.per_second = self.rate * (1 + self.ppm * 1e-6)

    @property
    def source(self) -> Source:
        return Source((self.party,), self.rate)

    def block(self) -> bytes:
        """The next block; `time` is then the true time at which it was complete."""
        count = self.delivered + np.arange(self.frames)
        self.delivered += self.frames
        return heard_at(self.began + count / self.per_second, self.room).tobytes()

    @property
    def time(self) -> float:
        return self.began + self.delivered / self.per_second

    @property
    def next_time(self) -> float:
        return self.began + (self.delivered + self.frames) / self.per_second


def deliver(
    cards: Sequence[Card], seconds: float, *, seed: int = 1
) -> Iterator[tuple[int, bytes, float]]:
    """Every block of the cards in order: whose, what, and the time that is told for it."""
    generator = np.random.default_rng(seed)
    due = [(card.next_time, number) for number, card in enumerate(cards)]
    heapq.heapify(due)
    while due[0][0] <= seconds:
        number = heapq.heappop(due)[1]
        card = cards[number]
        block = card.block()
        told = MONOTONIC_AT_ZERO + card.time + card.lateness(generator)
        yield number, block, told
        heapq.heappush(due, (card.next_time, number))


def record(cards: Sequence[Card], seconds: float, *, seed: int = 1) -> Iterator[Samples]:
    """What the mixer makes of it, piece by piece."""
    mixer = Mixer([card.source for card in cards])
    for number, block, told in deliver(cards, seconds, seed=seed):
        yield mixer.take(number, block, ended_at=told)
    yield mixer.rest()


def apart_ms(first: npt.NDArray[np.int16], second: npt.NDArray[np.int16]) -> float:
    """By how much the second is behind the first, by correlation, to a fraction of a sample."""
    size = 2 * len(first)
    spectrum = np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size)
    crossed = np.fft.irfft(spectrum, size)
    at = int(np.argmax(crossed))
    before, peak, after = crossed[at - 1], crossed[at], crossed[(at + 1) % size]
    exactly = at + (before - after) / (2 * (before - 2 * peak + after))
    if exactly > size / 2:
        exactly -= size
    return float(exactly * 1000 / RATE)


def purity_db(heard: npt.NDArray[np.int16]) -> float:
    """How far everything else is below the one tone in it. What is within 30 Hz is the tone
    bending as its speed changes, by parts of a million."""
    spectrum = np.abs(np.fft.rfft(heard * np.blackman(len(heard)))) ** 2
    peak = int(np.argmax(spectrum))
    near = 30 * len(heard) // RATE
    tone = spectrum[max(peak - near, 0) : peak + near + 1].sum()
    return float(10 * np.log10(tone / (spectrum.sum() - tone)))


def wander_ms(
    pieces: Iterable[Samples], *, every: float = 5.0, over: float = 1.0
) -> list[tuple[float, float]]:
    """(position in seconds, ms that the caller is behind the operator there), again and again."""
    found = []
    position, kept, length = 0, [], 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        while length >= (every + over) * RATE:
            joined = np.concatenate(kept)
            part = joined[: round(over * RATE)]
            found.append((position / RATE, apart_ms(part[:, 0], part[:, 1])))
            left = joined[round(every * RATE) :]
            position += round(every * RATE)
            kept, length = [left], len(left)
    return found
