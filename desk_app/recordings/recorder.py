"""The window's handle of the recorder process; see `recorder_process` for what they say.

The process is started early, when a call is taken, so that recording begins at once when the
announcement has been confirmed. If the window dies, the process seals by itself; if the process
dies, the handle says so and the call goes on.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

from desk_app.errors import Fault
from desk_app.recordings.files import Sealed
from desk_app.recordings.listening_in.order import LineOrder
from desk_app.recordings.parties import (
    InputChoice,
    InputDevice,
    Level,
    Party,
    Trouble,
    WithheldKind,
)

ANSWER_SECONDS = 20.0
"""How long an answer may take before the recorder counts as hung; slow disks sync for seconds."""
FROZEN_COMMAND = "recorder-process"
"""The argument with which a frozen application starts its recorder."""


@dataclass(frozen=True, slots=True)
class RecordingOrder:
    """What the recorder is to record, and for whom it is sealed. Made by `service.begin`."""

    recording_id: int
    uid: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud the parties are, ten times a second, and how much was heard so far."""

    level: Level
    position_ms: int


@dataclass(frozen=True, slots=True)
class Started:
    """Sound goes into this recording from now on."""

    uid: str


@dataclass(frozen=True, slots=True)
class InTrouble:
    """The sound is impaired from here on; recording goes on with what is left."""

    trouble: Trouble
    at_ms: int


@dataclass(frozen=True, slots=True)
class TroubleOver:
    """The sound is whole again, as far as this trouble goes."""

    trouble: Trouble
    at_ms: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """The sound of both parties is kept back from here on: nothing of it is recorded."""

    kind: WithheldKind
    at_ms: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The sound is recorded again, on request or because the pause's time was up."""

    at_ms: int
    by_itself: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nobody has spoken for so long; said once until somebody does."""

    seconds: float


@dataclass(frozen=True, slots=True)
class QuietOver:
    """Somebody speaks again."""


@dataclass(frozen=True, slots=True)
class ListeningBack:
    """The last minute is played, or no longer."""

    is_playing: bool
    position_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class EarpieceFailed:
    """Nothing can be played into the operator's ear; recording isn't touched."""

    code: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The recording is sealed: asked for, or because it went on in another, or the disk is full."""

    uid: str
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing is recorded any more. What was heard so far, if anything, waits to be salvaged."""

    uid: str
    code: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class Discarded:
    """Nothing of the recording is left on the disk: it was looked for."""

    uid: str


@dataclass(frozen=True, slots=True)
class LineOpen:
    """A listener is waited for at ``port``, by an end that proves itself with ``certificate``."""

    port: int
    certificate: str


@dataclass(frozen=True, slots=True)
class LineFailed:
    """No listener can come to this desk; recording isn't touched."""

    code: str


@dataclass(frozen=True, slots=True)
class LineHeard:
    """The listener has come, and hears from now on what the recorder hears."""


@dataclass(frozen=True, slots=True)
class LineClosed:
    """Nobody hears anything any more. ``reason`` is one of `listening_in.line.Closed`; strangers
    were ``refused``, and so many tenths of a second ``dropped`` for a slow listener."""

    reason: str
    refused: int
    dropped: int


End = Finished | Failed | Discarded
Event = (
    Levels
    | Started
    | InTrouble
    | TroubleOver
    | Withheld
    | Resumed
    | Quiet
    | QuietOver
    | ListeningBack
    | EarpieceFailed
    | LineOpen
    | LineFailed
    | LineHeard
    | LineClosed
    | End
)


