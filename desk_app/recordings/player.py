"""Plays an opened recording through a sound output, in the manner that is wished.

One thread owns the playback and the output; every method only tells it what to do and returns at
once, so the window may call them. A failure ends playing and is kept in the state.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from desk_app.errors import DeskError
from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.devices import Output
from desk_app.recordings.encoder import CALLER_CHANNEL, OPERATOR_CHANNEL, Samples
from desk_app.recordings.playback import Playback
from desk_app.recordings.tempo import Tempo, Timetable, join
from desk_app.recordings.turns import skip_target
from desk_app.recordings.voice import Interval, Intervals

_PER_MS = PLAY_RATE // 1000


class Playing(StrEnum):
    PAUSED = "paused"
    PLAYING = "playing"
    ENDED = "ended"
    FAILED = "failed"
    CLOSED = "closed"


class Audible(StrEnum):
    """Whom one hears: both, each on their side, or one party on both ears."""

    BOTH = "both"
    OPERATOR = "operator"
    CALLER = "caller"


_MUTED = {Audible.OPERATOR: CALLER_CHANNEL, Audible.CALLER: OPERATOR_CHANNEL}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a recording is played. Times are ms in the recording.

    ``skipped`` is left out (`turns.skips`), but not while a ``loop`` is set: a loop is played as
    it is, and again when its end is reached from within.
    """

    speed: float = 1.0
    audible: Audible = Audible.BOTH
    skipped: Intervals = ()
    loop: Interval | None = None


class PlayerOutput(Protocol):
    """What a player writes to; `devices.Output` is one. Stereo at `PLAY_RATE`, int16."""

    @property
    def latency(self) -> float:
        """Seconds from writing a sample to hearing it."""

    def write(self, samples: bytes) -> None: ...
    def drain(self) -> None: ...
    def close(self) -> None: ...


def _system_output(name: str) -> PlayerOutput:
    return Output(PLAY_RATE, name=name)


@dataclass(frozen=True, slots=True)
class PlayerState:
    """What the player does, which place of the recording is heard, and what went wrong."""

    playing: Playing
    position_ms: int
    failure: DeskError | None = None


