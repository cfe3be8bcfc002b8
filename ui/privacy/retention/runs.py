"""Runs: what each waits for, how far it is, and what it removed."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from desk_app.privacy.retention.rules import RunState
from ui.controls import add_all, button, label
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.privacy.running import RunBar
from ui.rows_table import RowsTable, RowsView

if TYPE_CHECKING:
    from desk_app.desk.erasing import Progress
    from desk_app.privacy.retention.pages import RunRow

_WIDTHS = {"number": 60, "state": 230, "kinds": 300, "count": 200, "drawn_up": 220, "approved": 120}
_ENDED = frozenset({RunState.DONE, RunState.WITHDRAWN})


class Runs(Panel):
    """Emits what is wanted of the current run, by its id."""

    approved = Signal(int)
    second_wanted = Signal(int)
    run_wanted = Signal(int)
    withdrawn = Signal(int)
    receipt_wanted = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo, may_run: bool) -> None:
        super().__init__(look, "retention_runs")
        self._zone, self._may_run = zone, may_run
        self.table = RowsTable["RunRow"](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.hint = label(
            self, "ui_retention.no_runs", name="retention_no_runs", muted=True, wrap=True
        )
        self.approve = button(self, "retention_approve", "ui_retention.approve")
        self.second = button(self, "retention_second", "ui_retention.second", kind="quiet")
        self.run = button(self, "retention_run", "ui_retention.run", kind="primary")
        self.withdraw = button(self, "retention_withdraw", "ui_retention.withdraw", kind="quiet")
        self.receipt = button(self, "retention_receipt", "ui_retention.receipt", icon="download")
        self.running = RunBar(
            look, "retention", spoken="ui_retention.progress", stop="ui_retention.stop"
        )
        self._lay_out()
        for control, wanted in (
            (self.approve, self.approved),
            (self.second, self.second_wanted),
            (self.run, self.run_wanted),
            (self.withdraw, self.withdrawn),
        ):
            control.clicked.connect(lambda _checked=False, wanted=wanted: self._emit(wanted))
        self.receipt.clicked.connect(lambda: self._emit(self.receipt_wanted))
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._enable())
        self._enable()

    @property
    def row(self) -> "RunRow | None":
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def enter(self) -> None:
        self.view.setFocus()

    def present(self, rows: "Sequence[RunRow]") -> None:
        """Show these; the current one stays so."""
        current = self.row.id if self.row is not None else None
        self.table.show_rows(rows)
        if rows:
            at = next((n for n, row in enumerate(rows) if row.id == current), 0)
            self.view.setCurrentIndex(self.table.index(at, 0))
        self.stack.setCurrentWidget(self.view if rows else self.hint)
        self._enable()

    def show_progress(self, progress: "Progress | None") -> None:
        """How far the run is; None: none is."""
        self.running.show_progress(progress)
        self._enable()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def _emit(self, wanted: object) -> None:
        row = self.row
        if row is not None:
            wanted.emit(row.id)  # type: ignore[attr-defined]  # a signal

    def _enable(self) -> None:
        row, runs = self.row, self.running.is_running
        state = row.state if row is not None else None
        waits = state is RunState.DRAWN_UP and row is not None
        self.approve.setEnabled(waits and row is not None and not row.is_own)
        self.second.setEnabled(waits and row is not None and row.is_own)
        self.run.setEnabled(state in (RunState.APPROVED, RunState.RUNNING) and not runs)
        self.withdraw.setEnabled(state in (RunState.DRAWN_UP, RunState.APPROVED) and not runs)
        self.receipt.setEnabled(row is not None and row.has_receipt)
        for control in (self.second, self.run, self.withdraw, self.receipt):
            control.setVisible(self._may_run)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_retention.run.{column}")

    def _cell(self, row: "RunRow", column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "number":
                return str(row.id)
            case "state":
                said = words(f"retention.run_state.{row.state}")
                ended = row.ended_at if row.state in _ENDED else None
                return said if ended is None else f"{said} {self._at(ended)}"
            case "kinds":
                return words("retention.and").join(
                    words(f"retention.kind.{kind}") for kind in row.kinds
                )
            case "count":
                if row.state is not RunState.DONE:
                    return words.number(row.count)
                spared = sum(row.spared.values())
                return words("ui_retention.run_done", removed=row.removed, spared=spared)
            case "drawn_up":
                return f"{self._at(row.drawn_up_at)} {row.drawn_up_by}"
            case _:
                return row.approved_by

    def _at(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")

    def _lay_out(self) -> None:
        self.view.setObjectName("retention_runs_table")
        self.bind(self.view.setAccessibleName, "ui_retention.runs")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        self.stack.setCurrentWidget(self.hint)
        foot = QHBoxLayout()
        add_all(foot, self.approve, self.second, self.run, self.withdraw)
        foot.addStretch(1)
        foot.addWidget(self.receipt)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(label(self, "ui_retention.runs", name="retention_runs_title", bold=True))
        layout.addWidget(self.stack, stretch=1)
        layout.addWidget(self.running)
        layout.addLayout(foot)
