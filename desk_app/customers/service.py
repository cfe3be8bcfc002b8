"""Use cases about customers: the offer of a match, opening, entering, correcting.

A number or a name that matches is an offer that the operator confirms, never an identity.
"""

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.customers import records
from desk_app.customers.model import Customer
from desk_app.customers.pages import CustomerCard, CustomerMatch, MatchedBy
from desk_app.customers.records import CustomerFields
from desk_app.customers.rules import name_key, normalise_number
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import USUAL_PURPOSE, Act, Use
from desk_app.purposes.uses import Listed, out_of_sight, require_use
from desk_app.storage.unit_of_work import UnitOfWork

MOST_MATCHES = 9
"""One for each digit key."""

_SHORTEST_PREFIX = 2


@needs(Permission.TAKE_CALLS)
def matches(
    actor: Actor, work: UnitOfWork, /, *, number: str = "", name: str = "", reading: str = ""
) -> tuple[CustomerMatch, ...]:
    """Customers who may be the caller, by number first; at most `MOST_MATCHES`.

    Names and readings match from their beginning, from two characters on. What is offered is
    personal data, so the offer is audited with the ids in it. Of somebody whose data may not be
    looked at, it says who it is only if it is their number: then they are on the line.
    """
    found: dict[int, Customer] = {}
    by: dict[int, set[MatchedBy]] = {}

    def offer(customers: list[Customer], reason: MatchedBy) -> None:
        for customer in customers:
            if customer.id in found or len(found) < MOST_MATCHES:
                found[customer.id] = customer
                by.setdefault(customer.id, set()).add(reason)

    e164 = normalise_number(number).e164
    if e164:
        offer(records.customers_with_number(work, e164, limit=MOST_MATCHES), MatchedBy.NUMBER)
    for text, column, reason in (
        (name, Customer.name_key, MatchedBy.NAME),
        (reading, Customer.reading_key, MatchedBy.READING),
    ):
        key = name_key(text)
        if len(key) >= _SHORTEST_PREFIX:
            # A range, not LIKE: so that the index serves on both engines.
            begins = (column >= key) & (column < key + "\U0010ffff")
            nearest = select(Customer).where(begins).order_by(column, Customer.id.desc())
            offer(list(work.session.scalars(nearest.limit(MOST_MATCHES))), reason)
    if found:
        record(actor, work, "customer.offered", purpose=USUAL_PURPOSE, ids=sorted(found))
    hidden = {one.customer_id for one in out_of_sight(work, map(Listed, found))}
    return tuple(
        _match(customer, by[customer.id], e164)
        if customer.id not in hidden or MatchedBy.NUMBER in by[customer.id]
        else CustomerMatch(customer.id, "", "", "", frozenset(by[customer.id]), is_stopped=True)
        for customer in found.values()
    )


@needs(Permission.READ_CONTACTS)
def open_customer(
    actor: Actor, work: UnitOfWork, /, customer_id: int, *, purpose: Use
) -> CustomerCard:
    """The customer's card; the opening is audited. `Refused` for a use that may not be."""
    customer = records.find(work, customer_id)
    require_use(work, customer_id=customer_id, purpose=purpose, act=Act.VIEW)
    record(actor, work, "customer.opened", subject=("customer", customer_id), purpose=purpose.value)
    return records.card(customer)


@needs(Permission.WORK_CASES)
def enter_customer(actor: Actor, work: UnitOfWork, /, given: CustomerFields) -> int:
    """A new customer, outside a contact; the id."""
    customer_id = records.enter(work, given)
    record(actor, work, "customer.entered", subject=("customer", customer_id))
    return customer_id


@needs(Permission.WORK_CASES)
def update_customer(
    actor: Actor, work: UnitOfWork, /, customer_id: int, version: int, given: CustomerFields
) -> None:
    """Correct or complete a customer; fields that were not asked stay as they are."""
    records.write_down(work, customer_id, given, version=version)
    record(actor, work, "customer.updated", subject=("customer", customer_id))


def _match(customer: Customer, by: set[MatchedBy], e164: str) -> CustomerMatch:
    numbers = [point for point in customer.contact_points if point.kind == "telephone"]
    shown = next((point.value for point in numbers if point.normal == e164), None)
    return CustomerMatch(
        customer_id=customer.id,
        name=customer.name,
        reading=customer.reading,
        telephone=shown or (numbers[-1].value if numbers else ""),
        by=frozenset(by),
    )
