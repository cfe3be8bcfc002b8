"""The recording of the call that is being taken: one recorder process, seen from the window.

The row is committed before the recorder starts, the order to destroy is committed before any
sound goes, and every end of a recording is entered. What waits for the process or the database
runs on workers; what must act at once (pause, hold, the end, the last minute) is only told to
the process. Signals come on the Qt thread. Nothing else in the window talks to the recorder.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, Signal

from desk_app.errors import DeskError, Fault
from desk_app.recordings import service as recordings
from desk_app.recordings.files import RecordingFiles, destroy
from desk_app.recordings.listening_in.order import LineOrder, order_for
from desk_app.recordings.pages import DoomedRecording
from desk_app.recordings.parties import InputChoice, WithheldKind
from desk_app.recordings.recorder import (
    Discarded,
    End,
    Event,
    Failed,
    Finished,
    Levels,
    LineClosed,
    LineFailed,
    LineHeard,
    LineOpen,
    Recorder,
    RecordingOrder,
    Resumed,
    Started,
    Withheld,
)
from desk_app.recordings.rules import DiscardReason
from ui.session import Session
from ui.status_bar import RecordingState

RECORDER_FAILED = "recordings.recorder_failed"
STOPPED_BY_FULL_DISK = "recordings.disk_full"
RUNNING = frozenset({"recording", "deaf", "paused", "held"})
"""States in which the recorder has a file open."""
_ENDS = (Finished, Failed, Discarded)
_OF_A_LINE = (LineOpen, LineFailed, LineHeard, LineClosed)


class RecorderHandle(Protocol):
    """What the window asks of a recorder; `Recorder` is one."""

    def start(self, order: RecordingOrder, inputs: InputChoice, folder: Path) -> None: ...
    def finish(self) -> None: ...
    def stop(self) -> End | None: ...
    def pause(self, seconds: float) -> None: ...
    def hold(self) -> None: ...
    def resume(self) -> None: ...
    def split(self, order: RecordingOrder) -> None: ...
    def discard(self) -> End | None: ...
    def listen_back(self, output: str = "", seconds: float = 60.0) -> None: ...
    def stop_listening_back(self) -> None: ...
    def chime(self, output: str = "") -> None: ...
    def listen(self, inputs: InputChoice) -> None: ...
    def open_line(self, order: LineOrder) -> None: ...
    def close_line(self) -> None: ...
    def close(self) -> None: ...


MakeRecorder = Callable[[Callable[[Event], None]], RecorderHandle]


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What became of recordings that were to be destroyed."""

    verified_at: datetime
    left: int  # recordings of which something may still be there


