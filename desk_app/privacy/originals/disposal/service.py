"""Disposing of what is due.

Three persons' acts make a disposal: one draws the batch up, another approves it, and who carries
it out has a witness. A hold or a request that comes in between keeps its original from going.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from desk_app.audit.log import record
from desk_app.audit.runs import runs_of
from desk_app.calls.reading import staff_names
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.rules import check_approver
from desk_app.people.standing import person_id
from desk_app.privacy.originals import keeping, rules
from desk_app.privacy.originals.model import DisposalBatch, PaperOriginal
from desk_app.privacy.originals.pages import (
    Certificate,
    OriginalRow,
)
from desk_app.privacy.originals.reading import (
    batch_row,
    certified,
    customers_of,
    digest_of,
    find,
    find_batch,
    kept_because,
    members,
    rows,
)
from desk_app.privacy.originals.rules import BatchAct, BatchState, check_count
from desk_app.purposes.holds import take_turn
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.reports.stamp import make_stamp
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.KEEP_ORIGINALS)
def draw_up(actor: Actor, work: UnitOfWork, /, original_ids: Sequence[int]) -> int:
    """Put originals together for disposal; the batch's id. All of them or none.

    `Refused` with the first that may not be disposed of, and why: see `KeptBecause`.
    """
    chosen = sorted(set(original_ids))
    check_count(chosen)
    take_turn(work)
    batch = DisposalBatch(
        state=BatchState.DRAWN_UP.value, drawn_up_at=work.now, drawn_up_by=actor.user_id
    )
    work.session.add(batch)
    work.session.flush()
    for original_id in chosen:
        original = find(work, original_id)
        _check_disposable(work, original, batch.id)
        original.batch_id = batch.id
    _batch_told(actor, work, "original.batch_drawn_up", batch, count=len(chosen))
    return batch.id


@needs(Permission.KEEP_ORIGINALS)
def take_out(actor: Actor, work: UnitOfWork, /, original_id: int, version: int) -> None:
    """Take an original out of its batch, which hasn't been carried out."""
    original = find(work, original_id, version)
    if original.batch_id is None:
        raise Refused("originals.not_in_batch")
    batch = find_batch(work, original.batch_id)
    rules.after(BatchState(batch.state), BatchAct.TAKE_OUT)
    original.batch_id = None
    flag_modified(batch, "state")  # a new version, although what changed lies in the original
    _batch_told(actor, work, "original.taken_out", batch, original_id=original.id)


@needs(Permission.RETAIN)
def approve(actor: Actor, work: UnitOfWork, /, batch_id: int, version: int) -> None:
    """Approve a disposal that somebody else has drawn up, all of which may still go."""
    take_turn(work)
    batch, following = _to_move(work, batch_id, version, BatchAct.APPROVE)
    _check_apart(work, actor, batch.drawn_up_by)
    originals = _all_disposable(work, batch)
    batch.state = following
    batch.approved_at, batch.approved_by = work.now, actor.user_id
    _batch_told(actor, work, "original.batch_approved", batch, count=len(originals))


@needs(Permission.KEEP_ORIGINALS)
def withdraw(actor: Actor, work: UnitOfWork, /, batch_id: int, version: int) -> None:
    """Give a batch up; its originals are as before."""
    batch, following = _to_move(work, batch_id, version, BatchAct.WITHDRAW)
    for original in members(work, batch.id):
        original.batch_id = None
    batch.state = following
    _batch_told(actor, work, "original.batch_withdrawn", batch)


@needs(Permission.KEEP_ORIGINALS)
def carry_out(
    actor: Actor,
    work: UnitOfWork,
    /,
    batch_id: int,
    version: int,
    *,
    on: date,
    method: str,
    company: str = "",
) -> None:
    """Note that everything in an approved batch was disposed of, how, and when.

    `Refused` if by now something in it may not go: it has to be taken out first.
    """
    take_turn(work)
    batch, following = _to_move(work, batch_id, version, BatchAct.CARRY_OUT)
    _all_disposable(work, batch)
    if method not in keeping.methods():
        raise Refused("originals.no_such_method")
    if batch.approved_at is None:
        raise Refused("originals.not_now")
    if not office_day(work, batch.approved_at) <= on <= office_day(work):
        raise Refused("originals.day_impossible")
    batch.method, batch.company, batch.disposed_on = method, line(company, field="company"), on
    batch.state, batch.carried_out_by = following, actor.user_id
    _batch_told(actor, work, "original.batch_carried_out", batch, method=method)


