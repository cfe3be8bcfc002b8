"""What an edit of the calendar would do: what was promised for a time that it closes, and the open
cases that it would move; then the reason."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout

from desk_app.cases.calendar_edits.pages import ClosedPromise, EditEffect, MovedDeadline
from ui.controls import Card, TextArea, button, label, labelled, line
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel, without_mnemonic
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"case": 130, "deadline": 200, "old": 220, "new": 220}
_LINES_SHOWN = 5


class EditPreview(Panel):
    """Emits `confirmed` with the reason, `cancelled`, and `week_chosen` where a file's weekly
    hours are to be taken over or not."""

    confirmed = Signal(str)
    cancelled = Signal()
    week_chosen = Signal(bool)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "edit_preview")
        self._zone = zone
        self._effect: EditEffect | None = None
        card = Card(look, "edit_preview_card")
        card.body.addWidget(label(self, "ui_hours.preview", name="edit_preview_title", bold=True))
        self.does = TextArea("edit_does", lines=_LINES_SHOWN)
        self.does.setReadOnly(True)
        self.bind(self.does.setAccessibleName, "ui_hours.preview")
        self.week = QCheckBox()
        self.week.setObjectName("edit_week")
        self.bind(self.week.setText, "ui_hours.take_week")
        self.bind(
            lambda text: self.week.setAccessibleName(without_mnemonic(text)), "ui_hours.take_week"
        )
        self.week.toggled.connect(self.week_chosen)
        self.summary = QLabel()
        self.summary.setObjectName("edit_summary")
        self.summary.setWordWrap(True)
        self.table = RowsTable[MovedDeadline | ClosedPromise](
            tuple(_WIDTHS), self._cell, self._heading
        )
        self.view = RowsView()
        self.view.setObjectName("edit_moved")
        self.bind(self.view.setAccessibleName, "ui_hours.moved")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.reason = line("edit_reason", limit=200)
        self.reason.returnPressed.connect(self._on_confirmed)
        self.confirm = button(self, "edit_confirm", "ui_hours.do_it", kind="primary")
        self.confirm.clicked.connect(self._on_confirmed)
        self.cancel = button(self, "edit_cancel", "ui_hours.cancel")
        self.cancel.clicked.connect(self.cancelled)
        foot = QHBoxLayout()
        foot.addWidget(labelled(self, "ui_hours.reason", self.reason)[0])
        foot.addWidget(self.reason, stretch=1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.confirm)
        for widget in (self.does, self.week, self.summary):
            card.body.addWidget(widget)
        card.body.addWidget(self.view, stretch=1)
        card.body.addLayout(foot)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(card)
        self._layout.addStretch(0)

    def present(self, does: Sequence[str], *, reason: str, week: bool | None) -> None:
        """Show an edit before its effect is known; ``week`` is None where there is no choice."""
        self.say(does)
        self.reason.setText(reason)
        self.week.blockSignals(True)
        self.week.setChecked(bool(week))
        self.week.blockSignals(False)
        self.week.setVisible(week is not None)
        self.show_effect(None)
        self.set_busy(False)

    def say(self, does: Sequence[str]) -> None:
        """A line for each thing that is done, and that isn't."""
        self.does.setPlainText("\n".join(does))
        self.does.set_lines(min(max(len(does), 2), _LINES_SHOWN))

    def show_effect(self, effect: EditEffect | None) -> None:
        """Show what it would move; None while that is being reckoned."""
        self._effect = effect
        self.table.show_rows((*effect.promises, *effect.moved) if effect is not None else ())
        self.view.setVisible(bool(self.table.rows))
        self._layout.setStretch(0, 1 if self.table.rows else 0)
        self._layout.setStretch(1, 0 if self.table.rows else 1)
        self.confirm.setEnabled(effect is not None)
        self._show_summary()

    def set_busy(self, busy: bool) -> None:
        """While the edit is being done."""
        for control in (self.reason, self.week, self.cancel):
            control.setEnabled(not busy)
        self.confirm.setEnabled(not busy and self._effect is not None)

    def enter(self) -> None:
        self.reason.setFocus()
        self.reason.selectAll()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_summary()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel.isEnabled():
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _show_summary(self) -> None:
        words, effect = self.look.words, self._effect
        if effect is None:
            said = [words("ui_hours.reckoning")]
        elif effect.cases:
            said = [words.count("ui_hours.cases_move", effect.cases)]
        else:
            said = [words("ui_hours.no_case_moves")]
        if effect is not None and effect.warnings:
            said.append(words.count("ui_hours.warnings_move", effect.warnings))
        if effect is not None and effect.promises:
            said.append(words.count("ui_hours.promises_closed", len(effect.promises)))
        self.summary.setText("\n".join(said))

    def _on_confirmed(self) -> None:
        if self.confirm.isEnabled():
            self.confirmed.emit(self.reason.text())

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_hours.column_{column}")

    def _cell(self, row: MovedDeadline | ClosedPromise, column: str, role: int) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if column == "case":
            return row.case_number or "–"
        if isinstance(row, ClosedPromise):
            if column == "new":
                return self.look.words("ui_hours.promise_closed")
            at = row.at
        else:
            at = row.new_due_at if column == "new" else row.old_due_at
        if column == "deadline":
            if isinstance(row, ClosedPromise):
                return self.look.words(f"ui_hours.promise.{row.kind}")
            return self.look.words(f"deadlines.kind.{row.kind}")
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")