class CallRecording(QObject):
    """``state_changed`` carries a `RecordingState`; ``levels`` dBFS of operator and caller."""

    state_changed = Signal(str)
    levels = Signal(float, float)
    heard = Signal(object)  # every other event of the recorder
    lost = Signal(str)  # code: nothing is recorded any more, though it should be
    _heard = Signal(object)

    def __init__(
        self,
        session: Session,
        folder: Path,
        parent: QObject,
        *,
        make_recorder: MakeRecorder = Recorder,
    ) -> None:
        super().__init__(parent)
        self._session, self._folder = session, folder
        self._make = make_recorder
        self._recorder: RecorderHandle | None = None
        self._opening, self._starting = threading.Lock(), threading.Lock()
        self._contact_id = 0
        self._is_wanted = False  # read by the worker that starts the recorder
        self._is_told = False  # written by it
        self._running: dict[str, RecordingOrder] = {}  # by uid, until their end is entered
        self._current = ""  # uid of the latest part; like the next, for the lane of changes alone
        self._surplus: RecordingOrder | None = None
        self._is_kept = False  # the surplus, as the operator said
        self.line_host = ""  # where this desk is listened in to
        self._has_line = False  # somebody listens in, or is about to
        self._doomed: set[str] = set()  # uids: how they end is of no interest any more
        self.has_sound = False
        self.position_ms = 0  # of the running part
        self.state: RecordingState = "off"
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)

    def prepare(self) -> None:
        """Start the process, so that recording can begin at once after the announcement."""
        if self._recorder is None:
            self._session.tasks.start(self, self._open, failed=self._on_failed)

    def reset(self, state: RecordingState, contact_id: int = 0, *, has_sound: bool = False) -> None:
        """Another contact; nothing of it is recorded now. ``has_sound``: something was."""
        self._contact_id, self.has_sound, self._is_kept = contact_id, has_sound, False
        self._set_state(state)

    def begin(self, contact_id: int) -> None:
        """Record this call, in a part of its own."""
        self._contact_id = contact_id
        self._is_wanted, self._is_told = True, False
        inputs = InputChoice.of(self._session.settings.settings.sound)

        def start() -> None:
            order = self._session.desk.perform(recordings.begin, contact_id)
            self._running[order.uid] = order
            self._current = order.uid
            try:
                recorder = self._open()
            except DeskError as error:
                self._fail(order, error.code)
                raise
            with self._starting:
                if self._is_wanted:
                    recorder.start(order, inputs, self._folder)
                    self._is_told = True
                    return
            self._fail(order, "recordings.call_over")  # hung up before it could start

        self._session.tasks.start(self, start, lane="change", failed=self._on_failed)

    def pause(self, seconds: float) -> None:
        """Nothing is recorded until `resume`, or until ``seconds`` have passed."""
        if self._recorder is not None:
            self._recorder.pause(seconds)

    def hold(self) -> None:
        """Nothing is recorded until `resume`."""
        if self._recorder is not None:
            self._recorder.hold()

    def resume(self) -> None:
        """Go on recording after a pause or a hold."""
        if self._recorder is not None:
            self._recorder.resume()

    @property
    def is_begun(self) -> bool:
        """The recorder was told to record, though it may not have said yet that it does."""
        return self._is_wanted and self._is_told

    def hears(self, anybody: bool) -> None:
        """Whether any sound arrives at all; the recorder waits for it."""
        if self.state in ("recording", "deaf"):
            self._set_state("recording" if anybody else "deaf")

    def listen_back(self) -> None:
        """Play the last minute to the operator, from memory."""
        if self._recorder is not None:
            self._recorder.listen_back(self._output)

    def stop_listening_back(self) -> None:
        if self._recorder is not None:
            self._recorder.stop_listening_back()

    def chime(self) -> None:
        """A short sound in the operator's ear."""
        if self._recorder is not None:
            self._recorder.chime(self._output)

    def open_line(self, peer: str) -> None:
        """Let whoever holds the key of the certificate ``peer`` hear the call, recorded or not.

        The recorder's `LineOpen` or `LineFailed` comes through ``heard``.
        """
        settings = self._session.settings.settings
        self._has_line = True

        def open_line() -> None:
            order = order_for(peer, settings)
            self.line_host = order.host
            recorder = self._open()
            recorder.open_line(order)

        def failed(error: Exception) -> None:
            code = error.code if isinstance(error, DeskError) else RECORDER_FAILED
            self.heard.emit(LineFailed(code))

        self._session.tasks.start(
            self, open_line, done=lambda _none: self._listen_for_the_line(), failed=failed
        )

    def close_line(self) -> None:
        """Nobody listens in any more, at once."""
        was_open, self._has_line = self._has_line, False
        recorder = self._recorder
        if was_open and recorder is not None:
            recorder.close_line()
            if not self._is_wanted:
                recorder.finish()  # it only listened

    def _listen_for_the_line(self) -> None:
        """A call that isn't recorded is heard all the same; nothing of it is kept."""
        if self._has_line and not self._is_wanted and self._recorder is not None:
            self._recorder.listen(InputChoice.of(self._session.settings.settings.sound))

    def split(self) -> None:
        """Go on in a part that is destroyed unless `keep_surplus` comes."""
        contact_id, self._is_kept = self._contact_id, False

        def split() -> None:
            recorder = self._recorder
            if recorder is None or not self._is_wanted:
                return
            order = self._session.desk.perform(recordings.begin_split, contact_id)
            self._running[order.uid] = self._surplus = order
            self._current = order.uid
            recorder.split(order)

        if self.state in RUNNING:
            self._session.tasks.start(
                self, split, lane="change", failed=self._session.notices.error
            )

    def keep_surplus(self) -> None:
        """The call goes on, and so does its recording. What fails is tried again at its end."""
        self._is_kept = True

        def keep() -> None:
            if self._surplus is not None:
                self._session.desk.perform(recordings.keep_surplus, self._surplus.recording_id)
                self._surplus = None

        self._session.tasks.start(self, keep, lane="change", failed=self._session.notices.error)

    def end(self, state: RecordingState = "off") -> None:
        """The call is over, or the caller objects: seal what there is."""
        self._set_state(state)
        if self._is_kept:
            self.keep_surplus()
        with self._starting:
            was_wanted, self._is_wanted = self._is_wanted, False
        recorder = self._recorder
        if was_wanted and recorder is not None:
            recorder.finish()

    def discard(
        self,
        reason: DiscardReason,
        state: RecordingState,
        *,
        done: Callable[[Destroyed], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Record no more, and destroy what was recorded of this call, or its surplus alone.

        The order is committed first; what can't be destroyed now is destroyed at a later
        sign-in. If the order itself ``failed``, everything is still there.
        """
        contact_id, desk = self._contact_id, self._session.desk
        self._set_state(state)
        with self._starting:
            was_wanted, self._is_wanted = self._is_wanted, False
        recorder = self._recorder

        def discard() -> Destroyed:
            self._surplus = None
            try:
                doomed = desk.perform(recordings.discard_call, contact_id, reason)
            except Exception:
                if was_wanted and recorder is not None:
                    recorder.stop()
                raise
            self._doomed |= {one.uid for one in doomed}
            if recorder is not None:
                if was_wanted and self._current in self._doomed:
                    recorder.discard()
                else:
                    recorder.stop()  # kept; or just being sealed, and destroyed below
            left = sum(not self._is_destroyed(one) for one in doomed)
            return Destroyed(desk.office.clock.now(), left)

        def discarded(destroyed: Destroyed) -> None:
            if reason is DiscardReason.OBJECTION and contact_id == self._contact_id:
                self.has_sound = False
            done(destroyed)

        self._session.tasks.start(
            self._session, discard, lane="change", done=discarded, failed=failed
        )

    def close(self) -> None:
        """Let the process end; what it still holds it seals by itself."""
        self._session.tasks.start(self._session, self._close)

    @property
    def _output(self) -> str:
        return self._session.settings.settings.sound.output

    def _open(self) -> RecorderHandle:
        """The process, started if there is none. On a worker."""
        with self._opening:
            if self._recorder is None:
                self._recorder = self._make(self._pass_on)
            return self._recorder

    def _pass_on(self, event: Event) -> None:
        """On the recorder's reading thread."""
        with suppress(RuntimeError):  # the page has gone; the process seals by itself
            self._heard.emit(event)

    def _close(self) -> None:
        """On a worker."""
        with self._opening:
            recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.close()

    def _is_destroyed(self, doomed: DoomedRecording) -> bool:
        """Destroy what lies at this desk; what lies elsewhere is destroyed there. On a worker."""
        try:
            destroy(RecordingFiles(self._folder, doomed.uid))
            self._session.desk.perform(recordings.discarded, doomed.id)
        except DeskError:
            return False
        return True

    def _fail(self, order: RecordingOrder, code: str) -> None:
        """On a worker of the lane of changes."""
        self._running.pop(order.uid, None)
        self._session.desk.perform(recordings.fail, order.recording_id, code=code, uid=order.uid)

    def _on_heard(self, event: Event) -> None:
        if not self._is_wanted and self._has_line and not isinstance(event, _OF_A_LINE + _ENDS):
            return  # it only listens: nothing of this is of the recording
        match event:
            case Levels(level=level, position_ms=position_ms):
                self.position_ms = position_ms
                self.levels.emit(level.operator_db, level.caller_db)
                return
            case Started():
                self.has_sound |= self._is_wanted
                if self._is_wanted and self.state not in RUNNING:
                    self._set_state("recording")
            case Withheld(kind=kind) if self._is_wanted:
                self._set_state("paused" if kind is WithheldKind.PAUSE else "held")
            case Resumed() if self._is_wanted:
                self._set_state("recording")
            case Finished(uid=uid, sealed=sealed):
                order = self._running.pop(uid, None)
                if order is not None:
                    self._enter_end(order, recordings.seal, sealed)
                if self.state in RUNNING and not self._running:
                    self.chime()
                    self._on_lost(STOPPED_BY_FULL_DISK)  # nothing else ends it unasked
            case Failed(uid=uid, code=code, heard_ms=heard_ms):
                self._on_recorder_failed(uid, code, heard_ms)
        if isinstance(event, _ENDS) and event.uid:
            self._listen_for_the_line()
        self.heard.emit(event)

    def _on_recorder_failed(self, uid: str, code: str, heard_ms: int) -> None:
        """The call goes on; what was heard waits for somebody who may salvage it."""
        ended = [self._running.pop(uid)] if uid in self._running else []
        if code == RECORDER_FAILED:
            self.close()
            ended += self._running.values()
            self._running.clear()
        for order in ended:
            if heard_ms or order.uid != uid:
                self._enter_end(order, recordings.leave_to_salvage, heard_ms=heard_ms)
            else:
                self._enter_end(order, recordings.fail, code=code)
        if ended and not self._running and self._is_wanted:
            self._on_lost(code)

    def _on_lost(self, code: str) -> None:
        self._is_wanted = False
        self._set_state("failed")
        self.lost.emit(code)
        self._session.notices.error(Fault(code))

    def _enter_end(
        self, order: RecordingOrder, use_case: Callable[..., None], *args: object, **named: Any
    ) -> None:
        """Enter how a recording ended, unless it is destroyed whatever its end was."""

        def failed(error: Exception) -> None:
            if order.uid not in self._doomed:
                self._session.notices.error(error)

        self._session.surely(
            use_case, order.recording_id, *args, uid=order.uid, failed=failed, **named
        )

    def _on_failed(self, error: Exception) -> None:
        """It could not be begun."""
        self._is_wanted = False
        self._set_state("failed")
        self._session.notices.error(error)

    def _set_state(self, state: RecordingState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
