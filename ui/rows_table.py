"""A short table whose rows are all known: frozen rows behind Qt's model."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTableView

from ui.controls import plain_tip

Row = TypeVar("Row")
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class RowsTable(QAbstractTableModel, Generic[Row]):
    """``cell(row, column, role)`` says what a cell shows, ``heading(column)`` its column. A tool
    tip is never taken for markup; a cell without one of its own has its text."""

    def __init__(
        self,
        columns: Sequence[str],
        cell: Callable[[Row, str, int], object],
        heading: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._columns, self._cell, self._heading = tuple(columns), cell, heading
        self.rows: Sequence[Row] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def refresh(self) -> None:
        """Words or colours have changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        if self.rows:
            last = self.index(len(self.rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self.rows[index.row()], self._columns[index.column()]
        said = self._cell(row, column, role)
        if role != Qt.ItemDataRole.ToolTipRole:
            return said
        if said is None:  # a cell that is too narrow is read whole
            said = self._cell(row, column, Qt.ItemDataRole.DisplayRole)
        return plain_tip(str(said)) if said else None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        if orientation == Qt.Orientation.Horizontal and role in shown:
            return self._heading(self._columns[section])
        return None


class RowsView(QTableView):
    """Enter does what is done to the current row; emits `chosen`."""

    chosen = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit()
            return
        super().keyPressEvent(event)
