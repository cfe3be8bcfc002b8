"""The card about backups at work, for whoever may make them."""

from typing import Any

from desk_app.backup import service, views
from desk_app.backup.making import enter_destination
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from ui.backup.panel import BackupPanel
from ui.backup.running import BackupRun
from ui.session import Session


class BackupCard(BackupPanel):
    """Reads when it is made and whenever something about backups has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, zone=session.zone)
        self._session = session
        self._run = BackupRun.of(session)
        self.made.connect(self._run.start)
        self.given_up.connect(self._run.cancel)
        self._run.progress.connect(self.show_progress)
        self._run.ended.connect(lambda: self.show_progress(None))
        self.show_progress(self._run.share)
        self.hour_chosen.connect(lambda hour: session.change(self, service.choose_hour, hour))
        self.left.connect(lambda id: session.change(self, service.leave_destination, id))
        self.folder_chosen.connect(self._on_folder_chosen)
        session.changed.connect(self._on_changed)
        self._read()

    def _read(self) -> None:
        if not self._session.desk.is_locked:
            self._session.read(self, views.overview, done=self.present)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if any(change.kind == "backup" for change in changes):
            self._read()

    def _on_folder_chosen(self, folder: str) -> None:
        desk = self._session.desk

        def enter() -> None:
            terms = StoreTerms(StoreKind.FOLDER, folder=folder)
            enter_destination(desk.perform, terms, own=desk.office.folder)

        self._session.tasks.start(self, enter, lane="change")
