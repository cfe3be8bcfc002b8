"""Those whom a leak touches: found by the log, by a desk, by a copy, and told."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import QDateTimeEdit, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.backup.views import CopyRow
from desk_app.people.views import Colleague
from desk_app.privacy.leaks.pages import ConcernedRow, LeakPage
from desk_app.privacy.leaks.persons import ByAccesses, ByCopy, ByDesk, Scope
from desk_app.privacy.leaks.rules import FoundBy, LeakState, Told
from ui.controls import (
    ShorteningChoice,
    add_all,
    button,
    choice,
    labelled,
    line,
    show_moments,
)
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"name": 240, "found_by": 170, "told": 300}
_WAYS = (FoundBy.ACCESSES, FoundBy.DESK, FoundBy.COPY)


class LeakPersons(Panel):
    """Emits `found` with a `Scope`, `told` with how, and `list_wanted`."""

    found = Signal(object)
    told = Signal(object)
    list_wanted = Signal()

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "leak_persons")
        self._zone = zone
        self._page: LeakPage | None = None
        self.count = QLabel()
        self.count.setObjectName("leak_person_count")
        self.way = choice(
            self, "leak_way", [(one, f"ui_leaks.way_{one}") for one in _WAYS], shorten=True
        )
        self.bind(self.way.setAccessibleName, "ui_leaks.way")
        self.way.setMinimumWidth(150)
        self.way.currentIndexChanged.connect(self._show_way)
        self.who = ShorteningChoice()
        self.who.setObjectName("leak_who")
        self.who.setProperty("data", True)
        self.who.setMinimumWidth(170)
        self.bind(self.who.setAccessibleName, "ui_leaks.who")
        self.from_at, self.to_at = self._moment("leak_from"), self._moment("leak_to")
        self.desk = line("leak_desk", limit=64)
        self.bind(self.desk.setPlaceholderText, "ui_leaks.desk_id")
        self.bind(self.desk.setAccessibleName, "ui_leaks.desk_id")
        self.copy = ShorteningChoice()
        self.copy.setObjectName("leak_copy")
        self.copy.setProperty("data", True)
        self.bind(self.copy.setAccessibleName, "ui_leaks.way_copy")
        self.search = button(self, "leak_find", "ui_leaks.find", icon="search")
        self.search.clicked.connect(self._on_find)
        self.show_names = button(self, "leak_names", "ui_leaks.list", icon="users")
        self.show_names.clicked.connect(self.list_wanted)
        self.how = choice(
            self, "leak_how", [(one, f"leaks.told.{one}") for one in Told], shorten=True
        )
        self.tell = button(self, "leak_tell", "ui_leaks.tell", icon="mail")
        self.tell.clicked.connect(lambda: self.told.emit(Told(self.how.currentData())))
        self.table = RowsTable[ConcernedRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("leak_person_table")
        self.bind(self.view.setAccessibleName, "ui_leaks.persons")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self._lay_out()
        self._show_way()

    def offer(
        self, staff: Sequence[Colleague], copies: Sequence[CopyRow], *, now: datetime
    ) -> None:
        """Whose accesses and which copies can be chosen; the time is the last day, at first."""
        self.who.clear()
        self.who.addItem(self.look.words("ui_leaks.anybody"), None)
        for one in staff:
            self.who.addItem(one.name, int(one.user_id))
        self.copy.clear()
        for copy in copies:
            made = self.look.language.when(copy.made_at.astimezone(self._zone), "minute")
            self.copy.addItem(f"{made} – {copy.place}", copy.id)
        local = now.astimezone(self._zone).replace(tzinfo=None)
        end = QDateTime(local.year, local.month, local.day, local.hour, local.minute, 0)
        self.to_at.setDateTime(end)
        self.from_at.setDateTime(end.addDays(-1))

    def present(self, page: LeakPage) -> None:
        """Show how many there are; their names only when they are asked for."""
        if self._page is None or self._page.id != page.id:
            self.table.show_rows(())
        self._page = page
        self._redraw()

    def show_names_of(self, rows: Sequence[ConcernedRow]) -> None:
        """Those concerned, by name."""
        self.table.show_rows(rows)
        self._redraw()

    def enter(self) -> None:
        self.way.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._redraw()

    def _moment(self, name: str) -> QDateTimeEdit:
        made = QDateTimeEdit()
        made.setObjectName(name)
        made.setCalendarPopup(True)
        show_moments(self, made, "ui_times.minute")
        self.bind(made.setAccessibleName, "ui_leaks.time")
        return made

    def _lay_out(self) -> None:
        ways = QHBoxLayout()
        add_all(ways, self.way, self.who, self.from_at, self.to_at, self.desk, self.copy)
        ways.addWidget(self.search)
        ways.addStretch(1)
        acts = QHBoxLayout()
        acts.addWidget(self.count)
        acts.addStretch(1)
        acts.addWidget(self.show_names)
        add_all(acts, *labelled(self, "ui_leaks.how", self.how), self.tell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(ways)
        layout.addLayout(acts)
        layout.addWidget(self.view, 1)
        layout.addStretch(0)

    def _show_way(self) -> None:
        way = FoundBy(self.way.currentData())
        shown: dict[FoundBy, tuple[QWidget, ...]] = {
            FoundBy.ACCESSES: (self.who, self.from_at, self.to_at),
            FoundBy.DESK: (self.desk,),
            FoundBy.COPY: (self.copy,),
        }
        for one, fields in shown.items():
            for field in fields:
                field.setVisible(one is way)

    def _on_find(self) -> None:
        scope = self._scope()
        if scope is not None:
            self.found.emit(scope)

    def _scope(self) -> Scope | None:
        match FoundBy(self.way.currentData()):
            case FoundBy.DESK:
                return ByDesk(self.desk.text().strip()) if self.desk.text().strip() else None
            case FoundBy.COPY:
                id = self.copy.currentData()
                return None if id is None else ByCopy(int(id))
            case _:
                return ByAccesses(
                    self._instant(self.from_at), self._instant(self.to_at), self.who.currentData()
                )

    def _instant(self, edit: QDateTimeEdit) -> datetime:
        day, clock = edit.date(), edit.time()
        local = datetime(
            day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=self._zone
        )
        return local.astimezone(UTC)

    def _redraw(self) -> None:
        page, words = self._page, self.look.words
        if page is None:
            return
        self.count.setText(
            words(
                "ui_leaks.counted",
                persons=words.count("leaks.persons", page.on_record),
                untold=words.count("leaks.persons", page.untold),
            )
        )
        self.view.setVisible(bool(self.table.rows))
        self.show_names.setEnabled(page.on_record > 0)
        self.tell.setEnabled(page.untold > 0)
        self.search.setEnabled(page.state is not LeakState.CLOSED)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_leaks.column_{column}")

    def _cell(self, row: ConcernedRow, column: str, role: int) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self.look.words
        match column:
            case "name":
                return row.name or words("ui_leaks.erased")
            case "found_by":
                return words(f"leaks.found_by.{row.found_by}")
            case _ if row.told_at is None:
                return words("ui_leaks.not_told")
            case _:
                at = self.look.language.when(row.told_at.astimezone(self._zone), "minute")
                return f"{words(f'leaks.told.{row.told_how}')} · {at}"
