"""Brings sealed recordings to their store while somebody is signed in, off the Qt thread."""

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ui.session import Session
from ui.tasks import Job, Report

if TYPE_CHECKING:  # the window is shown before the database is loaded
    from desk_app.recordings.stores.uploading import Progress

_LOOK_EVERY_MS = 15_000
_KINDS = {"recording", "recording_store"}


class UploadsConductor(QObject):
    """Looks every quarter of a minute, and whenever a recording was sealed.

    ``late`` says how many recordings should have arrived by now. A desk that is locked uploads
    nothing: it has no database.
    """

    late = Signal(int)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job | None = None
        self._is_wanted = False
        self._is_first = True
        self._ended = threading.Event()
        timer = QTimer(self)
        timer.setInterval(_LOOK_EVERY_MS)
        timer.timeout.connect(self.look)
        timer.start()
        session.changed.connect(self._on_changed)
        ended = self._ended
        self.destroyed.connect(lambda: ended.set())  # at sign-out
        self.look()

    def look(self) -> None:
        """Do whatever is due; asked again meanwhile, it looks once more afterwards."""
        if self._session.desk.is_locked:
            return
        if self._job is not None:
            self._is_wanted = True
            return
        self._is_wanted = False
        self._job = self._session.tasks.start_reporting(
            self, self._work, lane="upload", done=self._on_done, failed=self._on_failed
        )
        self._job.progress.connect(self._session.uploading)

    def _work(self, report: Report) -> int:
        """On the worker: everything that is due, one after another; how many are late then."""
        from desk_app.recordings.stores import views
        from desk_app.recordings.stores.base import Interrupted
        from desk_app.recordings.stores.uploading import adopt_strays, upload_next

        desk, ended = self._session.desk, self._ended
        folder = desk.office.recordings

        def told(progress: "Progress") -> None:
            if ended.is_set() or desk.is_locked:
                raise Interrupted
            report(progress)

        if self._is_first:
            adopt_strays(desk.perform, folder)
            self._is_first = False
        try:
            while not ended.is_set() and (
                upload_next(desk.perform, desk.read, folder, report=told) is not None
            ):
                report(None)
        except Interrupted:
            return 0
        late: int = desk.read(views.late)
        return late

    def _on_done(self, late: int) -> None:
        self._finish()
        self.late.emit(late)

    def _on_failed(self, error: Exception) -> None:
        self._finish()
        self._session.unless_locked(error)

    def _finish(self) -> None:
        self._job = None
        self._session.uploading.emit(None)
        if self._is_wanted:
            self.look()

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if any(change.kind in _KINDS for change in changes):
            self.look()
