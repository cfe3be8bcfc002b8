"""What was handed over and received, as lists and other rooms read it."""

from sqlalchemy import select

from desk_app.cases.model import Case
from desk_app.cases.rules import typed_number
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.provisions.judging import judged
from desk_app.privacy.provisions.model import Provision, Receipt
from desk_app.privacy.provisions.pages import GivenTo, Judged, ProvisionRow, ReceiptRow, Records
from desk_app.privacy.provisions.reading import (
    other_uses,
    provision_records,
    provision_row,
    provisions_where,
    receipt_records,
    receipt_row,
    receipts_where,
)
from desk_app.privacy.provisions.rules import RecordKind, Wanted
from desk_app.storage.unit_of_work import UnitOfWork

MOST_ROWS = 500


@needs(Permission.PROVIDE)
def verdict(
    actor: Actor,
    work: UnitOfWork,
    /,
    customer_id: int,
    wanted: Wanted,
    *,
    kind: RecordKind = RecordKind.SINGLE,
) -> Judged:
    """What handing this over would be, and whether it may be; no value that would leave is read.

    Covered by the entry of the hand-over's opening.
    """
    return judged(work, customer_id, wanted, kind)


@needs(Permission.PROVIDE)
def provisions(
    actor: Actor, work: UnitOfWork, /, *, case_id: int | None = None
) -> tuple[ProvisionRow, ...]:
    """The latest provisions, of all or of a case: which items went to which firm. Nobody's name."""
    only = () if case_id is None else (Provision.case_id == case_id,)
    found = work.session.execute(provisions_where(*only).limit(MOST_ROWS)).all()
    uses = other_uses(work, ended=True)
    return tuple(provision_row(*one, uses) for one in found)


@needs(Permission.PROVIDE)
def receipts(
    actor: Actor, work: UnitOfWork, /, *, case_id: int | None = None
) -> tuple[ReceiptRow, ...]:
    """The latest receipts, of all or of a case. Nobody's name."""
    only = () if case_id is None else (Receipt.case_id == case_id,)
    found = work.session.execute(receipts_where(*only).limit(MOST_ROWS)).all()
    return tuple(receipt_row(*one) for one in found)


@needs(Permission.PROVIDE)
def case_by_number(actor: Actor, work: UnitOfWork, /, number: str) -> int | None:
    """The case that bears a number, for who begins a hand-over from it; None if there is none."""
    return work.session.scalar(select(Case.id).where(Case.number == typed_number(number)))


@needs(Permission.HANDLE_REQUESTS)
def recipients_of(actor: Actor, work: UnitOfWork, /, customer_id: int) -> tuple[GivenTo, ...]:
    """Who was given which items of a customer, and when; the latest first.

    For telling them of a correction or a deletion. What never left isn't among them. Covered by
    the entry of the request or the case that is open.
    """
    found = work.session.execute(
        provisions_where(Provision.customer_id == customer_id, Provision.not_left_at.is_(None))
    ).all()
    uses = other_uses(work, ended=True)
    rows = (provision_row(*one, uses) for one in found)
    return tuple(
        GivenTo(
            recipient_id=row.recipient_id,
            recipient_name=row.recipient_name,
            recipient_kind=row.recipient_kind,
            provision_id=row.id,
            items=row.items,
            purpose=row.purpose,
            form=row.form,
            provided_at=row.provided_at,
        )
        for row in rows
    )


@needs(Permission.HANDLE_REQUESTS)
def records_of(actor: Actor, work: UnitOfWork, /, customer_id: int) -> Records:
    """Every record of what was given to others and came from others about a customer, with all
    particulars: what is disclosed under article 33(5). Covered by the disclosure's own entry."""
    return Records(
        provision_records(actor, work, Provision.customer_id == customer_id),
        receipt_records(actor, work, Receipt.customer_id == customer_id),
    )
