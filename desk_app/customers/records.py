"""Writing customers down. Not a use case: the rooms that save a contact or correct a customer
have checked who acts and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from desk_app.customers.model import ContactPoint, Customer
from desk_app.customers.pages import CustomerCard
from desk_app.customers.rules import (
    UNASKED,
    Answer,
    PersonalField,
    email_key,
    name_key,
    normalise_number,
    postcode_key,
    sort_key,
)
from desk_app.errors import Refused
from desk_app.storage.erased import is_erased
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line

_AT_ONCE = 1_000
"""So many ids are named in one statement."""


class PointKind(StrEnum):
    """A way to reach a customer. Several telephone numbers are kept, one of each other kind."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    POSTCODE = "postcode"
    ADDRESS = "address"
    BUILDING = "building"


@dataclass(frozen=True, slots=True)
class CustomerFields:
    """What is known of a customer. A field that was not asked leaves what is on record."""

    name: PersonalField = UNASKED
    reading: PersonalField = UNASKED
    telephone: PersonalField = UNASKED
    email: PersonalField = UNASKED
    postcode: PersonalField = UNASKED
    address: PersonalField = UNASKED
    building: PersonalField = UNASKED

    def cleaned(self) -> "CustomerFields":
        """Fit to be saved; `Refused` names the field that is too long."""
        return CustomerFields(
            name=self.name.cleaned("customer_name"),
            reading=self.reading.cleaned("customer_reading"),
            telephone=self.telephone.cleaned("telephone"),
            email=self.email.cleaned("email"),
            postcode=self.postcode.cleaned("postcode"),
            address=self.address.cleaned("address"),
            building=self.building.cleaned("building"),
        )

    def reach(self) -> tuple[tuple[PointKind, PersonalField], ...]:
        return (
            (PointKind.TELEPHONE, self.telephone),
            (PointKind.EMAIL, self.email),
            (PointKind.POSTCODE, self.postcode),
            (PointKind.ADDRESS, self.address),
            (PointKind.BUILDING, self.building),
        )


def enter(work: UnitOfWork, given: CustomerFields) -> int:
    """A new customer; the id."""
    customer = Customer(created_at=work.now, name="", reading="")
    work.session.add(customer)
    _write(work, customer, given.cleaned())
    work.session.flush()
    work.changed("customer", customer.id)
    return customer.id


def write_down(
    work: UnitOfWork, customer_id: int, given: CustomerFields, *, version: int | None = None
) -> None:
    """Add what was said to a customer on record; with ``version``, only if nobody else changed
    the customer since it was read (`Refused("storage.conflict")`)."""
    customer = find(work, customer_id)
    if version is not None and customer.version != version:
        raise Refused("storage.conflict")
    _write(work, customer, given.cleaned())
    work.session.flush()
    work.changed("customer", customer_id)


def replace_number(work: UnitOfWork, customer_id: int, point_id: int, text: str) -> None:
    """Put another telephone number in the place of one on record; it counts as known from now."""
    customer = find(work, customer_id)
    kept = [point for point in customer.contact_points if point.id == point_id]
    if not kept or kept[0].kind != PointKind.TELEPHONE:
        raise Refused("requests.field_unknown")
    kept[0].value, kept[0].normal = _normal(PointKind.TELEPHONE, line(text, field="telephone"))
    kept[0].answer, kept[0].created_at = Answer.ANSWERED.value, work.now
    work.session.flush()
    work.changed("customer", customer_id)


def find(work: UnitOfWork, customer_id: int) -> Customer:
    """The customer, or `Refused` if there is none by this id, or was one until an erasure: the row
    stays where the law's records refer to it."""
    customer = work.session.get(Customer, customer_id)
    if customer is None or is_erased(work, "customer", customer_id):
        raise Refused("customers.not_found")
    return customer


def entered_at(work: UnitOfWork, ids: Iterable[int]) -> dict[int, datetime]:
    """When these customers became known to the office."""
    wanted, found = list(ids), dict[int, datetime]()
    for at in range(0, len(wanted), _AT_ONCE):
        some = Customer.id.in_(wanted[at : at + _AT_ONCE])
        rows = work.session.execute(select(Customer.id, Customer.created_at).where(some))
        found |= {row.id: row.created_at for row in rows}
    return found


