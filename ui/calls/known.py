"""The right column: the announcement until it is made, then what is known of the customer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from ui.calls.view import ContactView, Customer, KnownCase
from ui.controls import Card, DataLabel, button, label
from ui.look import Look
from ui.panel import Panel

_CASE_LINES = 4
_CONTACT_LINES = 5


class AnnouncementCard(Card):
    """The script to read aloud, and what the caller says to it."""

    def __init__(self, look: Look, panel: Panel) -> None:
        super().__init__(look, "announcement_card")
        self.body.addWidget(label(panel, "ui_intake.announcement", bold=True))
        self.script = DataLabel("announcement_script")
        self.script.setWordWrap(True)
        self.script.setMinimumHeight(96)
        self.script.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.script)
        self.read = button(panel, "announced_operator", "ui_intake.announced", kind="primary")
        self.exchange = button(panel, "announced_exchange", "ui_intake.announced_exchange")
        self.object = button(panel, "objection", "ui_intake.objection", kind="quiet")
        for made in (self.read, self.exchange, self.object):
            self.body.addWidget(made)


class KnownColumn(Panel):
    """Emits what the operator decides; shows one `ContactView`."""

    announced = Signal(str)  # "operator" or "exchange"
    objected = Signal()
    join_wanted = Signal(int)  # case id; the same again takes it back

    def __init__(self, look: Look) -> None:
        super().__init__(look, "known_column")
        self._customer: Customer | None = None
        self._joined_id: int | None = None
        self._outbound = False
        self._cases: tuple[KnownCase, ...] = ()
        self.announcement = AnnouncementCard(look, self)
        self.announcement.read.clicked.connect(lambda: self.announced.emit("operator"))
        self.announcement.exchange.clicked.connect(lambda: self.announced.emit("exchange"))
        self.announcement.object.clicked.connect(self.objected)
        self.name = DataLabel("known_name")
        self.name.shorten()
        self.cases = _list("known_cases", _CASE_LINES)
        self.contacts = _list("known_contacts", _CONTACT_LINES)
        self.bind(self.cases.setAccessibleName, "ui_intake.open_cases")
        self.bind(self.contacts.setAccessibleName, "ui_intake.earlier")
        self.join = button(self, "join_case", "ui_intake.join", icon="link")
        self.join.clicked.connect(self.join_current)
        self._hint = label(self, "ui_intake.known_hint", name="known_hint", muted=True, wrap=True)
        self._no_cases = label(self, "ui_intake.no_cases", name="no_cases", muted=True)
        self._no_contacts = label(self, "ui_intake.no_contacts", name="no_contacts", muted=True)
        self.known = Card(look, "known_card")
        self.known.body.setSpacing(4)
        self.known.body.addWidget(label(self, "ui_intake.known", bold=True))
        self.known.body.addWidget(self.name)
        self.known.body.addWidget(self._hint)
        self._cases_title = label(self, "ui_intake.open_cases", muted=True)
        self._contacts_title = label(self, "ui_intake.earlier", muted=True)
        for widget in (self._cases_title, self._no_cases, self.cases):
            self.known.body.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.join)
        row.addStretch(1)
        self.known.body.addLayout(row)
        for widget in (self._contacts_title, self._no_contacts):
            self.known.body.addWidget(widget)
        self.known.body.addWidget(self.contacts, 1)
        self.known.body.addStretch()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.announcement)
        whole.addWidget(self.known, 1)
        self._fill()

    def present(self, view: ContactView) -> None:
        """Show the announcement while it is due, and the confirmed customer."""
        due = view.is_running and not view.announced_key and not view.objected
        self.announcement.setVisible(due and bool(view.script))
        self.announcement.script.setText(view.script)
        self._show_keys(outbound=view.outbound)
        joined = view.join_case.case_id if view.join_case else None
        if (view.customer, joined) != (self._customer, self._joined_id):
            self._customer, self._joined_id = view.customer, joined
            self._fill()

    def _show_keys(self, *, outbound: bool) -> None:
        """A call that we make asks for consent, and no exchange can do that."""
        self._outbound = outbound
        key = "ui_intake.consented" if outbound else "ui_intake.announced"
        self.announcement.read.setText(self.look.words(key))
        self.announcement.read.setAccessibleName(self.announcement.read.text())
        self.announcement.exchange.setVisible(not outbound)

    def join_current(self) -> None:
        """Join the selected case, or take that back (Ctrl+J)."""
        at = max(self.cases.currentRow(), 0)
        if at < len(self._cases):
            self.join_wanted.emit(self._cases[at].case_id)

    def enter(self) -> None:
        """F3: to the cases, or to the earlier contacts if there are none."""
        target = self.cases if self._cases else self.contacts
        if target.isVisibleTo(self):
            target.setFocus()
            target.setCurrentRow(max(target.currentRow(), 0))

    def retranslate(self) -> None:
        super().retranslate()
        self._show_keys(outbound=self._outbound)
        self._fill()

    def _fill(self) -> None:
        customer, words = self._customer, self.look.words
        self._cases = customer.cases if customer else ()
        contacts = customer.contacts if customer else ()
        self._hint.setVisible(customer is None)
        self.name.setVisible(customer is not None)
        self.name.setText(customer.name if customer else "")
        for widget in (self._cases_title, self._contacts_title):
            widget.setVisible(customer is not None)
        self._no_cases.setVisible(customer is not None and not self._cases)
        self._no_contacts.setVisible(customer is not None and not contacts)
        self.cases.setVisible(bool(self._cases))
        self.contacts.setVisible(bool(contacts))
        self.join.setVisible(bool(self._cases))
        self.cases.clear()
        for case in self._cases:
            promise = ""
            if case.callback_due_at is not None:
                when = self.look.language.when(case.callback_due_at, "day_and_time")
                promise = words("ui_intake.promised", when=when) + "  "
            mark = "✓ " if case.case_id == self._joined_id else ""
            _add(
                self.cases, f"{mark}{case.number}  {words(case.state_key)}\n{promise}{case.subject}"
            )
        self.contacts.clear()
        for contact in contacts:
            when = self.look.language.when(contact.received_at, "day")
            _add(self.contacts, f"{when}  {words(contact.channel_key)}  {contact.text}")


def _list(name: str, lines: int) -> QListWidget:
    made = QListWidget()
    made.setObjectName(name)
    made.setProperty("data", True)
    made.setUniformItemSizes(True)
    made.setTextElideMode(Qt.TextElideMode.ElideRight)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setMaximumHeight((made.fontMetrics().lineSpacing() + 8) * lines)
    made.setTabKeyNavigation(False)
    return made


def _add(target: QListWidget, text: str) -> None:
    target.addItem(QListWidgetItem(text))
