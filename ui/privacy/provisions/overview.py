"""What was handed over and what was received, and one of the records opened."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout

from desk_app.privacy.provisions.pages import (
    ProvisionRecord,
    ProvisionRow,
    ReceiptRecord,
    ReceiptRow,
)
from desk_app.privacy.registers.published import countries
from desk_app.privacy.registers.rules import HOME
from desk_app.purposes.uses import SaidUse
from ui.controls import (
    Card,
    DataLabel,
    button,
    choice,
    icon_button,
    label,
    labelled,
    line,
    refill,
)
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"when": 150, "case": 130, "firm": 240, "items": 300, "form": 200, "keep": 120}
Row = ProvisionRow | ReceiptRow
Record = ProvisionRecord | ReceiptRecord


class ProvisionsOverview(Panel):
    """Emits `hand_over_wanted` and `receipt_wanted` with a case's number, `opened` with a row, and
    `not_left` with the id of a provision that never left after all."""

    hand_over_wanted = Signal(str)
    receipt_wanted = Signal(str)
    opened = Signal(object)
    not_left = Signal(int)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "provisions")
        self._zone = zone
        self._provisions: Sequence[ProvisionRow] = ()
        self._receipts: Sequence[ReceiptRow] = ()
        self._record: Record | None = None
        self.shown = choice(
            self,
            "provisions_shown",
            [("given", "ui_provisions.given"), ("received", "ui_provisions.received")],
        )
        self.shown.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.shown.currentIndexChanged.connect(self._show_rows)
        self.number = line("provisions_case", limit=40)
        self.number.returnPressed.connect(self._on_hand_over)
        self.new = button(
            self, "provisions_new", "ui_provisions.new", icon="arrow-right", kind="primary"
        )
        self.new.clicked.connect(self._on_hand_over)
        self.receive = button(self, "provisions_receive", "ui_provisions.receive", icon="download")
        self.receive.clicked.connect(lambda: self.receipt_wanted.emit(self.number.text()))
        self.table = RowsTable[Row](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("provisions_table")
        self.bind(self.view.setAccessibleName, "ui_provisions.list")
        self.view.setModel(self.table)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.chosen.connect(self._on_opened)
        self.view.doubleClicked.connect(self._on_opened)
        self.empty = label(
            self, "ui_provisions.empty", name="provisions_empty", muted=True, wrap=True
        )
        self.card = Card(look, "provision_record")
        self.record_title = QLabel()
        self.record_title.setObjectName("provision_record_title")
        self.record_title.setProperty("data", True)
        self.fold = icon_button(self, "provision_record_close", "ui_provisions.close", "x")
        self.fold.clicked.connect(lambda: self.show_record(None))
        self.undo = button(self, "provision_not_left", "ui_provisions.not_left")
        self.undo.clicked.connect(self._on_not_left)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(2)
        self._lay_out()
        self.show_record(None)
        self._show_rows()

    def present(self, provisions: Sequence[ProvisionRow], receipts: Sequence[ReceiptRow]) -> None:
        """Show these, the latest first."""
        self._provisions, self._receipts = provisions, receipts
        self._show_rows()

    def show_record(self, record: Record | None) -> None:
        """Unfold a record that was opened, or fold it."""
        self._record = record
        with self.keeping_keyboard():
            self.card.setVisible(record is not None)
            self._show_facts()

    def enter(self) -> None:
        (self.view if self.table.rows else self.number).setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self.table.refresh()
        self._show_facts()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        caption, _shown = labelled(self, "ui_provisions.show", self.shown)
        for widget in (caption, self.shown):
            head.addWidget(widget)
        head.addStretch(1)
        caption, _number = labelled(self, "ui_provisions.case_number", self.number)
        self.number.setFixedWidth(170)
        for other in (caption, self.number, self.new, self.receive):
            head.addWidget(other)
        top = QHBoxLayout()
        top.addWidget(self.record_title, stretch=1)
        top.addWidget(self.undo)
        top.addWidget(self.fold)
        self.card.body.addLayout(top)
        self.card.body.addLayout(self._facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(head)
        layout.addWidget(self.empty)
        layout.addWidget(self.view, stretch=1)
        layout.addStretch(0)
        layout.addWidget(self.card)

    def _show_rows(self) -> None:
        is_given = self.shown.currentData() == "given"
        rows: Sequence[Row] = self._provisions if is_given else self._receipts
        self.table.show_rows(rows)
        self.view.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        if rows:
            self.view.selectRow(0)

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_provisions.column_{column}")

    def _cell(self, row: Row, column: str, role: int) -> object:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        words, language = self.look.words, self.look.language
        match column:
            case "when" if isinstance(row, ProvisionRow):
                return language.when(row.provided_at.astimezone(self._zone), "day_and_time")
            case "when" if isinstance(row, ReceiptRow):
                return language.day(row.received_on)
            case "case":
                return row.case_number or ""
            case "firm" if isinstance(row, ProvisionRow):
                return row.recipient_name
            case "firm" if isinstance(row, ReceiptRow):
                return row.provider_name
            case "items":
                return self._items(row)
            case "form" if isinstance(row, ProvisionRow):
                key = f"provisions.form.{row.form}" if row.left else "ui_provisions.never_left"
                return words(key)
            case "form":
                return words("ui_provisions.received_from")
            case _:
                return language.day(row.keep_until)

    def _items(self, row: Row) -> str:
        words = self.look.words
        return words("ui_provisions.comma").join(
            words(f"registers.item.{one}") for one in row.items
        )

    def _show_facts(self) -> None:
        record = self._record
        if record is None:
            refill(self._facts, [])
            return
        given = isinstance(record, ProvisionRecord)
        key = "ui_provisions.record_given" if given else "ui_provisions.record_received"
        self.record_title.setText(self.look.words(key, number=record.row.id))
        self.undo.setVisible(isinstance(record, ProvisionRecord) and record.row.left)
        facts = (
            self._given(record) if isinstance(record, ProvisionRecord) else self._received(record)
        )
        refill(self._facts, [self._fact(text) for text in facts if text])

    def _given(self, record: ProvisionRecord) -> list[str]:
        words, row = self.look.words, record.row
        country = countries()[row.country].name.say(words)
        said = [
            words("ui_provisions.fact_person", name=record.person, items=self._items(row)),
            words(
                "ui_provisions.fact_recipient",
                name=row.recipient_name,
                address=record.recipient_address or "–",
                representative=record.recipient_representative or "–",
            ),
            words(
                "ui_provisions.fact_basis",
                form=words(f"provisions.form.{row.form}"),
                purpose=SaidUse(row.purpose).say(words),
                means=words(f"provisions.means.{row.means}"),
                by=record.provided_by,
            ),
        ]
        if record.contract_number is not None:
            said.append(words("ui_provisions.contract", number=record.contract_number))
        if record.consent_id is not None:
            said.append(words("ui_provisions.consent", number=record.consent_id))
        if record.ground is not None:
            said.append(f"{record.ground.source.say(words)} – {record.reference}")
        if row.country != HOME and record.abroad is not None:
            said.append(f"{country}: {words(f'provisions.abroad.{record.abroad}')}")
        return [*said, self._kept(record, words(f"provisions.record.{record.record_kind}"))]

    def _received(self, record: ReceiptRecord) -> list[str]:
        words, row = self.look.words, record.row
        consent = "ui_provisions.with_consent" if record.with_consent else "ui_provisions.without"
        return [
            words("ui_provisions.fact_person", name=record.person, items=self._items(row)),
            words(
                "ui_provisions.fact_recipient",
                name=row.provider_name,
                address=record.provider_address,
                representative=record.provider_representative or "–",
            ),
            words(
                "ui_provisions.fact_obtained",
                how=record.obtained,
                confirmed=words(f"provisions.confirmed.{record.confirmed_by}"),
                consent=words(consent),
                by=record.entered_by,
            ),
            self._kept(record, words("provisions.record.single")),
        ]

    def _kept(self, record: Record, kind: str) -> str:
        day = self.look.language.day(record.row.keep_until)
        source = record.keeping.source.say(self.look.words)
        return self.look.words("ui_provisions.fact_kept", kind=kind, day=day, source=source)

    def _fact(self, text: str) -> DataLabel:
        made = DataLabel("provision_fact")
        made.setWordWrap(True)
        made.setText(text)
        return made

    def _on_hand_over(self) -> None:
        self.hand_over_wanted.emit(self.number.text())

    def _on_opened(self) -> None:
        at = self.view.currentIndex().row()
        if 0 <= at < len(self.table.rows):
            self.opened.emit(self.table.rows[at])

    def _on_not_left(self) -> None:
        if isinstance(self._record, ProvisionRecord):
            self.not_left.emit(self._record.row.id)
