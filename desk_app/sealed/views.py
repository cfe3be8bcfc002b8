"""Which records are sealed; never what is in them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select

from desk_app.people.access import Actor, Permission, needs
from desk_app.sealed.model import SealedRecord
from desk_app.sealed.pages import SealedRow
from desk_app.sealed.records import row_of
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def records_of(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    case_id: int | None = None,
    customer_id: int | None = None,
    contact_ids: Collection[int] = (),
) -> tuple[SealedRow, ...]:
    """What is sealed about a case, a customer or contacts, oldest first: that it is, not what."""
    about: list[ColumnElement[bool]] = [SealedRecord.contact_id.in_(list(contact_ids))]
    if case_id is not None:
        about.append(SealedRecord.case_id == case_id)
    if customer_id is not None:
        about.append(SealedRecord.customer_id == customer_id)
    found = work.session.scalars(select(SealedRecord).where(or_(*about)).order_by(SealedRecord.id))
    return tuple(row_of(one) for one in found)
