"""Which holds stand on something: for those who are about to remove it. Checks nobody's rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, select, text

from desk_app.purposes.holds.model import LegalHold
from desk_app.purposes.holds.rules import COLUMN_OF, TABLE_OF, HeldKind, HoldGround
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork

_TURN = text("SELECT pg_advisory_xact_lock(hashtext('legal_hold'))")
_AT_ONCE = 500


class Rooted(Protocol):
    """What is to be removed, by ids in ``customer``, ``contact``, ``recording``, ``desk_case``."""

    def ids(self, table: str) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands."""

    id: int
    kind: HeldKind
    subject_id: int
    ground: HoldGround
    placed_at: datetime


def take_turn(work: UnitOfWork) -> None:
    """Until the commit no hold is placed or released elsewhere: whoever removes something asks
    `holds_on` after this. In a file whoever writes is alone anyway."""
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(_TURN)


def holds_on(work: UnitOfWork, roots: Rooted) -> tuple[Hold, ...]:
    """The holds that keep any of it from being removed, the oldest first.

    A hold on a customer covers their contacts, recordings and cases, whatever belongs to these
    cases, and the cases that one of their contacts belongs to; one on a case the contacts and
    recordings that belong to it, whosever they are; one on a contact its recordings and the cases
    it belongs to; one on a recording its contact. A case that was merged is held with those it was
    merged with.
    """
    customers = _every(roots, "customer")
    contacts = _every(roots, "contact")
    recordings = _every(roots, "recording")
    cases = _family(work, _every(roots, "desk_case"))
    tables = Base.metadata.tables
    contact, belongs = tables["contact"], tables["case_contact"]
    recording, case = tables["recording"], tables["desk_case"]
    # what was named, and what it belongs to
    contacts |= _ids(work, recording.c.contact_id, recording.c.id, recordings)
    customers |= _ids(work, contact.c.customer_id, contact.c.id, contacts)
    cases |= _family(work, _ids(work, belongs.c.case_id, belongs.c.contact_id, contacts))
    customers |= _ids(work, case.c.customer_id, case.c.id, cases)
    # and what belongs to that
    beside = _ids(work, belongs.c.contact_id, belongs.c.case_id, _every(roots, "desk_case"))
    customers |= _ids(work, contact.c.customer_id, contact.c.id, beside)
    contacts |= beside
    recordings |= _ids(work, recording.c.id, recording.c.contact_id, contacts)
    asked = {
        HeldKind.CUSTOMER: customers,
        HeldKind.CONTACT: contacts,
        HeldKind.RECORDING: recordings,
        HeldKind.CASE: cases,
    }
    found: dict[int, Hold] = {}
    for row in standing(work):
        kind = HeldKind(row.kind)
        subject = getattr(row, COLUMN_OF[kind])
        if subject in asked[kind]:
            found[row.id] = _hold(row, kind, subject)
    return tuple(found[id] for id in sorted(found))


def standing(work: UnitOfWork) -> Sequence[LegalHold]:
    """Every hold that wasn't released. An office has few: lawsuits, not customers."""
    work.session.flush()
    return work.session.scalars(
        select(LegalHold).where(LegalHold.released_at.is_(None)).order_by(LegalHold.id)
    ).all()


def table_of(kind: HeldKind) -> str:
    return TABLE_OF[kind]


def _hold(row: LegalHold, kind: HeldKind, subject: int) -> Hold:
    return Hold(row.id, kind, subject, HoldGround(row.ground), row.placed_at)


def _every(roots: Rooted, table: str) -> set[int]:
    return set(roots.ids(table))


def _ids(
    work: UnitOfWork, wanted: ColumnElement[int], by: ColumnElement[int], known: set[int]
) -> set[int]:
    found: set[int] = set()
    ordered = sorted(known)
    for start in range(0, len(ordered), _AT_ONCE):
        batch = ordered[start : start + _AT_ONCE]
        found.update(
            id for id in work.session.scalars(select(wanted).where(by.in_(batch))) if id is not None
        )
    return found


def _family(work: UnitOfWork, cases: set[int]) -> set[int]:
    """The cases with all that were merged with them, whichever goes on."""
    case = Base.metadata.tables["desk_case"]
    all_of_them, new = set(cases), set(cases)
    while new:
        more = _ids(work, case.c.merged_into_id, case.c.id, new)
        more |= _ids(work, case.c.id, case.c.merged_into_id, new)
        new = more - all_of_them
        all_of_them |= new
    return all_of_them
