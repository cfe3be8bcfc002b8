"""The register of originals: what is stored, what is due, and the form for what has come."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QDate, QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
)

from desk_app.privacy.originals.keeping import kinds
from desk_app.privacy.originals.pages import OriginalRow
from desk_app.privacy.originals.rules import OriginalEntry
from desk_app.privacy.originals.service import Shown
from ui.controls import (
    Card,
    add_all,
    button,
    choice,
    label,
    labelled,
    line,
    show_moments,
    stack_field,
)
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {
    "number": 100,
    "kind": 150,
    "received": 110,
    "due": 110,
    "place": 140,
    "customer": 170,
    "case": 130,
    "state": 220,
}


class Register(Panel):
    """Emits `wanted` when other rows are asked for, `entered` with an `OriginalEntry` and the
    number of a case or "", and `given_back`, `taken_out` (of a batch), `labels_wanted`, `drawn_up`
    with the chosen."""

    wanted = Signal()
    entered = Signal(object, str)
    given_back = Signal(object)
    taken_out = Signal(object)
    labels_wanted = Signal(object)
    drawn_up = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "originals")
        self.shown = choice(
            self,
            "originals_shown",
            [(one, f"ui_originals.shown_{one}") for one in Shown],
            shorten=True,
        )
        self.shown.setMinimumWidth(150)
        self.bind(self.shown.setAccessibleName, "ui_originals.shown")
        self.shown.currentIndexChanged.connect(self.wanted)
        self.looked_for = line("originals_find", limit=40)
        self.looked_for.setMinimumWidth(240)
        self.looked_for.returnPressed.connect(self.wanted)
        self.bind(self.looked_for.setPlaceholderText, "ui_originals.find")
        self.bind(self.looked_for.setAccessibleName, "ui_originals.find")
        self.new = button(self, "originals_new", "ui_originals.new", icon="plus", kind="primary")
        self.new.clicked.connect(self._on_new)
        self.print = button(self, "originals_labels", "ui_originals.labels", icon="printer")
        self.print.clicked.connect(lambda: self.labels_wanted.emit(self.chosen()))
        self.dispose = button(self, "originals_draw_up", "ui_originals.draw_up", icon="trash-2")
        self.dispose.clicked.connect(lambda: self.drawn_up.emit(self.chosen()))
        self.give_back = button(self, "originals_give_back", "ui_originals.give_back")
        self.give_back.clicked.connect(lambda: self.given_back.emit(self.chosen()))
        self.take_out = button(self, "originals_take_out", "ui_originals.take_out")
        self.take_out.clicked.connect(lambda: self.taken_out.emit(self.chosen()))
        self.table = RowsTable[OriginalRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("originals_table")
        self.bind(self.view.setAccessibleName, "ui_privacy.tab_originals")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.selectionModel().selectionChanged.connect(self._show_acts)
        self.empty = label(
            self, "ui_originals.empty", name="originals_empty", muted=True, wrap=True
        )
        self._make_form()
        self._lay_out()
        self._show_acts()

    def present(self, rows: Sequence[OriginalRow]) -> None:
        """Show these rows; what was chosen stays chosen, as far as it is there."""
        kept = {row.id for row in self.chosen()}
        self.table.show_rows(rows)
        self.view.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        selection = self.view.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        for at, row in enumerate(rows):
            if row.id in kept or (not kept and at == 0):
                selection.select(self.table.index(at, 0), flags.Select | flags.Rows)
        if rows and not self.view.currentIndex().isValid():
            selection.setCurrentIndex(self.table.index(0, 0), flags.NoUpdate)
        self._show_acts()

    def chosen(self) -> tuple[OriginalRow, ...]:
        """The selected rows, in their order."""
        indexes = self.view.selectionModel().selectedRows()
        return tuple(self.table.rows[at] for at in sorted(index.row() for index in indexes))

    def entry_saved(self) -> None:
        """What was typed is entered: the form is ready for the next, with the same box."""
        for field in (self.description, self.case):
            field.clear()
        self.kind.setFocus()

    def enter(self) -> None:
        self.looked_for.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()

    def _make_form(self) -> None:
        self.kind: QComboBox = choice(
            self, "original_kind", [(one, f"originals.kind.{one}") for one in kinds()], shorten=True
        )
        self.received = QDateEdit()
        self.received.setObjectName("original_received")
        self.received.setCalendarPopup(True)
        show_moments(self, self.received, "ui_times.date_entry")
        self.box, self.shelf = line("original_box", limit=40), line("original_shelf", limit=40)
        self.case = line("original_case", limit=40)
        self.description = line("original_description")
        self.save = button(self, "original_save", "ui_originals.save", icon="save", kind="primary")
        self.save.clicked.connect(self._on_save)
        self.leave = button(self, "original_leave", "ui_originals.close")
        self.leave.clicked.connect(self._on_leave)
        self.form = Card(self.look, "original_form")
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        fields = (
            ("ui_originals.kind", self.kind, 1),
            ("ui_originals.received", self.received, 1),
            ("ui_originals.box", self.box, 1),
            ("ui_originals.shelf", self.shelf, 1),
            ("ui_originals.case", self.case, 1),
        )
        for column, (key, field, span) in enumerate(fields):
            stack_field(grid, 0, column, labelled(self, key, field), span=span)
        stack_field(
            grid, 1, 0, labelled(self, "ui_originals.description", self.description), span=4
        )
        buttons = QHBoxLayout()
        add_all(buttons, self.save, self.leave)
        grid.addLayout(buttons, 3, 4)
        self.form.body.addLayout(grid)
        self.form.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        add_all(head, self.shown, self.looked_for)
        head.addStretch(1)
        add_all(head, self.new, self.print, self.give_back, self.take_out, self.dispose)
        self.note = QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.form)
        layout.addWidget(self.view, stretch=1)
        layout.addWidget(self.empty, stretch=1, alignment=Qt.AlignmentFlag.AlignTop)

    def _show_acts(self) -> None:
        chosen = self.chosen()
        self.print.setEnabled(bool(chosen))
        may_go = (row.kept is None and row.batch_id is None for row in chosen)
        self.dispose.setEnabled(bool(chosen) and all(may_go))
        is_here = (
            len(chosen) == 1 and chosen[0].disposed_on is None and chosen[0].returned_on is None
        )
        is_in_batch = is_here and chosen[0].batch_id is not None
        self.give_back.setEnabled(is_here)
        with self.keeping_keyboard():
            self.give_back.setVisible(not is_in_batch)
            self.take_out.setVisible(is_in_batch)

    def _on_new(self) -> None:
        today = self.look.language.today()
        self.received.setMaximumDate(QDate(today.year, today.month, today.day))
        self.received.setDate(self.received.maximumDate())
        self.form.show()
        self.kind.setFocus()

    def _on_leave(self) -> None:
        self.form.hide()
        self.enter()

    def _on_save(self) -> None:
        day = self.received.date()
        entry = OriginalEntry(
            kind=self.kind.currentData(),
            received_on=date(day.year(), day.month(), day.day()),
            box=self.box.text(),
            shelf=self.shelf.text(),
            description=self.description.text(),
        )
        self.entered.emit(entry, self.case.text().strip())

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_originals.column_{column}")

    def _cell(self, row: OriginalRow, column: str, role: int) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words, day = self.look.words, self.look.language.day
        match column:
            case "number":
                return row.number
            case "kind":
                return words(f"originals.kind.{row.kind}")
            case "received":
                return day(row.received_on)
            case "due":
                return day(row.due_on)
            case "place":
                return f"{row.box} / {row.shelf}" if row.shelf else row.box
            case "customer":
                return row.customer
            case "case":
                return row.case_number or ""
            case _:
                return self._state(row)

    def _state(self, row: OriginalRow) -> str:
        words, gone_on = self.look.words, row.disposed_on or row.returned_on
        state = words(f"originals.state.{row.state}")
        if gone_on is not None:
            return f"{state} {self.look.language.day(gone_on)}"
        if row.kept is not None and row.due_on <= self.look.language.today():
            return words(f"originals.kept.{row.kept}")
        return state
