"""Entering an erasure: for the use cases of this room, and for retention."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.people.rules import check_approver
from desk_app.people.standing import person_id
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure.model import Erasure
from desk_app.privacy.erasure.rooted import to_kept, whole_family, with_recordings
from desk_app.privacy.erasure.rules import ErasureAct, ErasureState, Origin, after
from desk_app.privacy.erasure.verdict import check_erasable
from desk_app.purposes.holds import take_turn
from desk_app.storage.unit_of_work import UnitOfWork


def enter_for_retention(actor: Actor, work: UnitOfWork, roots: Roots, *, approved_by: int) -> int:
    """For the room of retention, whose batch was approved by ``approved_by``: an erasure of what
    has fallen due, approved with it. Checks nobody's rights; `Refused` with what keeps it, and
    where the batch was approved by who carries it out."""
    check_approver(requester=person_id(work, actor.user_id), approver=person_id(work, approved_by))
    take_turn(work)
    roots = with_recordings(work, whole_family(work, roots))
    check_erasable(work, roots)
    erasure = enter(actor, work, roots, Origin.RETENTION, request_id=None)
    erasure.state = after(ErasureState.WAITING, ErasureAct.APPROVE).value
    erasure.approved_by, erasure.approved_at = approved_by, work.now
    return erasure.id


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an erasure is, for the room that entered it."""

    erased_at: datetime | None  # since then the rows are gone
    is_done: bool
    certificate: str | None

    @property
    def rows_are_gone(self) -> bool:
        return self.erased_at is not None


def standing_of(work: UnitOfWork, erasure_id: int) -> Standing:
    """For retention: how far its erasure is."""
    erasure = work.session.get_one(Erasure, erasure_id, populate_existing=True)
    return Standing(
        erasure.erased_at,
        erasure.state == ErasureState.DONE,
        erasure.certificate,
    )


def give_up(actor: Actor, work: UnitOfWork, erasure_id: int) -> None:
    """For retention, before any row is gone: another is entered without what was held since."""
    erasure = work.session.get_one(
        Erasure, erasure_id, with_for_update=True, populate_existing=True
    )
    if erasure.erased_at is not None:
        raise Refused("privacy.erasure_state")
    erasure.state = after(ErasureState(erasure.state), ErasureAct.GIVE_UP).value
    erasure.ended_at, erasure.probes = work.now, None
    record(actor, work, "erasure.withdrawn", subject=("erasure", erasure.id))
    work.changed("erasure", erasure.id)


def enter(
    actor: Actor, work: UnitOfWork, roots: Roots, origin: Origin, *, request_id: int | None
) -> Erasure:
    erasure = Erasure(
        state=ErasureState.WAITING.value,
        origin=origin.value,
        request_id=request_id,
        roots=to_kept(roots),
        asked_at=work.now,
        asked_by=actor.user_id,
    )
    work.session.add(erasure)
    work.session.flush()
    record(
        actor,
        work,
        "erasure.asked",
        subject=("erasure", erasure.id),
        customer_id=roots.customer_id,
        request_id=request_id,
        origin=origin.value,
        contacts=len(roots.contacts),
        recordings=len(roots.recordings),
        cases=len(roots.cases),
    )
    work.changed("erasure", erasure.id)
    return erasure