@needs(Permission.KEEP_ORIGINALS)
def witness(actor: Actor, work: UnitOfWork, /, batch_id: int, version: int) -> None:
    """Say that one has seen it done; only somebody else than who did it can. It is final."""
    batch, following = _to_move(work, batch_id, version, BatchAct.WITNESS)
    if batch.carried_out_by is None or batch.disposed_on is None:
        raise Refused("originals.not_now")
    _check_apart(work, actor, batch.carried_out_by)
    originals = members(work, batch.id)
    for original in originals:
        original.disposed_on = batch.disposed_on
        work.changed("original", original.id)
    batch.state, batch.witnessed_at, batch.witnessed_by = following, work.now, actor.user_id
    batch.count, batch.digest = len(originals), digest_of(batch, certified(originals))
    _batch_told(actor, work, "original.disposed", batch, count=len(originals), digest=batch.digest)


@needs(Permission.KEEP_ORIGINALS)
def open_certificate(actor: Actor, work: UnitOfWork, /, batch_id: int) -> Certificate:
    """What is certified of a witnessed disposal, for `certificate.write_pdf`; audited."""
    batch = find_batch(work, batch_id)
    if batch.state != BatchState.WITNESSED or batch.digest is None:
        raise Refused("originals.not_witnessed")
    lines = certified(members(work, batch.id))
    record(actor, work, "original.certificate_opened", subject=("disposal_batch", batch.id))
    return Certificate(
        make_stamp(actor, work, USUAL_PURPOSE),
        batch_row(actor, work, batch, len(lines), staff_names(actor, work)),
        lines,
        batch.digest,
    )


@needs(Permission.KEEP_ORIGINALS)
def open_batch(actor: Actor, work: UnitOfWork, /, batch_id: int) -> tuple[OriginalRow, ...]:
    """What is in a batch, each with why it may not go by now."""
    found = rows(work, members(work, batch_id))
    if found:
        record(
            actor,
            work,
            "original.listed",
            subject=("disposal_batch", batch_id),
            purpose=USUAL_PURPOSE,
            count=len(found),
            customers=runs_of(customers_of(found)),
        )
    return found


def _to_move(
    work: UnitOfWork, batch_id: int, version: int, act: BatchAct
) -> tuple[DisposalBatch, str]:
    """The batch, and the state that follows: written together with who signs for it, as the
    server takes neither without the other."""
    batch = find_batch(work, batch_id, version)
    return batch, rules.after(BatchState(batch.state), act).value


def _all_disposable(work: UnitOfWork, batch: DisposalBatch) -> list[PaperOriginal]:
    originals = members(work, batch.id)
    if not originals:
        raise Refused("originals.nothing_chosen")
    for original in originals:
        _check_disposable(work, original, batch.id)
    return originals


def _check_disposable(work: UnitOfWork, original: PaperOriginal, batch_id: int) -> None:
    kept = kept_because(work, original, batch_id=batch_id)
    if kept is not None:
        raise Refused(f"originals.kept_{kept}", number=rules.number(original.id))


def _check_apart(work: UnitOfWork, actor: Actor, other_id: int) -> None:
    check_approver(requester=person_id(work, other_id), approver=person_id(work, actor.user_id))


def _batch_told(
    actor: Actor, work: UnitOfWork, action: str, batch: DisposalBatch, **particulars: Any
) -> None:
    work.session.flush()
    record(actor, work, action, subject=("disposal_batch", batch.id), **particulars)
    work.changed("disposal_batch", batch.id)
