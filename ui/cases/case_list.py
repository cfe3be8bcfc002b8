"""The list of cases: a search field, three filters, and rows fetched as they come into view."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)

from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.cases.types.rules import CaseType
from desk_app.errors import DeskError, Refused
from desk_app.search.filters import Field
from desk_app.search.pages import Found, Query, Sort
from desk_app.search.query import NO_TERMS, Terms, parse
from desk_app.search.saved.views import SavedFilterRow
from desk_app.search.work_lists.rules import WorkList
from ui.cases.bulk_panel import BulkPanel
from ui.cases.case_table import CaseTable
from ui.cases.saved_filters import SavedFilters
from ui.cases.search_row import SearchRow
from ui.cases.work_list_bar import WorkListBar
from ui.controls import button, choice, choose, keep_muted, label, line
from ui.keys_overview import Keys
from ui.look import Look
from ui.panel import Panel

_TYPING_PAUSE_MS = 150
_SHOWN: dict[str, frozenset[CaseState]] = {
    "open": OPEN_STATES,
    "all": frozenset(),
    **{state.value: frozenset({state}) for state in CaseState},
}
"""Choices of the state filter and the states they stand for."""


class CaseList(Panel):
    """Emits `query_changed` once typing pauses, `case_opened`, `export_wanted`, and through its
    ``table`` the pages of rows it needs; `present` shows what was found.
    """

    query_changed = Signal(object)  # Query
    case_opened = Signal(int)
    export_wanted = Signal()
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

        self.view = CaseTable(look, zone=zone, now=now)
        self.bind(self.view.setAccessibleName, "ui_cases.title")
        self.table = self.view.rows
        self.view.opened.connect(self.case_opened)
        self.view.sort_chosen.connect(self._on_sort_chosen)
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
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.search_row, stretch=1)
        below.addWidget(self.count)
        layout.addLayout(below)
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

    @property
    def keys(self) -> Keys:
        """For the overview of keys."""
        return (
            (f"Alt+1 … {self.work_lists.bar.count()}", "ui_cases.key_work_lists"),
            ("Ctrl+F", "ui_cases.key_search"),
            ("Enter", "ui_cases.key_open"),
            ("Ctrl+Z", "ui_cases.key_undo"),
        )

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
            sort=Sort.RELEVANCE if self.search_row.by_relevance else self.view.sort,
            descending=self.view.descending,
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

    def present(self, found: Found, *, again: bool = False) -> None:
        """Show what was found; ``again`` if it was found by the query that is on screen."""
        self._found = found
        terms = self.terms()
        self.search_row.present(found, searched=bool(terms.wanted))
        self.view.present(found.ids, terms.wanted, again=again)
        self._stack.setCurrentWidget(self.view if found.ids else self.hint)
        self._show_count()

    def _on_work_list_chosen(self, which: WorkList | None) -> None:
        """A work list says by itself which states it holds, and has an order of its own."""
        self.state.setEnabled(which is None)
        due = which in (WorkList.DUE_TODAY, WorkList.OVERDUE)
        by_callback = which is WorkList.CALLBACKS
        sort = Sort.CALLBACK if by_callback else Sort.DUE if due else Sort.OPENED
        self.view.order_by(sort, descending=sort is Sort.OPENED, by_callback=by_callback)
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
        self.view.order_by(
            Sort.OPENED if by_relevance else query.sort,
            descending=query.descending,
            by_callback=query.work_list is WorkList.CALLBACKS,
        )
        self._ask()

    def _on_sort_chosen(self) -> None:
        self.search_row.relevant.setChecked(False)
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

    def _show_count(self) -> None:
        if self._found is None:
            return
        number = len(self._found.ids)
        key = "ui_cases.count_capped" if self._found.capped else "ui_cases.count"
        self.count.setText(self.look.words.count(key, number))
