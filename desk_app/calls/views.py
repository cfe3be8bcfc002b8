"""What pages and other rooms read about contacts.

Earlier contacts of a customer are covered by the entry of the offer or opening that showed the
customer.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from desk_app.calls import reading
from desk_app.calls.model import Call, Contact, ContactEvent
from desk_app.calls.pages import (
    CallFacts,
    CallStanding,
    ContactHead,
    ContactRow,
    OpenContact,
    RecordingTerms,
)
from desk_app.calls.rules import Channel, ContactState, Disposition, EventKind, may_record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import account, supervisors
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.FINISH_CALL)
def my_open_contacts(actor: Actor, work: UnitOfWork, /) -> tuple[OpenContact, ...]:
    """What the actor took and hasn't saved yet, the oldest first."""
    found = work.session.scalars(
        select(Contact)
        .where(Contact.operator_id == actor.user_id, Contact.state != ContactState.SAVED.value)
        .order_by(Contact.received_at, Contact.id)
    )
    return tuple(
        OpenContact(
            id=contact.id,
            uid=contact.uid,
            channel=Channel(contact.channel),
            state=ContactState(contact.state),
            received_at=contact.received_at,
        )
        for contact in found
    )


@needs(Permission.FINISH_CALL)
def contact_number(actor: Actor, work: UnitOfWork, /, contact_id: int) -> str | None:
    """The number of a contact (受付番号); None until it is saved."""
    return _contact(work, contact_id).number


@needs(Permission.FINISH_CALL)
def draft_recipients(actor: Actor, work: UnitOfWork, /) -> tuple[str, ...]:
    """Whom the actor's drafts are sealed for: the actor, and the appointed supervisors."""
    readers = [account(work, actor.user_id), *supervisors(work)]
    return tuple(dict.fromkeys(reader.recipient for reader in readers))


@needs(Permission.READ_CONTACTS)
def earlier_contacts_of(
    actor: Actor, work: UnitOfWork, /, customer_id: int, *, limit: int = 5
) -> tuple[ContactRow, ...]:
    """The customer's saved contacts, the latest first."""
    ids = reading.saved_contacts_of(work, customer_id, limit=limit)
    return reading.contact_rows(work, ids, reading.staff_names(actor, work))


@needs(Permission.READ_CONTACTS)
def recording_terms(actor: Actor, work: UnitOfWork, /, contact_id: int) -> RecordingTerms:
    """Whether this call may be recorded now; and for a recording of it, what was announced."""
    contact = _contact(work, contact_id)
    if contact.call is None:
        raise Refused("calls.not_a_call")
    state = ContactState(contact.state)
    announced = contact.call.announced_at is not None
    objected = contact.call.objected_at is not None
    return RecordingTerms(
        contact_id=contact.id,
        state=state,
        announcement_id=contact.call.announcement_id,
        objected=objected,
        may_record=may_record(state, announced=announced, objected=objected),
        customer_id=contact.customer_id,
        received_at=contact.received_at,
    )


@needs(Permission.FINISH_CALL)
def call_standing(actor: Actor, work: UnitOfWork, /, contact_id: int) -> CallStanding:
    """Whose call this is, and whether it runs; for whoever finishes the recordings of it."""
    contact = _contact(work, contact_id)
    if contact.call is None:
        raise Refused("calls.not_a_call")
    return CallStanding(
        is_own=contact.operator_id == actor.user_id,
        is_running=contact.state == ContactState.OPEN,
        objected=contact.call.objected_at is not None,
        ended_at=contact.call.ended_at,
    )


@needs(Permission.RECONCILE_RECORDINGS)
def received_between(
    actor: Actor, work: UnitOfWork, /, first: datetime, last: datetime
) -> tuple[CallFacts, ...]:
    """What is known of every contact received from ``first`` on and before ``last``."""
    in_time = (Contact.received_at >= first, Contact.received_at < last)
    troubles: dict[int, list[str]] = defaultdict(list)
    for contact_id, particulars in work.session.execute(
        select(ContactEvent.contact_id, ContactEvent.particulars)
        .join(Contact, Contact.id == ContactEvent.contact_id)
        .where(
            *in_time,
            ContactEvent.kind.in_([EventKind.DEVICE_LOST.value, EventKind.RECORDING_FAILED.value]),
        )
        .order_by(ContactEvent.id)
    ):
        troubles[contact_id].append(str(particulars.get("code", "")))
    rows = work.session.execute(
        select(
            Contact.id,
            Contact.desk_id,
            Contact.state,
            Contact.received_at,
            Contact.disposition,
            Call.contact_id.is_not(None),
            Call.late_entry,
            Call.announced_at,
            Call.objected_at,
            Call.ended_at,
        )
        .outerjoin(Call, Call.contact_id == Contact.id)
        .where(*in_time)
        .order_by(Contact.received_at, Contact.id)
    )
    return tuple(
        CallFacts(
            contact_id=id,
            desk_id=desk_id,
            state=ContactState(state),
            is_call=bool(is_call),
            received_at=received_at,
            is_late_entry=bool(late_entry),
            announced_at=announced_at,
            objected_at=objected_at,
            ended_at=ended_at,
            disposition=Disposition(disposition) if disposition else None,
            troubles=tuple(troubles[id]),
        )
        for (
            id,
            desk_id,
            state,
            received_at,
            disposition,
            is_call,
            late_entry,
            announced_at,
            objected_at,
            ended_at,
        ) in rows
    )


@needs(Permission.RECONCILE_RECORDINGS)
def contact_heads(
    actor: Actor, work: UnitOfWork, /, contact_ids: Collection[int]
) -> dict[int, ContactHead]:
    """Numbers and times of these contacts, by id."""
    rows = work.session.execute(
        select(Contact.id, Contact.number, Contact.received_at).where(Contact.id.in_(contact_ids))
    )
    return {id: ContactHead(id, number, received_at) for id, number, received_at in rows}


def _contact(work: UnitOfWork, contact_id: int) -> Contact:
    contact = work.session.get(Contact, contact_id)
    if contact is None:
        raise Refused("calls.not_found")
    return contact
