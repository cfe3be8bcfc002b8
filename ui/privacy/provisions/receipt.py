"""Entering what others gave us of a customer, and how they had come by it."""

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
)

from desk_app.privacy.provisions.pages import HandOverPage
from desk_app.privacy.provisions.rules import Confirmation
from desk_app.privacy.provisions.service import ReceiptForm
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.rules import Item
from ui.controls import (
    Card,
    ShorteningChoice,
    TextArea,
    button,
    choice,
    icon_button,
    label,
    labelled,
    line,
    show_moments,
    stack_field,
)
from ui.look import Look
from ui.panel import Panel


class ReceiptView(Panel):
    """Emits `wanted` with the case's id and a `ReceiptForm`, and `closed`."""

    wanted = Signal(int, object)
    closed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "receipt")
        self._page: HandOverPage | None = None
        self.title = QLabel()
        self.title.setObjectName("receipt_title")
        self.title.setProperty("data", True)
        self.close_button = icon_button(self, "receipt_close", "ui_provisions.close", "x")
        self.close_button.clicked.connect(self.closed)
        self.provider = ShorteningChoice()
        self.provider.setObjectName("receipt_provider")
        self.provider.setProperty("data", True)
        self.provider.setMinimumContentsLength(6)
        self.provider.currentIndexChanged.connect(self._show_fields)
        self.name = line("receipt_name", limit=200)
        self.address = line("receipt_address", limit=300)
        self.representative = line("receipt_representative", limit=200)
        self.received = QDateEdit()
        self.received.setObjectName("receipt_day")
        self.received.setCalendarPopup(True)
        show_moments(self, self.received, "ui_times.date_entry")
        self.confirmed = choice(
            self,
            "receipt_confirmed",
            [(one.value, f"provisions.confirmed.{one}") for one in Confirmation],
            shorten=True,
        )
        self.consent = QCheckBox()
        self.consent.setObjectName("receipt_consent")
        self.bind(self.consent.setText, "ui_provisions.receipt_consent")
        self.obtained = TextArea("receipt_obtained", lines=3)
        self.boxes: dict[Item, QCheckBox] = {}
        self.save = button(self, "receipt_save", "ui_provisions.receipt_save", kind="primary")
        self.save.clicked.connect(self._on_save)
        self._lay_out()
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_save)

    def present(self, page: HandOverPage) -> None:
        """An empty form about this case's customer."""
        self._page = page
        blocked = self.provider.blockSignals(True)
        self.provider.clear()
        self.provider.addItem("", None)
        for row in page.recipients:
            self.provider.addItem(row.name, row)
        self.provider.blockSignals(blocked)
        for field in (self.name, self.address, self.representative):
            field.clear()
        self.obtained.clear()
        self.consent.setChecked(False)
        for box in self.boxes.values():
            box.setChecked(False)
        day = page.today
        self.received.setDate(QDate(day.year, day.month, day.day))
        self.retranslate()

    def enter(self) -> None:
        self.provider.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        if self._page is not None:
            self.provider.setItemText(0, self.look.words("ui_provisions.not_registered"))
            is_shown = self._page.withheld is None
            name = (
                self._page.person if is_shown else f"({self.look.words('purposes.stopped_name')})"
            )
            number = self._page.case_number or ""
            self.title.setText(self.look.words("ui_provisions.receipt_of", case=number, name=name))
        self._show_fields()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, stretch=1)
        head.addWidget(self.close_button)
        card = Card(self.look, "receipt_card")
        card.body.addWidget(label(self, "ui_provisions.receipt_hint", muted=True, wrap=True))
        grid = QGridLayout()
        self._named = []
        for row, column, key, control in (
            (0, 0, "provider", self.provider),
            (0, 1, "received_on", self.received),
            (0, 2, "confirmed", self.confirmed),
            (1, 0, "provider_name", self.name),
            (1, 1, "provider_address", self.address),
            (1, 2, "provider_representative", self.representative),
        ):
            pair = labelled(self, f"ui_provisions.{key}", control)
            stack_field(grid, row, column, pair)
            grid.setColumnStretch(column, 1)
            if row == 1:
                self._named.append(pair)
        card.body.addLayout(grid)
        caption, _area = labelled(self, "ui_provisions.obtained", self.obtained)
        card.body.addWidget(caption)
        card.body.addWidget(self.obtained)
        card.body.addWidget(self.consent)
        card.body.addWidget(label(self, "ui_provisions.what_came", bold=True))
        items = QGridLayout()
        for at, item in enumerate(Item):
            box = QCheckBox()
            box.setObjectName(f"receipt_item_{item}")
            self.bind(box.setText, f"registers.item.{item}")
            self.boxes[item] = box
            items.addWidget(box, at // 5, at % 5)
        card.body.addLayout(items)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save)
        card.body.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(head)
        layout.addWidget(card)
        layout.addStretch(1)

    def _show_fields(self) -> None:
        """Who stands in the registers need not be named again."""
        is_named = self.provider.currentData() is None
        with self.keeping_keyboard():
            for pair in self._named:
                for widget in pair:
                    widget.setVisible(is_named)

    def _on_save(self) -> None:
        if self._page is None or self._page.case_id is None:
            return
        row: RecipientRow | None = self.provider.currentData()
        day = self.received.date()
        form = ReceiptForm(
            items=tuple(item for item, box in self.boxes.items() if box.isChecked()),
            received_on=date(day.year(), day.month(), day.day()),
            obtained=self.obtained.toPlainText(),
            confirmed_by=Confirmation(self.confirmed.currentData()),
            with_consent=self.consent.isChecked(),
            recipient_id=row.id if row else None,
            provider_name=self.name.text(),
            provider_address=self.address.text(),
            provider_representative=self.representative.text(),
        )
        self.wanted.emit(self._page.case_id, form)
