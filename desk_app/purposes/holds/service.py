"""Placing and releasing holds: for the data protection officer, with a reason each."""

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.holds.held import table_of, take_turn
from desk_app.purposes.holds.model import LegalHold
from desk_app.purposes.holds.rules import COLUMN_OF, HeldKind, HoldGround
from desk_app.storage.base import Base
from desk_app.storage.erased import is_erased
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose


@needs(Permission.HOLD_AND_ERASE)
def place_hold(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    kind: HeldKind,
    subject_id: int,
    ground: HoldGround,
    reason: str,
) -> int:
    """From now on nothing of it is erased or falls to retention; the hold's id.

    `Refused` without a reason, for what isn't there, for what is erased already
    (``purposes.hold_too_late``), and where a hold on the same ground stands already.
    """
    why = _reason(reason)
    take_turn(work)
    there = Base.metadata.tables[table_of(kind)]
    if work.session.scalar(select(there.c.id).where(there.c.id == subject_id)) is None:
        raise Refused("purposes.hold_on_nothing")
    if is_erased(work, kind.value, subject_id):
        raise Refused("purposes.hold_too_late")
    on = LegalHold.__table__.c[COLUMN_OF[kind]] == subject_id
    same = select(LegalHold.id).where(
        on, LegalHold.ground == ground.value, LegalHold.released_at.is_(None)
    )
    if work.session.scalar(same.limit(1)) is not None:
        raise Refused("purposes.hold_stands")
    placed = LegalHold(
        kind=kind.value,
        ground=ground.value,
        reason=why,
        placed_at=work.now,
        placed_by=actor.user_id,
        **{COLUMN_OF[kind]: subject_id},
    )
    work.session.add(placed)
    work.session.flush()
    record(
        actor,
        work,
        "hold.placed",
        subject=(kind.value, subject_id),
        hold_id=placed.id,
        ground=ground.value,
    )
    work.changed("hold", placed.id)
    return placed.id


@needs(Permission.HOLD_AND_ERASE)
def release_hold(actor: Actor, work: UnitOfWork, /, hold_id: int, *, reason: str) -> None:
    """The hold keeps nothing any more. `Refused` without a reason, and for one that is released."""
    why = _reason(reason)
    take_turn(work)
    found = work.session.get(LegalHold, hold_id, with_for_update=True)
    if found is None or found.released_at is not None:
        raise Refused("purposes.hold_released")
    found.released_at, found.released_by, found.release_reason = work.now, actor.user_id, why
    kind = HeldKind(found.kind)
    record(
        actor,
        work,
        "hold.released",
        subject=(kind.value, getattr(found, COLUMN_OF[kind])),
        hold_id=found.id,
        ground=found.ground,
    )
    work.changed("hold", found.id)


def _reason(reason: str) -> str:
    why = prose(reason, field="reason")
    if not why:
        raise Refused("purposes.hold_reason_missing")
    return why
