"""The rows of the case list: columns, order, and a selection that outlives being read again."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desk_app.cases.bulk.rules import MOST_CASES
from desk_app.cases.rules import OPEN_STATES
from desk_app.search.pages import CaseListRow, Sort
from desk_app.search.query import Term
from ui.cases.hits_delegate import HitsDelegate
from ui.cases.tones import STATE_TONES
from ui.frames import set_up_list
from ui.look import Look
from ui.placeholders import shown
from ui.windowed_table import WindowedTable

COLUMNS = {
    "number": 118,
    "state": 128,
    "type": 134,
    "subject": 260,
    "customer": 130,
    "assignee": 110,
    "opened": 140,
    "due": 140,
}
_SORTS = {
    "number": Sort.NUMBER,
    "state": Sort.STATE,
    "customer": Sort.CUSTOMER,
    "opened": Sort.OPENED,
    "due": Sort.DUE,
}
_MARKED = ("number", "subject", "customer")
"""Columns in which the words that were searched for are marked."""
_NEIGHBOURS = 64
"""So far around a case that has left the list one that is still there is looked for."""
_SELECT = QItemSelectionModel.SelectionFlag


class CaseTable(QTableView):
    """Emits `opened` with a case's id, `sort_chosen` when a heading was clicked, and
    `selection_changed` when other cases are selected than before; its ``rows`` emit the pages
    they need. Enter opens the current row, wherever the platform would have edited it.
    """

    opened = Signal(int)
    sort_chosen = Signal()
    selection_changed = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.setObjectName("case_table")
        self._look, self._zone, self._now = look, zone, now
        self.sort, self.descending = Sort.OPENED, True
        self._by_callback = self._presenting = False
        self.rows = WindowedTable[CaseListRow](tuple(COLUMNS), self._cell, self._heading)
        self.setModel(self.rows)
        set_up_list(self, COLUMNS.values())
        self._hits = HitsDelegate(look, self)
        for name in _MARKED:
            self.setItemDelegateForColumn(tuple(COLUMNS).index(name), self._hits)
        header = self.horizontalHeader()
        header.setSectionResizeMode(tuple(COLUMNS).index("subject"), QHeaderView.ResizeMode.Stretch)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._on_header_clicked)
        self._show_sort()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.doubleClicked.connect(self._open)

    def order_by(self, sort: Sort, *, descending: bool, by_callback: bool) -> None:
        """Show by what the list is sorted; ``by_callback`` has the column of deadlines show when
        a call back was promised."""
        self.sort, self.descending, self._by_callback = sort, descending, by_callback
        self._show_sort()
        self.rows.refresh_headings()

    def present(self, ids: "array[int]", terms: Sequence[Term], *, again: bool) -> None:
        """Show these cases, with the terms marked.

        What was selected and what was current stays so, as far as it is still listed; in place of
        a current case that isn't, its neighbour is current. If the same list was read ``again``,
        what is on screen stays where it is.
        """
        selected = self.selected_ids()
        current = self._around(self.currentIndex().row(), 1 if not again else _NEIGHBOURS)
        bar, header = self.verticalScrollBar(), self.verticalHeader()
        scrolled = bar.value()
        first = self.rowAt(0) if again and scrolled else -1
        depth = scrolled - header.sectionPosition(first) if first >= 0 else 0
        seen = self._around(first, _NEIGHBOURS)

        self._presenting = True
        self._hits.mark(terms)
        self.rows.show_ids(ids)
        at = self.rows.rows_of({*selected, *current, *seen})
        self.setAutoScroll(not again)
        if ids:
            row = next((at[id] for id in current if id in at), 0)
            self.selectionModel().setCurrentIndex(self.rows.index(row, 0), _SELECT.NoUpdate)
            are_kept = len(selected) <= MOST_CASES
            self._select([at[id] for id in selected if are_kept and id in at] or [row])
        self.setAutoScroll(True)
        if again:
            self.updateGeometries()  # the bar reaches to the end of the new rows
            top = next((id for id in seen if id in at), None)
            bar.setValue(scrolled if top is None else header.sectionPosition(at[top]) + depth)
        self._presenting = False
        if self.selected_ids() != selected:
            self.selection_changed.emit()

    def selected_count(self) -> int:
        """How many rows are selected. By ranges: reading each row takes seconds for a million."""
        ranges = self.selectionModel().selection()
        return sum(ranges.at(n).height() for n in range(ranges.count()))

    def selected_ids(self) -> list[int]:
        """The cases that are selected, in the order of the list; one more than an act on many
        takes tells that there are too many."""
        ranges = self.selectionModel().selection()
        rows = sorted(
            row
            for n in range(ranges.count())
            for row in range(
                ranges.at(n).top(), min(ranges.at(n).bottom(), ranges.at(n).top() + MOST_CASES) + 1
            )
        )
        ids = [self.rows.id_at(row) for row in rows[: MOST_CASES + 1]]
        return [id for id in ids if id is not None]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _around(self, row: int, reach: int) -> list[int]:
        """The case in a row, then those after it, then those before it, nearest first."""
        if row < 0:
            return []
        rows = [*range(row, row + reach), *range(row - 1, row - reach, -1)]
        return [id for id in map(self.rows.id_at, rows) if id is not None]

    def _select(self, rows: Iterable[int]) -> None:
        """Select these rows and no others, in as few ranges as they make."""
        selection, last = QItemSelection(), self.rows.columnCount() - 1
        stretches: list[tuple[int, int]] = []
        for row in sorted(rows):
            if stretches and stretches[-1][1] == row - 1:
                stretches[-1] = (stretches[-1][0], row)
            else:
                stretches.append((row, row))
        for top, bottom in stretches:
            selection.select(self.rows.index(top, 0), self.rows.index(bottom, last))
        self.selectionModel().select(selection, _SELECT.ClearAndSelect)

    def _on_selection_changed(self) -> None:
        if not self._presenting:
            self.selection_changed.emit()

    def _open(self, index: QModelIndex) -> None:
        case_id = self.rows.id_at(index.row())
        if case_id is not None:
            self.opened.emit(case_id)

    def _on_header_clicked(self, section: int) -> None:
        sort = _SORTS.get(tuple(COLUMNS)[section])
        if sort is None:  # not sortable: the mark stays where it was
            self._show_sort()
            return
        order = self.horizontalHeader().sortIndicatorOrder()
        self.sort = Sort.CALLBACK if sort is Sort.DUE and self._by_callback else sort
        self.descending = order is Qt.SortOrder.DescendingOrder
        self.sort_chosen.emit()

    def _show_sort(self) -> None:
        """Put the mark of the sort where it is."""
        sort = Sort.DUE if self.sort is Sort.CALLBACK else self.sort
        shown = next(at for at, name in enumerate(COLUMNS) if _SORTS.get(name) is sort)
        order = Qt.SortOrder.DescendingOrder if self.descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(shown, order)

    def _heading(self, column: str) -> str:
        if column == "due" and self._by_callback:
            column = "callback"
        return self._look.words(f"ui_cases.column_{column}")

    def _cell(self, row: CaseListRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._shade(row, column)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self._look.words
        match column:
            case "state":
                return words(f"cases.state.{row.state}")
            case "type":
                return row.type_name.say(words)
            case "opened":
                return self._when(row.opened_at)
            case "customer" if row.is_stopped:
                return words("purposes.stopped_name")
            case "due" if self._by_callback:
                return self._when(row.callback_due_at)
            case "due":
                return self._when(row.due_at) if row.state in OPEN_STATES else ""
            case _:
                return shown(getattr(row, column) or "")

    def _when(self, at: datetime | None) -> str:
        if at is None:
            return ""
        return self._look.language.when(at.astimezone(self._zone), "day_and_time")

    def _shade(self, row: CaseListRow, column: str) -> QColor | None:
        colours = self._look.theme.colours
        if column == "state":
            return QColor(colours.of(STATE_TONES[row.state]))
        if column == "due" and row.due_at is not None and row.due_at < self._now():
            return QColor(colours.danger)
        return None
