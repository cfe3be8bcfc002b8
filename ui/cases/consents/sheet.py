"""Consents, opt-outs and stops of a customer on a sheet, with the forms of what is done to them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desk_app.calls.pages import ContactRow
from desk_app.purposes.consents.pages import (
    ConsentChannel,
    ConsentForm,
    ConsentRow,
    ConsentState,
    CustomerUses,
)
from desk_app.purposes.rules import OtherUse, Purpose, RecipientKind, ResumeReason, Scope, Topic
from ui.cases.consents.evidence import EvidenceFields
from ui.controls import (
    Card,
    DataLabel,
    ShorteningChoice,
    button,
    choice,
    label,
    labelled,
    stack_field,
    tint,
)
from ui.frames import set_up_list
from ui.look import Look
from ui.panel import Panel
from ui.purposes.checks import purpose_checks, recipient_checks, topic_checks
from ui.purposes.said import day, said_block, said_briefly, said_consent, said_scope, tone_of
from ui.rows_table import RowsTable, RowsView

_WIDTHS = {"scope": 260, "state": 130, "given": 140, "policy": 90, "evidence": 140}
_OVERVIEW, _CONSENT, _LIFTING, _WITHDRAWAL = range(4)
"""The pages, in their order."""


class ConsentSheet(Panel):
    """Emits what is wanted; what was entered stays until `done`."""

    consent_wanted = Signal(object)  # ConsentForm
    position_mistyped = Signal()
    withdrawal_wanted = Signal(int, object)  # consent id, Evidence
    opt_out_wanted = Signal()
    lift_wanted = Signal(int, object)  # block id, ResumeReason

    def __init__(
        self, look: Look, *, zone: ZoneInfo, may_record: bool, may_lift: bool = False
    ) -> None:
        super().__init__(look, "consents")
        self._zone, self._may_record, self._may_lift = zone, may_record, may_lift
        self._uses: CustomerUses | None = None
        self._contacts: Sequence[ContactRow] = ()
        self._named: Sequence[OtherUse] = ()
        self.said = DataLabel("consents_said")
        self.said.setWordWrap(True)
        self.hint = label(self, "ui_purposes.no_consents", name="consents_hint", muted=True)
        self.hint.setWordWrap(True)
        self.table = RowsTable[ConsentRow](tuple(_WIDTHS), self._cell, self._heading)
        self.view = RowsView()
        self.view.setObjectName("consents_table")
        self.bind(self.view.setAccessibleName, "ui_cases.tab_consents")
        self.view.setModel(self.table)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_up_list(self.view, _WIDTHS.values())
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.setMinimumHeight(120)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._offer())
        self.withdraw = button(self, "consent_withdraw", "ui_purposes.withdraw", icon="x")
        self.opt_out = button(self, "consent_opt_out", "ui_purposes.opt_out", icon="mail")
        self.new = button(self, "consent_new", "ui_purposes.new_consent", icon="plus")
        self.back = button(self, "consent_back", "ui_policy.back", kind="quiet")
        self.lift = button(self, "stop_lift", "ui_purposes.lift", icon="check")
        self.block = ShorteningChoice()
        self.block.setObjectName("stop_block")
        self.block.setProperty("data", True)
        self.why = choice(
            self,
            "stop_why",
            [(one.value, f"purposes.resume_reason.{one}") for one in ResumeReason],
            shorten=True,
        )
        self.lift_back = button(self, "stop_back", "ui_policy.back", kind="quiet")
        self.lift_now = button(
            self, "stop_lift_now", "ui_purposes.lift_now", icon="check", kind="primary"
        )
        self.lift.clicked.connect(self.begin_lifting)
        self.lift_back.clicked.connect(self._on_back)
        self.lift_now.clicked.connect(self._on_lift)
        self.new.clicked.connect(self.begin)
        self.back.clicked.connect(self._on_back)
        self.withdraw.clicked.connect(self.begin_withdrawing)
        self.opt_out.clicked.connect(self.opt_out_wanted)
        self.purposes = purpose_checks(self, "consent_purposes")
        self.topics = topic_checks(self, "consent_topics")
        self.recipients = recipient_checks(self, "consent_recipients")
        self.named = QComboBox()
        self.named.setObjectName("consent_named")
        self.channel = choice(
            self, "consent_channel", [(one.value, f"calls.channel.{one}") for one in ConsentChannel]
        )
        self.named.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.named.setMinimumContentsLength(8)
        self.named.setProperty("data", True)
        self.evidence = EvidenceFields(look, "consent", zone=zone)
        self.withdrawn = DataLabel("withdrawal_consent")
        self.withdrawn.setWordWrap(True)
        self.proof = EvidenceFields(look, "withdrawal", zone=zone)
        self.withdraw_back = button(self, "withdrawal_back", "ui_policy.back", kind="quiet")
        self.withdraw_now = button(
            self, "withdrawal_now", "ui_purposes.withdraw_now", icon="check", kind="primary"
        )
        self.withdraw_back.clicked.connect(self._on_back)
        self.withdraw_now.clicked.connect(self._on_withdraw)
        self.save = button(self, "consent_save", "ui_purposes.record", icon="check", kind="primary")
        self.save.clicked.connect(self._on_save)
        self._lay_out()
        for made in (self.withdraw, self.lift):
            made.hide()  # until it is read whether there is anything to withdraw or to lift

    def present(
        self,
        uses: CustomerUses | None,
        *,
        contacts: Sequence[ContactRow] = (),
        named: Sequence[OtherUse] = (),
    ) -> None:
        """Show a customer's consents; None: the case names no customer."""
        self._uses, self._named = uses, named
        self._contacts = contacts
        self._redraw()

    def done(self) -> None:
        """It was recorded: empty the form."""
        for checks in (self.purposes, self.topics, self.recipients):
            checks.tick(())
        self.named.setCurrentIndex(0)
        self.evidence.empty()
        self.proof.empty()
        self._pages.setCurrentIndex(_OVERVIEW)

    def enter(self) -> None:
        if self.view.isVisibleTo(self):
            self.view.setFocus()
        elif self.new.isVisibleTo(self):
            self.new.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()

    def recolour(self) -> None:
        super().recolour()
        self._redraw()

    def form(self) -> ConsentForm:
        """What was entered."""
        named = self.named.currentData()
        return ConsentForm(
            scope=Scope(
                purposes=frozenset(Purpose(one) for one in self.purposes.values),
                named_use=named or None,
                recipients=frozenset(RecipientKind(one) for one in self.recipients.values),
                topics=frozenset(Topic(one) for one in self.topics.values),
            ),
            channel=ConsentChannel(self.channel.currentData()),
            evidence=self.evidence.evidence(),
        )

    def _lay_out(self) -> None:
        acts = QHBoxLayout()
        for made in (self.new, self.withdraw, self.opt_out, self.lift):
            acts.addWidget(made)
        acts.addStretch(1)
        overview = QWidget()
        inner = QVBoxLayout(overview)
        inner.setContentsMargins(0, 4, 0, 0)
        for widget in (self.said, self.hint, self.view):
            inner.addWidget(widget)
        inner.addLayout(acts)
        inner.addStretch(1)
        card = Card(self.look, "consent_form")
        card.body.setSpacing(3)
        card.body.addWidget(label(self, "ui_purposes.new_consent", bold=True))
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        for key, checks, line_at, side, span in (
            ("for_purposes", self.purposes, 0, 0, 2),
            ("for_recipients", self.recipients, 2, 0, 1),
            ("for_topics", self.topics, 2, 1, 1),
        ):
            named = label(self, f"ui_purposes.{key}", muted=True)
            grid.addWidget(named, line_at, side, 1, span)
            grid.addWidget(checks, line_at + 1, side, 1, span)
        stack_field(grid, 2, 0, labelled(self, "ui_purposes.named_use", self.named))
        stack_field(grid, 2, 1, labelled(self, "ui_purposes.channel", self.channel))
        grid.addWidget(self.evidence, 6, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        self._pages = QStackedWidget()
        self._pages.addWidget(overview)
        self._pages.addWidget(_form(card, self.back, self.save))
        self._pages.addWidget(self._lifting())
        self._pages.addWidget(self._withdrawing())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def begin(self) -> None:
        """Enter a consent."""
        self._pages.setCurrentIndex(_CONSENT)
        next(iter(self.purposes.boxes.values())).setFocus()

    def begin_lifting(self) -> None:
        """Say which stop is lifted, and why."""
        self._pages.setCurrentIndex(_LIFTING)
        self.block.setFocus()

    def begin_withdrawing(self) -> None:
        """Say where the withdrawal can be heard or read again; it needs no more, nor that."""
        row = self._current()
        if row is not None:
            self.withdrawn.setText(said_consent(row, self.look.words))
            self._pages.setCurrentIndex(_WITHDRAWAL)
            self.proof.enter()

    def _lifting(self) -> QWidget:
        card = Card(self.look, "stop_form")
        card.body.addWidget(label(self, "ui_purposes.lift_title", bold=True))
        grid = QGridLayout()
        stack_field(grid, 0, 0, labelled(self, "ui_purposes.lift_which", self.block))
        stack_field(grid, 1, 0, labelled(self, "ui_purposes.lift_why", self.why))
        card.body.addLayout(grid)
        card.body.addWidget(label(self, "ui_purposes.lift_hint", muted=True, wrap=True))
        return _form(card, self.lift_back, self.lift_now)

    def _withdrawing(self) -> QWidget:
        card = Card(self.look, "withdrawal_form")
        card.body.addWidget(label(self, "ui_purposes.withdraw_title", bold=True))
        card.body.addWidget(self.withdrawn)
        card.body.addWidget(self.proof)
        card.body.addWidget(label(self, "ui_purposes.withdraw_hint", muted=True, wrap=True))
        return _form(card, self.withdraw_back, self.withdraw_now)

    def _on_lift(self) -> None:
        block_id: int | None = self.block.currentData()
        if block_id is not None:
            self.lift_wanted.emit(block_id, ResumeReason(self.why.currentData()))

    def _on_back(self) -> None:
        self._pages.setCurrentIndex(_OVERVIEW)
        self.enter()

    def _redraw(self) -> None:
        uses, words = self._uses, self.look.words
        has_customer = uses is not None
        self.new.setVisible(has_customer and self._may_record)
        self.opt_out.setVisible(has_customer and self._may_record)
        rows = uses.consents if uses else ()
        self.hint.setText(
            words("ui_purposes.no_consents" if has_customer else "ui_purposes.no_customer")
        )
        self.hint.setVisible(not rows)
        self.view.setVisible(bool(rows))
        self.table.show_rows(rows)
        if rows:
            self.view.setCurrentIndex(self.table.index(0, 0))
        lines = [said_block(one, words, self._zone) for one in uses.blocks] if uses else []
        self.lift.setVisible(self._may_lift and bool(lines))
        chosen = self.block.currentData()
        self.block.clear()
        for said, one in zip(lines, uses.blocks if uses else (), strict=True):
            self.block.addItem(said, one.id)
        self.block.setCurrentIndex(max(self.block.findData(chosen), 0))
        if uses and uses.opt_outs:
            lines.append(said_briefly(CustomerUses(0, opt_outs=uses.opt_outs), words, self._zone))
        self.said.setText("\n".join(lines))
        self.said.setVisible(bool(lines))
        if uses is not None:
            tint(self.said, self.look.theme.colours.of(tone_of(uses)))
            self.opt_out.setEnabled(not uses.is_opted_out)
        self._offer_choices()
        self._offer()

    def _offer_choices(self) -> None:
        words = self.look.words
        before = self.named.currentData()
        self.named.clear()
        self.named.addItem("–", 0)
        for one in self._named:
            self.named.addItem(one.say(words), one.id)
        self.named.setCurrentIndex(max(self.named.findData(before), 0))
        for fields in (self.evidence, self.proof):
            fields.present(self._contacts)

    def _offer(self) -> None:
        row = self._current()
        may = row is not None and row.state is not ConsentState.WITHDRAWN
        self.withdraw.setVisible(self._may_record and bool(self.table.rows))
        self.withdraw.setEnabled(may)

    def _current(self) -> ConsentRow | None:
        at = self.view.currentIndex().row()
        return self.table.rows[at] if 0 <= at < len(self.table.rows) else None

    def _on_withdraw(self) -> None:
        row = self._current()
        if row is not None and self._is_typed_well(self.proof):
            self.withdrawal_wanted.emit(row.id, self.proof.evidence())

    def _on_save(self) -> None:
        if self._is_typed_well(self.evidence):
            self.consent_wanted.emit(self.form())

    def _is_typed_well(self, fields: EvidenceFields) -> bool:
        if fields.is_mistyped:
            fields.second.setFocus()
            self.position_mistyped.emit()
        return not fields.is_mistyped

    def _heading(self, column: str) -> str:
        return self.look.words(f"ui_purposes.column_{column}")

    def _cell(self, row: ConsentRow, column: str, role: int) -> object:
        shown = (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        )
        if role not in shown:
            return None
        words = self.look.words
        match column:
            case "scope":
                return said_consent(row, words)
            case "state" if row.state is ConsentState.PARTLY:
                lost = Scope(row.uncovered.purposes, recipients=row.uncovered.recipients)
                return words("ui_purposes.not_covered", what=said_scope(lost, words))
            case "state":
                return words(f"ui_purposes.state_{row.state}")
            case "given":
                return day(row.given_at, self._zone).say(words)
            case "policy":
                return row.policy_label
            case _:
                return self._evidence(row)

    def _evidence(self, row: ConsentRow) -> str:
        parts = [row.contact_number or "", row.evidence.document]
        if row.evidence.second is not None:
            parts.insert(1, f"{row.evidence.second // 60}:{row.evidence.second % 60:02}")
        return "  ".join(part for part in parts if part)


def _form(card: Card, back: QWidget, act: QWidget) -> QWidget:
    """A page with a card, at whose foot one goes back or acts."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(back)
    row.addWidget(act)
    card.body.addLayout(row)
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 4, 0, 0)
    column.addWidget(card)
    column.addStretch(1)
    return page
