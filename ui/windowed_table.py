"""A list of any length: ids are held, rows are fetched page by page as they come into
view, and forgotten again. A million rows cost eight megabytes of ids and 64 pages of rows.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Generic, TypeVar

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

PAGE_ROWS = 128
KEPT_PAGES = 64

Row = TypeVar("Row")
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class WindowedTable(QAbstractTableModel, Generic[Row]):
    """Rows known by id. Emits `page_wanted` with a page's number and ids the first time one of
    its rows is shown; `fill` brings the rows. A row that has not come yet shows as empty.
    """

    page_wanted = Signal(int, object)

    def __init__(
        self,
        columns: Sequence[str],
        cell: Callable[[Row, str, int], object],
        heading: Callable[[str], str],
    ) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._cell = cell
        self._heading = heading
        self._ids: array[int] = array("q")
        self._pages: OrderedDict[int, list[Row | None]] = OrderedDict()
        self._asked: set[int] = set()

    def show_ids(self, ids: "array[int]") -> None:
        """Show these rows in this order; they are fetched anew."""
        self.beginResetModel()
        self._ids = ids
        self._pages.clear()
        self._asked.clear()
        self.endResetModel()

    def fill(
        self, page: int, ids: "array[int]", rows: Sequence[Row], key: Callable[[Row], int]
    ) -> None:
        """Rows for a page; dropped if the list has moved on since they were asked for."""
        if self.page_ids(page) != ids:
            return
        self._asked.discard(page)
        by_id = {key(row): row for row in rows}
        self._pages[page] = [by_id.get(id) for id in ids]
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        first = page * PAGE_ROWS
        self.dataChanged.emit(
            self.index(first, 0), self.index(first + len(ids) - 1, len(self.columns) - 1)
        )

    def page_ids(self, page: int) -> "array[int]":
        return self._ids[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]

    def id_at(self, row: int) -> int | None:
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def rows_of(self, ids: Collection[int]) -> dict[int, int]:
        """Where rows stand now, by id; without those that aren't in the list. As fast for a
        thousand as for one: the list is passed once."""
        if not self._ids or not ids:
            return {}
        held = np.frombuffer(self._ids, np.int64)
        rows = np.flatnonzero(np.isin(held, sorted(ids)))
        return dict(zip(held[rows].tolist(), rows.tolist(), strict=True))

    def row_at(self, row: int) -> Row | None:
        page, place = divmod(row, PAGE_ROWS)
        if page not in self._pages:
            self._want(page)
        rows = self._pages.get(page)  # an answer may have come at once
        if rows is None:
            return None
        self._pages.move_to_end(page)
        return rows[place] if place < len(rows) else None

    def _want(self, page: int) -> None:
        if page not in self._asked:
            self._asked.add(page)
            self.page_wanted.emit(page, self.page_ids(page))

    def refresh_headings(self) -> None:
        """The language has changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        if self._ids:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._ids) - 1, len(self.columns) - 1)
            )

    # Qt's side

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or role == Qt.ItemDataRole.SizeHintRole:
            return None
        row = self.row_at(index.row())
        if row is None:
            return None
        return self._cell(row, self.columns[index.column()], role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heading(self.columns[section])
        return None
