"""The recorder: a process of its own that survives the window and seals what it has heard.

It holds public recipients only. It is started by `recorder.Recorder` and speaks JSON lines:
commands on standard input, events on standard output.

    {"do": "inputs"}                                    -> {"is": "inputs", "inputs": […]}
    {"do": "outputs"}                                   -> {"is": "outputs", "outputs": […]}
    {"do": "listen", "operator": …, "caller": …}        -> levels until "stop"; nothing is kept
    {"do": "record", "operator": …, "caller": …, "folder": …, "uid": …, "recipients": […]}
                                                        -> "started", then levels and troubles
    {"do": "split", "uid": …, "recipients": […]}        -> "sealed", then "started" of the new one
    {"do": "pause", "seconds": …} {"do": "hold"}        -> "withheld"
    {"do": "resume"}                                    -> "resumed", also by itself
    {"do": "listen_back", "output": …, "seconds": …}    -> "listening_back"
    {"do": "stop_listening_back"}
    {"do": "chime", "output": …}
    {"do": "open_line", "peer": …, "host": …, "first_port": …, "last_port": …}
                                                        -> "line_open" or "line_failed", then
                                                           "line_heard", "line_closed"
    {"do": "close_line"}
    {"do": "stop"}                                      -> "sealed", "stopped" after listening
    {"do": "discard"}                                   -> "discarded"

Further events: ready, trouble, trouble_over, quiet, quiet_over, failed. When standard input ends,
the window has died: a running recording is sealed and the process ends. The audio callback only
copies into a bounded queue, the pipe to the window is written by a thread of its own; everything
else happens on the main thread.
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from desk_app.errors import DeskError
from desk_app.files import fault_of
from desk_app.process import keep_to_oneself
from desk_app.recordings.devices import Inputs, list_inputs, list_outputs
from desk_app.recordings.earpiece import Earpiece
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.inbox import Command, Inbox, Item, Silent
from desk_app.recordings.listening_in.line import Tap
from desk_app.recordings.listening_in.order import LineOrder
from desk_app.recordings.parties import InputChoice, WithheldKind
from desk_app.recordings.pipe import Pipe
from desk_app.recordings.reopening import KeptOpen
from desk_app.recordings.session import Session
from desk_app.recordings.voice import prepare

LAST_WORDS_SECONDS = 1.0
"""How long a silent input is waited for at the end."""
TICK_SECONDS = 0.1
INPUTS = "inputs"
"""The argument with which the process lists its inputs and ends."""


class RecorderProcess:
    """Takes commands and sound in turn until the window is gone."""

    def __init__(self, pipe: Pipe, inbox: Inbox) -> None:
        self._pipe = pipe
        self._inbox = inbox
        self._earpiece = Earpiece(lambda error: pipe.tell("earpiece_failed", code=error.code))
        self._tap = Tap(pipe.tell)
        self._session: Session | None = None
        self._folder = Path()

    def run(self) -> None:
        self._pipe.tell("ready")
        while True:
            try:
                item = self._inbox.next(timeout=TICK_SECONDS if self._session else None)
            except queue.Empty:
                item = None
            try:
                if isinstance(item, Command):
                    if not self._obey(item.fields, item.at):
                        return
                elif self._session is not None:
                    self._hear(self._session, item)
            except DeskError as error:
                self._pipe.tell("failed", code=error.code, heard_ms=0)
            except OSError as error:
                if self._session is None:
                    self._pipe.tell("failed", code=fault_of(error).code, heard_ms=0)
                else:
                    session, self._session = self._session, None
                    session.give_up(error)

    def _obey(self, command: dict[str, Any], at: float) -> bool:
        """Carry out a command given ``at`` that moment; False when it was the last."""
        session = self._session
        match command["do"]:
            case "inputs":
                self._pipe.tell("inputs", inputs=_listed())
            case "outputs":
                self._pipe.tell("outputs", outputs=list_outputs())
            case "listen" | "record" as what:
                self._end_session()
                self._begin(command, is_recorded=what == "record")
            case "split" if session is not None:
                session.split(RecordingFiles(self._folder, command["uid"]), command["recipients"])
            case "pause" if session is not None:
                session.withhold(WithheldKind.PAUSE, seconds=command["seconds"], now=at)
            case "hold" if session is not None:
                session.withhold(WithheldKind.HOLD, seconds=float("inf"), now=at)
            case "resume" if session is not None:
                session.resume(at)
            case "listen_back" if session is not None:
                self._earpiece.play(
                    session.last_minute.last(command["seconds"]),
                    command["output"],
                    self._say_listening_back,
                )
            case "stop_listening_back":
                self._earpiece.stop()
            case "chime":
                self._earpiece.chime(command["output"])
            case "open_line":
                self._tap.open(
                    LineOrder(
                        command["peer"],
                        command["host"],
                        command["first_port"],
                        command["last_port"],
                    )
                )
            case "close_line":
                self._tap.close()
            case "discard":
                self._discard()
            case "stop":
                self._end_session()
            case "quit":
                self._tap.close()
                self._end_session()
                return False
        return True

    def _begin(self, command: dict[str, Any], *, is_recorded: bool) -> None:
        files, recipients = None, None
        if is_recorded:
            self._folder = Path(command["folder"])
            files = RecordingFiles(self._folder, command["uid"])
            recipients = command["recipients"]
        now = time.monotonic()
        self._inbox.let_in(now)
        inputs = Inputs(InputChoice(command["operator"], command["caller"]), self._inbox)
        ears = KeptOpen(inputs, self._inbox)
        try:
            self._session = Session(
                ears,
                self._inbox,
                self._pipe.tell,
                now=now,
                files=files,
                recipients=recipients,
                tap=self._tap.feed,
            )
        except BaseException:
            ears.close()
            raise

    def _hear(self, session: Session, item: Item | None) -> None:
        now = time.monotonic()
        if item is not None:
            session.take(item, now=now)
        if not self._inbox.waiting:
            session.tick(now)
        if session.is_full:
            session.note_full(now)
        if session.is_full or session.is_hopeless:
            self._end_session()

    def _end_session(self) -> None:
        """Hear the last words out, close the inputs, seal."""
        session, self._session = self._session, None
        self._earpiece.stop()
        if session is None:
            return
        commands: list[Command] = []
        try:
            for item in self._last_words(session):
                if isinstance(item, Command):
                    commands.append(item)
                else:
                    session.take(item, now=time.monotonic())
        except OSError as error:
            session.give_up(error)
        else:
            session.finish()
        for command in commands:
            self._inbox.command(command.fields)

    def _discard(self) -> None:
        session, self._session = self._session, None
        self._earpiece.stop()
        if session is not None:
            session.discard()
            self._inbox.forget_sound()

    def _last_words(self, session: Session) -> Iterator[Item]:
        """What comes in until everything said before now has come; then the inputs are closed."""
        now = time.monotonic()
        patience = LAST_WORDS_SECONDS
        with contextlib.suppress(queue.Empty):
            while patience > 0 and not session.has_heard(now):
                yield self._inbox.next(timeout=patience)
                patience = now + LAST_WORDS_SECONDS - time.monotonic()
        session.close_inputs()
        yield from (item for item in self._inbox.take_all() if not isinstance(item, Silent))

    def _say_listening_back(self, is_playing: bool, position_ms: int, length_ms: int) -> None:
        self._pipe.tell(
            "listening_back", is_playing=is_playing, position_ms=position_ms, length_ms=length_ms
        )


def _listed() -> list[dict[str, Any]]:
    return [
        {
            "id": device.id,
            "name": device.name,
            "channels": device.channels,
            "is_default": device.is_default,
        }
        for device in list_inputs()
    ]


def main() -> int:
    """Run the recorder until its standard input ends."""
    keep_to_oneself()
    _take_more_than_a_fair_share()
    # Sound libraries print what they like: the pipe to the window is ours alone.
    out = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)
    pipe, inbox = Pipe(out), Inbox()
    if sys.argv[1:] == [INPUTS]:
        pipe.tell("inputs", inputs=_listed())
        pipe.close()
        return 0
    signal.signal(signal.SIGTERM, lambda *_: inbox.command({"do": "quit"}))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the window, which closes the pipe
    threading.Thread(target=_read_commands, args=(inbox,), daemon=True).start()
    threading.Thread(target=prepare).start()  # no daemon: loading is not to be cut off by the end
    try:
        RecorderProcess(pipe, inbox).run()
    except Exception as error:
        # A bug; what was heard is in the part and its tail. No message: it could hold anything.
        pipe.tell("failed", code="recordings.recorder_failed", error=type(error).__name__)
        return 1
    finally:
        pipe.close()
    return 0


def _read_commands(inbox: Inbox) -> None:
    # Unbuffered: a buffered reader's lock, held at exit by a daemon thread, is a fatal error.
    # A line may be cut off: the window was killed while it spoke.
    with (
        open(0, "rb", buffering=0, closefd=False) as commands,
        contextlib.suppress(json.JSONDecodeError),
    ):
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
