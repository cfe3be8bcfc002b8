"""The storage tab at work: read, tried out and entered by whoever is signed in."""

from typing import Any

from PySide6.QtCore import QTimer

from desk_app.errors import DeskError
from desk_app.people.access import Permission
from desk_app.recordings.stores import entering, service, views
from desk_app.recordings.stores.base import StoreTerms
from ui.recordings.storage import StoragePanel
from ui.session import Session

_KINDS = {"recording", "recording_copy", "recording_store"}
_READ_EVERY_MS = 15_000


class StorageTab(StoragePanel):
    """Reads when it is entered, when something arrived, and while it is looked at."""

    def __init__(self, session: Session) -> None:
        super().__init__(
            session.look,
            zone=session.zone,
            may_enter=Permission.ENTER_STORES in session.account.permissions,
        )
        self._session = session
        self.tried.connect(self._on_tried)
        self.entered.connect(self._on_entered)
        self.kept_here.connect(self._on_kept_here)
        self.retried.connect(lambda: session.change(self, service.try_now))
        session.changed.connect(self._on_changed)
        session.uploading.connect(self.show_progress)
        timer = QTimer(self)
        timer.setInterval(_READ_EVERY_MS)
        timer.timeout.connect(self._read_if_seen)
        timer.start()

    def enter(self) -> None:
        super().enter()
        self._read()

    def _read(self) -> None:
        self._session.read(self, views.storage, done=self.present)

    def _read_if_seen(self) -> None:
        if self.isVisible() and not self._session.desk.is_locked:
            self._read()

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if any(change.kind in _KINDS for change in changes):
            self._read_if_seen()

    def _on_tried(self, terms: StoreTerms) -> None:
        self.set_busy(True)
        desk = self._session.desk
        self._session.tasks.start(
            self,
            lambda: entering.try_terms(desk.read, terms, own=desk.office.folder),
            lane="upload",
            done=lambda _terms: self.say("ui_storage.works"),
            failed=self._on_failed,
        )

    def _on_entered(self, terms: StoreTerms) -> None:
        self.set_busy(True)
        desk = self._session.desk
        self._session.tasks.start(
            self,
            lambda: entering.enter(desk.perform, desk.read, terms, own=desk.office.folder),
            lane="upload",
            done=lambda _none: self._on_done("ui_storage.entered"),
            failed=self._on_failed,
        )

    def _on_kept_here(self) -> None:
        self.set_busy(True)
        self._session.change(
            self,
            service.keep_here,
            done=lambda _none: self._on_done("ui_storage.kept_here"),
            failed=self._on_failed,
        )

    def _on_done(self, said: str) -> None:
        self.secret_key.clear()
        self.say(said)
        self._read()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, DeskError):
            self.say("ui_storage.failed", error)
        else:
            self.set_busy(False)
            self._session.tasks.failed.emit(error)
