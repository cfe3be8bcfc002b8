"""The recording of the call that is being taken: one recorder process, seen from the window.

The row is committed before the recorder starts, and every end of a recording is entered. All
that waits for the process or the database runs on workers; signals come on the Qt thread.
"""

import threading
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from desk_app.calls import service as calls
from desk_app.calls.rules import EventKind
from desk_app.errors import DeskError, Fault
from desk_app.recordings import service as recordings
from desk_app.recordings.parties import InputChoice
from desk_app.recordings.recorder import (
    Event,
    Failed,
    Finished,
    InTrouble,
    Levels,
    Recorder,
    RecordingOrder,
    Started,
    TroubleOver,
)
from ui.session import Session
from ui.status_bar import RecordingState

NO_DEVICE = "recordings.no_device"


class CallRecording(QObject):
    """``state_changed`` carries a `RecordingState`; ``levels`` dBFS of operator and caller."""

    state_changed = Signal(str)
    levels = Signal(float, float)
    _heard = Signal(object)

    def __init__(self, session: Session, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._folder = session, folder
        self._recorder: Recorder | None = None
        self._opening, self._starting = threading.Lock(), threading.Lock()
        self._contact_id = 0
        self._is_resuming = False
        self._is_wanted = False  # read by the worker that starts the recorder
        self._order: RecordingOrder | None = None
        self.state: RecordingState = "off"
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)

    def prepare(self) -> None:
        """Start the process, so that recording can begin at once after the announcement."""
        if self._recorder is None:
            self._session.tasks.start(self, self._open, failed=self._on_failed)

    def begin(self, contact_id: int) -> None:
        """Record this call, or go on recording it after a pause."""
        self._contact_id = contact_id
        self._is_wanted = True
        self._session.change(
            self, recordings.begin, contact_id, done=self._on_ordered, failed=self._on_failed
        )

    def pause(self) -> None:
        """End this part of the recording; `begin` makes another part."""
        self._set_state("paused")
        self._stop()
        self._note(EventKind.RECORDING_PAUSED)

    def resume(self) -> None:
        """Go on after a pause, as soon as the part before it is sealed."""
        self._note(EventKind.RECORDING_RESUMED)
        self._is_resuming = self._order is not None
        if not self._is_resuming:
            self.begin(self._contact_id)

    def reset(self, state: RecordingState, contact_id: int = 0) -> None:
        """Another contact; nothing of it is recorded yet."""
        self._contact_id = contact_id
        self._set_state(state)

    def end(self, state: RecordingState = "off") -> None:
        """The call is over, or the caller objects: seal what there is."""
        self._is_resuming = False
        self._set_state(state)
        self._stop()

    def close(self) -> None:
        """Let the process end; what it still holds it seals by itself."""
        self._session.tasks.start(self._session, self._close)

    def _open(self) -> Recorder:
        """The process, started if there is none. On a worker."""
        with self._opening:
            if self._recorder is None:
                self._recorder = Recorder(self._pass_on)
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

    def _stop(self) -> None:
        with self._starting:
            self._is_wanted = False
        recorder = self._recorder
        if recorder is not None and self._order is not None:
            self._session.tasks.start(self._session, recorder.stop)

    def _on_ordered(self, order: RecordingOrder) -> None:
        self._order = order
        inputs = InputChoice.of(self._session.settings.settings.sound)

        def start() -> bool:
            recorder = self._open()
            with self._starting:
                if self._is_wanted:
                    recorder.start(order, inputs, self._folder)
                return self._is_wanted

        def started(was_wanted: bool) -> None:
            if not was_wanted:  # hung up between the order and the start
                self._order = None
                self._session.change(
                    self._session,
                    recordings.fail,
                    order.recording_id,
                    code="recordings.call_over",
                )

        self._session.tasks.start(self, start, done=started, failed=self._on_failed)

    def _on_heard(self, event: Event) -> None:
        match event:
            case Levels(level=level):
                self.levels.emit(level.operator_db, level.caller_db)
            case Started():
                self._set_state("recording")
            case InTrouble(trouble=trouble):
                self._session.notices.error(Fault(trouble.code))
                self._note(EventKind.DEVICE_LOST, code=trouble.code)
                if trouble.code == NO_DEVICE:
                    self._set_state("failed")
            case TroubleOver(trouble=trouble):
                self._note(EventKind.DEVICE_BACK, code=trouble.code)
                if trouble.code == NO_DEVICE:
                    self._set_state("recording")
            case Finished(sealed=sealed):
                order, self._order = self._order, None
                if order is not None:
                    self._session.change(self._session, recordings.seal, order.recording_id, sealed)
                if self.state == "recording":  # nobody asked: every device is gone
                    self._set_state("failed")
                if self._is_resuming:
                    self._is_resuming = False
                    self.begin(self._contact_id)
            case Failed(code=code, heard_ms=heard_ms):
                self._on_recorder_failed(code, heard_ms)
            case _:
                pass

    def _on_recorder_failed(self, code: str, heard_ms: int) -> None:
        """The call goes on; what was heard waits for somebody who may salvage it."""
        order, self._order = self._order, None
        self.close()
        if order is None:
            return
        if heard_ms:
            self._session.change(
                self._session, recordings.leave_to_salvage, order.recording_id, heard_ms=heard_ms
            )
        else:
            self._session.change(self._session, recordings.fail, order.recording_id, code=code)
        self._note(EventKind.RECORDING_FAILED, code=code)
        self._on_failed(Fault(code))

    def _on_failed(self, error: Exception) -> None:
        self._set_state("failed")
        self._session.notices.error(error)
        order, self._order = self._order, None
        if order is not None and isinstance(error, DeskError):
            self._session.change(
                self._session, recordings.fail, order.recording_id, code=error.code
            )

    def _note(self, kind: EventKind, **particulars: str) -> None:
        self._session.change(
            self._session, calls.note_event, self._contact_id, kind=kind, particulars=particulars
        )

    def _set_state(self, state: RecordingState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
