"""The intake page: the matter first, everything by keyboard, nothing to scroll.

It holds what is being written as a `ContactForm` and emits every wish; what may be done is the
conductor's to know.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QGridLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desk_app.calls.form import ContactForm, NewCustomer
from desk_app.calls.rules import NextStep, Party
from desk_app.purposes.rules import Purpose
from ui.calls.call_bar import CallBar
from ui.calls.caller import CallerColumn
from ui.calls.ending import EndingStrip
from ui.calls.fields import digit_of, is_composing, is_text
from ui.calls.known import KnownColumn
from ui.calls.matter import MatterColumn
from ui.calls.start import StartPanel
from ui.calls.view import ContactView, Say, StartView
from ui.controls import Toned, label
from ui.keys_overview import Keys
from ui.look import Look
from ui.panel import Panel

KEYS: Keys = (
    ("Shift+F2", "ui_intake.key_hang_up"),
    ("F3", "ui_intake.key_known"),
    ("Shift+F3", "ui_intake.key_listen_back"),
    ("F4", "ui_intake.key_pause"),
    ("Shift+F4", "ui_intake.key_hold"),
    ("F5", "ui_intake.key_matter"),
    ("F11", "ui_intake.key_injury"),
    ("F12", "ui_intake.key_help"),
    ("Alt+A", "ui_intake.key_announced"),
    ("Alt+O", "ui_intake.key_objection"),
    ("Alt+S / Alt+X", "ui_intake.key_objection_choice"),
    ("Alt+G / Alt+E", "ui_intake.key_ending_choice"),
    ("Ctrl+1 … 9", "ui_intake.key_match"),
    ("Ctrl+0", "ui_intake.key_no_match"),
    ("Ctrl+D", "ui_intake.key_declined"),
    ("Ctrl+T", "ui_texts.key_pick"),
    ("Ctrl+J", "ui_intake.key_join"),
    ("Ctrl+Shift+O / Ctrl+Shift+U", "ui_intake.key_opt_out"),
    ("Ctrl+Shift+J / Ctrl+Shift+D", "ui_intake.key_likely"),
    ("1 … 9", "ui_intake.key_disposition"),
    ("Alt+1 … 3", "ui_intake.key_columns"),
)


_NO_SECOND: int | None = None


class ContactPanel(Panel):
    """A contact while it is written down."""

    changed = Signal()
    save_wanted = Signal()
    opt_out_wanted = Signal()
    opt_in_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "intake_contact")
        self.bar, self.matter, self.caller = CallBar(look), MatterColumn(look), CallerColumn(look)
        self.known, self.ending = KnownColumn(look), EndingStrip(look)
        self._customer: int | None = None
        self._may_save = False
        self.opts_out, self.opts_out_second = False, _NO_SECOND
        self._say_impossible: Say | None = None
        self._hint = label(self, "ui_intake.keys_line", name="keys_line", scale=0.9, muted=True)
        self._hint.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._hint.setMinimumHeight(1)  # a notice may take its room
        self._impossible = Toned(look, "impossible_step", "warning")
        self._impossible.hide()
        columns = QGridLayout()
        columns.setContentsMargins(12, 8, 12, 0)
        columns.setHorizontalSpacing(8)
        for place, (part, share) in enumerate(
            ((self.matter, 5), (self.caller, 3), (self.known, 4))
        ):
            columns.addWidget(part, 0, place)
            columns.setColumnStretch(place, share)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 0, 12, 4)
        foot.setSpacing(3)
        foot.addWidget(self.ending)
        foot.addWidget(self._impossible)
        foot.addWidget(self._hint)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.bar)
        whole.addLayout(columns, 1)
        whole.addLayout(foot)
        for part in (self.matter, self.caller, self.ending):
            part.changed.connect(self.changed)
        self.ending.next_chosen.connect(self._on_next_chosen)
        self.ending.save_wanted.connect(self.save_wanted)
        self._set_tab_order()
        self._make_shortcuts()

    def present(self, view: ContactView) -> None:
        """Show the state of the contact; what is being written stays as it is."""
        self._customer = view.customer.customer_id if view.customer else None
        self._may_save = bool(view.save_key) and not view.is_running and not view.is_saving
        self.bar.present(view)
        self.known.present(view)
        self.ending.present(view)
        self._say_impossible = view.impossible
        self._show_impossible()

    def retranslate(self) -> None:
        super().retranslate()
        self._show_impossible()

    def _show_impossible(self) -> None:
        """Why the next step can't be taken, in the place of the keys."""
        said = self._say_impossible(self.look.words) if self._say_impossible else ""
        self._impossible.setText(said)
        self._impossible.setVisible(bool(said))
        self._hint.setVisible(not said)

    def load(self, form: ContactForm, *, now: datetime) -> None:
        """Show a form and nobody's customer; ``now`` is in the office's zone."""
        self._customer = None
        self.opts_out, self.opts_out_second = form.opts_out, form.opts_out_second
        self.matter.load(form.inquiries)
        self.caller.load(form)
        self.ending.load(form, now=now)

    def form(self) -> ContactForm:
        """What has been written down. A caller who speaks for themselves and gives a name, and
        whom nobody has recognised, is a new customer."""
        caller, ending = self.caller, self.ending
        party = Party(caller.party.currentData())
        name, reading = caller.name.value(), caller.reading.value()
        customer: int | NewCustomer | None = self._customer
        if customer is None and party is Party.CUSTOMER and name.text:
            customer = NewCustomer(name=name, reading=reading)
        purpose = ending.purpose.currentData()
        return ContactForm(
            party=party,
            caller_name=name,
            caller_reading=reading,
            callback_number=caller.callback.value(),
            postcode=caller.postcode.value(),
            address=caller.address.value(),
            building=caller.building.value(),
            email=caller.email.value(),
            customer=customer,
            inquiries=self.matter.inquiries(),
            disposition=ending.dispositions.value,
            purpose=Purpose(purpose) if purpose else None,
            next_step=NextStep(ending.next_step.currentData()),
            callback_at=ending.promised_at(),
            opts_out=self.opts_out,
            opts_out_second=self.opts_out_second,
        )

    def enter(self) -> None:
        self.matter.text.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits choose the disposition wherever they are not text."""
        digit = digit_of(event)
        if digit is not None and not is_text(QApplication.focusWidget()):
            self.ending.dispositions.press(digit)
        else:
            super().keyPressEvent(event)

    def _on_next_chosen(self, step: str) -> None:
        if step == NextStep.SHIP.value:
            self.caller.unfold()

    def _set_tab_order(self) -> None:
        matter, caller, ending = self.matter, self.caller, self.ending
        known, bar = self.known, self.bar
        order: list[QWidget] = [
            *bar.help_line.buttons,
            *bar.attention.buttons,
            matter.text,
            matter.product,
            matter.lot,
            matter.category,
            matter.symptom,
            matter.answer,
            caller.party,
            caller.name,
            caller.reading,
            caller.callback,
            caller.fold,
            caller.postcode,
            caller.address,
            caller.building,
            caller.email,
            ending.dispositions,
            ending.purpose,
            ending.next_step,
            ending.callback_at,
            ending.save,
            known.announcement.read,
            known.announcement.exchange,
            known.announcement.object,
            known.likely.join,
            known.likely.dismiss,
            known.cases,
            known.join,
            known.contacts,
            *bar.matches,
            bar.none,
            bar.object,
            bar.hold,
            bar.listen,
            bar.pause,
            bar.injury,
            bar.help,
            bar.hang_up,
            matter.previous,
            matter.following,
            matter.add,
        ]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _make_shortcuts(self) -> None:
        bar, known, lines = self.bar, self.known, self.bar.attention
        keys: list[tuple[str, Callable[[], object]]] = [
            ("Shift+F2", bar.hang_up.click),
            ("Ctrl+Return", self._on_save),
            ("Ctrl+Enter", self._on_save),
            ("F3", known.enter),
            ("Shift+F3", bar.listen.click),
            ("F4", bar.pause.click),
            ("Shift+F4", bar.hold.click),
            ("F5", self.matter.add_matter),
            ("F11", bar.injury.click),
            ("F12", bar.help.click),
            ("Alt+A", lambda: _press(known.announcement.read)),
            ("Alt+O", bar.objection_wanted.emit),
            ("Alt+S", lambda: _press(lines.stop)),
            ("Alt+X", lambda: _press(lines.discard)),
            ("Alt+G", lambda: _press(lines.goes_on)),
            ("Alt+E", lambda: _press(lines.is_over)),
            ("Ctrl+J", known.join_current),
            ("Ctrl+Shift+O", self.opt_out_wanted.emit),
            ("Ctrl+Shift+U", self.opt_in_wanted.emit),
            ("Ctrl+Shift+J", known.likely.join_it),
            ("Ctrl+Shift+D", known.likely.dismiss_it),
            ("Alt+1", self.matter.text.setFocus),
            ("Alt+2", self.caller.name.setFocus),
            ("Alt+3", known.enter),
        ]
        for pressed, slot in keys:
            self._shortcut(pressed, slot)
        for place in range(10):
            self._shortcut(f"Ctrl+{place}", partial(bar.match_chosen.emit, place))
        escape = self._shortcut("Esc", lines.escape)
        escape.setEnabled(False)  # Esc is everybody's, but while a line has a use for it
        lines.escape_changed.connect(escape.setEnabled)

    def _shortcut(self, pressed: str, slot: Callable[[], object]) -> QShortcut:
        """A key that is left alone while the input method composes."""
        made = QShortcut(QKeySequence(pressed), self)

        def act() -> None:
            if not is_composing():
                slot()

        made.activated.connect(act)
        return made

    def _on_save(self) -> None:
        if self._may_save:
            self.save_wanted.emit()


def _press(target: QAbstractButton) -> None:
    if target.isVisible():
        target.click()


class IntakePage(Panel):
    """The start panel, or the contact that is being written down."""

    keys = KEYS
    leaving = Signal()
    rang_again = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "intake")
        self.subject: tuple[str, int] | None = None  # the contact on screen
        self.start, self.contact = StartPanel(look), ContactPanel(look)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start)
        self._stack.addWidget(self.contact)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    @property
    def is_writing(self) -> bool:
        """A contact is on screen."""
        return self._stack.currentWidget() is self.contact

    @property
    def is_engaged(self) -> bool:
        """The idle lock waits while a contact is taken or written up."""
        return self.is_writing

    def begin(self, *, was_in_front: bool = True) -> None:
        """F2 from anywhere: take a call, or come back to the one that is on the line.

        In front of that one it means that the telephone rings again.
        """
        if not self.is_writing:
            self.start.call_wanted.emit()
        elif was_in_front:
            self.rang_again.emit()

    def call_for_help(self) -> None:
        """The key for help, pressed on another page."""
        self.contact.bar.help.click()

    def retire(self) -> None:
        self.leaving.emit()

    def present_start(self, view: StartView) -> None:
        """Show the start panel."""
        self.start.present(view)
        if self.is_writing:
            self._stack.setCurrentWidget(self.start)
            self.start.enter()

    def present_contact(self, view: ContactView) -> None:
        """Show the contact; the focus is put on the matter when it first appears."""
        self.contact.present(view)
        if not self.is_writing:
            self._stack.setCurrentWidget(self.contact)
            self.contact.enter()

    def enter(self) -> None:
        (self.contact if self.is_writing else self.start).enter()
