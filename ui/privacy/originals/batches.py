"""Batches for disposal: what each waits for, and the act that comes next."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QApplication, QDateEdit, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.privacy.originals.keeping import methods
from desk_app.privacy.originals.pages import BatchRow
from desk_app.privacy.originals.rules import BatchState
from ui.controls import (
    Card,
    add_all,
    button,
    choice,
    keep_muted,
    label,
    labelled,
    line,
    show_moments,
)
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"batch": 70, "state": 210, "count": 80, "drawn_up": 190, "approved": 190, "done": 380}


class Batches(Panel):
    """Emits what is done to the current batch: `approved`, `withdrawn`, `witnessed`,
    `certificate_wanted` and `second_wanted` (somebody else approves or witnesses it here) with it;
    `carried_out` with it, the day, the method and the company."""

    approved = Signal(object)
    withdrawn = Signal(object)
    witnessed = Signal(object)
    certificate_wanted = Signal(object)
    second_wanted = Signal(object)
    carried_out = Signal(object, object, str, str)

    def __init__(self, look: Look, *, may_approve: bool) -> None:
        super().__init__(look, "batches")
        self._may_approve = may_approve
        self.table = RowsTable[BatchRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("batches_table")
        self.bind(self.view.setAccessibleName, "ui_originals.batches")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_acts())
        self.approve = button(
            self, "batch_approve", "ui_originals.approve", icon="check", kind="primary"
        )
        self.withdraw = button(self, "batch_withdraw", "ui_originals.withdraw", icon="x")
        self.witness = button(
            self, "batch_witness", "ui_originals.witness", icon="eye", kind="primary"
        )
        self.second = button(self, "batch_second", "ui_originals.second", kind="quiet")
        self.certificate = button(
            self, "batch_certificate", "ui_originals.certificate", icon="printer"
        )
        for act, told in (
            (self.approve, self.approved),
            (self.withdraw, self.withdrawn),
            (self.witness, self.witnessed),
            (self.certificate, self.certificate_wanted),
            (self.second, self.second_wanted),
        ):
            act.clicked.connect(lambda _checked=False, told=told: told.emit(self.current()))
        self.waits = QLabel()
        self.waits.setObjectName("batch_waits")
        self.waits.setWordWrap(True)
        keep_muted(self, self.waits)
        self._make_form()
        self._lay_out()
        self._show_acts()

    def present(self, rows: Sequence[BatchRow]) -> None:
        """Show these batches; the current one stays so."""
        current, focused = self.current(), QApplication.focusWidget()
        self.table.show_rows(rows)
        ids = [row.id for row in rows]
        if ids:
            at = ids.index(current.id) if current is not None and current.id in ids else 0
            self.view.setCurrentIndex(self.table.index(at, 0))
        self.setVisible(bool(rows))
        self._show_acts()
        if focused is not None and self.isAncestorOf(focused) and not focused.isVisible():
            self.next_act().setFocus()

    def next_act(self) -> QWidget:
        """Where the current batch goes on."""
        acts = (self.approve, self.done, self.witness, self.second, self.certificate)
        return next((one for one in acts if one.isVisible()), self.view)

    def current(self) -> BatchRow | None:
        """The batch that acts are done to."""
        index = self.view.currentIndex()
        return self.table.rows[index.row()] if index.isValid() else None

    def enter(self) -> None:
        self.view.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_acts()

    def _make_form(self) -> None:
        self.day = QDateEdit()
        self.day.setObjectName("batch_day")
        self.day.setCalendarPopup(True)
        show_moments(self, self.day, "ui_times.date_entry")
        self.method = choice(
            self,
            "batch_method",
            [(one, f"originals.method.{one}") for one in methods()],
            shorten=True,
        )
        self.method.setMinimumContentsLength(10)
        self.company = line("batch_company", limit=120)
        self.done = button(
            self, "batch_carried_out", "ui_originals.carried_out", icon="check", kind="primary"
        )
        self.done.clicked.connect(self._on_done)
        self.form = Card(self.look, "batch_form")
        row = QHBoxLayout()
        for key, field in (
            ("ui_originals.day", self.day),
            ("ui_originals.method", self.method),
            ("ui_originals.company", self.company),
        ):
            add_all(row, *labelled(self, key, field))
        row.addWidget(self.done)
        self.form.body.addLayout(row)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_originals.batches", name="batches_title", bold=True))
        head.addWidget(self.waits, 1)
        add_all(head, self.approve, self.witness, self.second, self.certificate, self.withdraw)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.form)
        layout.addWidget(self.view, stretch=1)

    def _show_acts(self) -> None:
        current = self.current()
        state = None if current is None else current.state
        drawn_up, done = state is BatchState.DRAWN_UP, state is BatchState.CARRIED_OUT
        own = current is not None and current.is_own
        own_deed = current is not None and current.is_own_deed
        self.approve.setVisible(drawn_up and self._may_approve and not own)
        self.withdraw.setVisible(state in (BatchState.DRAWN_UP, BatchState.APPROVED))
        self.witness.setVisible(done and not own_deed)
        waits = (
            "waits_approval"
            if drawn_up and self.approve.isHidden()
            else "waits_witness"
            if done and own_deed
            else None
        )
        self.second.setVisible(waits is not None)
        self.waits.setText("" if waits is None else self.look.words(f"ui_originals.{waits}"))
        self.certificate.setVisible(state is BatchState.WITNESSED)
        is_to_be_done = state is BatchState.APPROVED
        if is_to_be_done and not self.form.isVisibleTo(self):
            today = self.look.language.today()
            self.day.setMaximumDate(QDate(today.year, today.month, today.day))
            self.day.setDate(self.day.maximumDate())
        self.form.setVisible(is_to_be_done)

    def _on_done(self) -> None:
        day = self.day.date()
        self.carried_out.emit(
            self.current(),
            date(day.year(), day.month(), day.day()),
            self.method.currentData(),
            self.company.text(),
        )

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_originals.batch_{column}")

    def _cell(self, row: BatchRow, column: str, role: int) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self.look.words
        match column:
            case "batch":
                return str(row.id)
            case "state":
                return words(f"originals.batch_state.{row.state}")
            case "count":
                return words.count("originals.count", row.count)
            case "drawn_up":
                return row.drawn_up_by
            case "approved":
                return row.approved_by or ""
            case _:
                return self._done(row)

    def _done(self, row: BatchRow) -> str:
        if row.disposed_on is None or row.method is None:
            return ""
        said = [
            self.look.language.day(row.disposed_on),
            self.look.words(f"originals.method.{row.method}"),
            row.company,
            row.carried_out_by or "",
        ]
        if row.witnessed_by:
            said.append(self.look.words("ui_originals.before_witness", name=row.witnessed_by))
        return " · ".join(one for one in said if one)
