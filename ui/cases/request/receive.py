"""The form by which a request is received on its case, begun with what the contact says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDateTimeEdit, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk_app.privacy.requests.pages import ReceiveOffer
from desk_app.privacy.requests.rules import Agency, Kind, Medium
from desk_app.privacy.requests.service import Received
from desk_app.words import LANGUAGES
from ui.controls import (
    DataLabel,
    TextArea,
    button,
    choice,
    choose,
    label,
    labelled,
    line,
    show_moments,
    stack_field,
)
from ui.look import Look
from ui.panel import Panel


class ReceiveForm(Panel):
    """Emits `wanted` with a `Received`. What was typed stays until another case is shown."""

    wanted = Signal(object)

    def __init__(self, look: Look, *, zone: ZoneInfo) -> None:
        super().__init__(look, "receive_form")
        self._zone = zone
        self._offer: ReceiveOffer | None = None
        self.refusal = QLabel()
        self.refusal.setObjectName("receive_refusal")
        self.refusal.setWordWrap(True)
        self.customer = DataLabel("receive_customer")
        self.kind = choice(
            self,
            "receive_kind",
            [(one.value, f"requests.kind.{one.value}") for one in Kind],
            shorten=True,
        )
        self.agency = choice(
            self,
            "receive_agency",
            [(one.value, f"requests.agency.{one.value}") for one in Agency],
            shorten=True,
        )
        self.medium = choice(
            self,
            "receive_medium",
            [(one.value, f"requests.medium.{one.value}") for one in Medium],
            shorten=True,
        )
        self.language = choice(
            self, "receive_language", [(one, f"ui_requests.language_{one}") for one in LANGUAGES]
        )
        self.received = QDateTimeEdit()
        self.received.setObjectName("receive_at")
        self.received.setCalendarPopup(True)
        show_moments(self, self.received, "ui_times.minute")
        self.person = line("receive_person")
        self.reading = line("receive_reading")
        self.number = line("receive_number")
        self.agent = line("receive_agent")
        self.wish = TextArea("receive_wish", lines=3)
        self.save = button(self, "receive_save", "ui_requests.receive", kind="primary")
        self._lay_out()
        self.save.clicked.connect(self._on_save)
        self.agency.currentIndexChanged.connect(lambda _at: self._show_parts())
        QShortcut(QKeySequence("Ctrl+Return"), self, self._on_save)

    def present(self, offer: ReceiveOffer) -> None:
        """Begin with what the contact says; what was typed for the same case stays."""
        is_other = self._offer is None or self._offer.case_id != offer.case_id
        self._offer = offer
        if is_other:
            choose(self.agency, (Agency.MANDATED if offer.by_agent else Agency.SELF).value)
            self.agent.setText(offer.caller if offer.by_agent else "")
            self.person.setText("" if offer.by_agent else offer.caller)
            self.number.setText("" if offer.by_agent else offer.number)
            self.reading.clear()
            self.wish.clear()
            choose(self.language, LANGUAGES[0])  # the office's own; nobody's is on record
            local = offer.received_at.astimezone(self._zone)
            self.received.setDateTime(
                QDateTime(local.year, local.month, local.day, local.hour, local.minute, 0)
            )
        self.customer.setText(offer.customer)
        self._show_parts()

    def enter(self) -> None:
        self.kind.setFocus()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_parts()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        stack_field(grid, 0, 0, labelled(self, "ui_requests.kind", self.kind))
        stack_field(grid, 0, 1, labelled(self, "ui_requests.received_at", self.received))
        stack_field(grid, 0, 2, labelled(self, "ui_requests.medium", self.medium))
        stack_field(grid, 0, 3, labelled(self, "ui_requests.language", self.language))
        agency = labelled(self, "ui_requests.agency", self.agency)
        agent = labelled(self, "ui_requests.agent", self.agent)
        stack_field(grid, 1, 0, agency)
        stack_field(grid, 1, 1, agent, span=3)
        whose = (
            label(self, "ui_requests.customer", name="receive_whose", muted=True),
            self.customer,
        )
        stack_field(grid, 2, 0, whose, span=4)
        person = labelled(self, "ui_requests.person", self.person)
        reading = labelled(self, "ui_requests.reading", self.reading)
        number = labelled(self, "ui_requests.number", self.number)
        stack_field(grid, 3, 0, person)
        stack_field(grid, 3, 1, reading)
        stack_field(grid, 3, 2, number, span=2)
        stack_field(grid, 4, 0, labelled(self, "ui_requests.wish", self.wish), span=4)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        self._known: tuple[QWidget, ...] = whose
        self._unknown: tuple[QWidget, ...] = (*person, *reading, *number)
        self._agent: tuple[QWidget, ...] = agent
        self.hint = label(
            self, "ui_requests.not_on_record", name="receive_hint", muted=True, wrap=True
        )
        self._fields = QWidget()
        fields = QVBoxLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.addLayout(grid)
        fields.addWidget(self.hint)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save)
        fields.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 8, 0)
        layout.addWidget(self.refusal)
        layout.addWidget(self._fields)
        layout.addStretch(1)

    def _show_parts(self) -> None:
        offer = self._offer
        refusal = None if offer is None else offer.refusal
        self.refusal.setText("" if refusal is None else self.look.words(f"errors.{refusal}"))
        self.refusal.setVisible(refusal is not None)
        self._fields.setVisible(offer is not None and refusal is None)
        is_known = offer is not None and offer.customer_id is not None
        for widget in self._known:
            widget.setVisible(is_known)
        for widget in (*self._unknown, self.hint):
            widget.setVisible(not is_known)
        for widget in self._agent:
            widget.setVisible(self.agency.currentData() != Agency.SELF.value)

    def _on_save(self) -> None:
        offer, chosen = self._offer, self.received.dateTime().toPython()
        if offer is None or offer.refusal is not None or not isinstance(chosen, datetime):
            return
        at = chosen.replace(tzinfo=self._zone).astimezone(UTC)
        same_minute = offer.received_at.replace(second=0, microsecond=0) == at
        self.wanted.emit(
            Received(
                kind=Kind(self.kind.currentData()),
                received_at=offer.received_at if same_minute else at,
                customer_id=offer.customer_id,
                person_name=self.person.text(),
                person_reading=self.reading.text(),
                person_number=self.number.text(),
                agency=Agency(self.agency.currentData()),
                agent_name=self.agent.text(),
                wanted=self.wish.toPlainText(),
                medium=Medium(self.medium.currentData()),
                language=self.language.currentData(),
            )
        )
