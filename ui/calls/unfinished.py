"""Contacts that were begun and never saved, for instance because the window died."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desk_app.calls import views as calls
from desk_app.calls.drafts import Recovered
from desk_app.calls.form import Draft
from desk_app.calls.pages import OpenContact, RecordingTerms
from desk_app.calls.rules import AnnouncedBy, Channel, ContactState
from desk_app.customers.rules import normalise_number
from desk_app.people.access import Actor
from desk_app.recordings import views as recordings
from desk_app.recordings.rules import RecordingState
from desk_app.storage.unit_of_work import UnitOfWork
from ui.calls.contact import Contact
from ui.calls.draft_keeper import DraftKeeper
from ui.session import Session

Found = tuple[ContactState, RecordingTerms | None, bool]

_WITHOUT_SOUND = frozenset({RecordingState.FAILED, RecordingState.DISCARDED})


class UnfinishedContacts(QObject):
    """``changed`` when the list is another; ``resumed`` brings a `Contact` and its form."""

    changed = Signal()
    resumed = Signal(object, object)

    def __init__(self, session: Session, keeper: DraftKeeper, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._keeper = session, keeper
        self._drafts: dict[str, Draft] = {}

    def drafts(self) -> tuple[Draft, ...]:
        """The contacts that can be gone on with, the oldest first."""
        return tuple(self._drafts.values())

    def look(self) -> None:
        """Read what the office and the disk know; once after signing in."""
        self._keeper.recover(self._on_recovered)

    def resume(self, uid: str) -> None:
        """Go on with one of them."""
        draft = self._drafts.get(uid)
        if draft is None:
            return
        if draft.contact_id is None:
            self._resume_unentered(draft)
            return
        clock = self._session.desk.office.clock
        contact_id = draft.contact_id

        def look(actor: Actor, work: UnitOfWork) -> Found:
            mine = calls.my_open_contacts(actor, work)
            state = next(one.state for one in mine if one.id == contact_id)
            if draft.channel is not Channel.TELEPHONE:
                return state, None, False
            parts = recordings.of_contacts(actor, work, [contact_id]).get(contact_id, [])
            has_sound = any(one.state not in _WITHOUT_SOUND for one in parts)
            return state, calls.recording_terms(actor, work, contact_id), has_sound

        def found(given: Found) -> None:
            state, terms, has_sound = given
            announced = terms is not None and terms.announcement_id is not None
            age = (clock.now() - draft.received_at).total_seconds()
            contact = Contact(
                uid=uid,
                channel=draft.channel,
                received_at=draft.received_at,
                contact_id=contact_id,
                is_running=state is ContactState.OPEN,
                outbound=draft.outbound,
                number=normalise_number(draft.number_shown),
                announced_by=AnnouncedBy.OPERATOR if announced else None,
                objected=terms.objected if terms else False,
                has_sound=has_sound,
                began_ticks=clock.ticks() - age,
            )
            self._drafts.pop(uid, None)
            self.resumed.emit(contact, draft.form)

        self._session.read(self, look, done=found)

    def add(self, draft: Draft) -> None:
        """This one could not be saved after all."""
        self._drafts[draft.uid] = draft
        self.changed.emit()

    def _resume_unentered(self, draft: Draft) -> None:
        """It began while the server was away, and this window died before it was back."""
        self._drafts.pop(draft.uid, None)
        contact = Contact(
            uid=draft.uid,
            channel=draft.channel,
            received_at=draft.received_at,
            contact_id=0,
            is_running=False,
            outbound=draft.outbound,
            number=normalise_number(draft.number_shown),
        )
        self.resumed.emit(contact, draft.form)

    def _on_recovered(self, recovered: Recovered) -> None:
        read = (Draft.from_json(text) for _uid, text in recovered.drafts)
        written = {draft.uid: draft for draft in read}

        def opened(contacts: tuple[OpenContact, ...]) -> None:
            for one in contacts:
                draft = written.get(one.uid) or Draft(one.uid, one.channel, one.received_at)
                self._drafts[one.uid] = replace(draft, contact_id=one.id)
            for draft in written.values():
                if draft.contact_id is None:
                    self._drafts.setdefault(draft.uid, draft)
            if self._drafts.keys() & written.keys():
                self._session.notices.say("ui_intake.draft_back", tone="info")
            self.changed.emit()

        self._session.read(self, calls.my_open_contacts, done=opened)
