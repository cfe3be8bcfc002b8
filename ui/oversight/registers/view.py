"""The registers: all recipients on the left; on the right one of them, or a form."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.privacy.registers.pages import RecipientRow, Registers
from desk_app.privacy.registers.published import countries
from desk_app.privacy.registers.rules import HOME, RecipientForm, RecipientKind
from ui.controls import (
    Card,
    DataLabel,
    ShorteningChoice,
    button,
    choice,
    icon_button,
    label,
    labelled,
    line,
    stack_field,
)
from ui.frames import set_up_list
from ui.look import Look
from ui.oversight.registers.periods import Periods
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"name": 190, "kind": 165, "state": 80}
_LIST_WIDTH = 450


class RegistersView(Panel):
    """Emits `entered` with a `RecipientForm` and the id of the entry it takes the place of (0: of
    none), and `retired` with an id. What was typed stays until `done`."""

    entered = Signal(object, int)
    retired = Signal(int)

    def __init__(self, look: Look, *, may_edit: bool) -> None:
        super().__init__(look, "registers")
        self._may_edit = may_edit
        self._rows: Sequence[RecipientRow] = ()
        self._today = date.today()  # noqa: DTZ011 -- until the office's own day has been read
        self._replaces: RecipientRow | None = None
        self.new = button(self, "recipient_new", "ui_registers.new", icon="plus")
        self.new.clicked.connect(lambda: self.begin(None))
        self.table = RowsTable[RecipientRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("registers_table")
        self.bind(self.view.setAccessibleName, "ui_registers.list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self.hint = label(self, "ui_registers.none", name="registers_hint", muted=True, wrap=True)
        self.facts = DataLabel("recipient_facts")
        self.facts.setWordWrap(True)
        self.change = button(self, "recipient_change", "ui_registers.change", icon="pencil")
        self.change.clicked.connect(lambda: self.begin(self.current()))
        self.retire_button = button(self, "recipient_retire", "ui_registers.retire", icon="trash-2")
        self.retire_button.clicked.connect(self._on_retire)
        self.periods = Periods(look, may_edit=may_edit)
        self._make_form()
        self._lay_out()
        self.new.setVisible(may_edit)

    def present(self, registers: Registers) -> None:
        """Show these; the one that is open stays open."""
        current = self.current()
        self._rows, self._today = registers.rows, registers.today
        self.table.show_rows(self._rows)
        wanted = current.id if current else None
        at = next((n for n, row in enumerate(self._rows) if row.id == wanted), 0)
        if self._rows:
            self.view.selectRow(at)
        self.view.setVisible(bool(self._rows))
        self.hint.setVisible(not self._rows)
        self._show_current()

    def select(self, recipient_id: int) -> None:
        """Make one the current one."""
        for at, row in enumerate(self._rows):
            if row.id == recipient_id:
                self.view.selectRow(at)

    def current(self) -> RecipientRow | None:
        """The recipient that is selected."""
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def begin(self, row: RecipientRow | None) -> None:
        """The form: empty, or with what is known of an entry that it will take the place of."""
        self._replaces = row
        self.name.setText(row.name if row else "")
        self.address.setText(row.address if row else "")
        self.representative.setText(row.representative if row else "")
        self.key.setText(row.public_key if row else "")
        self.kind.setCurrentIndex(self.kind.findData(row.kind.value if row else "retailer"))
        self.kind.setEnabled(row is None)
        self.country.setCurrentIndex(self.country.findData(row.country if row else HOME))
        self.form.show()
        self.name.setFocus()
        self._show_current()

    def done(self) -> None:
        """The entry is made or given up."""
        with self.keeping_keyboard():
            self._replaces = None
            self.form.hide()
            self._show_current()

    def enter(self) -> None:
        if self._rows:
            self.view.setFocus()
        else:
            (self.new if self._may_edit else self.view).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._name_countries()
        self._show_current()

    def recolour(self) -> None:
        super().recolour()
        self.table.refresh()

    def _make_form(self) -> None:
        self.form = Card(self.look, "recipient_form")
        self.kind = choice(
            self,
            "recipient_kind",
            [(one.value, f"registers.kind.{one}") for one in RecipientKind],
            shorten=True,
        )
        self.name = line("recipient_name", limit=200)
        self.address = line("recipient_address", limit=300)
        self.representative = line("recipient_representative", limit=200)
        self.country = ShorteningChoice()
        self.country.setObjectName("recipient_country")
        self.country.setMinimumContentsLength(6)
        for code in countries():
            self.country.addItem("", code)
        self._name_countries()
        self.key = line("recipient_key", limit=100)
        self.close_button = icon_button(self, "recipient_close", "ui_registers.close", "x")
        self.close_button.clicked.connect(self.done)
        self.save = button(self, "recipient_save", "ui_registers.save", kind="primary")
        self.save.clicked.connect(self._on_save)
        head = QHBoxLayout()
        head.addWidget(label(self, "ui_registers.form", bold=True, wrap=True), stretch=1)
        head.addWidget(self.close_button)
        grid = QGridLayout()
        for row, column, span, key, control in (
            (0, 0, 1, "kind", self.kind),
            (0, 1, 1, "country", self.country),
            (1, 0, 1, "name", self.name),
            (1, 1, 1, "representative", self.representative),
            (2, 0, 2, "address", self.address),
            (3, 0, 2, "key", self.key),
        ):
            pair = labelled(self, f"ui_registers.{key}", control)
            stack_field(grid, row, column, pair, span=span)
            grid.setColumnStretch(column, 1)
        foot = QHBoxLayout()
        foot.addWidget(label(self, "ui_registers.form_hint", muted=True, wrap=True), stretch=1)
        foot.addWidget(self.save)
        self.form.body.addLayout(head)
        self.form.body.addLayout(grid)
        self.form.body.addLayout(foot)
        self.form.hide()

    def _name_countries(self) -> None:
        for at in range(self.country.count()):
            country = countries()[self.country.itemData(at)]
            self.country.setItemText(
                at,
                self.look.words(
                    "ui_registers.country_named",
                    name=country.name.say(self.look.words),
                    code=country.code,
                ),
            )

    def _lay_out(self) -> None:
        side = QWidget()
        side.setFixedWidth(_LIST_WIDTH)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.new, alignment=Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.hint)
        left.addWidget(self.view, stretch=1)
        left.addStretch(0)
        self.card = Card(self.look, "recipient_card")
        top = QHBoxLayout()
        self.title = QLabel()
        self.title.setObjectName("recipient_title")
        self.title.setProperty("data", True)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        top.addWidget(self.title, stretch=1)
        top.addWidget(self.change)
        top.addWidget(self.retire_button)
        self.card.body.addLayout(top)
        self.card.body.addWidget(self.facts)
        right = QVBoxLayout()
        right.addWidget(self.form)
        right.addWidget(self.card)
        right.addWidget(self.periods)
        right.addStretch(1)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 8, 0, 0)
        columns.setSpacing(16)
        columns.addWidget(side)
        columns.addLayout(right, stretch=1)

    def _on_row_changed(self) -> None:
        self.form.hide()
        self._show_current()

    def _show_current(self) -> None:
        row, is_writing = self.current(), not self.form.isHidden()
        self.card.setVisible(row is not None and not is_writing)
        self.periods.setVisible(row is not None and not is_writing)
        if row is None:
            return
        may_edit = self._may_edit and not row.is_retired
        self.change.setVisible(may_edit)
        self.retire_button.setVisible(may_edit)
        self.title.setText(row.name)
        words, country = self.look.words, countries()[row.country]
        self.facts.setText(
            words(
                "ui_registers.facts",
                kind=words(f"registers.kind.{row.kind}"),
                country=country.name.say(words),
                address=row.address or "–",
                representative=row.representative or "–",
                public_key=row.public_key or "–",
            )
        )
        self.periods.present(row, self._today)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_registers.column_{column}")

    def _cell(self, row: RecipientRow, column: str, role: int) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and column == "state":
            is_current = row.is_current(self._today)
            return QColor(self.look.theme.colours.of("success" if is_current else "neutral"))
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words = self.look.words
        match column:
            case "name":
                return row.name
            case "kind":
                return words(f"registers.kind.{row.kind}")
            case _ if row.is_retired:
                return words("ui_registers.is_retired")
            case _:
                current = row.is_current(self._today)
                return words("ui_registers.is_current" if current else "ui_registers.not_current")

    def _on_save(self) -> None:
        self.entered.emit(
            RecipientForm(
                kind=RecipientKind(self.kind.currentData()),
                name=self.name.text(),
                address=self.address.text(),
                representative=self.representative.text(),
                country=self.country.currentData(),
                public_key=self.key.text(),
            ),
            self._replaces.id if self._replaces else 0,
        )

    def _on_retire(self) -> None:
        row = self.current()
        if row is not None:
            self.retired.emit(row.id)
