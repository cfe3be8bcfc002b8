"""The originals tab: brings the register and the batches together with their use cases."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QVBoxLayout

from desk_app.errors import Refused
from desk_app.people.access import Permission
from desk_app.privacy.originals import service, views
from desk_app.privacy.originals.disposal import service as disposal
from desk_app.privacy.originals.pages import BatchRow, Certificate, Label, OriginalRow
from desk_app.privacy.originals.rules import BatchState, OriginalEntry
from desk_app.privacy.originals.rules import number as number_of
from desk_app.privacy.originals.service import Shown
from desk_app.privacy.provisions import views as provisions
from desk_app.words import Words
from ui.panel import Panel
from ui.people.beside import ask_second
from ui.privacy.originals.batches import Batches
from ui.privacy.originals.register import Register
from ui.save_dialog import ask_where
from ui.session import Session


class OriginalsTab(Panel):
    """Reads both when it is entered and when one of them has changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "originals_tab")
        self._session = session
        self._dialog: QDialog | None = None
        self.register = Register(session.look)
        self.batches = Batches(
            session.look, may_approve=Permission.RETAIN in session.account.permissions
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.register, stretch=3)
        layout.addWidget(self.batches, stretch=2)
        register, batches = self.register, self.batches
        register.wanted.connect(self._read)
        register.entered.connect(self._on_entered)
        register.given_back.connect(self._on_given_back)
        register.taken_out.connect(self._on_taken_out)
        register.drawn_up.connect(self._on_drawn_up)
        register.labels_wanted.connect(self._on_labels)
        batches.approved.connect(partial(self._act, disposal.approve))
        batches.withdrawn.connect(partial(self._act, disposal.withdraw))
        batches.witnessed.connect(partial(self._act, disposal.witness))
        batches.second_wanted.connect(self._on_second_wanted)
        batches.carried_out.connect(self._on_carried_out)
        batches.certificate_wanted.connect(self._on_certificate)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.register.enter()

    def _read(self) -> None:
        self._session.change(
            self,
            service.list_originals,
            Shown(self.register.shown.currentData()),
            text=self.register.looked_for.text(),
            done=self.register.present,
        )
        self._session.read(self, views.batches, done=self.batches.present)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        kinds = {change.kind for change in changes}
        if self.isVisible() and kinds & {"original", "disposal_batch", "hold"}:
            self._read()

    def _on_entered(self, entry: OriginalEntry, number: str) -> None:
        def enter(case_id: int | None) -> None:
            if number and case_id is None:
                self._session.notices.error(Refused("cases.no_such_number"))
                return
            self._session.create(
                self,
                service.register,
                replace(entry, case_id=case_id),
                done=self._on_registered,
            )

        if number:
            self._session.read(self, provisions.case_by_number, number, done=enter)
        else:
            enter(None)

    def _on_registered(self, original_id: int) -> None:
        self._session.notices.say("ui_originals.registered", number=number_of(original_id))
        self.register.entry_saved()

    def _on_given_back(self, rows: tuple[OriginalRow, ...]) -> None:
        (row,) = rows
        self._session.change(
            self, service.give_back, row.id, row.version, on=self.look.language.today()
        )

    def _on_taken_out(self, rows: tuple[OriginalRow, ...]) -> None:
        (row,) = rows
        self._session.change(self, disposal.take_out, row.id, row.version)

    def _on_drawn_up(self, rows: tuple[OriginalRow, ...]) -> None:
        self._session.create(
            self,
            disposal.draw_up,
            tuple(row.id for row in rows),
            done=lambda _id: self._session.notices.say("ui_originals.drawn_up"),
        )

    def _act(self, use_case: Callable[..., Any], batch: BatchRow) -> None:
        self._session.change(self, use_case, batch.id, batch.version)

    def _on_second_wanted(self, batch: BatchRow) -> None:
        """Another officer approves here, or who was there says so, without this one leaving."""
        drawn_up = batch.state is BatchState.DRAWN_UP
        use_case: Callable[..., Any] = disposal.approve if drawn_up else disposal.witness
        self._dialog = ask_second(self._session, self, use_case, batch.id, batch.version)
        self._dialog.finished.connect(lambda _result: self.batches.next_act().setFocus())

    def _on_carried_out(self, batch: BatchRow, on: object, method: str, company: str) -> None:
        self._session.change(
            self, disposal.carry_out, batch.id, batch.version, on=on, method=method, company=company
        )

    def _on_labels(self, rows: tuple[OriginalRow, ...]) -> None:
        desk, words = self._session.desk, Words(self.look.words.language)
        ids = [row.id for row in rows]

        def write(path: Path) -> None:
            from desk_app.privacy.originals import labels  # loads half a second of typesetting

            made: tuple[Label, ...] = desk.perform(service.labels, ids)
            labels.write_pdf(made, path, words)

        self._save("ui_originals.labels_file", write)

    def _on_certificate(self, batch: BatchRow) -> None:
        desk, words = self._session.desk, Words(self.look.words.language)

        def write(path: Path) -> None:
            from desk_app.privacy.originals import certificate

            made: Certificate = desk.perform(disposal.open_certificate, batch.id)
            certificate.write_pdf(made, path, words)

        self._save("ui_originals.certificate_file", write)

    def _save(self, what: str, write: Callable[[Path], None]) -> None:
        """Ask for a file, have its entry in the log committed, then write it."""

        def start(path: Path) -> None:
            self._session.tasks.start(
                self,
                lambda: write(path),
                lane="change",
                done=lambda _none: self._session.notices.say("ui_reports.written", file=path),
            )

        ask_where(
            self,
            what=self.look.words(what),
            kind=self.look.words("ui_reports.form_pdf"),
            suffix="pdf",
            done=start,
            failed=self._session.notices.error,
        )
