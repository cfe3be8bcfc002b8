"""Outputs that aren't there, and a recording whose sound says where it is."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.player import Player, PlayerState, Playing

STEP_MS = 500
LOWEST_HZ, STEP_HZ = 300, 60


def staircase(seconds: float, rate: int) -> np.ndarray:
    """Each half second has a pitch of its own, the same for both parties."""
    count = int(seconds * rate)
    step = np.arange(count) * 1000 // rate // STEP_MS
    phase = 2 * np.pi * np.cumsum(LOWEST_HZ + STEP_HZ * step) / rate
    tone = (np.sin(phase) * 9000).astype(np.int16)
    return np.stack([tone, tone], axis=1)


def pitch(sound: np.ndarray) -> float:
    """The strongest frequency, in Hz."""
    windowed = sound.astype(float) * np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(windowed, 1 << 17))
    return float(np.argmax(spectrum)) * PLAY_RATE / (1 << 17)


class Gate:
    """Lets writers through as often as it was told to."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._permits = self._waiting = 0

    def pass_through(self) -> None:
        with self._changed:
            self._waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._permits > 0)
            self._waiting -= 1
            self._permits -= 1

    def let(self, times: int) -> None:
        with self._changed:
            self._permits += times
            self._changed.notify_all()

    def wait_until_closed(self) -> None:
        """Until everybody who was let has gone through and the next one waits."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: self._waiting > 0 and self._permits == 0, timeout=20
            )


class FakeOutput:
    """Takes what is written at once, or block by block through a gate; holds back ``held``."""

    def __init__(self, held: int = 0, gate: Gate | None = None) -> None:
        self.written: list[np.ndarray] = []
        self.drained = self.closed = False
        self._held = held
        self._gate = gate

    @property
    def latency(self) -> float:
        return self._held / PLAY_RATE

    def write(self, samples: bytes) -> None:
        if self._gate is not None:
            self._gate.pass_through()
        self.written.append(np.frombuffer(samples, np.int16).reshape(-1, 2))

    def drain(self) -> None:
        self.drained = True

    def close(self) -> None:
        self.closed = True

    @property
    def sound(self) -> np.ndarray:
        return np.concatenate([np.empty((0, 2), np.int16), *self.written])


class Listener:
    """Hears what a player says, and lets it write only as far as is asked for."""

    def __init__(self, held: int = 0, *, stepping: bool = False) -> None:
        self.outputs: list[FakeOutput] = []
        self.states: list[PlayerState] = []
        self._changed = threading.Condition()
        self._held = held
        self.gate = Gate() if stepping else None

    def open(self, _name: str) -> FakeOutput:
        output = FakeOutput(self._held, self.gate)
        self.outputs.append(output)
        return output

    def hear(self, state: PlayerState) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    def let(self, blocks: int, *, wait: bool = False) -> None:
        """Let so many more blocks be written; ``wait`` until they are and the next one waits."""
        assert self.gate is not None
        self.gate.let(blocks)
        if wait:
            self.gate.wait_until_closed()

    def until(self, such: Callable[[PlayerState], bool]) -> PlayerState:
        """The first state since the last call that is ``such``; fails if it doesn't come."""
        with self._changed:
            found: list[PlayerState] = []

            def has_come() -> bool:
                while self.states and not found:
                    state = self.states.pop(0)
                    if such(state):
                        found.append(state)
                return bool(found)

            assert self._changed.wait_for(has_come, timeout=20)
            return found[0]

    def until_playing(self, playing: Playing) -> PlayerState:
        return self.until(lambda state: state.playing is playing)

    @property
    def sound(self) -> np.ndarray:
        return np.concatenate([output.sound for output in self.outputs])


@contextmanager
def playing(ticket: PlaybackTicket, folder: Path, listener: Listener) -> Iterator[Player]:
    player = Player(Playback(ticket, folder), listener.hear, open_output=listener.open)
    try:
        yield player
    finally:
        player.close(wait=False)
        if listener.gate is not None:
            listener.let(1_000_000)  # whatever it waits for
        player.close()
