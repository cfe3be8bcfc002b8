"""Whether anything grows or drifts in a call of eight hours, or in many calls one after another.

``soak.day``: a real session (mixer, watch, voice activity, meters, encoder, journal and sealing)
in simulated time, with two cards whose clocks are 300 ppm apart and whose times jitter. Sound is
paused every ten minutes; in the first and the last hour each input also goes and comes back, and
one stands still. The last hour is compared with the first. ``soak.day.queue`` is the one of all
the session's lists, buffers and queues that has grown most; ``soak.day.kept`` what it keeps until
its end: waveform, voices, timeline.

``soak.card``: the real recorder on a virtual sound card in real time, ten minutes and more: one
long call, then calls of 20 s in the same process. ``soak.card.wander`` is how far the parties move
to and fro, ``soak.card.drift`` what of it lasts. Run it on an idle machine: on a busy one the card
hands over one line late for seconds, which the mixer takes for lost sound; it puts in silence, and
takes that back by a millisecond a second. How it goes is told on standard error.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from desk_app.keys import age
from desk_app.recordings.encoder import RATE
from desk_app.recordings.parties import InputChoice
from desk_app.recordings.recorder import (
    Event,
    Finished,
    InTrouble,
    Levels,
    Recorder,
    RecordingOrder,
)
from desk_app.recordings.session import SOUND_LOST
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from tests.benchmarks.measuring import Row, memory_mb
from tests.recordings.conftest import LINE_RATE, decode, write_wave
from tests.recordings.double_talk import at_level, voice
from tests.recordings.simulated_cards import ROOM, heard_at, wander_ms
from tests.recordings.soaking import KEPT, PPM, LongCall, Watched, sizes

HOURS = 8
CALL_SECONDS = 360
CALLS = 13
SHORT_SECONDS = 20
GOAL_MS = 10.0
GOAL_MB = 4.0
FEWEST = 10
"""Smaller is no queue."""


def measure() -> Iterator[Row]:
    yield from day(HOURS)
    yield from card(CALL_SECONDS, CALLS)


# In simulated time


def day(hours: int) -> Iterator[Row]:
    seen: list[Watched] = []
    memory: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        LongCall(Path(folder), room=talk(), rates=(48_000, 44_100)) as call,
    ):
        for hour in range(hours):
            seen.append(Watched(call))
            sampled = []
            for part in range(6):
                call.do(do="pause", seconds=20)
                call.five_minutes(seen[-1].look, troubled=False)
                is_troubled = hour in (0, hours - 1) and part in (1, 3)
                call.five_minutes(seen[-1].look, troubled=is_troubled)
                call.told.clear()
                sampled.append(memory_mb(os.getpid()))
            memory.append(statistics.median(sampled))
            _say(f"hour {hour + 1}: {memory[-1]:.1f} MB, {seen[-1].lag_ms} ms until on the disk, ")
            _say(f"{seen[-1].apart_ms:.2f} ms apart\n")
        kept = sum(size for path, size in sizes(call.session).items() if path.startswith(KEPT))
        end = call.finish()
    if end["is"] != "sealed":
        raise RuntimeError(f"the recording failed: {end}")
    first, last = seen[0], seen[-1]
    yield Row("soak.day.memory", memory[-1] - memory[0], "MB", goal=GOAL_MB, bounds="value")
    yield Row("soak.day.kept", kept / hours / 1000, "kB/h", goal=1000, bounds="value")
    before, after = max(
        ((max(first.queues[path], FEWEST), size) for path, size in last.queues.items()),
        key=lambda found: found[1] / found[0],
    )
    yield Row("soak.day.queue", after, "size", before, goal=1.2)
    yield Row("soak.day.lag", last.lag_ms, "ms", first.lag_ms, goal=1.2)
    apart = max(one.apart_ms for one in seen)
    without = PPM * 1e-6 * hours * 3_600_000
    yield Row("soak.day.wander", apart, "ms", without, goal=GOAL_MS, bounds="value")


def talk() -> npt.NDArray[np.int16]:
    """A room in which somebody speaks, so that voices begin and end."""
    speech = soxr.resample(at_level(voice(3, pitch_hz=110, seconds=7), -6), RATE, len(ROOM) // 7)
    return (speech[: len(ROOM)] * 0.9 + ROOM * 0.05).astype(np.int16)


def _say(words: str) -> None:
    print(words, end="", file=sys.stderr, flush=True)


# In real time


@dataclass
class Heard:
    """What a recorder says of the call that runs."""

    behind_ms: list[float] = field(default_factory=list)
    """How much the recording's position is behind the clock, each time it is told."""
    lost: int = 0
    has_begun: threading.Event = field(default_factory=threading.Event)
    _since: float = 0.0

    def take(self, event: Event) -> None:
        if isinstance(event, Levels):
            behind = time.monotonic() * 1000 - event.position_ms
            if not self.has_begun.is_set():
                self._since = behind
                self.has_begun.set()
            self.behind_ms.append(behind - self._since)
        elif isinstance(event, InTrouble) and event.trouble.code == SOUND_LOST:
            self.lost += 1

    def start_over(self) -> None:
        self.behind_ms.clear()
        self.has_begun.clear()


