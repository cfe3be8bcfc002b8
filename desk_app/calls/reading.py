"""Contacts as rows. Not a use case: who reads them has been checked, and audited, by the caller."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from desk_app.calls.model import Contact, ContactEvent
from desk_app.calls.pages import ContactRow, EventRow, InquiryRow
from desk_app.calls.rules import (
    Channel,
    ContactState,
    Disposition,
    EventKind,
    NextStep,
    Party,
)
from desk_app.customers.rules import Answer, NumberState, show_number
from desk_app.customers.steps import Field, together
from desk_app.people.access import Actor
from desk_app.people.views import colleagues
from desk_app.purposes.rules import Purpose
from desk_app.storage.unit_of_work import UnitOfWork

_EVENTS = (
    select(ContactEvent)
    .where(ContactEvent.contact_id.in_(bindparam("ids", expanding=True)))
    .order_by(ContactEvent.id)
)


@cache  # made on first use: loading options want every room's tables to be known
def _latest_first() -> Select[Contact]:
    return (
        select(Contact)
        .where(Contact.id.in_(bindparam("ids", expanding=True)))
        .options(selectinload(Contact.inquiries))
        .order_by(Contact.received_at.desc(), Contact.id.desc())
    )


def staff_names(actor: Actor, work: UnitOfWork) -> dict[int, str]:
    """Names of all who ever had an account."""
    return {int(one.user_id): one.name for one in colleagues(actor, work)}


def numbers_of(work: UnitOfWork, ids: Collection[int]) -> dict[int, str]:
    """The numbers of those contacts that have one already."""
    rows = select(Contact.id, Contact.number).where(Contact.id.in_(ids))
    return {known: number for known, number in work.session.execute(rows) if number}


def contact_rows(
    work: UnitOfWork, ids: Collection[int], names: Mapping[int, str]
) -> tuple[ContactRow, ...]:
    """These contacts, the latest first; ``names`` are those of the staff."""
    contacts = work.session.scalars(_latest_first(), {"ids": list(ids)}).all()
    events = _events(work, ids)
    return tuple(_row(contact, names, events[contact.id]) for contact in contacts)


def _events(work: UnitOfWork, ids: Collection[int]) -> dict[int, list[EventRow]]:
    found = work.session.scalars(_EVENTS, {"ids": list(ids)})
    rows: dict[int, list[EventRow]] = defaultdict(list)
    for event in found:
        rows[event.contact_id].append(EventRow(event.at, EventKind(event.kind)))
    return rows


def answers_in_contacts(work: UnitOfWork, ids: Collection[int]) -> dict[Field, Answer]:
    """What was answered in these contacts, put together. Names there are the callers', and no
    customer's; a number that the line showed need not be asked."""
    known: dict[Field, Answer] = {}
    for contact in work.session.scalars(_latest_first(), {"ids": list(ids)}):
        shown = contact.call is not None and bool(contact.call.number_normal)
        said = Answer.ANSWERED if shown else Answer(contact.callback_answer)
        known = together(known, {Field.TELEPHONE: said})
    return known


def saved_contacts_of(work: UnitOfWork, customer_id: int, *, limit: int) -> list[int]:
    """The customer's latest saved contacts."""
    return list(
        work.session.scalars(
            select(Contact.id)
            .where(Contact.customer_id == customer_id, Contact.state == ContactState.SAVED.value)
            .order_by(Contact.received_at.desc(), Contact.id.desc())
            .limit(limit)
        )
    )


def _row(contact: Contact, names: Mapping[int, str], events: list[EventRow]) -> ContactRow:
    call = contact.call
    shown = ""
    if call is not None:
        shown = show_number(call.number_normal) if call.number_normal else call.number_shown
    return ContactRow(
        id=contact.id,
        number=contact.number,
        channel=Channel(contact.channel),
        outbound=call is not None and call.outbound,
        received_at=contact.received_at,
        ended_at=call.ended_at if call else None,
        operator=names[contact.operator_id],
        party=Party(contact.party),
        caller_name=contact.caller_name,
        number_shown=shown,
        number_state=NumberState(call.number_state) if call else NumberState.UNAVAILABLE,
        callback_number=contact.callback_number,
        disposition=Disposition(contact.disposition) if contact.disposition else None,
        purpose=Purpose(contact.purpose) if contact.purpose else None,
        next_step=NextStep(contact.next_step) if contact.next_step else None,
        announcement_id=call.announcement_id if call else None,
        objected=call is not None and call.objected_at is not None,
        inquiries=tuple(
            InquiryRow(
                text=inquiry.text,
                answer=inquiry.answer,
                category=inquiry.category,
                product=inquiry.product,
                lot=inquiry.lot,
                symptom=inquiry.symptom,
                case_id=inquiry.case_id,
            )
            for inquiry in contact.inquiries
        ),
        events=tuple(events),
    )


def unsaved_elsewhere(work: UnitOfWork, desk_id: str) -> int:
    """How many contacts aren't saved yet whose draft lies at another desk."""
    unsaved = Contact.state != ContactState.SAVED.value
    return work.session.scalar(select(func.count()).where(unsaved, Contact.desk_id != desk_id)) or 0
