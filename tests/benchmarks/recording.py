"""What the recorder costs: its CPU, meters, journal and sealing included, against real time."""

import os
import queue
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from desk_app.keys import age
from desk_app.recordings.parties import InputChoice
from desk_app.recordings.recorder import Event, Finished, Levels, Recorder, RecordingOrder
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from tests.benchmarks.measuring import Row

SECONDS = 20
RATE = 48_000


def measure() -> Iterator[Row]:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with tempfile.TemporaryDirectory() as folder, VirtualSound() as card:
        # Two voices: the same on both lines would be a device that was moved.
        speech = {
            line: _speech(Path(folder) / f"{line}.wav", seed)
            for seed, line in enumerate((OPERATOR, CALLER))
        }
        recorder = Recorder(events.put, environment=card.environment)
        try:
            order = RecordingOrder(1, "bench", (age.recipient_of(age.generate_identity()),))
            recorder.start(order, InputChoice("ALSA: operator", "ALSA: caller"), Path(folder))
            _until_levels(events)
            voices = [card.speak(line, sound) for line, sound in speech.items()]
            began, cpu = time.monotonic(), _cpu_seconds(recorder.pid)
            for voice in voices:
                voice.wait()
            passed, used = time.monotonic() - began, _cpu_seconds(recorder.pid) - cpu
            end = recorder.stop()
        finally:
            recorder.close()
    if not isinstance(end, Finished):
        raise RuntimeError(f"the recorder failed: {end}")
    yield Row("recording.cpu", value=used, unit="CPU s", floor=passed, goal=0.05)
    hour = end.sealed.size_bytes / end.sealed.duration_ms * 3_600_000
    yield Row("recording.size", value=hour / 1e6, unit="MB/h")


def _until_levels(events: "queue.SimpleQueue[Event]") -> None:
    while not isinstance(events.get(timeout=30), Levels):
        continue


def _speech(path: Path, seed: int) -> Path:
    """Noise in syllables: the encoder has as much to do as with speech, or more."""
    generator = np.random.default_rng(seed)
    loud = np.repeat(generator.uniform(0.0, 1.0, SECONDS * 8), RATE // 8)
    noise = generator.standard_normal(SECONDS * RATE) * loud * 4000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(noise, -32768, 32767).astype(np.int16).tobytes())
    return path


def _cpu_seconds(pid: int) -> float:
    """User and system time of a running process so far (Linux, where the virtual card is)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
