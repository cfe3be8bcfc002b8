"""The recorder: a process of its own that survives the window and seals what it has heard.

It holds public recipients only. It is started by `recorder.Recorder` and speaks JSON lines:
commands on standard input, events on standard output.

    {"do": "inputs"}                                    -> {"is": "inputs", "inputs": […]}
    {"do": "listen", "operator": …, "caller": …}        -> levels until "stop"; nothing is kept
    {"do": "record", "operator": …, "caller": …, "folder": …, "uid": …, "recipients": […]}
                                                        -> "started", then levels and troubles
    {"do": "stop"}                                      -> "sealed", "stopped" after listening

Events: ready, inputs, started, levels, trouble, sealed, failed, stopped. When standard input
ends, the window has died: a running recording is sealed and the process ends. The audio callback
only copies into a bounded queue; everything else happens on the main thread.
"""

import contextlib
import json
import math
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from desk_app.errors import DeskError
from desk_app.files import fault_of
from desk_app.process import keep_to_oneself
from desk_app.recordings.devices import OpenInputs, list_inputs
from desk_app.recordings.encoder import Encoder, Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.mixing import Mixer
from desk_app.recordings.parties import InputChoice, Party, Trouble
from desk_app.recordings.peaks import Meter, sidecar_of
from desk_app.recordings.sealing import SealedWriter
from desk_app.recordings.voice import VoiceActivity, prepare

QUEUE_BLOCKS = 400
"""Blocks that may wait for a slow disk: 20 s of two inputs. More are lost, and said."""
LAST_WORDS_SECONDS = 1.0
"""How long a silent input is waited for at the end."""
_COMMAND, _HEARD, _SILENT = range(3)


class Desk:
    """The other end of the pipe: the window that started this process."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def tell(self, event: str, **particulars: Any) -> None:
        """Send an event; one that nobody hears any more is dropped."""
        with contextlib.suppress(OSError, ValueError):
            self._out.write(json.dumps({"is": event, **particulars}) + "\n")
            self._out.flush()

    def tell_trouble(self, trouble: Trouble, at_ms: int) -> None:
        parties = [str(party) for party in trouble.parties]
        self.tell("trouble", code=trouble.code, parties=parties, at_ms=at_ms)


class Inbox:
    """What the main thread waits for: commands, and blocks of sound up to a bound."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()

    def heard(self, source: int, block: bytes, *, ended_at: float, overflowed: bool) -> None:
        """Called by PortAudio: copies and returns."""
        if self._queue.qsize() < QUEUE_BLOCKS:
            self._queue.put((_HEARD, (source, block, ended_at, overflowed)))
        else:
            self._queue.put((_HEARD, (source, b"", ended_at, True)))

    def fell_silent(self, source: int) -> None:
        self._queue.put((_SILENT, source))

    def command(self, command: dict[str, Any]) -> None:
        self._queue.put((_COMMAND, command))

    def next(self, timeout: float | None = None) -> tuple[int, Any]:
        """What comes next; `queue.Empty` after ``timeout`` seconds."""
        return self._queue.get(timeout=timeout)

    def take_all(self) -> list[tuple[int, Any]]:
        """Everything that waits, without waiting."""
        waiting = []
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.append(self._queue.get_nowait())
        return waiting


