"""What makes a recipient one: its periods, and the form that adds one."""

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desk_app.privacy.registers.pages import ContractRow, ListingRow, RecipientRow, SystemRow
from desk_app.privacy.registers.rules import (
    HOME,
    ContractForm,
    Item,
    RecipientKind,
    Span,
)
from desk_app.purposes.rules import Purpose
from ui.controls import (
    Card,
    DataLabel,
    button,
    icon_button,
    label,
    labelled,
    line,
    refill,
    show_moments,
    stack_field,
)
from ui.look import Look
from ui.panel import Panel
from ui.purposes.checks import purpose_checks

Period = ListingRow | ContractRow | SystemRow


@dataclass(frozen=True, slots=True)
class SystemForm:
    """An assessment of a recipient abroad, as it is entered."""

    span: Span
    basis: str


class Periods(Panel):
    """Emits `ended` with a period, `listed` with a `Span`, `contracted` with a `ContractForm` and
    `assessed` with a `SystemForm`."""

    ended = Signal(object)
    listed = Signal(object)
    contracted = Signal(object)
    assessed = Signal(object)

    def __init__(self, look: Look, *, may_edit: bool) -> None:
        super().__init__(look, "periods")
        self._may_edit = may_edit
        self._row: RecipientRow | None = None
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self.number = line("contract_number", limit=80)
        self.work = line("contract_work", limit=200)
        self.basis = line("system_basis", limit=300)
        self.first, self.last = self._day("period_first"), self._day("period_last")
        self.open_end = QCheckBox()
        self.open_end.setObjectName("period_open_end")
        self.bind(self.open_end.setText, "ui_registers.open_end")
        self.open_end.toggled.connect(self._show_form)
        self.items: dict[Item, QCheckBox] = {}
        self.assess = QCheckBox()
        self.assess.setObjectName("period_assess")
        self.bind(self.assess.setText, "ui_registers.assess")
        self.assess.toggled.connect(self._show_form)
        self.add = button(self, "period_add", "ui_registers.add_period", kind="primary")
        self.add.clicked.connect(self._on_add)
        self._lay_out()

    def present(self, row: RecipientRow | None, today: date) -> None:
        """Show a recipient's periods; the form is for today on."""
        if self._row is None or row is None or row.id != self._row.id:
            for edit in (self.first, self.last):
                edit.setDate(QDate(today.year, today.month, today.day))
            self.open_end.setChecked(True)
            self.assess.setChecked(False)
            for field in (self.number, self.work, self.basis):
                field.clear()
            for box in (*self.items.values(), *self.purposes.boxes.values()):
                box.setChecked(False)
        self._row, self._today = row, today
        self._redraw()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def _day(self, name: str) -> QDateEdit:
        edit = QDateEdit()
        edit.setObjectName(name)
        edit.setCalendarPopup(True)
        show_moments(self, edit, "ui_times.date_entry")
        return edit

    def _lay_out(self) -> None:
        card = Card(self.look, "periods_card")
        card.body.addWidget(label(self, "ui_registers.periods", bold=True))
        card.body.addLayout(self._lines)
        self.form = QWidget()
        body = QVBoxLayout(self.form)
        body.setContentsMargins(0, 4, 0, 0)
        body.addWidget(self.assess)
        grid = QGridLayout()
        self._pairs: dict[str, tuple[QLabel, QWidget]] = {}
        for row, column, key, control in (
            (0, 0, "number", self.number),
            (0, 1, "work", self.work),
            (0, 2, "basis", self.basis),
            (1, 0, "first", self.first),
            (1, 1, "last", self.last),
        ):
            pair = labelled(self, f"ui_registers.{key}", control)
            self._pairs[key] = pair
            stack_field(grid, row, column, pair)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.open_end, 3, 2)
        body.addLayout(grid)
        self.scope = QWidget()
        scope = QGridLayout(self.scope)
        scope.setContentsMargins(0, 0, 0, 0)
        scope.addWidget(label(self, "ui_registers.items", muted=True), 0, 0, 1, 5)
        for at, item in enumerate(Item):
            self.items[item] = self._box(f"contract_item_{item}", f"registers.item.{item}")
            scope.addWidget(self.items[item], 1 + at // 5, at % 5)
        scope.addWidget(label(self, "ui_registers.purposes", muted=True), 3, 0, 1, 5)
        self.purposes = purpose_checks(self, "contract_purpose")
        scope.addWidget(self.purposes, 4, 0, 1, 5)
        body.addWidget(self.scope)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.add)
        body.addLayout(foot)
        card.body.addWidget(self.form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _box(self, name: str, key: str) -> QCheckBox:
        made = QCheckBox()
        made.setObjectName(name)
        self.bind(made.setText, key)
        return made

    def _redraw(self) -> None:
        row = self._row
        if row is None:
            refill(self._lines, [])
            self.form.hide()
            return
        periods: list[Period] = [*row.listings, *row.contracts, *row.systems]
        shown: list[QWidget] = [self._line(one) for one in periods]
        if not shown:
            hint = QLabel(self.look.words(f"ui_registers.none_{row.kind}"))
            hint.setProperty("data", True)
            hint.setWordWrap(True)
            shown.append(hint)
        refill(self._lines, shown)
        self._show_form()

    def _show_form(self) -> None:
        row = self._row
        if row is None:
            return
        with self.keeping_keyboard():
            has_own = row.kind in (RecipientKind.GROUP, RecipientKind.SUBCONTRACTOR)
            is_abroad = row.country != HOME
            self.form.setVisible(self._may_edit and not row.is_retired and (has_own or is_abroad))
            self.assess.setVisible(has_own and is_abroad)
            assessing = self._is_assessing(row)
            is_contract = row.kind is RecipientKind.SUBCONTRACTOR and not assessing
            for key, needed in (
                ("number", is_contract),
                ("work", is_contract),
                ("basis", assessing),
                ("last", assessing or not self.open_end.isChecked()),
            ):
                for widget in self._pairs[key]:
                    widget.setVisible(needed)
            self.open_end.setVisible(not assessing)
            self.scope.setVisible(is_contract)

    def _is_assessing(self, row: RecipientRow) -> bool:
        has_own = row.kind in (RecipientKind.GROUP, RecipientKind.SUBCONTRACTOR)
        return row.country != HOME and (not has_own or self.assess.isChecked())

    def _line(self, period: Period) -> QWidget:
        made = Panel(self.look, "period_row")
        cells = QHBoxLayout(made)
        cells.setContentsMargins(0, 0, 0, 0)
        said = DataLabel("period_said")
        said.setText(self._said(period))
        said.setWordWrap(True)
        cells.addWidget(said, stretch=1)
        is_over = period.span.last is not None and period.span.last < self._today
        if self._may_edit and not is_over:
            kind = type(period).__name__.removesuffix("Row").lower()
            end = icon_button(made, f"period_end_{kind}_{period.id}", "ui_registers.end", "x")
            end.clicked.connect(lambda: self.ended.emit(period))
            cells.addWidget(end)
        return made

    def _said(self, period: Period) -> str:
        words, day, span = self.look.words, self.look.language.day, period.span
        last = day(span.last) if span.last else words("ui_registers.until_ended")
        dates = words("ui_registers.from_to", first=day(span.first), last=last)
        match period:
            case ContractRow():
                comma = words("ui_provisions.comma")
                items = comma.join(
                    words(f"registers.item.{one}") for one in Item if one in period.items
                )
                return words(
                    "ui_registers.contract",
                    number=period.number,
                    work=period.work or "–",
                    dates=dates,
                    items=items,
                    purposes=comma.join(
                        words(f"purposes.purpose.{one}") for one in sorted(period.purposes)
                    ),
                )
            case SystemRow():
                return words("ui_registers.system", basis=period.basis, dates=dates)
            case _:
                return words("ui_registers.listing", dates=dates)

    def _on_add(self) -> None:
        row = self._row
        if row is None:
            return
        assessing = self._is_assessing(row)
        ends = assessing or not self.open_end.isChecked()
        span = Span(_plain(self.first.date()), _plain(self.last.date()) if ends else None)
        if assessing:
            self.assessed.emit(SystemForm(span, self.basis.text()))
        elif row.kind is RecipientKind.GROUP:
            self.listed.emit(span)
        else:
            self.contracted.emit(
                ContractForm(
                    number=self.number.text(),
                    work=self.work.text(),
                    span=span,
                    items=tuple(one for one, box in self.items.items() if box.isChecked()),
                    purposes=tuple(one for one in Purpose if one in self.purposes.values),
                )
            )


def _plain(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
