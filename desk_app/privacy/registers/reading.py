"""Recipients as rows. Not a use case: who reads them has been checked by the caller."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.privacy.registers.model import (
    EquivalentSystem,
    GroupListing,
    Recipient,
    Subcontract,
)
from desk_app.privacy.registers.pages import ContractRow, ListingRow, RecipientRow, SystemRow
from desk_app.privacy.registers.rules import Item, RecipientKind, Span
from desk_app.purposes.rules import Purpose
from desk_app.storage.unit_of_work import UnitOfWork

Period = GroupListing | Subcontract | EquivalentSystem
"""A row that says what was in force from when to when."""

P = TypeVar("P", GroupListing, Subcontract, EquivalentSystem)


def find_recipient(work: UnitOfWork, recipient_id: int) -> Recipient:
    """The recipient, or `Refused` if there is none by this id."""
    found = work.session.get(Recipient, recipient_id)
    if found is None:
        raise Refused("registers.not_found")
    return found


def recipient_rows(
    work: UnitOfWork, ids: Collection[int] | None = None
) -> tuple[RecipientRow, ...]:
    """Recipients by name; all, or those of some ids."""
    wanted = select(Recipient).order_by(Recipient.folded, Recipient.id)
    if ids is not None:
        wanted = wanted.where(Recipient.id.in_(ids))
    found = work.session.scalars(wanted).all()
    only = None if ids is None else list(ids)
    listings = _by_recipient(work, GroupListing, only)
    contracts = _by_recipient(work, Subcontract, only)
    systems = _by_recipient(work, EquivalentSystem, only)
    return tuple(
        RecipientRow(
            id=one.id,
            kind=RecipientKind(one.kind),
            name=one.name,
            address=one.address,
            representative=one.representative,
            country=one.country,
            public_key=one.public_key,
            is_retired=one.retired_at is not None,
            listings=tuple(ListingRow(row.id, span_of(row)) for row in listings[one.id]),
            contracts=tuple(contract_row(row) for row in contracts[one.id]),
            systems=tuple(SystemRow(row.id, span_of(row), row.basis) for row in systems[one.id]),
        )
        for one in found
    )


def recipient_row(work: UnitOfWork, recipient_id: int) -> RecipientRow:
    """One of them; `Refused` if there is none by this id."""
    for row in recipient_rows(work, [recipient_id]):
        return row
    raise Refused("registers.not_found")


def contract_row(row: Subcontract) -> ContractRow:
    return ContractRow(
        id=row.id,
        number=row.number,
        work=row.work,
        span=span_of(row),
        items=frozenset(Item(one) for one in row.items),
        purposes=frozenset(Purpose(one) for one in row.purposes),
    )


def span_of(row: Period) -> Span:
    return Span(row.first_on, row.last_on)


def periods(work: UnitOfWork, table: type[P], ids: Collection[int] | None) -> list[P]:
    """Rows of these recipients, or of all; the latest first."""
    wanted = select(table).order_by(table.first_on.desc(), table.id.desc())
    if ids is not None:
        wanted = wanted.where(table.recipient_id.in_(ids))
    return list(work.session.scalars(wanted))


def _by_recipient(
    work: UnitOfWork, table: type[P], ids: Sequence[int] | None
) -> dict[int, list[P]]:
    found: dict[int, list[P]] = defaultdict(list)
    for row in periods(work, table, ids):
        found[row.recipient_id].append(row)
    return found
