"""Legal holds: those that stand, with their reasons; placing another, releasing one."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout

from desk_app.purposes.holds.rules import HeldKind, HoldGround
from ui.controls import Card, button, choice, label, labelled, line
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel, without_mnemonic
from ui.rows_table import RowsTable, RowsView

if TYPE_CHECKING:
    from desk_app.purposes.holds.views import HoldRow

_WIDTHS = {"what": 210, "ground": 160, "reason": 290, "placed": 230, "released": 240}
PLACED_ON = (HeldKind.CUSTOMER, HeldKind.CASE)
"""What is found by the number of a case; the others are placed where they are shown."""


class HoldsPanel(Panel):
    """Emits `placed` (kind, case number, ground, reason), `released` (id, reason) and
    `all_wanted`; shows `HoldRow`s."""

    placed = Signal(str, str, str, str)
    released = Signal(int, str)
    all_wanted = Signal(bool)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "holds")
        self._zone = zone
        self.number = line("holds_number", limit=40)
        self.kind = choice(
            self, "holds_kind", [(one.value, f"erasure.held.{one}") for one in PLACED_ON]
        )
        self.ground = choice(
            self, "holds_ground", [(one.value, f"erasure.ground.{one}") for one in HoldGround]
        )
        for combo in (self.kind, self.ground):
            combo.setMinimumContentsLength(16)
        self.reason = line("holds_reason", limit=500)
        self.place = button(self, "holds_place", "ui_holds.place", icon="lock", kind="primary")
        self.every = QCheckBox()
        self.every.setObjectName("holds_every")
        self.bind(self.every.setText, "ui_holds.every")
        self.bind(
            lambda text: self.every.setAccessibleName(without_mnemonic(text)), "ui_holds.every"
        )
        self.table = RowsTable["HoldRow"](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.hint = label(self, "ui_holds.none", name="holds_none", muted=True, wrap=True)
        self.why = line("holds_why", limit=500)
        self.release = button(self, "holds_release", "ui_holds.release", kind="danger")
        self._lay_out()
        self.place.clicked.connect(self._on_place)
        self.release.clicked.connect(self._on_release)
        self.every.toggled.connect(self.all_wanted)
        for field in (self.number, self.reason, self.why):
            field.textChanged.connect(lambda _text: self._enable())
        self.view.selectionModel().currentRowChanged.connect(lambda _now, _was: self._enable())
        self._enable()

    @property
    def row(self) -> "HoldRow | None":
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def enter(self) -> None:
        self.number.setFocus()

    def present(self, rows: "Sequence[HoldRow]") -> None:
        """Show these holds."""
        self.table.show_rows(rows)
        if rows:
            self.view.setCurrentIndex(self.table.index(0, 0))
        self.stack.setCurrentWidget(self.view if rows else self.hint)
        self._enable()

    def clear(self) -> None:
        """What was typed has been done."""
        for field in (self.number, self.reason, self.why):
            field.clear()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def _enable(self) -> None:
        row = self.row
        self.place.setEnabled(bool(self.number.text().strip() and self.reason.text().strip()))
        self.release.setEnabled(row is not None and row.stands and bool(self.why.text().strip()))

    def _on_place(self) -> None:
        self.placed.emit(
            self.kind.currentData(),
            self.number.text().strip(),
            self.ground.currentData(),
            self.reason.text(),
        )

    def _on_release(self) -> None:
        row = self.row
        if row is not None:
            self.released.emit(row.id, self.why.text())

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_holds.column.{column}")

    def _cell(self, row: "HoldRow", column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        words = self.look.words
        match column:
            case "what":
                return words(f"erasure.held_named.{row.kind}", name=row.name or "–")
            case "ground":
                return words(f"erasure.ground.{row.ground}")
            case "reason":
                return row.reason
            case "placed":
                return f"{self._at(row.placed_at)} {row.placed_by}"
        if row.released_at is None:
            return ""
        return f"{self._at(row.released_at)} {row.release_reason}"

    def _at(self, at: datetime) -> str:
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")

    def _lay_out(self) -> None:
        card = Card(self.look, "holds_card")
        grid = QGridLayout()
        for column, pair in enumerate(
            (
                labelled(self, "ui_erasures.case_number", self.number),
                labelled(self, "ui_holds.kind", self.kind),
                labelled(self, "ui_holds.ground", self.ground),
                labelled(self, "ui_holds.reason", self.reason),
            )
        ):
            grid.addWidget(pair[0], 0, column)
            grid.addWidget(pair[1], 1, column)
        grid.addWidget(self.place, 1, 4)
        grid.setColumnStretch(3, 1)
        card.body.addLayout(grid)
        self.view.setObjectName("holds_table")
        self.bind(self.view.setAccessibleName, "ui_holds.list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        self.stack.setCurrentWidget(self.hint)
        foot = QHBoxLayout()
        foot.addWidget(self.every)
        foot.addStretch(1)
        for widget in labelled(self, "ui_holds.why", self.why):
            foot.addWidget(widget)
        foot.addWidget(self.release)
        self.why.setMinimumWidth(280)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(card)
        layout.addWidget(self.stack, stretch=1)
        layout.addLayout(foot)
