"""Use cases of a running contact, from the ring to the hang-up.

Saving what was written down is `desk_app.cases.service.save_contact`, because a save may open
a case or join one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desk_app.audit.log import record
from desk_app.calls.contacts import own_call, own_contact
from desk_app.calls.model import Call, Contact, ContactEvent
from desk_app.calls.pages import ContactRow
from desk_app.calls.reading import contact_rows, staff_names
from desk_app.calls.rules import Act, AnnouncedBy, Channel, ContactState, EventKind, after
from desk_app.customers import records as customers
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import NumberState, normalise_number
from desk_app.errors import NotPermitted, Refused
from desk_app.hours.admission import admit
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import Act as UseAct
from desk_app.purposes.rules import Use, UseException
from desk_app.purposes.uses import require_use
from desk_app.storage.erased import is_erased
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.TAKE_CALLS)
def start_call(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    uid: str,
    rang_at: datetime,
    number_shown: str = "",
    number_state: NumberState | None = None,
    outbound: bool = False,
    late_entry: bool = False,
) -> int:
    """Take a call; the contact's id. The same ``uid`` again gives the same contact.

    An inbound call is admitted by the time of its ring: `Refused("hours.closed")` outside the
    hours, unless a supervisor permitted it. Outbound calls and the late entry of a call that
    was taken on paper are always allowed; a late entry begins in wrap-up.
    ``number_state`` says why the line showed no number, if the line knows.
    """
    line_rang_at = rang_at
    rang_at = min(rang_at, work.now)  # the clock may have been set back since the ring
    number = normalise_number(number_shown)
    call = Call(
        outbound=outbound,
        late_entry=late_entry,
        rang_at=rang_at,
        number_shown=line(number_shown[:200], field="number_shown"),
        number_normal=number.e164,
        number_state=(number_state or number.state).value,
    )
    contact = Contact(
        uid=uid,
        channel=Channel.TELEPHONE.value,
        state=(ContactState.WRAP_UP if late_entry else ContactState.OPEN).value,
        received_at=rang_at,
        operator_id=actor.user_id,
        desk_id=actor.desk_id,
        call=call,
    )
    known = _enter(actor, work, contact)
    if known is not None:
        return known
    if not outbound and not late_entry:
        call.permit_id = admit(work, line_rang_at).permit_id
    return _begun(actor, work, contact, late_entry=late_entry, outbound=outbound)


@needs(Permission.TAKE_CALLS)
def enter_contact(
    actor: Actor, work: UnitOfWork, /, *, uid: str, channel: Channel, received_at: datetime
) -> int:
    """Enter what came by another channel than a call; always allowed, whatever the hour.

    The contact's id; the same ``uid`` again gives the same contact.
    """
    if channel is Channel.TELEPHONE:
        raise Refused("calls.not_a_call")
    contact = Contact(
        uid=uid,
        channel=channel.value,
        state=ContactState.WRAP_UP.value,
        received_at=min(received_at, work.now),
        operator_id=actor.user_id,
        desk_id=actor.desk_id,
    )
    known = _enter(actor, work, contact)
    return known or _begun(actor, work, contact, channel=channel.value)


@needs(Permission.TAKE_CALLS)
def confirm_announcement(
    actor: Actor,
    work: UnitOfWork,
    /,
    contact_id: int,
    *,
    announcement_id: int,
    by: AnnouncedBy,
) -> None:
    """Keep that the caller heard this announcement. The first confirmation stands.

    A call that the office makes has an announcement of its own, which asks; no exchange can
    have made it, and none that was heard in another call counts.
    """
    contact, call = own_call(actor, work, contact_id, Act.ANNOUNCE)
    heard = purposes.announcement(actor, work, announcement_id)
    if call.outbound and by is AnnouncedBy.EXCHANGE:
        raise Refused("calls.exchange_announces_inbound")
    if heard.outbound != call.outbound:
        raise Refused("calls.wrong_announcement")
    if call.announced_at is None:
        call.announcement_id = heard.id
        call.announced_by = by.value
        call.announced_at = work.now
        record(
            actor,
            work,
            "call.announced",
            subject=("contact", contact_id),
            announcement_id=heard.id,
            by=by.value,
        )
        work.changed("contact", contact.id)


@needs(Permission.FINISH_CALL)
def object_to_recording(actor: Actor, work: UnitOfWork, /, contact_id: int) -> None:
    """Keep that the caller would rather not be recorded; the call goes on unrecorded.

    Possible until the contact is saved, since what was recorded may be destroyed until then.
    """
    contact, call = own_call(actor, work, contact_id, Act.OBJECT)
    if call.objected_at is None:
        call.objected_at = work.now
        record(actor, work, "call.objected", subject=("contact", contact_id))
        work.changed("contact", contact.id)


@needs(Permission.FINISH_CALL)
def hang_up(actor: Actor, work: UnitOfWork, /, contact_id: int, *, ended_at: datetime) -> None:
    """The call is over; its wrap-up begins. Hanging up twice changes nothing."""
    contact = own_contact(actor, work, contact_id)
    if contact.call is not None and contact.state == ContactState.WRAP_UP:
        return
    contact, call = own_call(actor, work, contact_id, Act.HANG_UP)
    call.ended_at = max(min(ended_at, work.now), call.rang_at)
    record(actor, work, "call.ended", subject=("contact", contact_id))
    work.changed("contact", contact.id)


@needs(Permission.FINISH_CALL)
def note_event(
    actor: Actor,
    work: UnitOfWork,
    /,
    contact_id: int,
    *,
    kind: EventKind,
    particulars: Mapping[str, str | int | float | bool] | None = None,
) -> None:
    """Keep what happened during a call. ``particulars`` hold no personal data."""
    contact = own_contact(actor, work, contact_id)
    contact.state = after(ContactState(contact.state), Act.NOTE_EVENT).value
    work.session.add(
        ContactEvent(
            contact_id=contact.id, at=work.now, kind=kind.value, particulars=dict(particulars or {})
        )
    )
    record(actor, work, "call.event", subject=("contact", contact_id), kind=kind.value)
    work.changed("contact", contact.id)


@needs(Permission.TAKE_CALLS)
def listen_back(actor: Actor, work: UnitOfWork, /, contact_id: int) -> None:
    """Leave to hear the last minute of one's own call again; on record before it is played.

    Who isn't appointed any more may finish the call, and hears nothing of it.
    """
    note_event(actor, work, contact_id, kind=EventKind.LISTENED_BACK)


@needs(Permission.READ_CONTACTS)
def open_caller(
    actor: Actor, work: UnitOfWork, /, contact_id: int, customer_id: int, *, purpose: Use
) -> CustomerCard:
    """The card of the customer whom the operator has confirmed as the one who turns to the office
    by this contact, or is called; the opening is audited.

    Who turns to the office after a stop is seen and answered; nobody is called in spite of one.
    """
    contact = own_contact(actor, work, contact_id)
    customer = customers.find(work, customer_id)
    is_called = contact.call is not None and contact.call.outbound
    is_on_the_line = contact.state == ContactState.OPEN and not is_called
    require_use(
        work,
        customer_id=customer_id,
        purpose=purpose,
        act=UseAct.CONTACT if is_called else UseAct.VIEW,
        exception=UseException.ON_THE_LINE if is_on_the_line else None,
        asked_at=None if is_called else contact.received_at,
    )
    record(
        actor,
        work,
        "customer.opened",
        subject=("customer", customer_id),
        purpose=purpose.value,
        contact_id=contact_id,
    )
    return customers.card(customer)


@needs(Permission.READ_CONTACTS)
def open_contact(actor: Actor, work: UnitOfWork, /, contact_id: int, *, purpose: Use) -> ContactRow:
    """Everything about one contact; the opening is audited before anything is shown. `Refused`
    for a use of its customer's data that may not be, and for one that was erased."""
    if is_erased(work, "contact", contact_id):
        raise Refused("calls.erased")
    rows = contact_rows(work, [contact_id], staff_names(actor, work))
    if not rows:
        raise Refused("calls.not_found")
    contact = work.session.get_one(Contact, contact_id)
    require_use(
        work,
        customer_id=contact.customer_id,
        purpose=purpose,
        act=UseAct.VIEW,
        asked_at=contact.received_at,
    )
    record(actor, work, "contact.opened", subject=("contact", contact_id), purpose=purpose.value)
    return rows[0]


def _enter(actor: Actor, work: UnitOfWork, contact: Contact) -> int | None:
    """Enter a contact, once for each uid: the id of the one that is there already, or None."""
    known = _known(actor, work, contact.uid)
    if known is not None:
        return known
    try:
        with work.session.begin_nested():
            work.session.add(contact)
    except IntegrityError:
        # The same uid was sent twice at once, and the other one came first.
        known = _known(actor, work, contact.uid)
        if known is None:
            raise
    return known


def _known(actor: Actor, work: UnitOfWork, uid: str) -> int | None:
    known = work.session.execute(
        select(Contact.id, Contact.operator_id).where(Contact.uid == uid)
    ).one_or_none()
    if known is None:
        return None
    if known.operator_id != actor.user_id:
        raise NotPermitted("calls.not_yours")
    return int(known.id)


def _begun(actor: Actor, work: UnitOfWork, contact: Contact, **particulars: Any) -> int:
    record(actor, work, "contact.started", subject=("contact", contact.id), **particulars)
    work.changed("contact", contact.id)
    return contact.id
