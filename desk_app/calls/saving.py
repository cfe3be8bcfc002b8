"""Writing a contact's form into its rows, once. Not a use case: `cases.service.save_contact` is.

`prepare` checks everything and settles whose contact it is; `complete` writes it. Between the
two the case is opened or found, so that the inquiries can point to it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from desk_app.calls.contacts import own_contact
from desk_app.calls.endings import Ending, EndKind, check_ending
from desk_app.calls.form import ContactForm, Draft, NewCustomer
from desk_app.calls.model import Contact, Inquiry
from desk_app.calls.rules import Act, Channel, ContactState, after
from desk_app.customers import records
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import normalise_number
from desk_app.customers.steps import answers_of
from desk_app.people.access import Actor
from desk_app.purposes.consents.records import opt_out
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Prepared:
    """A contact that may be saved, and what its case needs to know."""

    contact: Contact
    received_at: datetime
    ended_at: datetime | None  # of a call
    outbound: bool
    customer_id: int | None
    form: ContactForm  # cleaned
    digest: str

    @property
    def contact_id(self) -> int:
        return self.contact.id


def prepare(
    actor: Actor, work: UnitOfWork, contact_id: int, form: ContactForm, ending: Ending
) -> Prepared | None:
    """Check that the contact may end like this; None if this very save was committed before
    (the desk didn't hear of it and sends it again). Raises `Refused`, nothing written.
    """
    contact = own_contact(actor, work, contact_id)
    form = form.cleaned()
    digest = _digest(contact, form, ending)
    if contact.state == ContactState.SAVED and contact.saved_digest == digest:
        return None
    after(ContactState(contact.state), Act.SAVE)
    known = form.customer if isinstance(form.customer, int) else None
    check_ending(
        form,
        ending.kind,
        on_record=answers_of(records.card(records.find(work, known))) if known else None,
        number_shown=contact.call is not None and bool(contact.call.number_normal),
    )
    is_nobodys = ending.kind is EndKind.CALL_ONLY and not form.opts_out
    return Prepared(
        contact=contact,
        received_at=contact.received_at,
        ended_at=contact.call.ended_at if contact.call is not None else None,
        outbound=contact.call is not None and contact.call.outbound,
        customer_id=None if is_nobodys else _customer(work, form),
        form=form,
        digest=digest,
    )


def complete(actor: Actor, work: UnitOfWork, prepared: Prepared, *, case_id: int | None) -> None:
    """Write the form; the number follows at commit. An opt-out that was heard before anybody knew
    whose it is becomes its customer's."""
    contact, form = prepared.contact, prepared.form
    callback = normalise_number(form.callback_number.text)
    contact.state = after(ContactState(contact.state), Act.SAVE).value
    contact.customer_id = prepared.customer_id
    contact.party = form.party.value
    contact.caller_name = form.caller_name.text
    contact.caller_name_answer = form.caller_name.answer.value
    contact.caller_reading = form.caller_reading.text
    contact.caller_reading_answer = form.caller_reading.answer.value
    contact.callback_number = form.callback_number.text
    contact.callback_normal = callback.e164
    contact.callback_answer = form.callback_number.answer.value
    contact.disposition = form.disposition.value if form.disposition else None
    contact.purpose = form.purpose.value if form.purpose else None
    contact.next_step = form.next_step.value
    contact.callback_at = form.callback_at
    contact.saved_at = work.now
    contact.saved_digest = prepared.digest
    work.session.add_all(
        Inquiry(
            contact_id=contact.id,
            case_id=case_id,
            position=position,
            text=inquiry.text,
            answer=inquiry.answer,
            product=inquiry.product,
            lot=inquiry.lot,
            category=inquiry.category,
            symptom=inquiry.symptom,
        )
        for position, inquiry in enumerate(form.inquiries, start=1)
    )
    work.session.flush()
    work.changed("contact", contact.id)
    if form.opts_out and prepared.customer_id is not None:
        opt_out(
            actor,
            work,
            prepared.customer_id,
            contact_id=contact.id,
            second=form.opts_out_second,
        )


def _customer(work: UnitOfWork, form: ContactForm) -> int | None:
    """The customer of this contact, entered or brought up to date with what was said."""
    if form.customer is None:
        return None
    new = form.customer if isinstance(form.customer, NewCustomer) else NewCustomer()
    given = CustomerFields(
        name=new.name,
        reading=new.reading,
        telephone=form.callback_number,
        email=form.email,
        postcode=form.postcode,
        address=form.address,
        building=form.building,
    )
    if isinstance(form.customer, NewCustomer):
        return records.enter(work, given)
    if given != CustomerFields():
        records.write_down(work, form.customer, given)
    return form.customer


def _digest(contact: Contact, form: ContactForm, ending: Ending) -> str:
    written = Draft(
        uid=contact.uid,
        channel=Channel(contact.channel),
        received_at=contact.received_at,
        form=form,
    ).to_json()
    return hashlib.sha256(f"{ending!r}\n{written}".encode()).hexdigest()
