"""How a contact begins: the use cases behind the start panel, one contact at a time."""

import uuid
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from desk_app.calls import service as calls
from desk_app.calls.rules import Channel
from desk_app.customers.rules import normalise_number
from ui.calls.contact import Contact
from ui.session import Session


class Beginning(QObject):
    """``begun`` brings the `Contact` once it is in the books; ``refused`` the error if not."""

    begun = Signal(object)
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

        def entered(contact_id: int) -> None:
            self._is_starting = False
            self.begun.emit(
                Contact(uid, Channel(channel), received_at, contact_id, is_running=False)
            )

        self._session.change(
            self,
            calls.enter_contact,
            uid=uid,
            channel=Channel(channel),
            received_at=received_at,
            done=entered,
            failed=self._on_refused,
        )

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

        def started(contact_id: int) -> None:
            self._is_starting = False
            self.begun.emit(
                Contact(
                    uid=uid,
                    channel=Channel.TELEPHONE,
                    received_at=rang,
                    contact_id=contact_id,
                    is_running=not late_entry,
                    outbound=outbound,
                    number=normalise_number(number),
                    began_ticks=self._clock.ticks(),
                )
            )

        self._session.change(
            self,
            calls.start_call,
            uid=uid,
            rang_at=rang,
            number_shown=number,
            outbound=outbound,
            late_entry=late_entry,
            done=started,
            failed=self._on_refused,
        )

    def _next_uid(self) -> str | None:
        """The uid of the contact that begins; None while another is beginning."""
        if self._is_starting:
            return None
        self._is_starting = True
        return str(uuid.uuid4())

    def _on_refused(self, error: Exception) -> None:
        self._is_starting = False
        self.refused.emit(error)