class Session:
    """InputChoice that are open: their sound is measured and, with ``files``, recorded."""

    def __init__(
        self,
        inputs: InputChoice,
        inbox: Inbox,
        desk: Desk,
        files: RecordingFiles | None,
        recipients: list[str],
    ) -> None:
        self._desk = desk
        self._timeline: list[dict[str, Any]] = []
        self._meter = Meter()
        self._activity = VoiceActivity()
        self._opened = OpenInputs(inputs, inbox)
        self._mixer = Mixer(self._opened.sources)
        self._sink: SealedWriter | None = None
        self._encoder: Encoder | None = None
        self._overflowed: set[int] = set()
        self._heard_until = [0.0] * len(self._opened.sources)
        try:
            if files is not None:
                self._sink = SealedWriter(files, recipients)
                self._encoder = Encoder(self._sink.write)
        except BaseException:
            self._opened.close()
            raise
        for trouble in self._opened.troubles:
            self.note(trouble)
        self._opened.start()

    def heard(self, source: int, block: bytes, ended_at: float, overflowed: bool) -> None:
        """Take a block; raises `OSError` when the disk fails."""
        if overflowed and source not in self._overflowed:
            self.note(Trouble("recordings.sound_lost", self._opened.sources[source].parties))
        if overflowed:
            self._overflowed.add(source)
        else:
            self._overflowed.discard(source)
        self._heard_until[source] = ended_at
        if block:
            self._pass_on(self._mixer.take(source, block, ended_at=ended_at))

    def fell_silent(self, source: int) -> None:
        """An input has gone."""
        self.note(Trouble("recordings.device_lost", self._opened.sources[source].parties))
        self._heard_until[source] = math.inf
        self._pass_on(self._mixer.end(source))

    @property
    def is_full(self) -> bool:
        """Whether the disk is full, so that it is time to end."""
        return self._sink is not None and self._sink.is_full

    @property
    def is_deaf(self) -> bool:
        """Whether no input is left."""
        return self._mixer.has_ended()

    @property
    def position_ms(self) -> int:
        return self._mixer.position_ms

    def has_heard(self, moment: float) -> bool:
        """Whether everything said before ``moment`` (monotonic) has come in, as far as it is
        recorded and anybody listens; a sound comes in with the inputs' latency."""
        if self._sink is None or self.is_full:
            return True
        return min(self._heard_until) >= moment + self._opened.latency

    def close_inputs(self) -> None:
        """Listen no more; what the callbacks have queued is still taken."""
        self._opened.close()

    def finish(self) -> None:
        """Seal what was heard and say so. A disk that fails here leaves the rest to salvage."""
        if self._sink is None or self._encoder is None:
            self._activity.close()
            self._desk.tell("stopped")
            return
        try:
            self._pass_on(self._mixer.rest())
            self._encoder.close()
            sealed = self._sink.finish(
                duration_ms=self.position_ms,
                peaks=sidecar_of(self._meter, self._activity),
                voice_ms=self._activity.voice_ms,
                timeline=self._timeline + self._mixer.gaps,
            )
        except OSError as error:
            self.give_up(error)
        else:
            self._activity.close()
            self._desk.tell("sealed", **sealed.to_json())

    def give_up(self, error: OSError) -> None:
        """Leave the files as they are, for `recovery`."""
        self._activity.close()
        if self._sink is not None:
            self._sink.abandon()
        self._desk.tell("failed", code=fault_of(error).code, heard_ms=self.position_ms)

    def _pass_on(self, samples: Samples) -> None:
        if not len(samples):
            return
        if self._encoder is not None:
            self._encoder.feed(samples)
        self._activity.feed(samples)
        for level in self._meter.feed(samples):
            self._desk.tell(
                "levels",
                operator_db=round(level.operator_db, 1),
                caller_db=round(level.caller_db, 1),
                position_ms=self.position_ms,
            )

    def note(self, trouble: Trouble) -> None:
        """Put a trouble on the timeline, and say it."""
        self._timeline.append(
            {
                "kind": trouble.code,
                "parties": [str(party) for party in trouble.parties],
                "at_ms": self.position_ms,
            }
        )
        self._desk.tell_trouble(trouble, self.position_ms)


