"""What can leave of a customer and a matter, item by item. Not a use case: the caller has checked
who reads, and audits it."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from desk_app.calls.model import Inquiry
from desk_app.cases.model import CaseContact
from desk_app.customers import records as customers
from desk_app.customers.model import Customer
from desk_app.customers.rules import Answer
from desk_app.privacy.provisions.pages import Line
from desk_app.privacy.registers.rules import Item
from desk_app.storage.unit_of_work import UnitOfWork

_POINTS = {
    Item.TELEPHONE: "telephone",
    Item.EMAIL: "email",
    Item.POSTCODE: "postcode",
    Item.ADDRESS: "address",
    Item.BUILDING: "building",
}


def lines_of(work: UnitOfWork, customer_id: int, case_id: int | None) -> tuple[Line, ...]:
    """Every item with what it holds now; nothing of a matter without a case."""
    customer = customers.find(work, customer_id)
    matter = [] if case_id is None else _matter(work, case_id)
    return (
        Line(Item.NAME, customer.name, Answer(customer.name_answer)),
        Line(Item.READING, customer.reading, Answer(customer.reading_answer)),
        *(_reached(customer, item, kind) for item, kind in _POINTS.items()),
        _said(Item.PRODUCT, (_product(one) for one in matter), sep="\n"),
        _said(Item.INQUIRY, (one.text for one in matter)),
        _said(Item.ANSWER, (one.answer for one in matter)),
    )


def _reached(customer: Customer, item: Item, kind: str) -> Line:
    points = [one for one in customer.contact_points if one.kind == kind]
    said = "\n".join(dict.fromkeys(one.value for one in points if one.value))
    if said:
        return Line(item, said, Answer.ANSWERED)
    declined = any(one.answer == Answer.DECLINED for one in points)
    return Line(item, "", Answer.DECLINED if declined else Answer.NOT_ASKED)


def _matter(work: UnitOfWork, case_id: int) -> list[Inquiry]:
    """What was asked in the case's contacts, in order; not what belongs to another case."""
    joined = select(CaseContact.contact_id).where(CaseContact.case_id == case_id)
    asked = (
        select(Inquiry)
        .where(Inquiry.contact_id.in_(joined))
        .where(or_(Inquiry.case_id.is_(None), Inquiry.case_id == case_id))
        .order_by(Inquiry.contact_id, Inquiry.position)
    )
    return list(work.session.scalars(asked))


def _product(inquiry: Inquiry) -> str:
    return " ".join(part for part in (inquiry.product, inquiry.lot) if part)


def _said(item: Item, texts: Iterable[str], *, sep: str = "\n\n") -> Line:
    said = sep.join(dict.fromkeys(text for text in texts if text))
    return Line(item, said, Answer.ANSWERED if said else Answer.NOT_ASKED)
