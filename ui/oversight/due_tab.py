"""What the officer has to see to: decisions first, then what is late, then what is due."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHeaderView, QStackedWidget, QVBoxLayout

from desk_app.privacy.oversight import views
from desk_app.privacy.oversight.due import Due
from desk_app.privacy.oversight.views import DuePage
from ui.controls import label
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.places import place_of
from ui.rows_table import RowsTable, RowsView
from ui.session import Session

_WIDTHS = {"state": 170, "kind": 330, "subject": 380, "due_on": 170}


class DueList(Panel):
    """Shows one `DuePage`. Emits `opened` with a `Due` on Enter or a double click."""

    opened = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "due")
        self._page: DuePage | None = None
        self.table = RowsTable[Due](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("due_table")
        self.bind(self.view.setAccessibleName, "ui_oversight.tab_due")
        self.view.setModel(self.table)
        self.view.chosen.connect(self._on_open)
        self.view.doubleClicked.connect(lambda _index: self._on_open())
        set_up_list(self.view, _WIDTHS.values())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(tuple(_WIDTHS).index("subject"), QHeaderView.ResizeMode.Stretch)
        self.summary = label(self, "ui_oversight.due_reading", name="due_summary", muted=True)
        self.empty = label(self, "ui_oversight.due_nothing", name="due_nothing", muted=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.summary)
        layout.addWidget(self.stack, stretch=1)

    def present(self, page: DuePage) -> None:
        self._page = page
        self.table.show_rows(page.rows)
        self.stack.setCurrentWidget(self.view if page.rows else self.empty)
        if page.rows:
            self.view.setCurrentIndex(self.table.index(0, 0))
        self._summarise()

    def enter(self) -> None:
        (self.view if self.table.rows else self.empty).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._summarise()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def _on_open(self) -> None:
        at = self.view.currentIndex().row()
        if 0 <= at < len(self.table.rows):
            self.opened.emit(self.table.rows[at])

    def _summarise(self) -> None:
        if self._page is None:
            return
        today, rows = self._page.today, self._page.rows
        self.summary.setText(
            self.look.words(
                "ui_oversight.due_summary",
                decisions=sum(one.needs_decision for one in rows),
                late=sum(one.is_late(today) for one in rows),
                all=len(rows),
            )
        )

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_oversight.due_{column}")

    def _cell(self, row: Due, column: str, role: int) -> object:
        assert self._page is not None  # noqa: S101 -- rows come with it
        late = row.is_late(self._page.today)
        if role == Qt.ItemDataRole.ForegroundRole and column == "state":
            colours = self.look.theme.colours
            return QColor(
                colours.danger if late else colours.accent if row.needs_decision else colours.text
            )
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self.look.words
        match column:
            case "state":
                state = "decide" if row.needs_decision else "late" if late else "soon"
                return words(f"ui_oversight.due_{state}")
            case "kind":
                return words(f"oversight.due.{row.kind}")
            case "subject":
                return row.subject
            case _ if row.due_on is None:
                return words("ui_oversight.due_now")
            case _:
                return self.look.language.day(row.due_on, "day_and_year")


class DueTab(DueList):
    """Read whenever it is shown, and again when anything of it may have changed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.look)
        self._session = session
        self._asked = 0
        self.opened.connect(lambda due: session.place_wanted.emit(place_of(due)))
        session.changed.connect(self._on_changed)

    def enter(self) -> None:
        self._read()
        super().enter()

    def _read(self) -> None:
        self._asked += 1
        asked = self._asked
        self._session.read(
            self, views.due, done=lambda page: self.present(page) if asked == self._asked else None
        )

    def _on_changed(self, _changes: object) -> None:
        if self.isVisible():
            self._read()
