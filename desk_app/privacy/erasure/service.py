"""Use cases of an erasure, each one transaction: asked for, approved, and step by step carried out.

`desk.erasing` walks the steps; what of them lies outside the database it does itself, and says here
that it is done. Every step asks again whether a hold was placed; the one that empties the rows does
so under the holds' lock, so that nothing under a hold is erased.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.audit.model import AuditEntry
from desk_app.backup.rules import ErasedKind
from desk_app.backup.tombstones import bury
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.rules import check_approver
from desk_app.people.standing import person_id
from desk_app.privacy.erasure import asked
from desk_app.privacy.erasure.certificate import Certificate
from desk_app.privacy.erasure.emptying import erase_rows, is_anything_left
from desk_app.privacy.erasure.entering import enter
from desk_app.privacy.erasure.facts import facts
from desk_app.privacy.erasure.handed import handed_out
from desk_app.privacy.erasure.model import Erasure, ErasureDesk, ErasureStep
from desk_app.privacy.erasure.papers import stored
from desk_app.privacy.erasure.progress import late_destinations, steps_done, waiting_desks
from desk_app.privacy.erasure.rooted import from_kept
from desk_app.privacy.erasure.rules import (
    ErasureAct,
    ErasureState,
    Origin,
    Step,
    after,
    check_order,
    next_step,
)
from desk_app.privacy.erasure.verdict import check_erasable, of_customer
from desk_app.privacy.retention.sparing import no_longer_due
from desk_app.purposes.holds import holds_on, take_turn
from desk_app.recordings.erasing import destroyed, in_stores, try_stores_now
from desk_app.search.index import index_cases, purge, sample_grams
from desk_app.search.model import CaseText
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.HOLD_AND_ERASE)
def ask_for_erasure(
    actor: Actor, work: UnitOfWork, /, *, customer_id: int, request_id: int | None = None
) -> int:
    """Fix what is to be erased of a customer; its id. A second person has to approve it, unless it
    follows from a request, which a second person has approved already.

    `Refused` with what keeps it (`verdict.Blocked`), and for a request that may not be executed.
    """
    spared: tuple[int, ...] = ()
    if request_id is not None:
        asked.check(work, request_id, customer_id)
        spared = asked.case_of(work, request_id)
    take_turn(work)
    roots = of_customer(work, customer_id, spared=spared)
    check_erasable(work, roots, request_id=request_id)
    origin = Origin.OFFICER if request_id is None else Origin.REQUEST
    erasure = enter(actor, work, roots, origin, request_id=request_id)
    if request_id is not None:
        erasure.state = after(ErasureState.WAITING, ErasureAct.APPROVE).value
        erasure.approved_at = work.now
    return erasure.id


@needs(Permission.APPROVE_REQUESTS)
def approve_erasure(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> None:
    """The second person's approval. `Refused` for who asked for it."""
    erasure = _find(work, erasure_id)
    check_approver(
        requester=person_id(work, erasure.asked_by), approver=person_id(work, actor.user_id)
    )
    _move(erasure, ErasureAct.APPROVE)
    erasure.approved_by, erasure.approved_at = actor.user_id, work.now
    _tell(actor, work, erasure, "erasure.approved")