class RecorderProcess:
    """Takes commands and sound in turn until the window is gone."""

    def __init__(self, desk: Desk, inbox: Inbox) -> None:
        self._desk = desk
        self._inbox = inbox
        self._session: Session | None = None

    def run(self) -> None:
        self._desk.tell("ready")
        while True:
            kind, what = self._inbox.next()
            try:
                if kind == _COMMAND:
                    if not self._obey(what):
                        return
                elif self._session is not None:
                    self._hear(self._session, kind, what)
            except DeskError as error:
                self._desk.tell("failed", code=error.code, heard_ms=0)
            except OSError as error:
                if self._session is None:
                    self._desk.tell("failed", code=fault_of(error).code, heard_ms=0)
                else:
                    session, self._session = self._session, None
                    session.close_inputs()
                    session.give_up(error)

    def _obey(self, command: dict[str, Any]) -> bool:
        """Carry out a command; False when it was the last."""
        what = command["do"]
        if what == "inputs":
            inputs = [
                {
                    "id": device.id,
                    "name": device.name,
                    "channels": device.channels,
                    "is_default": device.is_default,
                }
                for device in list_inputs()
            ]
            self._desk.tell("inputs", inputs=inputs)
        elif what in ("listen", "record"):
            self._end_session()
            files, recipients = None, []
            if what == "record":
                files = RecordingFiles(Path(command["folder"]), command["uid"])
                recipients = command["recipients"]
            inputs_chosen = InputChoice(command["operator"], command["caller"])
            self._session = Session(inputs_chosen, self._inbox, self._desk, files, recipients)
            self._desk.tell("started")
        else:
            self._end_session()
        return bool(what != "quit")

    def _hear(self, session: Session, kind: int, what: Any) -> None:
        self._take_sound(session, kind, what)
        if session.is_full:
            session.note(Trouble("files.disk_full", tuple(Party)))
        if session.is_full or session.is_deaf:
            self._end_session()

    def _take_sound(self, session: Session, kind: int, what: Any) -> None:
        if kind == _HEARD:
            session.heard(*what)
        elif kind == _SILENT:
            session.fell_silent(what)

    def _end_session(self) -> None:
        """Hear the last words out, close the inputs, seal."""
        session, self._session = self._session, None
        if session is None:
            return
        commands: list[dict[str, Any]] = []
        try:
            for kind, what in self._last_words(session):
                if kind == _COMMAND:
                    commands.append(what)
                else:
                    self._take_sound(session, kind, what)
        except OSError as error:
            session.close_inputs()
            session.give_up(error)
        else:
            session.finish()
        for command in commands:
            self._inbox.command(command)

    def _last_words(self, session: Session) -> Iterator[tuple[int, Any]]:
        """What comes in until everything said before now has come; then the inputs are closed."""
        now = time.monotonic()
        patience = LAST_WORDS_SECONDS
        with contextlib.suppress(queue.Empty):
            while patience > 0 and not session.has_heard(now):
                yield self._inbox.next(timeout=patience)
                patience = now + LAST_WORDS_SECONDS - time.monotonic()
        session.close_inputs()
        yield from (item for item in self._inbox.take_all() if item[0] != _SILENT)


def main() -> int:
    """Run the recorder until its standard input ends."""
    keep_to_oneself()
    _take_more_than_a_fair_share()
    # Sound libraries print what they like: the pipe to the window is ours alone.
    out = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)
    desk, inbox = Desk(out), Inbox()
    signal.signal(signal.SIGTERM, lambda *_: inbox.command({"do": "quit"}))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the window, which closes the pipe
    threading.Thread(target=_read_commands, args=(inbox,), daemon=True).start()
    threading.Thread(target=prepare).start()  # no daemon: loading is not to be cut off by the end
    try:
        RecorderProcess(desk, inbox).run()
    except Exception as error:
        # A bug; what was heard is in the part and its tail. No message: it could hold anything.
        desk.tell("failed", code="recordings.recorder_failed", error=type(error).__name__)
        return 1
    return 0


def _read_commands(inbox: Inbox) -> None:
    # Unbuffered: a buffered reader's lock, held at exit by a daemon thread, is a fatal error.
    with open(0, "rb", buffering=0, closefd=False) as commands:
        for line in commands:
            inbox.command(json.loads(line))
    inbox.command({"do": "quit"})


def _take_more_than_a_fair_share() -> None:
    """A little more of the CPU: what the line says waits for nobody."""
    if sys.platform == "win32":
        return  # its priority is given when it is started
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -5)


if __name__ == "__main__":
    raise SystemExit(main())
