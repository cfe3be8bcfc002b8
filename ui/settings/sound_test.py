"""The live test of the sound devices: a recorder process that listens and keeps nothing."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from desk_app.errors import Fault
from desk_app.recordings.parties import InputChoice, InputDevice
from desk_app.recordings.recorder import Event, Failed, InTrouble, Levels, Recorder
from ui.session import Session

Devices = tuple[list[InputDevice], list[str]]


class SoundTest(QObject):
    """``levels`` in dBFS of operator and caller; ``ended`` if the test ends by itself."""

    levels = Signal(float, float)
    ended = Signal()
    _heard = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._recorder: Recorder | None = None
        self._opening = threading.Lock()
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)

    def find(self, done: Callable[[Devices], object]) -> None:
        """The inputs and outputs of this machine, as a fresh process sees them."""

        def look() -> Devices:
            self._close()
            recorder = self._open()
            return recorder.inputs(), recorder.outputs()

        self._session.tasks.start(self, look, lane="change", done=done)

    def listen(self, inputs: InputChoice) -> None:
        """Begin, or go on with other devices."""

        def begin() -> None:
            recorder = self._open()
            recorder.stop()
            recorder.listen(inputs)

        self._session.tasks.start(self, begin, lane="change")

    def end(self) -> None:
        """Stop listening and let the process go."""
        self._session.tasks.start(self._session, self._close, lane="change")

    def _open(self) -> Recorder:
        """On a worker."""
        with self._opening:
            if self._recorder is None:
                self._recorder = Recorder(self._heard.emit)
            return self._recorder

    def _close(self) -> None:
        """On a worker."""
        with self._opening:
            recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.close()

    def _on_heard(self, event: Event) -> None:
        match event:
            case Levels(level=level):
                self.levels.emit(level.operator_db, level.caller_db)
            case InTrouble(trouble=trouble):
                self._session.notices.error(Fault(trouble.code))
            case Failed(code=code):
                self._session.notices.error(Fault(code))
                self.end()
                self.ended.emit()
            case _:
                pass