@needs(Permission.HOLD_AND_ERASE)
def withdraw_erasure(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> None:
    """It is not to be: nothing is looked for any more. `Refused` once its rows are gone, and for
    one of retention, which ends with its run."""
    erasure = _find(work, erasure_id)
    if erasure.erased_at is not None:
        raise Refused("privacy.erasure_too_late")
    if erasure.origin == Origin.RETENTION:
        raise Refused("privacy.erasure_of_retention")
    has_begun = erasure.state == ErasureState.RUNNING
    _move(erasure, ErasureAct.GIVE_UP if has_begun else ErasureAct.WITHDRAW)
    erasure.ended_at, erasure.probes = work.now, None
    _tell(actor, work, erasure, "erasure.withdrawn")


@needs(Permission.HOLD_AND_ERASE)
def begin_erasure(
    actor: Actor, work: UnitOfWork, /, erasure_id: int, *, probes: bytes, found: dict[str, Any]
) -> None:
    """It begins: ``probes`` are sealed, ``found`` says where how many of them lie now. Nothing
    happens where another desk has begun it."""
    erasure = _find(work, erasure_id)
    if erasure.state == ErasureState.RUNNING:
        return
    take_turn(work)
    roots = from_kept(erasure.roots)
    check_erasable(work, roots, request_id=erasure.request_id, erasure_id=erasure.id)
    _move(erasure, ErasureAct.BEGIN)
    erasure.began_at, erasure.probes = work.now, probes
    for desk_id in _desks(actor, work):
        work.session.add(ErasureDesk(erasure_id=erasure.id, desk_id=desk_id))
    _tell(actor, work, erasure, "erasure.begun")
    _done(actor, work, erasure, Step.FOUND, found)


@needs(Permission.HOLD_AND_ERASE)
def erase_all_rows(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> None:
    """Empty every row and bury it, in this one transaction. `Refused` with what keeps it; what a
    run of retention entered is judged again by the rules of the day."""
    erasure = _running(work, erasure_id, Step.ROWS)
    if Step.ROWS in steps_done(work, erasure):
        return
    take_turn(work)
    roots = from_kept(erasure.roots)
    check_erasable(work, roots, request_id=erasure.request_id, erasure_id=erasure.id)
    if erasure.origin == Origin.RETENTION and (count := no_longer_due(work, erasure.id)):
        raise Refused("privacy.erasure_not_due", count=count)
    handed = [one.to_kept() for one in handed_out(work, roots)]
    originals = stored(work, roots)
    if erasure.request_id is not None:
        asked.executed(actor, work, erasure.request_id, erasure.id)
    for kind, ids in (
        (ErasedKind.CUSTOMER, () if roots.customer_id is None else (roots.customer_id,)),
        (ErasedKind.CONTACT, roots.contacts),
        (ErasedKind.RECORDING, roots.recordings),
        (ErasedKind.CASE, roots.cases),
    ):
        for id in ids:
            erasure.tombstones = bury(work, kind, id)
    done = erase_rows(work, roots, actor)
    erasure = _find(work, erasure_id)
    erasure.erased_at = work.now
    told = select(ErasureDesk.desk_id).where(ErasureDesk.erasure_id == erasure_id)
    for desk_id in set(_desks(actor, work)) - set(work.session.scalars(told)):
        work.session.add(ErasureDesk(erasure_id=erasure_id, desk_id=desk_id))
    record(
        actor,
        work,
        "erasure.rows_erased",
        subject=("erasure", erasure.id),
        emptied=sum(done.emptied.values()),
        deleted=sum(done.deleted.values()),
    )
    if roots.customer_id is not None:
        work.changed("customer", roots.customer_id)
    _done(
        actor,
        work,
        erasure,
        Step.ROWS,
        {
            "emptied": done.emptied,
            "deleted": done.deleted,
            "kept": done.kept,
            "handed_out": handed,
            "originals": list(originals),
        },
    )


@needs(Permission.HOLD_AND_ERASE)
def purge_index(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> None:
    """Write the search index anew; the pages of the database come next, outside of this."""
    erasure = _running(work, erasure_id, Step.PAGES)
    roots = from_kept(erasure.roots)
    index_cases(work, roots.cases)
    newest = work.session.scalar(
        select(CaseText.case_id).order_by(CaseText.case_id.desc()).limit(1)
    )
    if newest is not None:
        sample_grams(work, newest)
    purge(work)


@needs(Permission.HOLD_AND_ERASE)
def try_stores(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> None:
    """Whoever runs it again has mended the connection: what stores have is tried at once."""
    erasure = _running(work, erasure_id, Step.COPIES)
    try_stores_now(work, from_kept(erasure.roots).recordings)


@needs(Permission.HOLD_AND_ERASE)
def step_done(
    actor: Actor, work: UnitOfWork, /, erasure_id: int, step: Step, **particulars: Any
) -> None:
    """A step outside the database is done; `Refused` for one that comes later, and for what the
    database itself knows isn't so."""
    erasure = _running(work, erasure_id, step)
    if step in (Step.FOUND, Step.ROWS):
        raise Refused("privacy.erasure_order")
    if step is Step.DESKS and waiting_desks(work, erasure_id):
        raise Refused("privacy.erasure_waits_desks")
    if step is Step.COPIES:
        recordings = from_kept(erasure.roots).recordings
        if in_stores(work, recordings):
            raise Refused("privacy.erasure_waits_stores")
        destroyed(actor, work, recordings)
    if step is Step.LISTS and late_destinations(work, erasure):
        raise Refused("privacy.erasure_waits_lists")
    if step is Step.PROOF and is_anything_left(work, from_kept(erasure.roots)):
        raise Refused("privacy.erasure_remnant")
    _done(actor, work, erasure, step, particulars)


@needs(Permission.STORE_RECORDINGS)
def desk_done(actor: Actor, work: UnitOfWork, /, erasure_id: int, *, removed: int) -> None:
    """This desk has removed what lay here alone, ``removed`` files; for whoever sits here."""
    desk = work.session.get(ErasureDesk, (erasure_id, actor.desk_id), with_for_update=True)
    if desk is None or desk.done_at is not None:
        return
    desk.done_at, desk.done_by, desk.removed = work.now, actor.user_id, removed
    record(actor, work, "erasure.desk_done", subject=("erasure", erasure_id), removed=removed)
    work.changed("erasure", erasure_id)


@needs(Permission.HOLD_AND_ERASE)
def give_up_desk(actor: Actor, work: UnitOfWork, /, erasure_id: int, desk_id: str) -> None:
    """A desk will never come back: its disk was destroyed. The certificate says so."""
    desk = work.session.get(ErasureDesk, (erasure_id, desk_id), with_for_update=True)
    if desk is None or desk.done_at is not None or desk.given_up_at is not None:
        raise Refused("privacy.erasure_desk_done")
    desk.given_up_at, desk.given_up_by = work.now, actor.user_id
    _tell(actor, work, _find(work, erasure_id), "erasure.desk_given_up")


@needs(Permission.HOLD_AND_ERASE)
def certify(
    actor: Actor,
    work: UnitOfWork,
    /,
    erasure_id: int,
    *,
    verify_key: str,
    sign: Callable[[bytes], bytes],
) -> str:
    """Sign for what the database knows of it, with the officer's own key, and keep that: the
    erasure is done. The certificate's text. `Refused` unless every step is done."""
    erasure = _find(work, erasure_id)
    if erasure.certificate is not None:
        return erasure.certificate
    if next_step(steps_done(work, erasure)) is not None:
        raise Refused("privacy.erasure_order")
    if is_anything_left(work, from_kept(erasure.roots)):
        raise Refused("privacy.erasure_remnant")
    _move(erasure, ErasureAct.CERTIFY)
    signed = Certificate.signed(
        facts(work, erasure), by=actor.user_id, verify_key=verify_key, sign=sign
    )
    erasure.certificate, erasure.probes, erasure.ended_at = signed.to_text(), None, work.now
    _tell(actor, work, erasure, "erasure.certified")
    return erasure.certificate


@needs(Permission.HOLD_AND_ERASE)
def open_certificate(actor: Actor, work: UnitOfWork, /, erasure_id: int) -> Certificate:
    """The certificate, for `paper.write_certificate`; audited, because it leaves the house."""
    erasure = _find(work, erasure_id)
    if erasure.certificate is None:
        raise Refused("privacy.erasure_state")
    record(actor, work, "erasure.certificate_opened", subject=("erasure", erasure_id))
    return Certificate.from_text(erasure.certificate)


def _desks(actor: Actor, work: UnitOfWork) -> Collection[str]:
    """Every desk that anybody has ever signed in at; of an office in a file there is this one."""
    if work.session.get_bind().dialect.name == "sqlite":
        return (actor.desk_id,)
    signed_in = select(AuditEntry.desk_id).where(AuditEntry.action == "people.signed_in").distinct()
    return sorted({*work.session.scalars(signed_in), actor.desk_id})


def _find(work: UnitOfWork, erasure_id: int) -> Erasure:
    found = work.session.get(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Refused("privacy.erasure_not_found")
    return found


def _running(work: UnitOfWork, erasure_id: int, step: Step) -> Erasure:
    """The erasure, if it is this step's turn and no hold stands on what is left of it."""
    erasure = _find(work, erasure_id)
    if erasure.state != ErasureState.RUNNING:
        raise Refused("privacy.erasure_state")
    done = steps_done(work, erasure)
    check_order(done, step)
    if Step.ROWS not in done and holds_on(work, from_kept(erasure.roots)):
        raise Refused("privacy.erasure_hold", count=len(holds_on(work, from_kept(erasure.roots))))
    return erasure


def _move(erasure: Erasure, act: ErasureAct) -> None:
    erasure.state = after(ErasureState(erasure.state), act).value


def _done(
    actor: Actor, work: UnitOfWork, erasure: Erasure, step: Step, particulars: dict[str, Any]
) -> None:
    """Saying it again changes nothing, but for the proof, of which the last counts."""
    work.session.flush()
    kept = work.session.get(ErasureStep, (erasure.id, step.value))
    if kept is None:
        kept = ErasureStep(erasure_id=erasure.id, step=step.value)
        work.session.add(kept)
    elif step is not Step.PROOF:
        return
    kept.done_at, kept.done_by, kept.particulars = work.now, actor.user_id, particulars
    work.session.flush()
    record(actor, work, "erasure.step_done", subject=("erasure", erasure.id), step=step.value)
    work.changed("erasure", erasure.id)


def _tell(actor: Actor, work: UnitOfWork, erasure: Erasure, action: str) -> None:
    work.session.flush()
    record(actor, work, action, subject=("erasure", erasure.id))
    work.changed("erasure", erasure.id)
