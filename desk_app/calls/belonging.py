"""Which case an inquiry belongs to. Not a use case: who changes it was checked by the caller."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from desk_app.calls.model import Contact, Inquiry
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OwnedInquiry:
    """An inquiry of a case, and when its contact came in."""

    id: int
    contact_id: int
    received_at: datetime
    category: str
    text: str


def inquiries_of(work: UnitOfWork, case_id: int) -> tuple[OwnedInquiry, ...]:
    """The inquiries that are this case's, in the order in which they came in."""
    rows = work.session.execute(
        select(Inquiry.id, Inquiry.contact_id, Contact.received_at, Inquiry.category, Inquiry.text)
        .join(Contact, Contact.id == Inquiry.contact_id)
        .where(Inquiry.case_id == case_id)
        .order_by(Contact.received_at, Contact.id, Inquiry.position, Inquiry.id)
    )
    return tuple(OwnedInquiry(*row) for row in rows)


def give_inquiries(work: UnitOfWork, ids: Collection[int], case_id: int) -> None:
    """These inquiries are another case's from now on."""
    work.session.execute(update(Inquiry).where(Inquiry.id.in_(ids)).values(case_id=case_id))
