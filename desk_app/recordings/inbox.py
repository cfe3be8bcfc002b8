"""What the recorder's main thread waits for: commands, and blocks of sound up to a bound.

While sound is withheld nothing of it is kept: the audio callback counts its frames and doesn't
copy them. Withholding begins with the command's arrival, on the thread that reads commands, so no
block that comes later is ever copied; and it ends so that no sound from before the end comes in.
While a command to withhold still waits its turn, an end that came before it lets nothing in.
"""

import contextlib
import queue
import threading
import time
from dataclasses import dataclass
from typing import Any

from desk_app.recordings.devices import Opened
from desk_app.recordings.sound_server import Muted

QUEUE_BLOCKS = 400
"""Blocks that may wait for a slow disk: 20 s of two inputs. More are lost, and said."""
_WITHHOLDING = frozenset({"pause", "hold"})


@dataclass(frozen=True, slots=True)
class Block:
    """Sound of one input, complete at ``ended_at`` (monotonic seconds); ``samples`` is empty
    where it is withheld or was lost."""

    source: int
    samples: bytes
    frames: int
    ended_at: float
    overflowed: bool
    withheld: bool


@dataclass(frozen=True, slots=True)
class Silent:
    """An input ended: unplugged, failed, or closed by us. ``stream`` tells which opening of it."""

    source: int
    stream: int


@dataclass(frozen=True, slots=True)
class Returned:
    """An input is open, for the first time or again; its blocks come after this."""

    source: int
    opened: Opened


@dataclass(frozen=True, slots=True)
class Away:
    """An input was taken away or could not be opened, for ``code``; it is tried again."""

    source: int
    code: str


@dataclass(frozen=True, slots=True)
class Command:
    """What the window wants; ``at`` is when it said so (monotonic seconds)."""

    fields: dict[str, Any]
    at: float

    @property
    def withholds(self) -> bool:
        return self.fields["do"] in _WITHHOLDING


Item = Block | Silent | Returned | Away | Muted | Command


class Inbox:
    """Takes from any thread, gives to one."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._turns = threading.Lock()
        """Held while it is decided whether sound is withheld; never by the audio callback."""
        self._to_withhold = 0
        """How many commands to withhold wait to be taken."""
        self._is_withheld = False
        self._audible_from = float("-inf")  # monotonic; sound from before isn't taken

    def heard(
        self,
        source: int,
        block: Any,
        *,
        frames: int,
        began_at: float,
        ended_at: float,
        overflowed: bool,
    ) -> None:
        """Called by PortAudio: copies and returns. ``began_at`` is when the first sample was
        captured at the latest that the input's latency allows, and so never too late."""
        withheld = self._is_withheld or began_at < self._audible_from
        if self._queue.qsize() >= QUEUE_BLOCKS:
            frames, overflowed, withheld = 0, True, False
        samples = bytes(block) if frames and not withheld else b""
        self._queue.put(Block(source, samples, frames, ended_at, overflowed, withheld))

    def fell_silent(self, source: int, stream: int) -> None:
        self._queue.put(Silent(source, stream))

    def put(self, item: Returned | Away | Muted) -> None:
        self._queue.put(item)

    def command(self, fields: dict[str, Any]) -> None:
        self._put(Command(fields, time.monotonic()))

    def _put(self, command: Command) -> None:
        with self._turns:
            if command.withholds:
                self._to_withhold += 1
                self._is_withheld = True
            self._queue.put(command)

    def let_in(self, moment: float) -> None:
        """Take sound again that begins at ``moment`` (monotonic) or later, unless it was asked
        meanwhile to withhold it."""
        with self._turns:
            self._audible_from = moment
            self._is_withheld = self._to_withhold > 0

    def next(self, timeout: float | None = None) -> Item:
        """What comes next; `queue.Empty` after ``timeout`` seconds."""
        return self._taken(self._queue.get(timeout=timeout))

    def _taken(self, item: Item) -> Item:
        if isinstance(item, Command) and item.withholds:
            with self._turns:
                self._to_withhold -= 1
        return item

    def take_all(self) -> list[Item]:
        """Everything that waits, without waiting."""
        waiting = []
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.append(self._taken(self._queue.get_nowait()))
        return waiting

    def forget_sound(self) -> None:
        """Drop every block that waits; commands stay."""
        for item in self.take_all():
            if isinstance(item, Command):
                self._put(item)

    @property
    def waiting(self) -> int:
        """How many items wait."""
        return self._queue.qsize()
