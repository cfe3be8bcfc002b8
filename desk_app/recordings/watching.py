"""Recognises by the sound alone what is wrong with an input: frozen, muted, moved, one-sided.

Pure: fed with blocks as they come in, with the mixed sound, and with the time; it opens nothing.

*Frozen*: no block for `FROZEN_SECONDS`. *Moved*: both parties are the same sound, see `likeness`.
*One-sided*: nothing above its own noise from a party for `ONE_SIDED_SECONDS`, while the other
spoke: a warning, since people listen.

*Muted*: exact zeros for `MUTED_SECONDS` after `LIVE_SECONDS` of sound without such spells. A
microphone always has noise in its last bits, so zeros are no silence. A softphone or a headset
that suppresses silence gives zeros between words too: a line that came back by itself from
`QUIET_SPELLS` such spells within `QUIET_MEMORY_SECONDS`, or that began in zeros and then came
alive, is taken for a quiet one, and its zeros for nobody speaking. Limits: a line whose first
pause is a long one is called muted until it is known; one that is muted again and again within
two minutes is taken for a quiet one; one that is muted from its beginning gives no sign but its
silence; and a mute that leaves noise in the last bits is silence too. What a sound server says of
a mute comes on top, and holds without any of these.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desk_app.recordings.encoder import CHANNELS, RATE, Samples
from desk_app.recordings.likeness import Likeness
from desk_app.recordings.parties import Party, Source, Trouble

LOST = "recordings.device_lost"
FROZEN = "recordings.device_frozen"
MUTED = "recordings.device_muted"
MOVED = "recordings.device_moved"
ONE_SIDED = "recordings.one_sided"
WARNINGS = frozenset({ONE_SIDED})
"""Troubles that are said without an alarm."""

FROZEN_SECONDS = 1.2
FIRST_BLOCK_SECONDS = 1.8
"""How long an input may take to deliver at all."""
MUTED_SECONDS = 1.5
LIVE_SECONDS = 2.0
SHORTEST_SPELL_SECONDS = 0.1
QUIET_SPELLS = 3
QUIET_MEMORY_SECONDS = 120.0
ONE_SIDED_SECONDS = 60.0
OTHER_SPOKE_SECONDS = 10.0
"""How much of that time the other party must have spoken."""

_WINDOW_SECONDS = 0.1
_WINDOW = round(RATE * _WINDOW_SECONDS)
_FAINTEST_DB = -55.0  # a voice is above this, and
_ABOVE_FLOOR_DB = 10.0  # this far above the noise of its line
_LOUDEST_FLOOR_DB = -30.0
_FLOOR_RISE_DB = 0.05  # a window: the floor follows a noise within seconds, not a sentence
_PARTIES = (Party.OPERATOR, Party.CALLER)


@dataclass(frozen=True, slots=True)
class TroubleBegan:
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class TroubleEnded:
    trouble: Trouble


Change = TroubleBegan | TroubleEnded


class _Zeros:
    """Spells of exact zeros of one party; see the module for the rule."""

    def __init__(self) -> None:
        self.is_muted = False
        self._time = 0.0
        self._zeros = 0.0  # seconds of the present spell
        self._live = 0.0  # seconds of sound since the last spell that was no mute
        self._has_sounded = False
        self._spells: deque[float] = deque(maxlen=QUIET_SPELLS)

    def feed(self, samples: npt.NDArray[np.int16], rate: int) -> bool:
        """Take the next samples; whether the party is muted."""
        self._time += len(samples) / rate
        sounding = np.flatnonzero(samples)
        if not len(sounding):
            self._zeros += len(samples) / rate
        else:
            self._end_spell(self._zeros + float(sounding[0]) / rate)
            pauses = np.diff(sounding) / rate
            for pause in pauses[pauses >= SHORTEST_SPELL_SECONDS]:
                self._end_spell(float(pause))
            self._live += float(sounding[-1] - sounding[0] + 1) / rate
            self._zeros = (len(samples) - 1 - int(sounding[-1])) / rate
        if self._zeros >= MUTED_SECONDS and self._live >= LIVE_SECONDS and not self._is_quiet():
            self.is_muted = True
        return self.is_muted

    def withhold(self) -> None:
        """Its sound is kept back from us: no spell lasts over that."""
        self._zeros = 0.0

    def _end_spell(self, seconds: float) -> None:
        if seconds >= SHORTEST_SPELL_SECONDS:
            self._spells.append(self._time)
            if not self._has_sounded and seconds >= MUTED_SECONDS:
                self._spells.extend([self._time] * QUIET_SPELLS)
            if not self.is_muted:
                self._live = 0.0
        self._has_sounded = True
        self.is_muted = False
        self._zeros = 0.0

    def _is_quiet(self) -> bool:
        return (
            len(self._spells) == QUIET_SPELLS
            and self._time - self._zeros - self._spells[0] <= QUIET_MEMORY_SECONDS
        )


class _OneSided:
    """How long each party has given nothing above its noise while the other spoke."""

    def __init__(self) -> None:
        self._floors = [_FAINTEST_DB - _ABOVE_FLOOR_DB] * CHANNELS
        self._silent = [0.0] * CHANNELS
        self._other_spoke = [0.0] * CHANNELS
        self._waiting: Samples = np.zeros((0, CHANNELS), np.int16)

    def feed(self, samples: Samples) -> list[bool]:
        """Take mixed sound; for each party, whether it has been silent for too long."""
        waiting = np.concatenate([self._waiting, samples])
        whole = len(waiting) // _WINDOW
        self._waiting = waiting[whole * _WINDOW :]
        windows = waiting[: whole * _WINDOW].reshape(whole, _WINDOW, CHANNELS)
        powers = np.square(windows.astype(np.float32) / 32768.0).mean(axis=1)
        for levels in 10 * np.log10(np.maximum(powers, 1e-10)):
            self._take(levels)
        return [
            silent >= ONE_SIDED_SECONDS and spoke >= OTHER_SPOKE_SECONDS
            for silent, spoke in zip(self._silent, self._other_spoke, strict=True)
        ]

    def _take(self, levels: npt.NDArray[np.float32]) -> None:
        speaks = [False] * CHANNELS
        for channel, level in enumerate(levels):
            floor = self._floors[channel]
            speaks[channel] = bool(level > max(floor + _ABOVE_FLOOR_DB, _FAINTEST_DB))
            risen = min(float(level), floor + _FLOOR_RISE_DB)
            self._floors[channel] = min(risen, _LOUDEST_FLOOR_DB)
        for channel in range(CHANNELS):
            if speaks[channel]:
                self._silent[channel] = self._other_spoke[channel] = 0.0
            else:
                self._silent[channel] += _WINDOW_SECONDS
                self._other_spoke[channel] += _WINDOW_SECONDS * speaks[1 - channel]


class Watch:
    """Watches the inputs of one recording. One thread at a time; times are monotonic seconds.

    What each method gives back has just begun or ended; a trouble begins once until it ends.
    """

    def __init__(self, sources: Sequence[Source], *, now: float) -> None:
        self._sources = list(sources)
        self._due: list[float | None] = [now + FIRST_BLOCK_SECONDS] * len(sources)
        self._zeros = {party: _Zeros() for party in _PARTIES}
        self._is_muted = [False] * len(sources)
        """Whether the sound server says so."""
        self._likeness = Likeness()
        self._one_sided = _OneSided()
        self._troubles: set[Trouble] = set()

    @property
    def troubles(self) -> frozenset[Trouble]:
        """What is wrong now."""
        return frozenset(self._troubles)

    def heard(self, source: int, samples: Samples | None, *, now: float) -> list[Change]:
        """A block of an input, shape (samples, its channels); None if its sound is withheld."""
        self._due[source] = now + FROZEN_SECONDS
        parties = self._sources[source].parties
        changes = self._set(Trouble(FROZEN, parties), False)
        for channel, party in enumerate(parties):
            if samples is None:
                self._zeros[party].withhold()
            else:
                is_muted = self._zeros[party].feed(samples[:, channel], self._sources[source].rate)
                changes += self._set(Trouble(MUTED, (party,)), is_muted or self._is_muted[source])
        return changes

    def muted(self, source: int, is_muted: bool) -> list[Change]:
        """The sound server says that the input was muted, or is no more."""
        self._is_muted[source] = is_muted
        changes: list[Change] = []
        for party in self._sources[source].parties:
            changes += self._set(Trouble(MUTED, (party,)), is_muted or self._zeros[party].is_muted)
        return changes

    def mixed(self, samples: Samples | None) -> list[Change]:
        """The next sound of both parties, aligned, at `RATE`; None if it is withheld."""
        if samples is None:
            self._likeness.start_over()
            self._one_sided = _OneSided()
            return []
        changes = self._set(Trouble(MOVED, _PARTIES), self._likeness.feed(samples))
        for party, is_silent in zip(_PARTIES, self._one_sided.feed(samples), strict=True):
            known = any(
                party in trouble.parties for trouble in self._troubles if trouble.code != ONE_SIDED
            )
            changes += self._set(Trouble(ONE_SIDED, (party,)), is_silent and not known)
        return changes

    def tick(self, now: float) -> list[Change]:
        """Look at the time, several times a second, when no block waits to be taken."""
        changes: list[Change] = []
        for source, due in zip(self._sources, self._due, strict=True):
            if due is not None and now > due:
                changes += self._set(Trouble(FROZEN, source.parties), True)
        return changes

    def lost(self, source: int) -> list[Change]:
        """The input has gone: what was said of it is over, and it is waited for by others."""
        self._due[source] = None
        self._is_muted[source] = False
        self._likeness.start_over()
        return self._end_all(self._sources[source].parties)

    def reopened(self, source: int, new: Source, *, now: float) -> list[Change]:
        """The input is back, perhaps with other channels or another rate."""
        changes = self._end_all(self._sources[source].parties)
        self._sources[source] = new
        self._is_muted[source] = False
        self._due[source] = now + FIRST_BLOCK_SECONDS
        for party in new.parties:
            self._zeros[party] = _Zeros()
        self._likeness.start_over()
        return changes

    def _end_all(self, parties: Sequence[Party]) -> list[Change]:
        changes: list[Change] = []
        for trouble in sorted(self._troubles, key=lambda one: one.code):
            if trouble.code in (FROZEN, MUTED) and set(trouble.parties) & set(parties):
                changes += self._set(trouble, False)
        return changes

    def _set(self, trouble: Trouble, is_on: bool) -> list[Change]:
        if is_on == (trouble in self._troubles):
            return []
        if is_on:
            self._troubles.add(trouble)
            return [TroubleBegan(trouble)]
        self._troubles.remove(trouble)
        return [TroubleEnded(trouble)]
