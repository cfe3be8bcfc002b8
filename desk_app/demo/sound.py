"""An invented conversation: two hums with the rhythm and the vowels of speech, taking turns.

Nobody's voice and no words; enough to see a waveform and to hear who talks when.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.voice import Interval, Voices

_VOWELS = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840))
"""First and second formant in Hz: a, i, u, e, o."""
_PITCHES = (190.0, 130.0)
_LOUDNESS = 9_000
_HIGHEST = 3_400  # Hz that a telephone carries

_Wave = npt.NDArray[np.float32]


def conversation(seconds: float, *, seed: int, hears_caller: bool = True) -> tuple[Samples, Voices]:
    """Sound of both parties, the operator first, and when each of them speaks.

    Without ``hears_caller`` the second channel stays silent, as with a muted line.
    """
    chance = np.random.default_rng(seed)
    parties = [_syllables(chance, pitch) for pitch in _PITCHES]
    sound = np.zeros((round(seconds * RATE), 2), np.int16)
    turns: tuple[list[Interval], list[Interval]] = ([], [])
    at, party = round(0.4 * RATE), 0
    while at < len(sound):
        end = min(at + round(chance.uniform(2, 6) * RATE), len(sound))
        if party == 0 or hears_caller:
            _speak(chance, sound[at:end, party], parties[party])
            turns[party].append((at * 1000 // RATE, end * 1000 // RATE))
        at = end + round(chance.uniform(0.4, 0.9) * RATE)
        party = 1 - party
    return sound, (tuple(turns[0]), tuple(turns[1]))


def _speak(
    chance: np.random.Generator, turn: npt.NDArray[np.int16], syllables: Sequence[_Wave]
) -> None:
    at = 0
    while at < len(turn):
        syllable = syllables[int(chance.integers(len(syllables)))]
        said = syllable[: len(turn) - at] * chance.uniform(0.5, 1.0)
        turn[at : at + len(said)] = said.astype(np.int16)
        at += len(syllable) + round(chance.choice([0, 0, 0, 0.12]) * RATE)


def _syllables(chance: np.random.Generator, pitch: float) -> list[_Wave]:
    return [_syllable(chance, pitch, vowel) for vowel in _VOWELS for _ in range(3)]


def _syllable(chance: np.random.Generator, pitch: float, vowel: tuple[int, int]) -> _Wave:
    """Harmonics of a gliding pitch, loud where the vowel is, fading in and out."""
    count = round(chance.uniform(0.12, 0.2) * RATE)
    glide = np.linspace(chance.uniform(0.9, 1.1), chance.uniform(0.9, 1.1), count)
    phase = np.cumsum(2 * np.pi * pitch * glide / RATE)
    numbers = np.arange(1, int(_HIGHEST / (pitch * 1.1)))
    loud = sum(1 / (1 + ((numbers * pitch - formant) / 120) ** 2) for formant in vowel)
    wave = (np.sin(np.outer(phase, numbers)) * loud).sum(axis=1)
    shaped = wave * np.sin(np.linspace(0, np.pi, count)) ** 0.7
    loudest: _Wave = (shaped / np.abs(shaped).max() * _LOUDNESS).astype(np.float32)
    return loudest