def command() -> list[str]:
    """How the recorder is started from here, built application or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, FROZEN_COMMAND]
    return [sys.executable, "-m", "desk_app.recordings.recorder_process"]


class Recorder:
    """A running recorder process. Its methods may be called from any thread.

    ``on_event`` is called on a thread of the handle's own, in order; it may neither fail nor
    call `stop`, `discard`, `inputs` or `close`. ``environment`` is added to this process's. A
    process that can't be started, or doesn't answer, is ``Fault("recordings.recorder_failed")``.
    """

    def __init__(
        self, on_event: Callable[[Event], None], *, environment: Mapping[str, str] | None = None
    ) -> None:
        self._on_event = on_event
        self._answers = threading.Condition()
        self._lists: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        self._uid: str | None = None
        """The recording that runs; empty while listening, None if neither."""
        self._closing = False
        self._heard_ms = 0
        self._end: End | None = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own program
                command(),
                cwd=None if getattr(sys, "frozen", False) else Path(__file__).parents[2],
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C in a terminal is meant for the window
                creationflags=_creation_flags(),
            )
        except OSError as error:
            raise Fault("recordings.recorder_failed") from error
        self._commands = cast(IO[bytes], self._process.stdin)  # both are pipes, as asked
        self._events = cast(IO[bytes], self._process.stdout)
        self._reader = threading.Thread(target=self._read, name="recorder", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def inputs(self) -> list[InputDevice]:
        """The inputs of this machine, as the recorder sees them."""
        return [InputDevice(**device) for device in self._list("inputs")]

    def outputs(self) -> list[str]:
        """The ids of its outputs, likewise; both one at a time."""
        return self._list("outputs")

    def _list(self, what: str) -> list[Any]:
        self._send(do=what)
        try:
            found = self._lists.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            found = None
        if found is None:
            raise Fault("recordings.recorder_failed")
        return found

    def listen(self, inputs: InputChoice) -> None:
        """Live test: `Levels` come in until `stop`; nothing is kept."""
        with self._answers:
            self._uid = ""
        self._send(do="listen", operator=inputs.operator, caller=inputs.caller)

    def start(self, order: RecordingOrder, inputs: InputChoice, folder: Path) -> None:
        """Begin recording into ``folder``; returns at once, `Started` or `Failed` follows."""
        with self._answers:
            self._uid = order.uid
            self._end = None
            self._heard_ms = 0
        self._send(
            do="record",
            operator=inputs.operator,
            caller=inputs.caller,
            folder=str(folder),
            uid=order.uid,
            recipients=list(order.recipients),
        )

    def split(self, order: RecordingOrder) -> None:
        """Seal what was recorded so far and go on, without a gap, in the recording of ``order``.

        Returns at once; `Finished` of the old one and `Started` of the new one follow.
        """
        with self._answers:
            if self._uid:
                self._uid = order.uid
        self._send(do="split", uid=order.uid, recipients=list(order.recipients))

    def pause(self, seconds: float) -> None:
        """Keep back the sound of both parties, at once; it is heard again after ``seconds``."""
        self._send(do="pause", seconds=seconds)

    def hold(self) -> None:
        """Keep back the sound of both parties until `resume`."""
        self._send(do="hold")

    def resume(self) -> None:
        """End a pause or a hold."""
        self._send(do="resume")

    def listen_back(self, output: str = "", seconds: float = 60.0) -> None:
        """Play the last ``seconds`` from memory; `ListeningBack` says how far it is."""
        self._send(do="listen_back", output=output, seconds=seconds)

    def stop_listening_back(self) -> None:
        self._send(do="stop_listening_back")

    def chime(self, output: str = "") -> None:
        """Remind the operator by a soft signal in the ear."""
        self._send(do="chime", output=output)

    def open_line(self, order: LineOrder) -> None:
        """Let one listener in; `LineOpen` or `LineFailed` follows, then the others of a line."""
        self._send(do="open_line", **asdict(order))

    def close_line(self) -> None:
        """Nobody listens in any more, at once."""
        self._send(do="close_line")

    def finish(self) -> None:
        """End recording or listening; returns at once, `Finished` or `Failed` follows."""
        self._send(do="stop")

    def stop(self) -> End | None:
        """`finish` and wait: how the recording ended, also if it had ended before; None if there
        was none."""
        return self._end_by("stop")

    def discard(self) -> End | None:
        """End recording and destroy everything of it: `Discarded` when nothing is left.

        `Failed` if something couldn't be destroyed: the next sign-in tries again.
        """
        return self._end_by("discard")

    def _end_by(self, what: str) -> End | None:
        with self._answers:
            is_recording = bool(self._uid)
        self._send(do=what)
        if not is_recording:
            return self._end
        with self._answers:
            self._answers.wait_for(lambda: not self._uid, timeout=ANSWER_SECONDS)
            if self._uid:
                return Failed(self._uid, "recordings.recorder_failed", self._heard_ms)
            return self._end

    def close(self) -> None:
        """Let the recorder seal what it has and end."""
        with self._answers:
            self._closing = True
        with contextlib.suppress(OSError):  # it has ended before
            self._commands.close()
        try:
            self._process.wait(timeout=ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # hung: the part and its tail are on disk
            self._process.wait()
        self._reader.join()

    def _send(self, **fields: Any) -> None:
        line = json.dumps(fields).encode("ascii") + b"\n"
        with contextlib.suppress(OSError, ValueError):  # it has ended, and `_read` says so
            self._commands.write(line)
            self._commands.flush()

    def _read(self) -> None:
        try:
            with self._events as answers:
                for line in answers:
                    self._take(json.loads(line))
        except json.JSONDecodeError:
            pass  # a line was cut off: it was killed while it spoke
        finally:  # whatever happens here, somebody waits to hear that nothing more comes
            self._tell_that_it_ended()

    def _tell_that_it_ended(self) -> None:
        with self._answers:
            ended_well = not self._uid and (self._closing or self._end is not None)
        self._lists.put(None)
        if not ended_well:
            self._finish(Failed(self._uid or "", "recordings.recorder_failed", self._heard_ms))

    def _take(self, fields: dict[str, Any]) -> None:
        event = fields.pop("is")
        if event in ("inputs", "outputs"):
            self._lists.put(fields[event])
        elif event == "levels":
            self._heard_ms = fields["position_ms"]
            level = Level(fields["operator_db"], fields["caller_db"])
            self._on_event(Levels(level, self._heard_ms))
        elif event == "sealed":
            uid = fields.pop("uid")
            self._finish(Finished(uid, Sealed.from_json(fields)))
        elif event == "failed":
            uid = fields.get("uid", self._uid or "")
            self._finish(Failed(uid, fields["code"], fields.get("heard_ms", self._heard_ms)))
        elif event == "discarded":
            self._finish(Discarded(fields["uid"]))
        elif event in _PLAIN:
            self._on_event(_PLAIN[event](**fields))
        elif event in _OF_TROUBLE:
            parties = tuple(Party(party) for party in fields["parties"])
            trouble = Trouble(fields["code"], parties)
            self._on_event(_OF_TROUBLE[event](trouble, fields["at_ms"]))
        elif event == "withheld":
            self._on_event(Withheld(WithheldKind(fields["kind"]), fields["at_ms"]))

    def _finish(self, end: End) -> None:
        with self._answers:
            if not end.uid or end.uid == self._uid:  # else what it was split from
                self._uid = None
                self._end = end
            self._answers.notify_all()
        self._on_event(end)


_PLAIN: dict[str, Callable[..., Event]] = {
    "started": Started,
    "resumed": Resumed,
    "quiet": Quiet,
    "quiet_over": QuietOver,
    "listening_back": ListeningBack,
    "earpiece_failed": EarpieceFailed,
    "line_open": LineOpen,
    "line_failed": LineFailed,
    "line_heard": LineHeard,
    "line_closed": LineClosed,
}
_OF_TROUBLE: dict[str, Callable[[Trouble, int], Event]] = {
    "trouble": InTrouble,
    "trouble_over": TroubleOver,
}


def _creation_flags() -> int:
    if sys.platform == "win32":
        return (
            subprocess.CREATE_NO_WINDOW
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.ABOVE_NORMAL_PRIORITY_CLASS
        )
    return 0
