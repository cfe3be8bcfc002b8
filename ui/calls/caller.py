"""The middle column: who is speaking, and how to reach them. The address stays folded until
something is shipped."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.calls.form import ContactForm
from desk_app.calls.rules import Party
from desk_app.customers.rules import UNASKED
from ui.calls.fields import PersonalLine
from ui.controls import Card, button, choice, choose, label, labelled
from ui.look import Look
from ui.panel import Panel

_FOLDED = ("postcode", "address", "building", "email")


class CallerColumn(Panel):
    """Emits ``changed``, and ``identified`` when number, name or reading were left."""

    changed = Signal()
    identified = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "caller_column")
        self.party = choice(self, "party", [(one.value, f"calls.party.{one}") for one in Party])
        self.name = PersonalLine(self, "caller_name")
        self.reading = PersonalLine(self, "caller_reading")
        self.callback = PersonalLine(self, "callback_number")
        self.postcode, self.address, self.building, self.email = (
            PersonalLine(self, name) for name in _FOLDED
        )
        self.fold = button(
            self, "address_fold", "ui_intake.address_show", icon="chevron-down", kind="quiet"
        )
        self._address = QWidget()
        card = Card(look, "caller_card")
        card.body.setSpacing(3)
        card.body.addWidget(label(self, "ui_intake.caller", bold=True))
        for key, control in (
            ("party", self.party),
            ("caller_name", self.name),
            ("caller_reading", self.reading),
            ("callback_number", self.callback),
        ):
            made, _ = labelled(self, f"ui_intake.{key}", control)
            card.body.addWidget(made)
            card.body.addWidget(control)
        card.body.addWidget(self.fold)
        folded = QVBoxLayout(self._address)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(3)
        for key, control in zip(_FOLDED, self._folded(), strict=True):
            made, _ = labelled(self, f"ui_intake.{key}", control)
            folded.addWidget(made)
            folded.addWidget(control)
        card.body.addWidget(self._address)
        card.body.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)
        self._address.hide()
        self.fold.clicked.connect(self.unfold)
        self.party.currentIndexChanged.connect(self.changed)
        for control in (self.name, self.reading, self.callback, *self._folded()):
            control.answer_changed.connect(self.changed)
        for control in (self.name, self.reading, self.callback):
            control.editingFinished.connect(self.identified)

    def unfold(self) -> None:
        """Show the address fields, because something is shipped or they are wanted."""
        self._address.show()
        self.fold.hide()

    def load(self, form: ContactForm) -> None:
        """Show what a form holds; the address only if some of it was asked."""
        choose(self.party, form.party.value)
        for control, value in (
            (self.name, form.caller_name),
            (self.reading, form.caller_reading),
            (self.callback, form.callback_number),
            (self.postcode, form.postcode),
            (self.address, form.address),
            (self.building, form.building),
            (self.email, form.email),
        ):
            control.set_value(value)
        asked = any(control.value() != UNASKED for control in self._folded())
        self._address.setVisible(asked)
        self.fold.setVisible(not asked)

    def cover(self, *, covered: bool) -> None:
        """Take what was filled in from what is on record from the screen, or show it again."""
        for control in (self.name, self.reading, self.callback, *self._folded()):
            control.cover(covered=covered)

    def _folded(self) -> tuple[PersonalLine, ...]:
        return (self.postcode, self.address, self.building, self.email)
