"""What is missing of a recording after its recorder was killed, its window, or the power.

Recorders are killed at random moments: most of them real sessions in processes of their own
(mixer, voice activity, encoder, journal and sealing) that are fed at the pace of the clock by a
script, after a head start of a random length; some the real recorder on a virtual sound card.
The script's blocks are as long as those of the product's inputs, and come as late. Missing is
what had been said by the moment of the kill, less what is salvaged: what an input had not handed
over yet counts. The power-loss model is that of the tests.
"""

import contextlib
import mmap
import os
import queue
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from desk_app.keys import age
from desk_app.recordings.devices import BLOCKS_A_SECOND, Opened
from desk_app.recordings.encoder import RATE
from desk_app.recordings.files import RecordingFiles, read_note
from desk_app.recordings.inbox import Block, Inbox, Returned
from desk_app.recordings.parties import InputChoice, Party, Source
from desk_app.recordings.recorder import Event, Levels, Recorder, RecordingOrder
from desk_app.recordings.recovery import Left, look, salvage
from desk_app.recordings.session import Session
from desk_app.recordings.virtual_sound import VirtualSound
from tests.benchmarks.measuring import Row
from tests.recordings.losing import MOST_MS, check, cuts, recovered

KILLS = 180
REAL_KILLS = 20
WINDOWS = 20
POWER_CUTS = 200
AT_ONCE = 4
BLOCK_MS = 1000 // BLOCKS_A_SECOND
LATENCY_MS = 100
"""From the end of a block to its coming in: as much again as a block, for a sound server that
hands on in blocks of that length."""
HEAD_START_MS = 24_000
PACED_SECONDS = 1.5
"""How long a recorder is fed at the pace of the clock, at most, before it is killed."""
_CLOCK = struct.Struct("d")  # when sound at the pace of the clock began, monotonic


class ScriptedEars:
    """The two inputs of a call, whose sound comes from a script."""

    def __init__(self) -> None:
        self.parties: list[tuple[Party, ...]] = [(Party.OPERATOR,), (Party.CALLER,)]
        self.latency = LATENCY_MS / 1000

    def reopen(self, place: int) -> None:
        raise AssertionError(place)

    def close(self) -> bool:
        return True


