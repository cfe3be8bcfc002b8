"""Calls that last, and many of them: nothing is kept that isn't needed, and nothing drifts."""

import gc
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from desk_app.keys import age
from desk_app.recordings import devices, recorded_file, recorder_process, sealing, voice
from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.inbox import Inbox
from desk_app.recordings.pipe import Pipe
from desk_app.recordings.recorder_process import RecorderProcess
from tests.recordings.fake_sound import FakeDevice, FakeSound
from tests.recordings.soaking import LongCall, Watched

CALLS = 12


class QuickEncoder:
    """Pages as the real one writes them, as far as their head goes: it would take the most time,
    and what it holds is FFmpeg's."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._fed = 0

    def feed(self, samples: Samples) -> None:
        self._fed += len(samples)
        granule = (self._fed * 48_000 // RATE).to_bytes(8, "little")
        self._take(b"OggS\0\0" + granule + bytes(12) + b"\x02\xff\x91" + bytes(255 + 145))

    def close(self) -> None:
        pass


class TakingTurns:
    """A model that hears somebody speak a second of every three."""

    def __init__(self) -> None:
        self._judged = 0

    def process(self, _data: memoryview) -> float:
        self._judged += 1
        return float(self._judged % 90 < 30)

    def reset(self) -> None:
        self._judged = 0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What isn't ours and takes most of the time is left out: the benchmark has it."""
    monkeypatch.setattr(recorded_file, "Encoder", QuickEncoder)
    monkeypatch.setattr(voice, "_take_models", lambda: [TakingTurns(), TakingTurns()])
    monkeypatch.setattr(voice, "_spare", [])
    monkeypatch.setattr(sealing, "sync", lambda _file: None)


@pytest.mark.usefixtures("quick")
def test_a_call_that_lasts_keeps_no_more_and_drifts_no_further(tmp_path: Path) -> None:
    seen: list[Watched] = []
    held: list[int] = []
    with LongCall(tmp_path) as call:
        for troubled in (True, True, False):
            seen.append(Watched(call))
            call.five_minutes(seen[-1].look, troubled=troubled)
            call.told.clear()
            gc.collect()
            held.append(sys.getallocatedblocks())
        sealed = call.finish()
    first, *later = seen
    for watched in later:
        grown = {
            path: (first.queues[path], size)
            for path, size in watched.queues.items()
            if size > 1.5 * first.queues[path] + 5
        }
        assert not grown
        assert 0 < watched.apart_ms < 10
        assert 0 < watched.lag_ms < 300
    assert held[-1] - held[0] < 2000
    assert sealed["duration_ms"] == pytest.approx(call.passed * 1000, abs=300)


class Window(TextIO):
    """Reads what a recorder says and hangs up when a call has begun, until enough were made."""

    def __init__(self, inbox: Inbox, folder: Path) -> None:
        self._inbox, self._folder = inbox, folder
        self._recipients = [age.recipient_of(age.generate_identity())]
        self.sealed = 0
        self.threads: list[int] = []
        self.open_files: list[int] = []

    def write(self, line: str) -> int:
        match json.loads(line)["is"]:
            case "started":
                self._inbox.command({"do": "stop"})
            case "sealed":
                self.sealed += 1
                self._look()
                self._go_on()
            case "ready":
                self._go_on()
            case "failed":
                self._inbox.command({"do": "quit"})
        return len(line)

    def flush(self) -> None:
        pass

    def _go_on(self) -> None:
        if self.sealed == CALLS:
            self._inbox.command({"do": "quit"})
            return
        order = {"folder": str(self._folder), "uid": f"rec{self.sealed}"}
        inputs = {"operator": "ALSA: headset", "caller": "ALSA: line"}
        self._inbox.command({"do": "record", **order, **inputs, "recipients": self._recipients})

    def _look(self) -> None:
        self.threads.append(threading.active_count())
        if sys.platform == "linux":
            self.open_files.append(len([*Path("/proc/self/fd").iterdir()]))


@pytest.mark.usefixtures("quick")
def test_call_after_call_leaves_neither_threads_nor_open_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeSound([FakeDevice("headset"), FakeDevice("line")])
    monkeypatch.setattr(devices, "sounddevice", fake)
    monkeypatch.setattr(devices, "_missing", None)
    monkeypatch.setattr(recorder_process, "LAST_WORDS_SECONDS", 0.05)
    inbox = Inbox()
    window = Window(inbox, tmp_path)
    pipe = Pipe(window)
    RecorderProcess(pipe, inbox).run()
    pipe.close()
    assert window.sealed == CALLS
    for counted in (window.threads, window.open_files):  # a busy machine ends some a little later
        assert min(counted[-3:], default=0) <= min(counted[:3], default=0)
    assert not [stream for stream in fake.streams if stream.is_open]