class Player:
    """Takes over a `Playback`, paused at its beginning. Methods may be called from any thread.

    ``on_state`` is called on the player's own thread, on every change and several times a second
    while it plays; it may not wait for the player. After a failure `play` and `seek` try again.
    """

    def __init__(
        self,
        playback: Playback,
        on_state: Callable[[PlayerState], None],
        *,
        output: str = "",
        open_output: Callable[[str], PlayerOutput] = _system_output,
    ) -> None:
        self._playback = playback
        self._on_state = on_state
        self._output_name = output
        self._open_output = open_output
        self._output: PlayerOutput | None = None
        self._manner = Manner()
        self._tempo = Tempo(self._manner.speed)
        self._timetable = Timetable()
        self._last: Samples | None = None  # the last sample that was written
        self._joins = False  # whether what comes next is from elsewhere
        self._wishes = threading.Condition()
        self._wants_to_play = False
        self._wants_position: int | None = None
        self._wants_to_close = False
        self._state = PlayerState(Playing.PAUSED, 0)
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    @property
    def state(self) -> PlayerState:
        return self._state

    def play(self) -> None:
        """Go on from where it is; from the beginning after the end."""
        with self._wishes:
            self._wants_to_play = True
            if self._state.playing is Playing.ENDED and self._wants_position is None:
                self._wants_position = 0
            self._wishes.notify()

    def pause(self) -> None:
        """Stop at the position that is heard now."""
        with self._wishes:
            self._wants_to_play = False
            self._wishes.notify()

    def seek(self, position_ms: int) -> None:
        """Go to ``position_ms`` within the recording, playing or paused as before."""
        with self._wishes:
            self._wants_position = position_ms
            self._wishes.notify()

    @property
    def manner(self) -> Manner:
        return self._manner

    def play_in(self, manner: Manner) -> None:
        """Play in this manner from the next block on; what is heard goes on without a gap."""
        with self._wishes:
            self._manner = manner

    def close(self, *, wait: bool = True) -> None:
        """Stop, and close the playback; returns when both are done, or at once."""
        with self._wishes:
            self._wants_to_close = True
            self._wishes.notify()
        if wait:
            self._thread.join()

    def _run(self) -> None:
        try:
            while self._next_step():
                continue
        finally:
            self._silence()
            self._playback.close()
            self._say(Playing.CLOSED)

    def _next_step(self) -> bool:
        """Wait for a wish or play one block; False when it is time to close."""
        with self._wishes:
            while not (self._wants_to_close or self._wants_to_play) and (
                self._wants_position is None
            ):
                if self._state.playing is Playing.PLAYING:
                    break
                self._wishes.wait()
            if self._wants_to_close:
                return False
            position, self._wants_position = self._wants_position, None
            plays = self._wants_to_play
        try:
            if position is not None:
                self._silence()
                self._playback.seek(position)
                self._say(Playing.PLAYING if plays else Playing.PAUSED)
            if plays:
                self._play_block()
            elif self._state.playing is Playing.PLAYING:
                self._pause_where_heard()
        except DeskError as error:
            self._stop(Playing.FAILED, error)
        return True

    def _play_block(self) -> None:
        manner = self._manner
        self._open_as(manner)
        began_ms = self._playback.position_ms
        if manner.loop is None and (target := skip_target(manner.skipped, began_ms)) is not None:
            self._jump(target)
            return
        block = self._read()
        loop = manner.loop if manner.loop and manner.loop[0] <= began_ms < manner.loop[1] else None
        if block is None:
            if loop is not None and began_ms > loop[0]:
                self._jump(loop[0])
                return
            self._sound_out()
            self._stop(Playing.ENDED)
            return
        if loop is not None and self._playback.position_ms >= loop[1]:
            self._write(self._tempo.feed(_audible(block[: (loop[1] - began_ms) * _PER_MS], manner)))
            self._jump(loop[0], left_ms=loop[1])
            return
        self._write(self._tempo.feed(_audible(block, manner)))
        self._say(Playing.PLAYING)

    def _read(self) -> Samples | None:
        """The next block; where that fails, everything before it is heard first."""
        try:
            return self._playback.read()
        except DeskError:
            self._sound_out()
            raise

    def _open_as(self, manner: Manner) -> None:
        if self._output is None:
            self._output = self._open_output(self._output_name)
            self._begin(manner.speed)
        elif self._tempo.speed != manner.speed:
            self._write(self._tempo.rest())
            self._timetable.left(self._playback.position_ms)
            self._begin(manner.speed)

    def _begin(self, speed: float) -> None:
        self._tempo, self._joins = Tempo(speed), True
        self._timetable.begin(self._playback.position_ms, speed)

    def _jump(self, position_ms: int, *, left_ms: int | None = None) -> None:
        """Go on elsewhere, without a gap in what is heard."""
        self._write(self._tempo.rest())
        self._timetable.left(self._playback.position_ms if left_ms is None else left_ms)
        self._playback.seek(position_ms)
        self._begin(self._tempo.speed)

    def _write(self, samples: Samples) -> None:
        if self._output is None or not len(samples):
            return
        if self._joins and self._last is not None:
            samples = join(self._last, samples)
        self._joins, self._last = False, samples[-1:]
        self._output.write(samples.tobytes())
        self._timetable.wrote(len(samples))

    def _sound_out(self) -> None:
        """Let everything be heard that was read."""
        self._write(self._tempo.rest())
        if self._output is not None:
            self._output.drain()

    def _pause_where_heard(self) -> None:
        heard_ms = self._heard_ms()
        self._silence()
        self._playback.seek(heard_ms)
        self._say(Playing.PAUSED)

    def _stop(self, playing: Playing, failure: DeskError | None = None) -> None:
        with self._wishes:
            self._wants_to_play = False
        self._silence()
        self._say(playing, failure)

    def _silence(self) -> None:
        self._timetable, self._last = Timetable(), None
        if self._output is not None:
            self._output.close()
            self._output = None

    def _heard_ms(self) -> int:
        """What is heard now: what was written, less what the output still holds."""
        held = int(self._output.latency * PLAY_RATE) if self._output is not None else 0
        heard_ms = self._timetable.position_ms(held)
        return self._playback.position_ms if heard_ms is None else heard_ms

    def _say(self, playing: Playing, failure: DeskError | None = None) -> None:
        self._state = PlayerState(playing, self._heard_ms(), failure)
        self._on_state(self._state)


def _audible(block: Samples, manner: Manner) -> Samples:
    """The block as it is, or with one party in the other's place as well."""
    muted = _MUTED.get(manner.audible)
    if muted is None:
        return block
    heard = block.copy()
    heard[:, muted] = block[:, 1 - muted]
    return heard
