"""The customer wants no newsletters and no direct mail, said in a contact: one key.

With a confirmed customer it works at once. While nobody knows whose wish it is, the form remembers
it, and so does its draft; it becomes the customer's as soon as one is confirmed, or at the save.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desk_app.purposes.consents import service
from desk_app.purposes.consents.pages import ConsentChannel, ConsentForm, Evidence
from desk_app.purposes.rules import Scope, Topic
from ui.calls.contact import Contact
from ui.calls.page import ContactPanel
from ui.calls.recognition import Recognition
from ui.session import Session


class OptingOut(QObject):
    """``changed`` when the form has something else to remember."""

    changed = Signal()

    def __init__(
        self,
        session: Session,
        panel: ContactPanel,
        recognition: Recognition,
        parent: QObject,
        *,
        contact: Callable[[], Contact | None],
    ) -> None:
        super().__init__(parent)
        self._session, self._panel, self._recognition = session, panel, recognition
        self._contact = contact
        panel.opt_out_wanted.connect(self.want)
        panel.opt_in_wanted.connect(self.take_back)
        recognition.confirmed.connect(lambda _card: self._on_confirmed())

    def want(self) -> None:
        """Ctrl+Shift+O; while it is only remembered, the same key forgets it again."""
        contact, customer = self._contact(), self._recognition.customer
        if contact is None or contact.is_saving:
            return
        if customer is None or not contact.is_entered:
            self._remember(not self._panel.opts_out, self._second(contact))
        elif customer.is_opted_out:
            self._session.notices.say("ui_intake.opted_out_already", tone="info")
        else:
            self._opt_out(contact, customer.customer_id, self._second(contact))

    def take_back(self) -> None:
        """Ctrl+Shift+U: the customer agrees to be written to again, said in this call."""
        contact, customer = self._contact(), self._recognition.customer
        if contact is None or customer is None or not contact.is_entered:
            self._session.notices.say("ui_intake.opt_in_needs_customer", tone="info")
            return
        if not customer.has_opted_out:
            self._session.notices.say("ui_intake.not_opted_out", tone="info")
            return
        form = ConsentForm(
            scope=Scope(topics=frozenset(Topic)),
            channel=ConsentChannel(contact.channel.value)
            if contact.channel.value in {one.value for one in ConsentChannel}
            else ConsentChannel.TELEPHONE,
            evidence=Evidence(contact.contact_id, self._second(contact)),
        )
        self._session.change(
            self,
            service.record_consent,
            customer.customer_id,
            form,
            done=lambda _id: self._done("ui_intake.opted_in"),
        )

    def _on_confirmed(self) -> None:
        contact, customer = self._contact(), self._recognition.customer
        if contact is None or customer is None or not self._panel.opts_out:
            return
        second = self._panel.opts_out_second
        self._remember(False, None)
        if not customer.is_opted_out:
            self._opt_out(contact, customer.customer_id, second)

    def _opt_out(self, contact: Contact, customer_id: int, second: int | None) -> None:
        def failed(error: Exception) -> None:
            """What couldn't be written down now is, with the contact."""
            if self._contact() is contact:
                self._remember(True, second)
            self._session.notices.error(error)

        self._session.change(
            self,
            service.opt_out,
            customer_id,
            contact_id=contact.contact_id,
            second=second,
            done=lambda _none: self._done("ui_intake.opted_out"),
            failed=failed,
        )

    def _remember(self, opts_out: bool, second: int | None) -> None:
        self._panel.opts_out = opts_out
        self._panel.opts_out_second = second if opts_out else None
        self.changed.emit()

    def _done(self, key: str) -> None:
        self._session.notices.say(key)
        self._recognition.read_uses()

    def _second(self, contact: Contact) -> int | None:
        """Of the call that is on the line; afterwards the contact alone is the evidence."""
        if not contact.is_running:
            return None
        elapsed = self._session.desk.office.clock.now() - contact.received_at
        return max(0, int(elapsed.total_seconds()))
