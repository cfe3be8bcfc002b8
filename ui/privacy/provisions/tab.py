"""The provisions tab: brings its views together with the use cases."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QStackedLayout

from desk_app.errors import Refused
from desk_app.privacy.provisions import service, views
from desk_app.privacy.provisions.pages import (
    HandedOver,
    HandOverPage,
    Judged,
    ProvisionRow,
    ReceiptRow,
)
from desk_app.privacy.provisions.rules import Means, Wanted
from desk_app.privacy.provisions.service import ReceiptForm
from desk_app.privacy.provisions.writing import FileForm, check_sealing, write_file
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.words import Words
from ui.panel import Panel
from ui.privacy.provisions.hand_over import HandOverView, HandOverWanted
from ui.privacy.provisions.overview import ProvisionsOverview, Record
from ui.privacy.provisions.receipt import ReceiptView
from ui.save_dialog import ask_where
from ui.session import Session


class ProvisionsTab(Panel):
    """The list, and over it a hand-over or a receipt while one is being entered."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "provisions_tab")
        self._session = session
        self.overview = ProvisionsOverview(session.look, zone=session.zone)
        self.hand_over = HandOverView(session.look)
        self.receipt = ReceiptView(session.look)
        self._stack = QStackedLayout(self)
        for panel in (self.overview, self.hand_over, self.receipt):
            self._stack.addWidget(panel)
        self.overview.hand_over_wanted.connect(partial(self._find, self.begin))
        self.overview.receipt_wanted.connect(partial(self._find, self.begin_receipt))
        self.overview.opened.connect(self._open)
        self.overview.not_left.connect(self._on_not_left)
        self.hand_over.changed.connect(self._judge)
        self.hand_over.wanted.connect(self._on_wanted)
        self.hand_over.revealed.connect(self._on_revealed)
        self.hand_over.told.connect(self._on_told)
        self.hand_over.closed.connect(self.show_list)
        self.receipt.wanted.connect(self._on_receipt)
        self.receipt.closed.connect(self.show_list)
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        shown = self._stack.currentWidget()
        if shown is self.overview:
            self._read()
        if isinstance(shown, Panel):
            shown.enter()

    def begin(self, case_id: int) -> None:
        """Hand over what belongs to a case; the opening is audited."""
        self._session.change(
            self, service.open_hand_over, case_id, done=partial(self._show, self.hand_over)
        )

    def begin_receipt(self, case_id: int) -> None:
        """Enter what others gave us of a case's customer."""
        self._session.change(
            self, service.open_hand_over, case_id, done=partial(self._show, self.receipt)
        )

    def show_list(self) -> None:
        """Back to the list; what was typed is forgotten."""
        self._stack.setCurrentWidget(self.overview)
        self.enter()

    def _show(self, panel: HandOverView | ReceiptView, page: HandOverPage) -> None:
        self._stack.setCurrentWidget(panel)
        panel.present(page)
        panel.enter()

    def _read(self) -> None:
        def given(rows: tuple[ProvisionRow, ...]) -> None:
            self._session.read(self, views.receipts, done=partial(self.overview.present, rows))

        self._session.read(self, views.provisions, done=given)

    def _on_changed(self, changes: tuple[Any, ...]) -> None:
        kinds = {change.kind for change in changes}
        if not self.isVisible():
            return
        if kinds & {"provision", "receipt"} and self._stack.currentWidget() is self.overview:
            self._read()
        if kinds & {"recipient", "customer"} and self._stack.currentWidget() is self.hand_over:
            self._judge()

    def _find(self, begin: Any, number: str) -> None:
        def found(case_id: int | None) -> None:
            if case_id is None:
                self._session.notices.error(Refused("cases.no_such_number"))
            else:
                begin(case_id)

        self._session.read(self, views.case_by_number, number, done=found)

    def _open(self, row: ProvisionRow | ReceiptRow) -> None:
        opens: Callable[..., Record] = (
            service.open_provision if isinstance(row, ProvisionRow) else service.open_receipt
        )
        self._session.change(
            self, opens, row.id, purpose=USUAL_PURPOSE, done=self.overview.show_record
        )

    def _on_not_left(self, provision_id: int) -> None:
        self.overview.show_record(None)
        self._session.change(self, service.nothing_left, provision_id)

    # Handing over

    def _judge(self) -> None:
        wanted, customer_id = self.hand_over.chosen(), self.hand_over.customer_id
        if wanted is None or customer_id is None:
            self.hand_over.judge(None)
            return
        kind = self.hand_over.record_kind

        def judged(found: Judged) -> None:
            if self.hand_over.chosen() == wanted and self.hand_over.record_kind is kind:
                self.hand_over.judge(found)

        self._session.read(self, views.verdict, customer_id, wanted, kind=kind, done=judged)

    def _on_revealed(self, wanted: Wanted) -> None:
        """Open it once more, on the legal ground that was chosen."""
        case_id = self.hand_over.case_id
        if case_id is not None:
            self._session.change(
                self,
                service.open_hand_over,
                case_id,
                ground=wanted.ground,
                reference=wanted.reference,
                done=self.hand_over.show_values,
            )

    def _on_told(self) -> None:
        wanted, customer_id = self.hand_over.chosen(), self.hand_over.customer_id
        if wanted is not None and customer_id is not None:
            self._session.change(
                self,
                service.tell_of_country,
                customer_id,
                wanted=wanted,
                done=lambda _id: self._judge(),
            )

    def _on_wanted(self, wanted: HandOverWanted) -> None:
        if wanted.means is not Means.FILE:
            self._hand_over(wanted, None)
            return
        try:
            check_sealing(
                wanted.public_key, wanted.passphrase, recipient_name=wanted.recipient_name
            )
        except Refused as refused:
            self._session.notices.error(refused)
            return
        self._choose_place(wanted)

    def _choose_place(self, wanted: HandOverWanted) -> None:
        """Ask for a file; its proposed name says what and when, never whose or for whom."""
        ask_where(
            self,
            what=self.look.words("ui_provisions.file_name"),
            kind=self.look.words("ui_provisions.file_kind"),
            suffix="age",
            done=partial(self._hand_over, wanted),
            failed=self._session.notices.error,
        )

    def _hand_over(self, wanted: HandOverWanted, path: Path | None) -> None:
        """Enter it, then write the file; if that fails, nothing has left, and that is entered."""
        self.hand_over.start.setEnabled(False)
        self._session.change(
            self,
            service.hand_over,
            customer_id=wanted.customer_id,
            case_id=wanted.case_id,
            wanted=wanted.wanted,
            shown=wanted.shown,
            means=wanted.means,
            keeping=wanted.keeping,
            done=partial(self._on_handed_over, wanted, path),
            failed=partial(self._on_refused, wanted.case_id),
        )

    def _on_refused(self, case_id: int | None, error: Exception) -> None:
        self._session.notices.error(error)
        changed = isinstance(error, Refused) and error.code == "provisions.changed_since_shown"
        if changed and case_id is not None:
            self.begin(case_id)
        else:
            self._judge()

    def _on_handed_over(
        self, wanted: HandOverWanted, path: Path | None, handed: HandedOver
    ) -> None:
        if path is None:
            self._session.notices.say("ui_provisions.done", number=handed.provision_id)
            self.show_list()
            return
        words: Words = self.look.words

        def write() -> None:
            write_file(
                handed,
                path,
                Words(words.language),
                form=FileForm(wanted.form),
                passphrase=wanted.passphrase,
            )

        def failed(error: Exception) -> None:
            self._session.notices.error(error)
            self._session.surely(service.nothing_left, handed.provision_id)
            self._judge()

        self._session.tasks.start(
            self,
            write,
            done=lambda _none: self._on_written(path),
            failed=failed,
        )

    def _on_written(self, path: Path) -> None:
        self._session.notices.say("ui_reports.written", file=path)
        self.show_list()

    def _on_receipt(self, case_id: int, form: ReceiptForm) -> None:
        self._session.create(
            self,
            service.enter_receipt,
            case_id,
            form,
            done=lambda _id: self._on_received(),
        )

    def _on_received(self) -> None:
        self._session.notices.say("ui_provisions.receipt_saved")
        self.show_list()
