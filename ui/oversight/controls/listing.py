"""The controls of some kinds: the list at the left, the chosen one at the right."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QStackedWidget, QVBoxLayout, QWidget

from desk_app.people.views import Colleague
from desk_app.privacy.controls.pages import ControlPage, ControlRow
from desk_app.privacy.controls.rules import ControlKind, ControlState
from desk_app.privacy.inspections.views import SamplePage
from ui.controls import button, label
from ui.frames import set_up_list
from ui.look import Look
from ui.oversight.controls.detail import Detail
from ui.oversight.controls.planning import Planning
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"planned_on": 126, "subject": 150, "state": 158}


class ControlsPanel(Panel):
    """``more`` is a further act of the tab, and what it opens stands above the list."""

    chosen = Signal(int)

    def __init__(
        self,
        look: Look,
        name: str,
        kinds: Sequence[ControlKind],
        *,
        zone: object,
        more: tuple[str, QWidget],
    ) -> None:
        super().__init__(look, name)
        self.kinds = tuple(kinds)
        self.table = RowsTable[ControlRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName(f"{name}_table")
        self.bind(self.view.setAccessibleName, f"ui_oversight.tab_{name}")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(_WIDTHS).index("subject"), QHeaderView.ResizeMode.Stretch)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setFixedWidth(450)
        self.plan = button(self, f"{name}_plan", "ui_oversight.plan_new", icon="plus")
        key, self.further = more
        self.more = button(self, f"{name}_more", key, icon="file-text")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._on_more)
        self.planning = Planning(look, kinds)
        self.planning.closed.connect(self.close_planning)
        self.detail = Detail(look, zone=zone)  # type: ignore[arg-type]
        self.hint = label(self, f"ui_oversight.{name}_none", name=f"{name}_none", muted=True)
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.right = QStackedWidget()
        self.right.addWidget(self.hint)
        self.right.addWidget(QWidget())  # until the chosen one is there
        self.right.addWidget(self.detail)
        bar = QHBoxLayout()
        bar.addWidget(self.plan)
        bar.addWidget(self.more)
        bar.addStretch(1)
        self._controls = QWidget()
        body = QHBoxLayout(self._controls)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self.view)
        body.addWidget(self.right, 1)
        self.stack = QStackedWidget()  # one at a time: nothing has to be scrolled
        for part in (self._controls, self.planning, self.further):
            self.stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.stack, 1)
        self.view.selectionModel().currentRowChanged.connect(self._on_row_changed)

    def present(self, rows: Sequence[ControlRow]) -> None:
        """Show these; the chosen one stays chosen."""
        kept = self.selected()
        self.table.show_rows(rows)
        at = next((n for n, row in enumerate(rows) if row.id == kept), 0)
        if rows:
            self.view.setCurrentIndex(self.table.index(at, 0))
        self.view.setVisible(bool(rows))
        if not rows:
            self.right.setCurrentWidget(self.hint)
        elif self.right.currentWidget() is self.hint:
            self.right.setCurrentIndex(1)

    def present_one(
        self,
        page: ControlPage,
        sample: SamplePage | None,
        colleagues: Sequence[Colleague],
        today: date,
    ) -> None:
        """Show all of one at the right."""
        self.detail.present(page, sample, colleagues, today)
        self.right.setCurrentWidget(self.detail)

    def show_planning(self) -> None:
        """In the place of the list, until it is closed."""
        self.more.setChecked(False)
        self.stack.setCurrentWidget(self.planning)
        self.planning.enter()

    def close_planning(self) -> None:
        self.stack.setCurrentWidget(self._controls)
        self.enter()

    def _on_more(self, wanted: bool) -> None:
        self.stack.setCurrentWidget(self.further if wanted else self._controls)

    def choose(self, control_id: int) -> None:
        for at, row in enumerate(self.table.rows):
            if row.id == control_id:
                self.view.setCurrentIndex(self.table.index(at, 0))

    def selected(self) -> int:
        """The id of the chosen one; 0 if none is."""
        at = self.view.currentIndex().row()
        return self.table.rows[at].id if 0 <= at < len(self.table.rows) else 0

    def enter(self) -> None:
        (self.view if self.table.rows else self.plan).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def _on_row_changed(self, *_rows: object) -> None:
        if self.selected():
            self.chosen.emit(self.selected())

    def _heading(self, column: str) -> str:
        return self.look.words(f"controls.{column}")

    def _cell(self, row: ControlRow, column: str, role: int) -> object:
        colours = self.look.theme.colours
        if role == Qt.ItemDataRole.ForegroundRole and row.is_late and column == "planned_on":
            return QColor(colours.danger)
        if role == Qt.ItemDataRole.ForegroundRole and row.state is ControlState.REPORTED:
            return QColor(colours.accent) if column == "state" else None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "planned_on":
                return self.look.language.day(row.held_on or row.planned_on, "day_and_year")
            case "subject":
                return row.subject or words(f"controls.kind.{row.kind}")
            case _:
                return words(f"controls.state.{row.state}")
