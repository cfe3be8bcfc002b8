"""A sound card that isn't there, speech to put through it, and ears for what comes out."""

import queue
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np
import pytest

from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.parties import InputChoice
from desk_app.recordings.recorder import Event, Failed, Recorder, RecordingOrder
from desk_app.recordings.virtual_sound import VirtualSound

TWO_LINES = InputChoice("ALSA: operator", "ALSA: caller")
LINE_RATE = 48_000
E = TypeVar("E")


@pytest.fixture(scope="session")
def sound() -> Iterator[VirtualSound]:
    """One virtual sound card for each test process."""
    with VirtualSound() as card:
        yield card


@pytest.fixture
def own_sound() -> Iterator[VirtualSound]:
    """A card of the test's own, which it may break."""
    with VirtualSound() as card:
        yield card


def babble(seconds: float, *, seed: int) -> Any:
    """Something like speech: noise in the band of a telephone, in syllables; int16 at 48 kHz."""
    generator = np.random.default_rng(seed)
    count = int(seconds * LINE_RATE)
    noise = generator.standard_normal(count)
    spectrum = np.fft.rfft(noise)
    pitches = np.fft.rfftfreq(count, 1 / LINE_RATE)
    spectrum[(pitches < 300) | (pitches > 3400)] = 0
    syllables = np.repeat(generator.uniform(0.05, 1.0, count // 6000 + 1), 6000)[:count]
    shaped = np.fft.irfft(spectrum, count) * syllables
    return (shaped / np.abs(shaped).max() * 12_000).astype(np.int16)


def write_wave(path: Path, samples: Any) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(LINE_RATE)
        file.writeframes(samples.tobytes())
    return path


def decode(ogg: bytes) -> Any:
    """The two channels of a recording as floats at 48 kHz."""
    with closing(av.open(BytesIO(ogg))) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def likeness(heard: Any, spoken: Any) -> tuple[float, int]:
    """The greatest normalised correlation of ``spoken`` within ``heard``, and where (samples)."""
    size = 1 << int(np.ceil(np.log2(len(heard) + len(spoken))))
    spoken = spoken.astype(float)
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(spoken, size))
    crossed = np.fft.irfft(product, size)[: max(len(heard) - len(spoken), 0) + 1]
    at = int(np.argmax(np.abs(crossed)))
    part = heard[at : at + len(spoken)]
    scale = float(np.linalg.norm(part) * np.linalg.norm(spoken))
    return (float(abs(crossed[at])) / scale if scale else 0.0), at


def parts_heard(heard: Any, spoken: Any) -> float:
    """The share of quarter seconds of ``spoken``, its last one left out, that are in ``heard``.

    For what is played: a busy machine may let the virtual card run dry for a moment, which
    parts what is heard, and the last words may still be on their way when listening ends. An
    input that began anew may be a thousandth faster, which a longer part would not survive.
    """
    length = LINE_RATE // 4
    parts = [spoken[at : at + length] for at in range(0, len(spoken) - 2 * length + 1, length)]
    return sum(likeness(heard, part)[0] > 0.6 for part in parts) / len(parts)


@dataclass
class Heard:
    """What a recorder said, in order; waits for what it has yet to say."""

    waiting: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)
    events: list[Event] = field(default_factory=list)

    def until(
        self, kind: type[E], such: Callable[[E], bool] = lambda _: True, *, seconds: float = 30.0
    ) -> E:
        """The next event of a kind; fails the test when it doesn't come, whatever else does."""
        last = time.monotonic() + seconds
        while True:
            event = self.waiting.get(timeout=max(last - time.monotonic(), 0.001))
            self.events.append(event)
            if isinstance(event, kind) and such(event):
                return event
            assert not isinstance(event, Failed), event


@dataclass
class Rig:
    """A recorder on a card, for two keys of the test's own."""

    recorder: Recorder
    heard: Heard
    files: RecordingFiles
    identity: str
    recovery: str
    order: RecordingOrder

    def start(self, inputs: InputChoice = TWO_LINES) -> None:
        self.recorder.start(self.order, inputs, self.files.folder)

    def plain(self, identity: str = "") -> bytes:
        """The sealed recording, opened."""
        with self.files.sealed.open("rb") as source:
            return age.decrypt(source, [identity or self.identity]).read()


MakeRig = Callable[..., Rig]


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[MakeRig]:
    """Starts recorders and ends them after the test."""
    running: list[Recorder] = []

    def make(card: VirtualSound | None = None, *, environment: dict[str, str] | None = None) -> Rig:
        heard = Heard()
        surroundings = dict(card.environment) if card else environment or {}
        recorder = Recorder(heard.waiting.put, environment=surroundings)
        running.append(recorder)
        identity, recovery = age.generate_identity(), age.generate_identity()
        recipients = (age.recipient_of(identity), age.recipient_of(recovery))
        number = len(running)
        folder = tmp_path / "recordings"
        folder.mkdir(exist_ok=True)
        order = RecordingOrder(number, f"rec{number}", recipients)
        return Rig(recorder, heard, RecordingFiles(folder, order.uid), identity, recovery, order)

    yield make
    for recorder in running:
        recorder.close()
