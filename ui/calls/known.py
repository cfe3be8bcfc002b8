"""The right column: the announcement until it is made, then what is known of the customer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from ui.calls.view import ContactView, Customer, KnownCase, LikelyCase
from ui.colours import Tone
from ui.controls import Card, DataLabel, button, icon_button, keep_muted, label, tint
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


class LikelyLine(Panel):
    """The open case that the contact may belong to, with the reason; hidden while there is none.
    One key joins it, one says that it is another matter."""

    join_wanted = Signal(int)
    dismissed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "likely_line")
        self._likely: LikelyCase | None = None
        self._is_joined = False
        self.case, self.why = DataLabel("likely_case"), DataLabel("likely_why")
        for text in (self.case, self.why):
            text.shorten()
        keep_muted(self, self.why)
        self.join = icon_button(self, "likely_join", "ui_intake.likely_join", "link")
        self.dismiss = icon_button(self, "likely_dismiss", "ui_intake.likely_dismiss", "x")
        self.join.clicked.connect(self.join_it)
        self.dismiss.clicked.connect(self.dismiss_it)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self.case)
        said.addWidget(self.why)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(said, 1)
        whole.addWidget(self.join)
        whole.addWidget(self.dismiss)
        self.hide()

    def present(self, likely: LikelyCase | None, *, joined_id: int | None) -> None:
        self._likely = likely
        self._is_joined = likely is not None and likely.case.case_id == joined_id
        self.setVisible(likely is not None)
        self._fill()

    def join_it(self) -> None:
        """Ctrl+Shift+J; the same again takes it back."""
        if self._likely is not None:
            self.join_wanted.emit(self._likely.case.case_id)

    def dismiss_it(self) -> None:
        """Ctrl+Shift+D."""
        if self._likely is not None and not self._is_joined:
            self.dismissed.emit()

    def retranslate(self) -> None:
        super().retranslate()
        self._fill()

    def _fill(self) -> None:
        likely = self._likely
        if likely is None:
            self.case.setText("")  # what is hidden is still in the widget
            self.why.setText("")
            return
        mark = "✓ " if self._is_joined else ""
        number = self.look.words("ui_cases.maybe_same", number=likely.case.number)
        self.case.setText(f"{mark}{number}  {likely.case.subject}")
        self.why.setText(likely.reasons(self.look.words))
        self.dismiss.setEnabled(not self._is_joined)


class KnownColumn(Panel):
    """Emits what the operator decides; shows one `ContactView`."""

    announced = Signal(str)  # "operator" or "exchange"
    objected = Signal()
    join_wanted = Signal(int)  # case id; the same again takes it back

    def __init__(self, look: Look) -> None:
        super().__init__(look, "known_column")
        self._customer: Customer | None = None
        self._joined_id: int | None = None
        self._write_only = False
        self._outbound = False
        self._cases: tuple[KnownCase, ...] = ()
        self.announcement = AnnouncementCard(look, self)
        self.announcement.read.clicked.connect(lambda: self.announced.emit("operator"))
        self.announcement.exchange.clicked.connect(lambda: self.announced.emit("exchange"))
        self.announcement.object.clicked.connect(self.objected)
        self.name = DataLabel("known_name")
        self.name.shorten()
        self.uses = DataLabel("known_uses")
        self.uses.setWordWrap(True)
        self.uses.hide()
        self._opts_out = False
        self.cases = _list("known_cases", _CASE_LINES)
        self.contacts = _list("known_contacts", _CONTACT_LINES)
        self.bind(self.cases.setAccessibleName, "ui_intake.open_cases")
        self.bind(self.contacts.setAccessibleName, "ui_intake.earlier")
        self.join = button(self, "join_case", "ui_intake.join", icon="link")
        self.join.clicked.connect(self.join_current)
        self.likely = LikelyLine(look)
        self.likely.join_wanted.connect(self.join_wanted)
        self._hint = label(self, "ui_intake.known_hint", name="known_hint", muted=True, wrap=True)
        self._stopped = label(
            self, "ui_intake.known_stopped", name="known_stopped", muted=True, wrap=True
        )
        self._no_cases = label(self, "ui_intake.no_cases", name="no_cases", muted=True)
        self._no_contacts = label(self, "ui_intake.no_contacts", name="no_contacts", muted=True)
        self.known = Card(look, "known_card")
        self.known.body.setSpacing(4)
        self.known.body.addWidget(label(self, "ui_intake.known", bold=True))
        self.known.body.addWidget(self.likely)
        self.known.body.addWidget(self.name)
        self.known.body.addWidget(self.uses)
        self.known.body.addWidget(self._hint)
        self.known.body.addWidget(self._stopped)
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
        self.likely.present(view.likely, joined_id=joined)
        shown = (view.customer, joined, view.write_only)
        if shown != (self._customer, self._joined_id, self._write_only):
            self._customer, self._joined_id, self._write_only = shown
            self._fill()
        if view.opts_out != self._opts_out:
            self._opts_out = view.opts_out
            self._say_uses()

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

    def recolour(self) -> None:
        super().recolour()
        self._say_uses()

    def _fill(self) -> None:
        customer, words = None if self._write_only else self._customer, self.look.words
        self._stopped.setVisible(self._write_only)
        self._cases = customer.cases if customer else ()
        contacts = customer.contacts if customer else ()
        self._hint.setVisible(customer is None and not self._write_only)
        self.name.setVisible(customer is not None)
        self.name.setText(customer.name if customer else "")
        self._say_uses()
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

    def _say_uses(self) -> None:
        """What the customer agreed to, opted out of or had stopped; or the wish that waits for
        its customer."""
        customer, words = self._customer, self.look.words
        said = customer.uses(words) if customer and customer.uses else ""
        tone: Tone = customer.uses_tone if customer else "warning"
        if self._opts_out:
            said, tone = words("ui_intake.opts_out"), "warning"
        self.uses.setText(said)
        self.uses.setVisible(bool(said))
        tint(self.uses, self.look.theme.colours.of(tone))


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
