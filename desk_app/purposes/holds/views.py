"""Holds as the officer reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.audit.runs import runs_of
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.holds.model import LegalHold
from desk_app.purposes.holds.rules import COLUMN_OF, HeldKind, HoldGround
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork

_SHOWS = {HeldKind.CUSTOMER: "customers", HeldKind.CASE: "cases", HeldKind.CONTACT: "contacts"}
"""What the log calls those that a list of holds names."""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold with its reasons. ``name`` says what it is on: the customer's name or the number of
    case or contact; empty for what was erased since."""

    id: int
    kind: HeldKind
    subject_id: int | None
    name: str
    ground: HoldGround
    reason: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str
    release_reason: str

    @property
    def stands(self) -> bool:
        return self.released_at is None


@needs(Permission.HOLD_AND_ERASE)
def holds(actor: Actor, work: UnitOfWork, /, *, released: bool = False) -> tuple[HoldRow, ...]:
    """The holds that stand, the newest first; with ``released`` also those of before. Audited:
    run it with a commit."""
    tables = Base.metadata.tables
    customer, case, contact = tables["customer"], tables["desk_case"], tables["contact"]
    user, person = tables["user_account"], tables["person"]
    placer, releaser = user.alias(), user.alias()
    placers, releasers = person.alias(), person.alias()
    recording = tables["recording"]
    heard = contact.alias()
    query = (
        select(
            LegalHold,
            customer.c.name,
            case.c.number,
            contact.c.number.label("contact_number"),
            heard.c.number.label("heard_number"),
            placers.c.name.label("placer"),
            releasers.c.name.label("releaser"),
        )
        .outerjoin(customer, customer.c.id == LegalHold.customer_id)
        .outerjoin(case, case.c.id == LegalHold.case_id)
        .outerjoin(contact, contact.c.id == LegalHold.contact_id)
        .outerjoin(recording, recording.c.id == LegalHold.recording_id)
        .outerjoin(heard, heard.c.id == recording.c.contact_id)
        .join(placer, placer.c.id == LegalHold.placed_by)
        .join(placers, placers.c.id == placer.c.person_id)
        .outerjoin(releaser, releaser.c.id == LegalHold.released_by)
        .outerjoin(releasers, releasers.c.id == releaser.c.person_id)
        .order_by(LegalHold.id.desc())
    )
    if not released:
        query = query.where(LegalHold.released_at.is_(None))
    rows = tuple(
        HoldRow(
            id=hold.id,
            kind=HeldKind(hold.kind),
            subject_id=getattr(hold, COLUMN_OF[HeldKind(hold.kind)]),
            name=of_customer or number or contact_number or heard_number or "",
            ground=HoldGround(hold.ground),
            reason=hold.reason,
            placed_at=hold.placed_at,
            placed_by=placed_by,
            released_at=hold.released_at,
            released_by=released_by or "",
            release_reason=hold.release_reason,
        )
        for (
            hold,
            of_customer,
            number,
            contact_number,
            heard_number,
            placed_by,
            released_by,
        ) in work.session.execute(query)
    )
    named: dict[str, Any] = {
        name: runs_of(row.subject_id for row in rows if row.kind is kind and row.subject_id)
        for kind, name in _SHOWS.items()
    }
    record(actor, work, "hold.listed", count=len(rows), released=released, **named)
    return rows
