"""Plays an opened recording through a sound output: play, pause, seek, position.

One thread owns the playback and the output; every method only tells it what to do and returns at
once, so the window may call them. A failure ends playing and is kept in the state.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from desk_app.errors import DeskError
from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.devices import Output
from desk_app.recordings.playback import Playback


class Playing(StrEnum):
    PAUSED = "paused"
    PLAYING = "playing"
    ENDED = "ended"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PlayerState:
    """What the player does, where it is, and what went wrong if it failed."""

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
    ) -> None:
        self._playback = playback
        self._on_state = on_state
        self._output_name = output
        self._output: Output | None = None
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
        block = self._playback.read()
        if block is None:
            if self._output is not None:
                self._output.drain()
            self._stop(Playing.ENDED)
            return
        if self._output is None:
            self._output = Output(PLAY_RATE, name=self._output_name)
        self._output.write(block.tobytes())
        self._say(Playing.PLAYING)

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
        if self._output is not None:
            self._output.close()
            self._output = None

    def _heard_ms(self) -> int:
        """What is heard now: what was written, less what the output still holds."""
        held_ms = int(self._output.latency * 1000) if self._output is not None else 0
        return max(self._playback.position_ms - held_ms, 0)

    def _say(self, playing: Playing, failure: DeskError | None = None) -> None:
        self._state = PlayerState(playing, self._heard_ms(), failure)
        self._on_state(self._state)
