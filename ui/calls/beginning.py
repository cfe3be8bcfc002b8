"""How a contact begins: the use cases behind the start panel, one contact at a time.

While the server is away a contact begins at the desk alone: it is written down in its draft, it
isn't recorded, and it is entered as soon as the server is back.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from desk_app.calls import service as calls
from desk_app.calls.rules import Channel
from desk_app.customers.rules import normalise_number
from desk_app.errors import Refused
from ui.calls.contact import Contact
from ui.session import Session
from ui.surely import is_server_gone


class Beginning(QObject):
    """``begun`` brings the `Contact` once it is in the books or can't be yet, ``refused`` the error
    if it may not be, ``entered`` the contact that had begun without the server."""

    begun = Signal(object)
    entered = Signal(object)
    refused = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = session.desk.office.clock
        self._is_starting = False

    def take_call(self) -> None:
        """It rings."""
        self._call()

    def call(self, number: str) -> None:
        """The office calls somebody."""
        self._call(outbound=True, number=number)

    def enter_late(self, rang_at: datetime) -> None:
        """A call that was noted on paper."""
        self._call(late_entry=True, rang_at=rang_at)

    def enter_written(self, channel: str, received_at: datetime) -> None:
        """What came by another way than the telephone."""
        uid = self._next_uid()
        if uid is None:
            return

        contact = Contact(uid, Channel(channel), received_at, 0, is_running=False)
        self._start(contact, self._entering(contact))

    def _call(
        self,
        *,
        outbound: bool = False,
        late_entry: bool = False,
        number: str = "",
        rang_at: datetime | None = None,
    ) -> None:
        uid = self._next_uid()
        if uid is None:
            return
        rang = rang_at or self._clock.now()

        contact = Contact(
            uid=uid,
            channel=Channel.TELEPHONE,
            received_at=rang,
            contact_id=0,
            is_running=not late_entry,
            outbound=outbound,
            number=normalise_number(number),
            began_ticks=self._clock.ticks(),
        )
        self._start(contact, self._entering(contact, late_entry=late_entry))

    def enter(self, contact: Contact) -> None:
        """Enter what began at this desk alone, as soon as the server is back: a call that is over
        by then, or that its hours don't allow any more, as one that was noted elsewhere."""

        def enter() -> int:
            try:
                return self._entering(contact, late_entry=not contact.is_running)()
            except Refused as refused:
                if not refused.code.startswith("hours."):
                    raise
                return self._entering(contact, late_entry=True)()

        def entered(contact_id: int) -> None:
            contact.contact_id = contact_id
            self.entered.emit(contact)

        self._session.sure.start(enter, done=entered)

    def _entering(self, contact: Contact, *, late_entry: bool = False) -> Callable[[], int]:
        """What enters the contact in the books; the same contact however often it is called."""
        desk = self._session.desk
        if contact.channel is not Channel.TELEPHONE:
            return lambda: desk.perform(
                calls.enter_contact,
                uid=contact.uid,
                channel=contact.channel,
                received_at=contact.received_at,
            )
        return lambda: desk.perform(
            calls.start_call,
            uid=contact.uid,
            rang_at=contact.received_at,
            number_shown=contact.number.shown,
            outbound=contact.outbound,
            late_entry=late_entry,
        )

    def _start(self, contact: Contact, enter: Callable[[], int]) -> None:
        def started(contact_id: int) -> None:
            self._is_starting = False
            contact.contact_id = contact_id
            self.begun.emit(contact)

        def failed(error: Exception) -> None:
            self._is_starting = False
            if is_server_gone(error):
                self.begun.emit(contact)
            else:
                self.refused.emit(error)

        self._session.tasks.start(self, enter, lane="change", done=started, failed=failed)

    def _next_uid(self) -> str | None:
        """The uid of the contact that begins; None while another is beginning."""
        if self._is_starting:
            return None
        self._is_starting = True
        return str(uuid.uuid4())
