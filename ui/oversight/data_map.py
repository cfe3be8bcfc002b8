"""The data map: each column that holds personal data, and what the rights do with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout

from desk_app.privacy.data_map import views
from desk_app.privacy.data_map.columns import MappedColumn
from desk_app.privacy.data_map.rules import Whose
from ui.controls import label
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView
from ui.session import Session

_WIDTHS = {"table": 200, "column": 240, "class": 120, "whose": 90, "disclosed": 200, "erased": 240}


class DataMap(Panel):
    """Shows the columns, ordered by table."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "data_map")
        self.table = RowsTable[MappedColumn](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("data_map_table")
        self.bind(self.view.setAccessibleName, "ui_oversight.tab_data_map")
        self.view.setModel(self.table)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(label(self, "ui_oversight.data_map_hint", muted=True, wrap=True))
        layout.addWidget(self.view, stretch=1)

    def present(self, columns: Sequence[MappedColumn]) -> None:
        """Show these columns."""
        self.table.show_rows(columns)
        if columns:
            self.view.setCurrentIndex(self.table.index(0, 0))

    def enter(self) -> None:
        self.view.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_oversight.data_map_{column}")

    def _cell(self, row: MappedColumn, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ToolTipRole and column == "column":
            return f"{row.table}.{row.column}"  # as it is called in the database
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words, handled = self.look.words, row.handled
        match column:
            case "table":
                return words(f"privacy.table.{row.table}")
            case "column":
                return words(f"privacy.column.{row.column}")
            case "class":
                return words(f"privacy.class.{row.data_class}")
            case "whose":
                return words(f"privacy.whose.{handled.whose}")
            case "disclosed" if handled.disclosed is not None:
                return words(f"privacy.section.{handled.disclosed}")
            case "disclosed":
                return words(f"privacy.why.{handled.why}")
            case _ if handled.whose is Whose.CUSTOMER and handled.disclosed and handled.why:
                return f"{words(f'privacy.erased.{handled.erased}')} – " + words(
                    f"privacy.why.{handled.why}"
                )
            case _:
                return words(f"privacy.erased.{handled.erased}")


class DataMapTab(DataMap):
    """The map of this version, read when it is first shown."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look)
        self._session = session

    def enter(self) -> None:
        if not self.table.rows:
            self._session.read(self, views.data_map, done=self.present)
        super().enter()
