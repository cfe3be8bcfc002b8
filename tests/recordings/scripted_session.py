"""A real `Session` on inputs that a test plays, in scripted time: faster than it would pass."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from desk_app.keys import age
from desk_app.recordings.devices import BLOCKS_A_SECOND, Opened
from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.inbox import Away, Command, Inbox, Returned, Silent
from desk_app.recordings.parties import Party, Source, WithheldKind
from desk_app.recordings.session import Session

BLOCK = RATE // BLOCKS_A_SECOND
LATENCY = 0.03
Voice = Callable[[int, int], Samples]
"""What a place says from a sample on, so many samples: shape (count, 1)."""


def silence(_at: int, count: int) -> Samples:
    return np.zeros((count, 1), np.int16)


def hiss(seed: int, loud: float = 20.0) -> Voice:
    """A live microphone in which nobody speaks."""
    noise = np.random.default_rng(seed).normal(0, loud, RATE * 7)

    def voice(at: int, count: int) -> Samples:
        return noise[np.arange(at, at + count) % len(noise)].astype(np.int16).reshape(-1, 1)

    return voice


def hum(at: int, count: int) -> Samples:
    """A sound without a pause."""
    tone = np.sin(2 * np.pi * 440 / RATE * np.arange(at, at + count)) * 3000
    return tone.astype(np.int16).reshape(-1, 1)


def mark(value: int) -> Voice:
    """A sound that is known again in whatever is left of it."""

    def voice(at: int, count: int) -> Samples:
        signs = np.where(np.arange(at, at + count) % 2, 1, -1)
        return (signs * value).astype(np.int16).reshape(-1, 1)

    return voice


@dataclass
class ScriptedEars:
    """Inputs that do what the test says; remembers what was asked of them."""

    parties: list[tuple[Party, ...]] = field(
        default_factory=lambda: [(Party.OPERATOR,), (Party.CALLER,)]
    )
    latency: float = LATENCY
    reopened: list[int] = field(default_factory=list)
    is_closed: bool = False

    def reopen(self, place: int) -> None:
        self.reopened.append(place)

    def close(self) -> bool:
        self.is_closed = True
        return True


made: "list[Studio]" = []
"""Every studio of the running test."""


class Studio:
    """A session, its inputs, and time. Two voices at `RATE` unless the test says otherwise."""

    def __init__(self, folder: Path | None, *voices: Voice, uid: str = "rec") -> None:
        self.identity = age.generate_identity()
        self.recipients = [age.recipient_of(self.identity)]
        self.files = RecordingFiles(folder, uid) if folder is not None else None
        self.ears = ScriptedEars()
        self.inbox = Inbox()
        self.told: list[dict[str, Any]] = []
        made.append(self)
        self.now = 1000.0
        self.began = self.now
        self.voices = list(voices) or [hiss(1), hiss(2)]
        self.rates = [RATE, RATE]
        self.streams = [0, 0]
        self.open: set[int] = set()
        self.session = Session(
            self.ears,
            self.inbox,
            self._tell,
            now=self.now,
            files=self.files,
            recipients=self.recipients,
        )

    def _tell(self, event: str, **particulars: Any) -> None:
        self.told.append({"is": event, **particulars})

    def of(self, event: str) -> list[dict[str, Any]]:
        """What was said of a kind so far."""
        return [one for one in self.told if one["is"] == event]

    def plug_in(self, *places: int, parties: tuple[Party, ...] | None = None) -> None:
        """The inputs open, as `KeptOpen` says it."""
        for place in places or (0, 1):
            self.streams[place] += 1
            source = Source(parties or self.ears.parties[place], self.rates[place])
            lacks = self.ears.parties[place][len(source.parties) :]
            self.inbox.put(Returned(place, Opened(source, self.streams[place], lacks)))
            self.open.add(place)
        self.hear()

    def unplug(self, place: int) -> None:
        self.open.discard(place)
        self.inbox.fell_silent(place, self.streams[place])
        self.hear()

    def refuse(self, place: int, code: str) -> None:
        self.inbox.put(Away(place, code))
        self.hear()

    def do(self, **fields: Any) -> None:
        """A command, as it comes over the pipe at this moment."""
        self.inbox.command(fields)
        self.hear()

    def run(self, seconds: float, *, frozen: tuple[int, ...] = ()) -> None:
        """Time passes; inputs that are open deliver, the session takes."""
        for _ in range(round(seconds * BLOCKS_A_SECOND)):
            self.now += 1 / BLOCKS_A_SECOND
            for place in sorted(self.open - set(frozen)):
                self.deliver(place)
            self.hear()
            self.session.tick(self.now)

    def deliver(self, place: int, *, frames: int = BLOCK, late: float = 0.0) -> None:
        """A block that is complete now, as PortAudio would bring it; what it holds was said so
        many seconds ago if it is ``late``."""
        at = round((self.now - late - self.began) * RATE) - frames
        samples = self.voices[place](at, frames)
        self.inbox.heard(
            place,
            samples.tobytes(),
            frames=frames,
            began_at=self.now - frames / RATE - LATENCY,
            ended_at=self.now,
            overflowed=False,
        )

    def hear(self) -> None:
        for item in self.inbox.take_all():
            if isinstance(item, Command):
                self._obey(item.fields)
            else:
                assert not isinstance(item, Silent) or item.stream <= self.streams[item.source]
                self.session.take(item, now=self.now)

    def _obey(self, fields: dict[str, Any]) -> None:
        match fields["do"]:
            case "pause":
                self.session.withhold(WithheldKind.PAUSE, seconds=fields["seconds"], now=self.now)
            case "hold":
                self.session.withhold(WithheldKind.HOLD, seconds=float("inf"), now=self.now)
            case "resume":
                self.session.resume(self.now)

    def finish(self) -> dict[str, Any]:
        """Hang up; what the recorder said last."""
        self.session.close_inputs()
        self.hear()
        self.session.finish()
        return self.told[-1]

    def leave(self) -> None:
        """Let go of the files of a session that a test has not ended."""
        if self.session.uid and not any(
            one["is"] in ("sealed", "failed", "discarded") and one["uid"] == self.session.uid
            for one in self.told
        ):
            self.session.give_up(OSError())

    def plain(self, files: RecordingFiles | None = None) -> bytes:
        files = files or self.files
        assert files is not None
        with files.sealed.open("rb") as source:
            return age.decrypt(source, [self.identity]).read()