def names_of(work: UnitOfWork, ids: Iterable[int]) -> dict[int, str]:
    """What these customers are called."""
    wanted, found = list(ids), dict[int, str]()
    for at in range(0, len(wanted), _AT_ONCE):
        some = Customer.id.in_(wanted[at : at + _AT_ONCE])
        rows = work.session.execute(
            select(Customer.id, Customer.name, Customer.reading).where(some)
        )
        found |= {row.id: row.name or row.reading for row in rows}
    return found


def card(customer: Customer) -> CustomerCard:
    """The customer as a frozen card."""
    points = {point.kind: point for point in customer.contact_points}

    def kept(kind: PointKind) -> PersonalField:
        point = points.get(kind)
        return PersonalField(point.value, Answer(point.answer)) if point else UNASKED

    return CustomerCard(
        id=customer.id,
        version=customer.version,
        name=PersonalField(customer.name, Answer(customer.name_answer)),
        reading=PersonalField(customer.reading, Answer(customer.reading_answer)),
        telephones=tuple(
            point.value
            for point in reversed(customer.contact_points)
            if point.kind == PointKind.TELEPHONE and point.value
        ),
        email=kept(PointKind.EMAIL),
        postcode=kept(PointKind.POSTCODE),
        address=kept(PointKind.ADDRESS),
        building=kept(PointKind.BUILDING),
        telephone_answer=kept(PointKind.TELEPHONE).answer,
    )


def customers_with_number(work: UnitOfWork, e164: str, *, limit: int) -> list[Customer]:
    """Customers who gave this number, the latest first."""
    return list(
        work.session.scalars(
            select(Customer)
            .join(ContactPoint)
            .where(ContactPoint.normal == e164, ContactPoint.kind == PointKind.TELEPHONE)
            .order_by(Customer.id.desc())
            .limit(limit)
        )
    )


def _write(work: UnitOfWork, customer: Customer, given: CustomerFields) -> None:
    if given.name.answer is not Answer.NOT_ASKED:
        customer.name, customer.name_answer = given.name.text, given.name.answer.value
    if given.reading.answer is not Answer.NOT_ASKED:
        customer.reading, customer.reading_answer = given.reading.text, given.reading.answer.value
    customer.name_key, customer.reading_key = name_key(customer.name), name_key(customer.reading)
    customer.name_sort = sort_key(customer.name, customer.reading)
    for kind, said in given.reach():
        if said.answer is not Answer.NOT_ASKED:
            _write_point(work, customer, kind, said)


def _write_point(
    work: UnitOfWork, customer: Customer, kind: PointKind, said: PersonalField
) -> None:
    value, normal = _normal(kind, said.text)
    of_kind = [point for point in customer.contact_points if point.kind == kind]
    if kind is PointKind.TELEPHONE:
        same = [point for point in of_kind if (point.normal, point.value) == (normal, value)]
        # Declining another number says nothing about those that were given before.
        if same or (said.answer is Answer.DECLINED and of_kind):
            return
        of_kind = [point for point in of_kind if point.answer == Answer.DECLINED]
    if of_kind:
        point = of_kind[0]
        if (point.value, point.normal) != (value, normal):
            point.created_at = work.now  # what is said now proves nothing of before
        point.value, point.normal, point.answer = value, normal, said.answer.value
        return
    customer.contact_points.append(
        ContactPoint(
            kind=kind.value,
            value=value,
            normal=normal,
            answer=said.answer.value,
            created_at=work.now,
        )
    )


def _normal(kind: PointKind, text: str) -> tuple[str, str]:
    match kind:
        case PointKind.TELEPHONE:
            number = normalise_number(text)
            return (number.shown if number.e164 else text), number.e164
        case PointKind.EMAIL:
            return text, email_key(text)
        case PointKind.POSTCODE:
            return text, postcode_key(text)
        case PointKind.ADDRESS | PointKind.BUILDING:
            return text, ""