def record_until_killed(folder: Path, recipient: str, head_ms: int, began: mmap.mmap) -> None:
    """A recording that never ends. ``began`` is told when the pace of the clock begins."""
    now = time.monotonic() - head_ms / 1000
    ears = ScriptedEars()
    session = Session(
        ears,
        Inbox(),
        lambda event, **particulars: None,
        now=now,
        files=RecordingFiles(folder, "rec"),
        recipients=[recipient],
    )
    for place, parties in enumerate(ears.parties):
        session.take(Returned(place, Opened(Source(parties, RATE), 0)), now=now)
    frames = RATE * BLOCK_MS // 1000
    generator = np.random.default_rng(head_ms)
    noise = [
        (generator.standard_normal(frames) * 3000).astype(np.int16).tobytes() for _ in range(50)
    ]
    fed_ms, paced_from = 0, 0.0
    parent = os.getppid()
    while os.getppid() == parent:  # nobody is left to kill it otherwise
        fed_ms += BLOCK_MS
        if fed_ms == head_ms:
            paced_from = time.monotonic() - fed_ms / 1000
            began[: _CLOCK.size] = _CLOCK.pack(time.monotonic())
        elif fed_ms > head_ms:
            time.sleep(max(paced_from + (fed_ms + LATENCY_MS) / 1000 - time.monotonic(), 0))
        ended_at = now + fed_ms / 1000  # on a clock of its own, which goes on without a jump
        for place in (0, 1):
            samples = noise[(fed_ms // BLOCK_MS + 25 * place) % len(noise)]
            block = Block(place, samples, frames, ended_at, overflowed=False, withheld=False)
            session.take(block, now=ended_at)


def killed(chance: random.Random, folder: Path, identity: str, count: int) -> list[int]:
    """Kill that many sessions at once; what is missing of each, in ms."""
    recipient = age.recipient_of(identity)
    running: list[tuple[int, Path, int, mmap.mmap, float]] = []
    for number in range(count):
        place = folder / f"{time.monotonic_ns()}-{number}"
        place.mkdir()
        head_ms = chance.randrange(100, HEAD_START_MS) // BLOCK_MS * BLOCK_MS
        began = mmap.mmap(-1, mmap.PAGESIZE)
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                record_until_killed(place, recipient, head_ms, began)
            os._exit(1)
        running.append((pid, place, head_ms, began, chance.uniform(0, PACED_SECONDS)))
    missing = []
    while running:
        for one in tuple(running):
            pid, place, head_ms, began, paced = one
            (since,) = _CLOCK.unpack(began[: _CLOCK.size])
            if os.waitpid(pid, os.WNOHANG)[0]:
                raise RuntimeError("a recorder ended before it was killed")
            if since and time.monotonic() >= since + paced:
                said_ms = head_ms + (time.monotonic() - since) * 1000
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                running.remove(one)
                missing.append(max(round(said_ms) - salvaged_ms(place, identity), 0))
        time.sleep(0.001)
    return missing


def salvaged_ms(folder: Path, identity: str, uid: str = "rec") -> int:
    """How much sound the next start makes of it."""
    files = RecordingFiles(folder, uid)
    if look(files) is not Left.REMAINS:
        raise RuntimeError("there are no remains")
    sealed = salvage(files, identity, (age.recipient_of(identity),))
    return sealed.duration_ms if sealed is not None else 0


def killed_on_a_card(chance: random.Random, folder: Path, identity: str) -> Iterator[int]:
    """The same of the real recorder, which hears two microphones."""
    recipient = age.recipient_of(identity)
    with VirtualSound() as card:
        for number in range(REAL_KILLS):
            events: queue.SimpleQueue[Event] = queue.SimpleQueue()
            recorder = Recorder(events.put, environment=card.environment)
            order = RecordingOrder(number, f"card{number}", (recipient,))
            recorder.start(order, InputChoice("ALSA: operator", "ALSA: caller"), folder)
            at, position_ms = levels(events)
            time.sleep(chance.uniform(0.3, 2.0))
            said_ms = position_ms + LATENCY_MS + (time.monotonic() - at) * 1000
            os.kill(recorder.pid, signal.SIGKILL)
            recorder.close()
            yield max(round(said_ms) - salvaged_ms(folder, identity, order.uid), 0)


def levels(events: "queue.SimpleQueue[Event]") -> tuple[float, int]:
    """When the recorder first said how far it was, and how far."""
    while True:
        event = events.get(timeout=30)
        if isinstance(event, Levels):
            return time.monotonic(), event.position_ms


WINDOW = """
import sys
from pathlib import Path
from desk_app.recordings.parties import InputChoice
from desk_app.recordings.recorder import Levels, Recorder, RecordingOrder

def say(event):
    if isinstance(event, Levels):
        print(event.position_ms, recorder.pid, flush=True)

recorder = Recorder(say)
order = RecordingOrder(1, sys.argv[2], (sys.argv[3],))
recorder.start(order, InputChoice("ALSA: operator", "ALSA: caller"), Path(sys.argv[1]))
recorder._reader.join()
"""


def windows_killed(chance: random.Random, folder: Path, identity: str) -> Iterator[int]:
    """The window is killed under a recorder, which seals by itself: what is missing of each."""
    recipient = age.recipient_of(identity)
    with VirtualSound() as card:
        for number in range(WINDOWS):
            uid = f"window{number}"
            window = subprocess.Popen(
                [sys.executable, "-c", WINDOW, str(folder), uid, recipient],
                stdout=subprocess.PIPE,
                env={**os.environ, **card.environment},
                text=True,
            )
            assert window.stdout is not None
            until = chance.randrange(300, 2500)
            heard_ms, recorder = 0, 0
            while heard_ms < until:
                heard_ms, recorder = map(int, window.stdout.readline().split())
            window.kill()
            window.wait()
            window.stdout.close()
            while Path(f"/proc/{recorder}/cmdline").exists() and _is_running(recorder):
                time.sleep(0.02)
            files = RecordingFiles(folder, uid)
            note = read_note(files)
            if look(files) is not Left.WHOLE or note is None:
                raise RuntimeError("the recorder didn't seal by itself")
            yield max(heard_ms - note.duration_ms, 0)


def _is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0] != "Z"
    return False


def power_cuts(chance: random.Random, folder: Path) -> Iterator[int]:
    seconds = 40  # two chunks, and part of a third
    for cut in cuts(folder, chance, seconds=seconds, count=POWER_CUTS):
        yield max(check(cut, recovered(cut.folder), seconds=seconds), 0)


def measure() -> Iterator[Row]:
    chance = random.Random(20)
    identity = age.generate_identity()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        missing: list[int] = []
        while len(missing) < KILLS:
            missing += killed(chance, folder, identity, min(AT_ONCE, KILLS - len(missing)))
        yield from rows("kill", missing)
        yield from rows("kill_card", list(killed_on_a_card(chance, folder, identity)))
        yield from rows("window", list(windows_killed(chance, folder, identity)))
        (folder / "power").mkdir()
        yield from rows("power", list(power_cuts(chance, folder / "power")))


def rows(what: str, missing: Sequence[int]) -> Iterator[Row]:
    yield Row(f"loss.{what}.count", len(missing), "times")
    yield Row(f"loss.{what}.mean", float(np.mean(missing)), "ms")
    yield Row(f"loss.{what}.p95", float(np.percentile(missing, 95)), "ms")
    yield Row(
        f"loss.{what}.max", max(missing), "ms", goal=MOST_MS, better="at most", bounds="value"
    )