@dataclass(frozen=True)
class Rest:
    """What a recorder holds between two calls."""

    memory_mb: float
    threads: int
    files: int


def card(seconds: int, calls: int) -> Iterator[Row]:
    heard = Heard()
    identity = age.generate_identity()
    with tempfile.TemporaryDirectory() as made, VirtualSound() as virtual:
        folder = Path(made)
        lines = {
            line: write_wave(folder / f"{line}.wav", noise(seconds + 10, loud))
            for line, loud in ((OPERATOR, 1.0), (CALLER, 0.5))
        }
        recorder = Recorder(heard.take, environment=virtual.environment)

        def call(uid: str, lasts: int) -> list[float]:
            """A call, and the recorder's memory every two seconds of it."""
            heard.start_over()
            order = RecordingOrder(1, uid, (age.recipient_of(identity),))
            recorder.start(order, InputChoice("ALSA: operator", "ALSA: caller"), folder)
            if not heard.has_begun.wait(30):
                raise RuntimeError("the recorder doesn't begin")
            voices = [virtual.speak(line, sound) for line, sound in lines.items()]
            memory = []
            for _ in range(lasts // 2):
                time.sleep(2)
                memory.append(memory_mb(recorder.pid))
            end = recorder.stop()
            for one in voices:
                one.terminate()
                one.wait()
            if not isinstance(end, Finished):
                raise RuntimeError(f"the recorder failed: {end}")
            return memory

        try:
            memory = call("long", seconds)
            behind = heard.behind_ms.copy()
            _say(f"long call: {memory[-1]:.1f} MB\n")
            rests = []
            for number in range(calls):
                call(f"short{number}", SHORT_SECONDS)
                rests.append(at_rest(recorder.pid))
                _say(f"call {number + 1}: {rests[-1]}\n")
        finally:
            recorder.close()
        with (folder / "long.age").open("rb") as sealed:
            sound = decode(age.decrypt(sealed, [identity]).read())
    minute = min(30, len(memory) // 3)
    grown = statistics.median(memory[-minute:]) - statistics.median(memory[minute : 2 * minute])
    yield Row("soak.card.memory", grown, "MB", goal=GOAL_MB, bounds="value")
    tenths = 10 * 2 * minute
    later = statistics.median(behind[-tenths:]) - statistics.median(behind[:tenths])
    yield Row("soak.card.lag", later, "ms", goal=100, bounds="value")
    yield Row("soak.card.lost", heard.lost, "times", goal=0, bounds="value")
    wandered, drifted = wander_and_drift(sound)
    yield Row("soak.card.wander", wandered, "ms")
    yield Row("soak.card.drift", drifted, "ms", goal=GOAL_MS, bounds="value")
    warm = rests[min(2, len(rests) - 1)]
    grown = rests[-1].memory_mb - warm.memory_mb
    yield Row("soak.calls.memory", grown, "MB", goal=GOAL_MB, bounds="value")
    yield Row("soak.calls.threads", rests[-1].threads, "threads", warm.threads, goal=1)
    yield Row("soak.calls.files", rests[-1].files, "files", warm.files, goal=1)


def noise(seconds: int, loud: float) -> npt.NDArray[np.int16]:
    """The room of the simulated cards, without an end."""
    period = heard_at(np.arange(7 * LINE_RATE) / LINE_RATE) * loud
    return np.resize(period.astype(np.int16), seconds * LINE_RATE)


def at_rest(pid: int) -> Rest:
    """After a moment in which the sound system lets go of what was closed."""
    process = Path(f"/proc/{pid}")
    threads, files = [], []
    for _ in range(10):
        time.sleep(0.2)
        threads.append(len([*(process / "task").iterdir()]))
        files.append(len([*(process / "fd").iterdir()]))
    return Rest(memory_mb(pid), min(threads), min(files))


def wander_and_drift(sound: npt.NDArray[np.float32]) -> tuple[float, float]:
    """By how many ms the parties move to and fro in a recording; and apart for good, which is
    from its second third to its last."""
    step = LINE_RATE // RATE
    samples = np.rint(sound[:, ::step].T * 32767).astype(np.int16)
    apart = [ms for _, ms in wander_ms([samples])]
    third = len(apart) // 3
    second, last = apart[third : 2 * third], apart[-third:]
    return max(apart) - min(apart), abs(statistics.median(last) - statistics.median(second))
