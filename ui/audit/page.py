"""The audit page: the log, and the verifier at a button."""

from array import array

from PySide6.QtWidgets import QVBoxLayout

from desk_app.audit import views
from desk_app.audit.heads import remembered
from desk_app.audit.verify import Verdict
from desk_app.people import views as people
from ui.audit.log import AuditLog
from ui.panel import Panel
from ui.session import Session


class AuditPage(Panel):
    """Reads the log when it is entered and when it is asked to; every act adds to it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "audit")
        self._session = session
        self.log = AuditLog(session.look, zone=session.zone)
        self.log.table.page_wanted.connect(self._fetch)
        self.log.refresh_wanted.connect(self._read)
        self.log.verify_wanted.connect(self._verify)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.log)

    def enter(self) -> None:
        self._read()
        self.log.enter()

    def _read(self) -> None:
        self._session.read(self, people.colleagues, done=self._on_names_read)

    def _on_names_read(self, colleagues: tuple[people.Colleague, ...]) -> None:
        names = {int(one.user_id): one.name for one in colleagues}
        self._session.read(self, views.entry_ids, done=lambda ids: self.log.present(ids, names))

    def _fetch(self, page: int, ids: "array[int]") -> None:
        def fill(rows: tuple[views.EntryRow, ...]) -> None:
            self.log.table.fill(page, ids, rows, lambda row: row.id)

        self._session.read(self, views.entry_rows, ids, done=fill)

    def _verify(self) -> None:
        desk = self._session.desk

        def verify() -> Verdict:
            return desk.read(views.verdict, remembered(desk.office.folder))

        self.log.show_verifying()
        self._session.tasks.start(
            self, verify, done=self.log.show_verdict, failed=self._on_not_verified
        )

    def _on_not_verified(self, error: Exception) -> None:
        self.log.show_verdict(None)
        self._session.notices.error(error)
