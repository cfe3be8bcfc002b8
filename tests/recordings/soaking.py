"""A call of hours, faster than it would pass, and everything that its session keeps meanwhile."""

import queue
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import pytest

from desk_app.recordings import recorded_file
from desk_app.recordings.encoder import RATE
from desk_app.recordings.ogg import whole_pages
from desk_app.recordings.parties import Party
from desk_app.recordings.sealing import SealedWriter
from tests.recordings.scripted_session import LATENCY, Studio, made
from tests.recordings.simulated_cards import MONOTONIC_AT_ZERO, ROOM, Card, apart_ms, deliver

PPM = 300
"""How far apart the two cards' clocks are."""
STEADY_SECONDS = 60.0
"""So long after it began, or an input came back, the two parties may be apart."""
KEPT = ("._file._meter._peaks", "._file._activity._ears[]._bounds", "._timeline", "._mixer._gaps")
"""What a session keeps until its end, as it has to; nothing else may grow."""


class _Writer(SealedWriter):
    """The real one, and how much sound it has brought to the disk."""

    on_disk_ms = 0

    def write(self, page: bytes) -> None:
        super().write(page)
        self.on_disk_ms = whole_pages(page).duration_ms


class LongCall(Studio):
    """A real session on two cards with clocks of their own and times that jitter.

    Both hear one room, the caller's faintly: alike they would be one input that was moved.
    """

    def __init__(
        self,
        folder: Path,
        *,
        room: npt.NDArray[np.int16] = ROOM,
        rates: tuple[int, int] = (RATE, RATE),
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recorded_file, "SealedWriter", _Writer)
            super().__init__(folder)
        self.rates = [*rates]
        self.cards = [
            Card(Party.OPERATOR, rates[0], ppm=PPM / 2, room=room),
            Card(Party.CALLER, rates[1], ppm=-PPM / 2, began=0.3, room=room // 2),
        ]
        self.passed = 0.0
        """Seconds of the call."""
        self._steady_from = STEADY_SECONDS
        self.plug_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        made.remove(self)

    def _tell(self, event: str, **particulars: object) -> None:
        if event != "levels":
            super()._tell(event, **particulars)

    def run(self, seconds: float, *, frozen: tuple[int, ...] = ()) -> None:
        self.passed += seconds
        for place, block, told in deliver(self.cards, self.passed, seed=round(self.passed)):
            ended_at = self.began + told - MONOTONIC_AT_ZERO
            self.now = max(self.now, ended_at)
            if place in self.open and place not in frozen:
                frames = len(block) // 2
                self.inbox.heard(
                    place,
                    block,
                    frames=frames,
                    began_at=ended_at - frames / self.rates[place] - LATENCY,
                    ended_at=ended_at,
                    overflowed=False,
                )
            self.hear()
            self.session.tick(self.now)
        if frozen or len(self.open) < len(self.cards):
            self._steady_from = self.passed + STEADY_SECONDS

    def five_minutes(self, watched: Callable[[], None], *, troubled: bool) -> None:
        """Time passes, ``watched`` every two seconds. In troubled minutes sound is withheld, each
        input goes and comes back, and one stands still."""

        def run(seconds: float, *, frozen: tuple[int, ...] = ()) -> None:
            for _ in range(round(seconds / 2)):
                self.run(2, frozen=frozen)
                watched()

        if not troubled:
            run(300)
            return
        self.do(do="pause", seconds=20)
        run(62)
        for place in (0, 1):
            self.unplug(place)
            run(20)
            self.plug_in(place)
            run(70)
        run(4, frozen=(1,))
        run(24)
        self.do(do="hold")
        run(16)
        self.do(do="resume")
        run(14)

    @property
    def is_steady(self) -> bool:
        """Whether both inputs have been there for long enough."""
        return self.passed >= self._steady_from

    @property
    def apart_ms(self) -> float:
        """By how much the parties are apart now; 0 where one isn't heard."""
        last = self.session.last_minute.last(1.0)
        return abs(apart_ms(last[:, 0], last[:, 1])) if last.any(axis=0).all() else 0.0

    @property
    def lag_ms(self) -> int:
        """How long ago that was said which is on the disk."""
        assert self.session._file is not None
        sink = self.session._file._sink
        assert isinstance(sink, _Writer)
        return self.session._mixer.position_at(self.now) - sink.on_disk_ms


class Watched:
    """The most that was seen of a call over a time."""

    def __init__(self, call: LongCall) -> None:
        self._call = call
        self.queues: Counter[str] = Counter()
        """`sizes` of all but what is kept until the end."""
        self.apart_ms = 0.0
        self.lag_ms = 0
        """Both where it was steady."""

    def look(self) -> None:
        for path, size in sizes(self._call.session).items():
            if not path.startswith(KEPT):
                self.queues[path] = max(self.queues[path], size)
        if self._call.is_steady:
            self.apart_ms = max(self.apart_ms, self._call.apart_ms)
            self.lag_ms = max(self.lag_ms, self._call.lag_ms)


def sizes(owner: object) -> Counter[str]:
    """The size of everything that an object of the desk's keeps, by its path: bytes of sound,
    elements of what else there is. ``[]`` stands for all elements together."""
    found: Counter[str] = Counter()
    seen: set[int] = set()

    def look(value: object, path: str) -> None:
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, np.ndarray | array | bytes | bytearray):
            found[path] += memoryview(value).nbytes
        elif isinstance(value, queue.SimpleQueue):
            found[path] += value.qsize()
        elif isinstance(value, dict | list | tuple | set | frozenset | deque):
            found[path] += len(value)
            for each in value.values() if isinstance(value, dict) else value:
                look(each, f"{path}[]")
        elif _is_ours(type(value)) and not isinstance(value, str):
            for name, part in _attributes(value):
                look(part, f"{path}.{name}")

    look(owner, "")
    return found


def _is_ours(kind: type) -> bool:
    return any(one.__module__.startswith("desk_app.") for one in kind.__mro__)


def _attributes(owner: object) -> Iterator[tuple[str, object]]:
    yield from getattr(owner, "__dict__", {}).items()
    for kind in type(owner).__mro__:
        for name in getattr(kind, "__slots__", ()):
            if hasattr(owner, name):
                yield name, getattr(owner, name)
