"""The comparison of calls and recordings at this window: run, watched, and shown as a tab."""

from typing import Any, Self

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout

from desk_app.cases import views as cases
from desk_app.errors import DeskError
from desk_app.people.access import Permission
from desk_app.recordings.reconciliation import service, views
from desk_app.recordings.reconciliation.pages import FindingsPage
from ui.panel import Panel
from ui.recordings.findings import FindingsPanel
from ui.session import Session
from ui.tasks import Report


class Comparison(QObject):
    """Runs one comparison at a time for a signed-in person; a child of the session.

    ``progress`` carries the share that is done, ``ended`` follows however it ended.
    """

    progress = Signal(float)
    ended = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.share: float | None = None
        """How much is done; None while nothing runs."""

    @classmethod
    def of(cls, session: Session) -> Self:
        """The one of this session."""
        return session.findChild(cls) or cls(session)

    def start(self, *, again: bool = False) -> None:
        """Compare what is due; ``again``: also what was looked at today already."""
        session = self._session
        may = Permission.FINISH_CALL in session.account.permissions
        if self.share is not None or not may or self._is_over():
            return
        self._tell(0.0)
        job = session.tasks.start_reporting(
            self,
            lambda report: self._run(report, again=again),
            done=lambda _none: self._end(),
            failed=self._on_failed,
        )
        job.progress.connect(self._tell)

    def _run(self, report: Report, *, again: bool) -> None:
        """On a worker."""
        try:
            self._session.desk.recordings.compare(
                tell=report, is_stopped=self._is_over, again=again
            )
        except DeskError:
            if not self._is_over():  # locked or left meanwhile: the next one goes on from here
                raise

    def _is_over(self) -> bool:
        desk = self._session.desk
        return desk.is_locked or desk not in desk.office.desks

    def _tell(self, share: float) -> None:
        self.share = share
        self.progress.emit(share)

    def _end(self) -> None:
        self.share = None
        self.ended.emit()

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self._session.unless_locked(error)


class FindingsTab(Panel):
    """Reads the findings when it is entered and whenever one has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "findings_tab")
        self._session = session
        self._comparison = Comparison.of(session)
        self.findings = FindingsPanel(session.look, zone=session.zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.findings)
        self.findings.filter_changed.connect(lambda _settled: self._read())
        self.findings.compare_wanted.connect(lambda: self._comparison.start(again=True))
        self.findings.case_wanted.connect(self._on_case_wanted)
        self.findings.settled.connect(self._on_settled)
        self._comparison.progress.connect(self.findings.show_progress)
        self._comparison.ended.connect(self._on_ended)
        self.findings.show_progress(self._comparison.share)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.findings.enter()

    def _read(self) -> None:
        settled = self.findings.shows_settled

        def done(page: FindingsPage) -> None:
            if settled == self.findings.shows_settled:
                self.findings.present(page)

        self._session.change(
            self,
            service.list_findings,
            settled=settled,
            done=done,
            failed=self._session.unless_locked,
        )
        self._session.read(self, views.standing, done=self.findings.show_standing)

    def _on_ended(self) -> None:
        self.findings.show_progress(None)
        self._read_if_shown()

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        is_running = self._comparison.share is not None  # read once, when it has ended
        if not is_running and any(change.kind == "recording_finding" for change in changes):
            self._read_if_shown()

    def _read_if_shown(self) -> None:
        if self.isVisible() and not self._session.desk.is_locked:
            self._read()

    def _on_case_wanted(self, contact_id: int, number: str) -> None:
        def found(case_id: int | None) -> None:
            if case_id is None:
                self._session.notices.say("ui_recordings.no_case", tone="info", number=number)
            else:
                self._session.case_wanted.emit(case_id)

        self._session.read(self, cases.case_of, contact_id, done=found)

    def _on_settled(self, finding_id: int, note: str) -> None:
        self._session.change(self, service.settle, finding_id, note=note)
