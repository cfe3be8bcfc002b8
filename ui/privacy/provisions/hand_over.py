"""Handing over: what leaves, item by item as it is, to whom, and why it may or may not."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desk_app.customers.rules import Answer
from desk_app.privacy.provisions.pages import HandOverPage, Judged, Line, digest_of
from desk_app.privacy.provisions.rules import Lack, LegalForm, Means, RecordKind, Wanted
from desk_app.privacy.provisions.service import Keeping
from desk_app.privacy.provisions.writing import FileForm
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.published import countries
from desk_app.privacy.registers.rules import HOME, Item, RecipientKind
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose, Use
from desk_app.purposes.uses import SaidUse
from ui.controls import (
    Card,
    DataLabel,
    PasswordField,
    ShorteningChoice,
    Toned,
    button,
    choice,
    icon_button,
    label,
    labelled,
    line,
    refill,
    stack_field,
)
from ui.frames import scrolling
from ui.look import Look
from ui.panel import Panel

_SIDE_WIDTH = 470
_BY_GROUND = {RecipientKind.RETAILER, RecipientKind.AUTHORITY, RecipientKind.OTHER}


@dataclass(frozen=True, slots=True)
class HandOverWanted:
    """A hand-over as it was shown; ``shown`` tells what was."""

    customer_id: int
    case_id: int | None
    wanted: Wanted
    shown: str
    means: Means
    keeping: Keeping
    form: FileForm
    passphrase: str
    public_key: str
    recipient_name: str


class HandOverView(Panel):
    """Emits `changed` when there is something else to be judged, `wanted` with a
    `HandOverWanted`, `revealed` with a `Wanted` whose legal ground lets what is withheld be looked
    at, `told` when the customer was informed of the country, and `closed`."""

    changed = Signal()
    revealed = Signal(object)
    wanted = Signal(object)
    told = Signal()
    closed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "hand_over")
        self._page: HandOverPage | None = None
        self._judged: Judged | None = None
        self.title = QLabel()
        self.title.setObjectName("hand_over_title")
        self.title.setProperty("data", True)
        self.close_button = icon_button(self, "hand_over_close", "ui_provisions.close", "x")
        self.close_button.clicked.connect(self.closed)
        self.recipient = ShorteningChoice()
        self.recipient.setObjectName("hand_over_recipient")
        self.recipient.setProperty("data", True)
        self.recipient.setMinimumContentsLength(6)
        self.purpose = ShorteningChoice()
        self.purpose.setObjectName("hand_over_purpose")
        self.purpose.setProperty("data", True)
        self.purpose.setMinimumContentsLength(6)
        self.means = choice(
            self,
            "hand_over_means",
            [(one.value, f"provisions.means.{one}") for one in Means],
            shorten=True,
        )
        self.form = choice(
            self, "hand_over_form", [(one.value, f"ui_reports.form_{one}") for one in FileForm]
        )
        self.passphrase = PasswordField(self, "hand_over_passphrase", "ui_provisions.passphrase")
        self.record = choice(
            self,
            "hand_over_record",
            [(one.value, f"provisions.record.{one}") for one in RecordKind],
            shorten=True,
        )
        self.series = line("hand_over_series", limit=120)
        self.ground = ShorteningChoice()
        self.ground.setObjectName("hand_over_ground")
        self.ground.setMinimumContentsLength(6)
        self.reference = line("hand_over_reference", limit=300)
        self.boxes: dict[Item, QCheckBox] = {}
        self.values: dict[Item, DataLabel] = {}
        self.verdict = Toned(look, "hand_over_verdict")
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(3)
        self.tell = button(self, "hand_over_tell", "ui_provisions.tell")
        self.tell.clicked.connect(self.told)
        self.start = button(
            self, "hand_over_start", "ui_provisions.hand_over", icon="arrow-right", kind="primary"
        )
        self.start.clicked.connect(self._on_start)
        self.reveal = button(self, "hand_over_reveal", "ui_provisions.reveal", icon="eye")
        self.reveal.clicked.connect(lambda: self.revealed.emit(self.chosen()))
        self._lay_out()
        for combo in (self.recipient, self.purpose, self.ground, self.record, self.means):
            combo.currentIndexChanged.connect(self._on_edited)
        self.reference.editingFinished.connect(self.changed)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_start)

    def present(self, page: HandOverPage) -> None:
        """Show what can leave; nothing is chosen yet."""
        self._page, self._judged = page, None
        blocked = self.recipient.blockSignals(True)
        self.recipient.clear()
        for row in page.recipients:
            self.recipient.addItem(row.name, row)
        self.recipient.blockSignals(blocked)
        for combo, usual in ((self.purpose, USUAL_PURPOSE.value), (self.ground, "")):
            blocked = combo.blockSignals(True)
            combo.setCurrentIndex(combo.findData(usual))
            combo.blockSignals(blocked)
        for shown in page.lines:
            box = self.boxes[shown.item]
            blocked = box.blockSignals(True)
            box.setChecked(False)
            box.setEnabled(_is_there(page, shown))
            box.blockSignals(blocked)
        for field in (self.reference, self.series, self.passphrase):
            field.clear()
        self.retranslate()
        self.changed.emit()

    def show_values(self, page: HandOverPage) -> None:
        """Show what was withheld, beside what is chosen already."""
        self._page = page
        self.retranslate()
        self.changed.emit()

    def judge(self, judged: Judged | None) -> None:
        """Show the verdict on what is chosen now; None while it is being asked for."""
        self._judged = judged
        self._show_verdict()

    def chosen(self) -> Wanted | None:
        """What is chosen now; None while there is no recipient."""
        row = self._recipient()
        if row is None:
            return None
        ground = self.ground.currentData() if row.kind in _BY_GROUND else None
        return Wanted(
            recipient_id=row.id,
            items=frozenset(item for item, box in self.boxes.items() if box.isChecked()),
            purpose=self._purpose(),
            ground=ground or None,
            reference=self.reference.text() if ground else "",
        )

    @property
    def record_kind(self) -> RecordKind:
        return RecordKind(self.record.currentData())

    @property
    def customer_id(self) -> int | None:
        return self._page.customer_id if self._page else None

    @property
    def case_id(self) -> int | None:
        return self._page.case_id if self._page else None

    def enter(self) -> None:
        self.recipient.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        words, page = self.look.words, self._page
        grounds = page.grounds if page else ()
        current = self.ground.currentData()
        blocked = self.ground.blockSignals(True)
        self.ground.clear()
        self.ground.addItem(words("ui_provisions.no_ground"), "")
        for one in grounds:
            self.ground.addItem(words(f"provisions.ground.{one.key}"), one.key)
        self.ground.setCurrentIndex(max(0, self.ground.findData(current)))
        self.ground.blockSignals(blocked)
        self._name_purposes()
        if page is not None:
            name = page.person if page.withheld is None else f"({words('purposes.stopped_name')})"
            self.title.setText(
                words("ui_provisions.hand_over_of", case=page.case_number or "", name=name)
            )
            for shown in page.lines:
                is_withheld = not shown.text and _is_there(page, shown)
                why = "purposes.stopped_name" if is_withheld else f"customers.answer.{shown.answer}"
                said = shown.text or f"({words(why)})"
                self.values[shown.item].setText(said)
        self._show_fields()
        self._show_verdict()

    def _purpose(self) -> Use:
        """What is chosen: one of A to H, or a use that the officer has named."""
        value: str = self.purpose.currentData()
        others = self._page.other_uses if self._page else ()
        return next((one for one in others if one.value == value), None) or Purpose(value)

    def _name_purposes(self) -> None:
        uses: list[Use] = [*Purpose, *(self._page.other_uses if self._page else ())]
        current = self.purpose.currentData() or USUAL_PURPOSE.value
        blocked = self.purpose.blockSignals(True)
        self.purpose.clear()
        for use in uses:
            self.purpose.addItem(SaidUse(use).say(self.look.words), use.value)
        self.purpose.setCurrentIndex(max(0, self.purpose.findData(current)))
        self.purpose.blockSignals(blocked)

    def _recipient(self) -> RecipientRow | None:
        row: RecipientRow | None = self.recipient.currentData()
        return row

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, stretch=1)
        head.addWidget(self.close_button)
        side = QWidget()
        side.setFixedWidth(_SIDE_WIDTH)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        form = Card(self.look, "hand_over_form_card")
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._captions: dict[str, QLabel] = {}
        for row, column, span, key, control in (
            (0, 0, 2, "recipient", self.recipient),
            (1, 0, 2, "purpose", self.purpose),
            (2, 0, 1, "means", self.means),
            (2, 1, 1, "form", self.form),
            (3, 0, 2, "passphrase", self.passphrase),
            (4, 0, 1, "record", self.record),
            (4, 1, 1, "series", self.series),
            (5, 0, 1, "ground", self.ground),
            (5, 1, 1, "reference", self.reference),
        ):
            pair = labelled(self, f"ui_provisions.{key}", control)
            self._captions[key] = pair[0]
            stack_field(grid, row, column, pair, span=span)
        form.body.addLayout(grid)
        verdict = Card(self.look, "hand_over_verdict_card")
        verdict.body.addWidget(self.verdict)
        verdict.body.addLayout(self._reasons)
        verdict.body.addWidget(self.tell)
        left.addWidget(form)
        left.addWidget(verdict)
        left.addStretch(1)
        items = Card(self.look, "hand_over_items")
        items.body.addWidget(label(self, "ui_provisions.what_leaves", bold=True))
        body = QWidget()
        rows = QGridLayout(body)
        rows.setContentsMargins(0, 0, 8, 0)
        rows.setColumnStretch(1, 1)
        for at, item in enumerate(Item):
            box = QCheckBox()
            box.setObjectName(f"hand_over_item_{item}")
            self.bind(box.setText, f"registers.item.{item}")
            box.toggled.connect(self._on_edited)
            value = DataLabel(f"hand_over_value_{item}")
            value.setWordWrap(True)
            self.boxes[item], self.values[item] = box, value
            rows.addWidget(box, at, 0)
            rows.addWidget(value, at, 1)
        rows.setRowStretch(len(Item), 1)
        area = scrolling(self, body, "ui_provisions.what_leaves")
        area.viewport().setAutoFillBackground(False)  # the card's own colour
        body.setAutoFillBackground(False)
        items.body.addWidget(area, stretch=1)
        foot = QHBoxLayout()
        foot.addWidget(label(self, "ui_provisions.hint", muted=True, wrap=True), stretch=1)
        foot.addWidget(self.reveal)
        foot.addWidget(self.start)
        items.body.addLayout(foot)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(side)
        columns.addWidget(items, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addLayout(head)
        layout.addLayout(columns, stretch=1)

    def _show_fields(self) -> None:
        """Only what matters for this recipient and these means."""
        row = self._recipient()
        is_file = self.means.currentData() == Means.FILE
        by_ground = row is not None and row.kind in _BY_GROUND
        has_key = row is not None and bool(row.public_key)
        for key, control, is_needed in (
            ("form", self.form, is_file),
            ("passphrase", self.passphrase, is_file and not has_key),
            ("series", self.series, self.record_kind is not RecordKind.SINGLE),
            ("ground", self.ground, by_ground),
            ("reference", self.reference, by_ground and bool(self.ground.currentData())),
        ):
            self._captions[key].setVisible(is_needed)
            control.setVisible(is_needed)

    def _on_edited(self) -> None:
        with self.keeping_keyboard():
            self._show_fields()
        self.judge(None)
        self.changed.emit()

    def _show_verdict(self) -> None:
        judged, row, words = self._judged, self._recipient(), self.look.words
        withheld = self._page.withheld if self._page else None
        may = judged is not None and judged.may
        is_by_law = judged is not None and judged.verdict.form is LegalForm.LEGAL_GROUND
        self.start.setVisible(withheld is None)
        self.start.setEnabled(may and withheld is None)
        self.reveal.setVisible(withheld is not None)
        self.reveal.setEnabled(may and is_by_law)
        has_no_consent = judged is not None and Lack.ABROAD in judged.verdict.lacks
        self.tell.setVisible(has_no_consent)
        if judged is None or row is None:
            no_recipient = self._page is not None and row is None
            key = "ui_provisions.no_recipients" if no_recipient else "ui_provisions.judging"
            self.verdict.setText(words("ui_provisions.open"))
            self.verdict.set_tone("neutral")
            refill(self._reasons, [self._reason(words(key))])
            return
        if withheld is not None and not is_by_law:
            may = False
        said = words("ui_provisions.may" if may else "ui_provisions.may_not")
        form = words(f"provisions.form.{judged.verdict.form}")
        self.verdict.setText(words("ui_provisions.verdict", form=form, may=said))
        self.verdict.set_tone("success" if may else "danger")
        refill(self._reasons, [self._reason(text) for text in self._why(judged, row)])

    def _why(self, judged: Judged, row: RecipientRow) -> list[str]:
        words, verdict = self.look.words, judged.verdict
        country = countries()[row.country].name.say(words)
        items = words("ui_provisions.comma").join(
            words(f"registers.item.{one}") for one in verdict.items
        )
        kind = words(f"registers.kind.{row.kind}")
        address = row.address or "–"
        said = [words("ui_provisions.whom", kind=kind, country=country, address=address)]
        said += [
            words(f"provisions.lack.{lack}", items=items, country=country) for lack in verdict.lacks
        ]
        withheld = self._page.withheld if self._page else None
        stopped = judged.stopped or withheld
        if stopped is not None:
            said.append(words.error(stopped))
            if judged.may:
                said.append(words("ui_provisions.by_law_all_the_same"))
        if judged.source is not None:
            said.append(judged.source.say(words))
        if judged.contract_number is not None:
            said.append(words("ui_provisions.contract", number=judged.contract_number))
        if verdict.form is LegalForm.CONSENT and verdict.consent_id is not None:
            said.append(words("ui_provisions.consent", number=verdict.consent_id))
        if row.country != HOME and verdict.abroad is not None:
            said.append(words(f"provisions.abroad.{verdict.abroad}"))
        if judged.may:
            key = "ui_provisions.kept_from_last" if judged.keep.from_last else "ui_provisions.kept"
            said.append(words.count(key, judged.keep.years))
        return said

    def _reason(self, text: str) -> QLabel:
        made = QLabel(text)
        made.setObjectName("hand_over_reason")
        made.setProperty("data", True)
        made.setWordWrap(True)
        return made

    def _on_start(self) -> None:
        page, wanted, row = self._page, self.chosen(), self._recipient()
        if page is None or wanted is None or row is None or not self.start.isEnabled():
            return
        self.wanted.emit(
            HandOverWanted(
                customer_id=page.customer_id,
                case_id=page.case_id,
                wanted=wanted,
                shown=digest_of(page.lines, wanted.items),
                means=Means(self.means.currentData()),
                keeping=Keeping(self.record_kind, self.series.text()),
                form=FileForm(self.form.currentData()),
                passphrase=self.passphrase.text(),
                public_key=row.public_key,
                recipient_name=row.name,
            )
        )


def _is_there(page: HandOverPage, shown: Line) -> bool:
    """Whether the item holds something, shown or withheld."""
    return bool(shown.text) or (page.withheld is not None and shown.answer is Answer.ANSWERED)
