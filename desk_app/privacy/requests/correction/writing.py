"""Writing accepted corrections where they belong, the old value sealed first. Not a use case."""

from collections.abc import Callable

from sqlalchemy import select

from desk_app.calls.model import Contact
from desk_app.calls.rules import Party as CallParty
from desk_app.cases.model import CaseContact
from desk_app.customers import records as customers
from desk_app.customers.model import ContactPoint, Customer
from desk_app.customers.records import CustomerFields, PointKind
from desk_app.customers.rules import Answer, PersonalField, normalise_number
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.requests.correction.accepting import wanted_by
from desk_app.privacy.requests.correction.rules import OF_CONTACT, SAME_IN_CONTACTS, Field
from desk_app.privacy.requests.model import PrivacyCorrection, PrivacyRequest
from desk_app.sealed import records as sealed
from desk_app.storage.unit_of_work import UnitOfWork

OLD_VALUE = "old_value"
"""The kind of a sealed record that holds what was corrected."""


def before(
    work: UnitOfWork,
    request: PrivacyRequest,
    field: Field,
    *,
    contact_id: int | None = None,
    point_id: int | None = None,
) -> str:
    """What stands there now. `Refused` unless the place is the customer's own."""
    customer_id = _customer_of(request)
    if field in OF_CONTACT:
        return str(getattr(_contact(work, customer_id, contact_id), field.value))
    if contact_id is not None:
        raise Refused("requests.field_unknown")
    customer = customers.find(work, customer_id)
    if field is Field.TELEPHONE:
        return "" if point_id is None else _point(customer, point_id).value
    if point_id is not None:
        raise Refused("requests.field_unknown")
    if field in (Field.NAME, Field.READING):
        return str(getattr(customer, field.value))
    return next((p.value for p in customer.contact_points if p.kind == field.value), "")


def write_accepted(actor: Actor, work: UnitOfWork, request: PrivacyRequest) -> list[Field]:
    """Write what was accepted, each old value sealed; the fields that were written.

    Contacts of the customer that hold the same old value are corrected along, and are listed with
    the request as well.
    """
    written: list[Field] = []
    for row in wanted_by(work, request):
        if not row.accepted or row.done_at is not None:
            continue
        field = Field(row.field)
        old = before(work, request, field, contact_id=row.contact_id, point_id=row.point_id)
        sealed_id = _seal(actor, work, request, row, old) if old else None
        _write(work, request, field, row)
        _done(actor, work, row, sealed_id)
        written.append(field)
        if old and field in SAME_IN_CONTACTS:
            _write_in_contacts(actor, work, request, row, old, sealed_id)
    work.session.flush()
    return written


def _write(work: UnitOfWork, request: PrivacyRequest, field: Field, row: PrivacyCorrection) -> None:
    customer_id = _customer_of(request)
    if field in OF_CONTACT:
        _write_contact(work, _contact(work, customer_id, row.contact_id), field, row.wanted)
    elif field is Field.TELEPHONE and row.point_id is not None:
        customers.replace_number(work, customer_id, row.point_id, row.wanted)
    else:
        given = CustomerFields(**{field.value: PersonalField.of(row.wanted)})
        customers.write_down(work, customer_id, given)


def _write_in_contacts(
    actor: Actor,
    work: UnitOfWork,
    request: PrivacyRequest,
    row: PrivacyCorrection,
    old: str,
    sealed_id: int | None,
) -> None:
    field = SAME_IN_CONTACTS[Field(row.field)]
    is_same = _same_as(field, old)
    for contact in work.session.scalars(
        select(Contact)
        .where(
            Contact.customer_id == request.customer_id, Contact.party == CallParty.CUSTOMER.value
        )
        .order_by(Contact.id)
    ):
        if not is_same(str(getattr(contact, field.value))):
            continue
        also = PrivacyCorrection(
            request_id=request.id,
            field=field.value,
            contact_id=contact.id,
            wanted=row.wanted,
            entered_at=work.now,
            entered_by=actor.user_id,
            accepted=True,
        )
        work.session.add(also)
        _write_contact(work, contact, field, row.wanted)
        _done(actor, work, also, sealed_id)


def _same_as(field: Field, old: str) -> Callable[[str], bool]:
    if field is Field.CALLBACK_NUMBER:
        e164 = normalise_number(old).e164
        return lambda value: bool(e164) and normalise_number(value).e164 == e164
    return lambda value: value == old


def _write_contact(work: UnitOfWork, contact: Contact, field: Field, wanted: str) -> None:
    if field is Field.CALLBACK_NUMBER:
        number = normalise_number(wanted)
        contact.callback_number = number.shown if number.e164 else wanted
        contact.callback_normal = number.e164
        contact.callback_answer = Answer.ANSWERED.value
    else:
        setattr(contact, field.value, wanted)
        setattr(contact, f"{field.value}_answer", Answer.ANSWERED.value)
    work.session.flush()
    work.changed("contact", contact.id)
    for case_id in work.session.scalars(
        select(CaseContact.case_id).where(CaseContact.contact_id == contact.id)
    ):
        work.changed("case", case_id)


def _seal(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, row: PrivacyCorrection, old: str
) -> int:
    return sealed.seal(
        work,
        kind=OLD_VALUE,
        field=row.field,
        text=old,
        made_by=actor,
        customer_id=request.customer_id,
        contact_id=row.contact_id,
        case_id=request.case_id,
    )


def _done(actor: Actor, work: UnitOfWork, row: PrivacyCorrection, sealed_id: int | None) -> None:
    row.sealed_id, row.done_at, row.done_by = sealed_id, work.now, actor.user_id


def _customer_of(request: PrivacyRequest) -> int:
    if request.customer_id is None:
        raise Refused("requests.nothing_is_held")
    return request.customer_id


def _contact(work: UnitOfWork, customer_id: int, contact_id: int | None) -> Contact:
    """A contact in which the customer spoke for themselves."""
    contact = None if contact_id is None else work.session.get(Contact, contact_id)
    if (
        contact is None
        or contact.customer_id != customer_id
        or contact.party != CallParty.CUSTOMER.value
    ):
        raise Refused("requests.field_of_others")
    return contact


def _point(customer: Customer, point_id: int) -> ContactPoint:
    for point in customer.contact_points:
        if point.id == point_id and point.kind == PointKind.TELEPHONE.value:
            return point
    raise Refused("requests.field_unknown")
