"""The disclosures that are to be answered, and the answer to one of them."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QStackedWidget, QVBoxLayout

from desk_app.privacy.disclosure import views
from desk_app.privacy.disclosure.pages import ToAnswer
from desk_app.storage.unit_of_work import Change
from ui.controls import button, label
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.privacy.disclosure.conductor import DisclosureConductor
from ui.rows_table import RowsTable, RowsView
from ui.session import Session

_WIDTHS = {"case": 140, "asked": 260, "received": 190, "request": 150, "answer": 160}
_KINDS = frozenset({"request", "disclosure"})
_WAITING = frozenset({"verified", "decided"})


class ToAnswerPanel(Panel):
    """Shows the rows that it is given; Enter opens one."""

    opened = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "disclosures")
        self._zone = zone
        self.table = RowsTable[ToAnswer](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("disclosures_table")
        self.bind(self.view.setAccessibleName, "ui_privacy.tab_disclosure")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(_WIDTHS).index("answer"), QHeaderView.ResizeMode.Stretch)
        self.hint = label(
            self, "ui_disclosure.none_to_answer", name="disclosures_hint", muted=True, wrap=True
        )
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.hint)
        self.open_button = button(
            self, "disclosures_open", "ui_disclosure.open", icon="folder-open", kind="primary"
        )
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.open_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.stack, stretch=1)
        layout.addLayout(row)
        self.view.chosen.connect(self._on_open)
        self.view.doubleClicked.connect(lambda _index: self._on_open())
        self.open_button.clicked.connect(self._on_open)
        self.present(())

    def present(self, rows: tuple[ToAnswer, ...]) -> None:
        """Show these; the selected one stays selected."""
        at = self.view.currentIndex().row()
        before = self.table.rows[at].request_id if 0 <= at < len(self.table.rows) else 0
        self.table.show_rows(rows)
        ids = [row.request_id for row in rows]
        if rows:
            at = ids.index(before) if before in ids else 0
            self.view.setCurrentIndex(self.table.index(at, 0))
        self.open_button.setEnabled(bool(rows))
        self.stack.setCurrentWidget(self.view if rows else self.hint)

    def enter(self) -> None:
        (self.view if self.table.rows else self).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def _on_open(self) -> None:
        at = self.view.currentIndex().row()
        if 0 <= at < len(self.table.rows):
            self.opened.emit(self.table.rows[at].request_id)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_disclosure.column_{column}")

    def _cell(self, row: ToAnswer, column: str, role: int) -> object:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        words = self.look.words
        match column:
            case "case":
                return row.case_number
            case "asked":
                return words(f"disclosure.asked.{row.kind}")
            case "received":
                at = row.received_at.astimezone(self._zone)
                return self.look.language.when(at, "day_and_time")
            case "request":
                is_early = row.request_state in _WAITING
                return words("ui_disclosure.early" if is_early else "ui_disclosure.may_go")
            case _:
                state = row.state
                return words(f"disclosure.state.{state}") if state else words("ui_disclosure.begin")


class DisclosureTab(Panel):
    """The list, and in its place the answer that was opened. `open` shows one at once."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look, "disclosure_tab")
        self._session = session
        self.list = ToAnswerPanel(session.look, zone=session.zone)
        self.conductor = DisclosureConductor(session, self)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.conductor.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.list.opened.connect(self.open)
        self.conductor.closed.connect(self._on_closed)
        session.changed.connect(self._on_changed)
        self._refresh()

    @property
    def is_engaged(self) -> bool:
        """The idle lock waits while a file is being made."""
        return self.conductor.is_making

    def open(self, request_id: int) -> None:
        """Open the answer to a request."""
        self.stack.setCurrentWidget(self.conductor.page)
        self.conductor.open(request_id)

    def go_to(self, request_id: int) -> None:
        self.open(request_id)

    def enter(self) -> None:
        panel = self.stack.currentWidget()
        if isinstance(panel, Panel):
            panel.enter()

    def retire(self) -> None:
        self.conductor.give_up()

    def _refresh(self) -> None:
        self._session.read(self, views.to_answer, done=self.list.present)

    def _on_closed(self) -> None:
        self.stack.setCurrentWidget(self.list)
        self.list.enter()
        self._refresh()

    def _on_changed(self, changes: Iterable[Change]) -> None:
        if any(change.kind in _KINDS for change in changes):
            self._refresh()
