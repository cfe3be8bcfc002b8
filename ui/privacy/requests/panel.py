"""The queue of privacy requests: what is due, what is late, what comes next. Nobody's name."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QStackedWidget, QVBoxLayout

from desk_app.privacy.requests import views
from desk_app.privacy.requests.pages import QueueRow
from desk_app.privacy.requests.rules import State
from ui.controls import choice, keep_muted, label
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView
from ui.session import Session

_WIDTHS = {
    "case": 130,
    "kind": 230,
    "agency": 210,
    "received": 120,
    "due": 150,
    "state": 200,
    "assignee": 140,
}


class RequestsPanel(Panel):
    """Shows the rows that it is given; Enter opens the case of one. Emits `filter_changed`."""

    opened = Signal(int)
    filter_changed = Signal(bool)  # whether the closed ones are wanted

    def __init__(self, look: Look) -> None:
        super().__init__(look, "requests_panel")
        self.filter = choice(
            self,
            "requests_filter",
            [("open", "ui_requests.filter_open"), ("closed", "ui_requests.filter_closed")],
        )
        self.filter.setMinimumContentsLength(20)
        self.bind(self.filter.setAccessibleName, "ui_requests.filter")
        self.count = QLabel()
        self.count.setObjectName("requests_count")
        keep_muted(self, self.count)
        self.table = RowsTable[QueueRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("requests_table")
        self.bind(self.view.setAccessibleName, "ui_privacy.tab_requests")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(_WIDTHS).index("state"), QHeaderView.ResizeMode.Stretch)
        self.hint = label(self, "ui_requests.none", name="requests_hint", muted=True, wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.filter)
        bar.addWidget(self.count)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(bar)
        layout.addWidget(self.stack, stretch=1)
        self.view.chosen.connect(self._on_open)
        self.view.doubleClicked.connect(lambda _index: self._on_open())
        self.filter.currentIndexChanged.connect(
            lambda _at: self.filter_changed.emit(self.shows_closed)
        )
        QShortcut(QKeySequence("F3"), self, self.view.setFocus)

    @property
    def shows_closed(self) -> bool:
        return bool(self.filter.currentData() == "closed")

    def present(self, rows: Sequence[QueueRow]) -> None:
        """Show these; the selected one stays selected, or the one in its place."""
        before = self.view.currentIndex().row()
        current = self.table.rows[before].id if 0 <= before < len(self.table.rows) else None
        self.table.show_rows(rows)
        again = [at for at, row in enumerate(rows) if row.id == current]
        at = again[0] if again else min(max(before, 0), len(rows) - 1)
        if at >= 0:
            self.view.setCurrentIndex(self.table.index(at, 0))
        with self.keeping_keyboard():
            self.stack.setCurrentWidget(self.view if rows else self.hint)
        self._show_count()

    def select(self, request_id: int) -> None:
        """Select this one, if it is shown."""
        ids = [row.id for row in self.table.rows]
        if request_id in ids:
            self.view.setCurrentIndex(self.table.index(ids.index(request_id), 0))
            self.view.setFocus()

    def enter(self) -> None:
        (self.view if self.table.rows else self.filter).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_count()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def _show_count(self) -> None:
        words, rows = self.look.words, self.table.rows
        late = sum(row.late for row in rows)
        said = words.count("ui_requests.count", len(rows))
        if late:
            said += words("requests.list_comma") + words.count("ui_requests.count_late", late)
        self.count.setText(said)

    def _on_open(self) -> None:
        at = self.view.currentIndex().row()
        if 0 <= at < len(self.table.rows):
            self.opened.emit(self.table.rows[at].case_id)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_requests.column_{column}")

    def _cell(self, row: QueueRow, column: str, role: int) -> object:
        colours = self.look.theme.colours
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == "due" and row.late:
                return QColor(colours.danger)
            return None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "case":
                return row.case_number or ""
            case "kind":
                return words(f"requests.kind.{row.kind}")
            case "agency":
                return words(f"requests.agency.{row.agency}")
            case "received":
                return self._day(row.received_on)
            case "due":
                if row.due_on is None:
                    return ""
                key = "ui_requests.late" if row.late else "ui_requests.due"
                return words(key, day=self._day(row.due_on))
            case "state":
                return self._state(row)
        return row.assignee or ""

    def _state(self, row: QueueRow) -> str:
        words = self.look.words
        if row.state is State.RECEIVED and row.next_act == "choose":
            return words("ui_requests.to_choose")
        return words(f"requests.state.{row.state}")

    def _day(self, on: date) -> str:
        return self.look.language.day(on, "day")


class RequestsTab(Panel):
    """Between the queue and its view."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "requests_tab")
        self._session = session
        self._wanted = 0
        self.panel = RequestsPanel(session.look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        self.panel.opened.connect(session.case_wanted)
        self.panel.filter_changed.connect(lambda _closed: self._read())
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        self.panel.enter()

    def go_to(self, request_id: int) -> None:
        """Select this request, once the list is there."""
        self._wanted = request_id
        self._read()

    def _read(self) -> None:
        closed = self.panel.shows_closed
        self._session.read(self, views.queue, closed=closed, done=self._present)

    def _present(self, rows: Sequence[QueueRow]) -> None:
        self.panel.present(rows)
        wanted, self._wanted = self._wanted, 0
        self.panel.select(wanted)

    def _on_changed(self, changes: object) -> None:
        kinds = {change.kind for change in changes} if isinstance(changes, tuple) else set()
        if "request" in kinds and self.isVisible():
            self._read()
