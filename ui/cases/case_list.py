"""The list of cases: a search field, three filters, and rows fetched as they come into view."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
)

from desk_app.cases.bulk.rules import MOST_CASES
from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.cases.types.rules import CaseType
from desk_app.errors import DeskError, Refused
from desk_app.search.filters import Field
from desk_app.search.pages import CaseListRow, Found, Query, Sort
from desk_app.search.query import NO_TERMS, Terms, parse
from desk_app.search.saved.views import SavedFilterRow
from desk_app.search.work_lists.rules import WorkList
from ui.cases.bulk_panel import BulkPanel
from ui.cases.hits_delegate import HitsDelegate
from ui.cases.saved_filters import SavedFilters
from ui.cases.search_row import SearchRow
from ui.cases.tones import STATE_TONES
from ui.cases.work_list_bar import WorkListBar
from ui.controls import button, choice, choose, keep_muted, label, line
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.windowed_table import WindowedTable

COLUMNS = {
    "number": 118,
    "state": 128,
    "type": 134,
    "subject": 260,
    "customer": 130,
    "assignee": 110,
    "opened": 122,
    "due": 122,
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
_TYPING_PAUSE_MS = 150
_SHOWN: dict[str, frozenset[CaseState]] = {
    "open": OPEN_STATES,
    "all": frozenset(),
    **{state.value: frozenset({state}) for state in CaseState},
}
"""Choices of the state filter and the states they stand for."""


class CaseTableView(QTableView):
    """Enter opens the current row, wherever the platform would have edited it."""

    opened = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class CaseList(Panel):
    """Emits `query_changed` once typing pauses, `case_opened`, `export_wanted`, and through its
    ``table`` the pages of rows it needs; `present` shows what was found.
    """

    query_changed = Signal(object)  # Query
    case_opened = Signal(int)
    export_wanted = Signal()
    selection_changed = Signal(int)
    spot_check_wanted = Signal()

    def __init__(
        self,
        look: Look,
        *,
        own_user_id: int,
        zone: ZoneInfo,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(look, "case_list")
        self._own_user_id = own_user_id
        self._zone = zone
        self._now = now
        self._sort, self._descending = Sort.OPENED, True
        self._found: Found | None = None

        self.search = line("case_search")
        self.search.setClearButtonEnabled(True)
        for clear in self.search.findChildren(QToolButton):
            clear.setObjectName("case_search_clear")
            self.bind(clear.setAccessibleName, "ui_cases.search_clear")
        self.bind(self.search.setPlaceholderText, "ui_cases.search_hint")
        self.bind(self.search.setAccessibleName, "ui_cases.search")
        self.state = choice(
            self,
            "case_state_filter",
            [("open", "ui_cases.shown_open"), ("all", "ui_cases.shown_all")]
            + [(state.value, f"cases.state.{state.value}") for state in CaseState],
        )
        self.bind(self.state.setAccessibleName, "ui_cases.state_filter")
        self._types: Sequence[CaseType] = ()
        self.case_type = choice(self, "case_type_filter", [("", "ui_cases.any_type")])
        self.case_type.setProperty("data", True)  # types are named by the office
        self.bind(self.case_type.setAccessibleName, "ui_cases.type_filter")
        self.assigned = choice(
            self,
            "case_assignee_filter",
            [
                ("", "ui_cases.any_assignee"),
                ("mine", "ui_cases.assigned_to_me"),
                ("nobody", "ui_cases.unassigned"),
            ],
        )
        self.bind(self.assigned.setAccessibleName, "ui_cases.assignee_filter")
        self.work_lists = WorkListBar(look, self)
        self.work_lists.chosen.connect(self._on_work_list_chosen)
        self.saved = SavedFilters(look, self)
        self.saved.chosen.connect(self._on_filter_chosen)
        self.bulk = BulkPanel(look)
        self.search_row = SearchRow(look)
        self.search_row.order_changed.connect(self._ask)
        self.count = QLabel()
        self.count.setObjectName("case_count")
        keep_muted(self, self.count)
        self.spot_check = button(self, "spot_check", "ui_cases.spot_check", icon="shield-check")
        self.spot_check.clicked.connect(self.spot_check_wanted)
        self.export = button(self, "case_export", "ui_cases.export", icon="download")
        self.export.clicked.connect(self.export_wanted)

        self.table = WindowedTable[CaseListRow](tuple(COLUMNS), self._cell, self._heading)
        self.view = CaseTableView()
        self._set_up_view()
        self.hint = label(self, "ui_cases.nothing_found", name="case_hint", muted=True, wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.hint)

        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.search, stretch=1)
        for widget in (
            self.state,
            self.case_type,
            self.assigned,
            self.saved.menu_button,
            self.count,
            self.spot_check,
            self.export,
        ):
            bar.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_cases.title", name="case_list_title", scale=1.35, bold=True))
        head.addSpacing(16)
        head.addWidget(self.work_lists)
        head.addStretch(1)
        layout.addLayout(head)
        layout.addLayout(bar)
        layout.addWidget(self.saved.name_row)
        layout.addWidget(self.search_row)
        self.export_place = QVBoxLayout()
        layout.addLayout(self.export_place)
        layout.addWidget(self.bulk)
        layout.addWidget(self._stack, stretch=1)

        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self._on_search_entered)
        for combo in (self.state, self.case_type, self.assigned):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.currentIndexChanged.connect(lambda _index: self._ask())

    def show_types(self, types: Sequence[CaseType]) -> None:
        """Offer these types in the filter; the chosen one stays chosen."""
        self._types = types
        chosen = self.case_type.currentData()
        blocked = self.case_type.blockSignals(True)
        while self.case_type.count() > 1:
            self.case_type.removeItem(1)
        for one in types:
            self.case_type.addItem(one.name.say(self.look.words), one.key)
        self.case_type.setCurrentIndex(max(self.case_type.findData(chosen), 0))
        self.case_type.blockSignals(blocked)

    def query(self) -> Query:
        """What the fields ask for now."""
        assigned = self.assigned.currentData()
        return Query(
            text=self.search.text(),
            states=_SHOWN[self.state.currentData()] if self.state.isEnabled() else frozenset(),
            case_type=self.case_type.currentData() or None,
            assignee_id=self._own_user_id if assigned == "mine" else None,
            unassigned=assigned == "nobody",
            work_list=self.work_lists.which,
            sort=Sort.RELEVANCE if self.search_row.by_relevance else self._sort,
            descending=self._descending,
        )

    def terms(self) -> Terms:
        """What is searched for now; nothing if it can't be."""
        try:
            return parse(self.search.text())
        except Refused:
            return NO_TERMS

    def tell_mistake(self, mistake: DeskError) -> None:
        """Say what is wrong with what was typed, below it; nothing else changes."""
        self.search_row.tell(mistake)

    def present(self, found: Found) -> None:
        """Show what was found; the case that was current stays current if it is still there."""
        current = self.table.id_at(self.view.currentIndex().row())
        selected = self.selected_ids()
        self._found = found
        terms = self.terms()
        self._hits.terms = terms.wanted
        self.search_row.present(found, searched=bool(terms.wanted))
        self.table.show_ids(found.ids)
        row = self.table.row_of(current) if current is not None else None
        if found.ids:
            self.view.setCurrentIndex(self.table.index(row or 0, 0))
        if 1 < len(selected) <= MOST_CASES:
            self._select(selected)
        self._stack.setCurrentWidget(self.view if found.ids else self.hint)
        self._show_count()

    def selected_count(self) -> int:
        """How many rows are selected. By ranges: reading each row takes seconds for a million."""
        ranges = self.view.selectionModel().selection()
        return sum(ranges.at(n).height() for n in range(ranges.count()))

    def selected_ids(self) -> list[int]:
        """The cases that are selected, in the order of the list; one more than an act on many
        takes tells that there are too many."""
        ranges = self.view.selectionModel().selection()
        rows = sorted(
            row
            for n in range(ranges.count())
            for row in range(
                ranges.at(n).top(), min(ranges.at(n).bottom(), ranges.at(n).top() + MOST_CASES) + 1
            )
        )
        ids = [self.table.id_at(row) for row in rows[: MOST_CASES + 1]]
        return [id for id in ids if id is not None]

    def _select(self, ids: Sequence[int]) -> None:
        """Select the rows of these cases again, as far as they are still listed."""
        wanted, selection = set(ids), QItemSelection()
        last = self.table.columnCount() - 1
        for row, id in enumerate(self._found.ids if self._found else ()):
            if id in wanted:
                selection.select(self.table.index(row, 0), self.table.index(row, last))
        self.view.selectionModel().select(
            selection, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def _on_work_list_chosen(self, which: WorkList | None) -> None:
        """A work list says by itself which states it holds, and has an order of its own."""
        self.state.setEnabled(which is None)
        due = which in (WorkList.DUE_TODAY, WorkList.OVERDUE)
        self._sort = (
            Sort.CALLBACK if which is WorkList.CALLBACKS else Sort.DUE if due else Sort.OPENED
        )
        self._descending = self._sort is Sort.OPENED
        self._show_sort()
        self.table.refresh_headings()
        self._ask()

    def _on_filter_chosen(self, row: SavedFilterRow) -> None:
        """Put a kept filter into the fields and ask."""
        query = row.query
        self.work_lists.choose(query.work_list)
        self.state.setEnabled(query.work_list is None)
        shown = next((key for key, states in _SHOWN.items() if states == query.states), "all")
        choose(self.state, shown)
        choose(self.case_type, query.case_type or "")
        mine = query.assignee_id == self._own_user_id
        choose(self.assigned, "nobody" if query.unassigned else "mine" if mine else "")
        blocked = self.search.blockSignals(True)
        self.search.setText(query.text)
        self.search.blockSignals(blocked)
        by_relevance = query.sort is Sort.RELEVANCE
        self.search_row.relevant.setChecked(by_relevance)
        self._sort = Sort.OPENED if by_relevance else query.sort
        self._descending = query.descending
        self._show_sort()
        self.table.refresh_headings()
        self._ask()

    def enter(self) -> None:
        self.search.setFocus()
        self.search.selectAll()
        self._ask()

    def retranslate(self) -> None:
        super().retranslate()
        self.show_types(self._types)
        self.table.refresh_headings()
        self._show_count()

    def _set_up_view(self) -> None:
        self.view.setObjectName("case_table")
        self.bind(self.view.setAccessibleName, "ui_cases.title")
        self.view.setModel(self.table)
        set_up_list(self.view, COLUMNS.values())
        self._hits = HitsDelegate(self.look, self.view)
        for name in _MARKED:
            self.view.setItemDelegateForColumn(tuple(COLUMNS).index(name), self._hits)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(COLUMNS).index("subject"), QHeaderView.ResizeMode.Stretch)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(tuple(COLUMNS).index("opened"), Qt.SortOrder.DescendingOrder)
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._on_header_clicked)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.selectionModel().selectionChanged.connect(
            lambda _new, _old: self.selection_changed.emit(self.selected_count())
        )
        self.view.opened.connect(self._on_row_opened)
        self.view.doubleClicked.connect(self._on_row_opened)

    def _ask(self) -> None:
        self._pause.stop()
        typed = {one.field for one in self.terms().filters}
        for field, combo in (
            (Field.STATE, self.state),
            (Field.TYPE, self.case_type),
            (Field.ASSIGNEE, self.assigned),
        ):
            combo.setEnabled(field not in typed)  # what is typed takes its place
        if self.work_lists.which is not None:
            self.state.setEnabled(False)  # it says by itself which states it holds
        self.query_changed.emit(self.query())

    def _on_search_entered(self) -> None:
        self._ask()
        self.view.setFocus()

    def _on_row_opened(self, index: QModelIndex) -> None:
        case_id = self.table.id_at(index.row())
        if case_id is not None:
            self.case_opened.emit(case_id)

    def _on_header_clicked(self, section: int) -> None:
        sort = _SORTS.get(tuple(COLUMNS)[section])
        header = self.view.horizontalHeader()
        if sort is None:  # not sortable: the mark stays where it was
            self._show_sort()
            return
        if sort is Sort.DUE and self.work_lists.which is WorkList.CALLBACKS:
            sort = Sort.CALLBACK
        self._sort = sort
        self._descending = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        self.search_row.relevant.setChecked(False)
        self._ask()

    def _show_sort(self) -> None:
        """Put the mark of the sort where it is."""
        sort = Sort.DUE if self._sort is Sort.CALLBACK else self._sort
        shown = next(at for at, name in enumerate(COLUMNS) if _SORTS.get(name) is sort)
        order = Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder
        self.view.horizontalHeader().setSortIndicator(shown, order)

    def _show_count(self) -> None:
        if self._found is None:
            return
        number = len(self._found.ids)
        key = "ui_cases.count_capped" if self._found.capped else "ui_cases.count"
        self.count.setText(self.look.words.count(key, number))

    def _heading(self, column: str) -> str:
        if column == "due" and self.work_lists.which is WorkList.CALLBACKS:
            column = "callback"
        return self.look.words(f"ui_cases.column_{column}")

    def _cell(self, row: CaseListRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._shade(row, column)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self.look.words
        match column:
            case "state":
                return words(f"cases.state.{row.state}")
            case "type":
                return row.type_name.say(words)
            case "opened":
                return self._when(row.opened_at)
            case "due" if self.work_lists.which is WorkList.CALLBACKS:
                return self._when(row.callback_due_at)
            case "due":
                return self._when(row.due_at) if row.state in OPEN_STATES else ""
            case _:
                return getattr(row, column) or ""

    def _when(self, at: datetime | None) -> str:
        if at is None:
            return ""
        return self.look.language.when(at.astimezone(self._zone), "day_and_time")

    def _shade(self, row: CaseListRow, column: str) -> QColor | None:
        colours = self.look.theme.colours
        if column == "state":
            return QColor(colours.of(STATE_TONES[row.state]))
        if column == "due" and row.due_at is not None and row.due_at < self._now():
            return QColor(colours.danger)
        return None
