"""The tab of erasures: reads when it is entered and when something changed, and has it done."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog, QVBoxLayout

from ui.panel import Panel
from ui.people.beside import ask_second
from ui.places import Place
from ui.privacy.erasures.panel import ErasuresPanel
from ui.privacy.running import Runner
from ui.save_dialog import ask_where
from ui.session import Session

if TYPE_CHECKING:
    from desk_app.desk.erasing import Ran
    from desk_app.privacy.erasure.views import Wanted

_KINDS = frozenset({"erasure", "hold", "tombstone", "recording_copy"})


class ErasuresTab(Panel):
    """One run at a time; it goes on when the page is left, and ends with the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "erasures_tab")
        self._session = session
        self._may_erase = "hold_and_erase" in session.account.permissions
        self._dialog: QDialog | None = None
        self.panel = ErasuresPanel(session.look, zone=session.zone, may_erase=self._may_erase)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        panel = self.panel
        self._runner = Runner(session, self, show=panel.show_progress, read=self._read)
        panel.look_wanted.connect(self._on_look_wanted)
        panel.case_wanted.connect(session.case_wanted)
        panel.holds_wanted.connect(lambda: session.place_wanted.emit(Place("privacy", "holds")))
        panel.asked.connect(self._on_asked)
        panel.approved.connect(self._on_approved)
        panel.second_wanted.connect(self._on_second_wanted)
        panel.withdrawn.connect(self._on_withdrawn)
        panel.run_wanted.connect(self._on_run_wanted)
        panel.running.stop_wanted.connect(self._runner.stop)
        panel.given_up.connect(self._on_given_up)
        panel.save_wanted.connect(lambda _id: self._on_save_wanted(paper=False))
        panel.print_wanted.connect(lambda _id: self._on_save_wanted(paper=True))
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.panel.enter()

    def go_to(self, number: str) -> None:
        """Look at what erasing on this case's request would do."""
        self.panel.number.setText(number)
        self.panel.look_wanted.emit(number)

    def retire(self) -> None:
        self._runner.stop()
        super().retire()

    def _read(self) -> None:
        from desk_app.privacy.erasure import views

        self._session.read(self, views.erasures, done=self.panel.present)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        if self.isVisible() and any(change.kind in _KINDS for change in changes):
            self._read()

    def _on_look_wanted(self, number: str) -> None:
        from desk_app.privacy.erasure import views

        def judge(who: "Wanted") -> None:
            self._session.change(
                self,
                views.verdict,
                who.customer_id,
                request_id=who.request_id,
                done=self.panel.show_verdict,
            )

        self._session.read(self, views.wanted, number, done=judge)

    def _on_asked(self, customer_id: int, request_id: int | None) -> None:
        from desk_app.privacy.erasure import service

        self._session.create(
            self,
            service.ask_for_erasure,
            customer_id=customer_id,
            request_id=request_id,
            done=lambda _id: self.panel.show_verdict(None),
        )

    def _on_approved(self, erasure_id: int) -> None:
        from desk_app.privacy.erasure import service

        self._session.change(self, service.approve_erasure, erasure_id)

    def _on_withdrawn(self, erasure_id: int) -> None:
        from desk_app.privacy.erasure import service

        self._session.change(self, service.withdraw_erasure, erasure_id)

    def _on_given_up(self, erasure_id: int, desk_id: str) -> None:
        from desk_app.privacy.erasure import service

        self._session.change(self, service.give_up_desk, erasure_id, desk_id)

    def _on_second_wanted(self, erasure_id: int) -> None:
        from desk_app.privacy.erasure import service

        self._dialog = ask_second(self._session, self, service.approve_erasure, erasure_id)

    def _on_run_wanted(self, erasure_id: int) -> None:
        def finished(ran: "Ran") -> str | None:
            return None if ran.certificate is None else "ui_erasures.certified"

        self._runner.start(self._session.desk.erasing.run, erasure_id, finished=finished)

    def _on_save_wanted(self, *, paper: bool) -> None:
        row = self.panel.row
        if row is None or row.certificate is None:
            return
        words = self.look.words
        ask_where(
            self,
            what=words("ui_erasures.certificate_file", number=row.id),
            kind=words("ui_erasures.kind_paper" if paper else "ui_erasures.kind_file"),
            suffix="pdf" if paper else "json",
            done=lambda path: self.save_to(row.id, path, paper=paper),
            failed=self._session.unless_locked,
        )

    def save_to(self, erasure_id: int, path: Path, *, paper: bool) -> None:
        """Write the certificate: the file that is verified, or the paper."""
        from desk_app.privacy.erasure import service

        words, zone, desk = self.look.words, self._session.zone, self._session.desk

        def write() -> None:
            from desk_app.privacy.erasure.paper import write_certificate

            certificate = desk.perform(service.open_certificate, erasure_id)
            write_certificate(certificate, path, words=words, zone=zone, paper=paper)

        self._session.tasks.start(
            self, write, done=lambda _none: self._session.notices.say("ui_erasures.saved")
        )
