"""Use cases of retention: rules revised and approved; runs drawn up, approved and carried out.

`desk.retaining` walks a run. What is removed is judged again in the transaction that removes it,
after the holds' turn: records here, everything else by the erasure that is entered here.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.backup.rules import ErasedKind
from desk_app.backup.tombstones import bury
from desk_app.cases.types import catalogue
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.rules import check_approver
from desk_app.people.standing import person_id
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure.emptying import erase_rows
from desk_app.privacy.erasure.entering import enter_for_retention, give_up, standing_of
from desk_app.privacy.retention import law, rules
from desk_app.privacy.retention.model import RetentionItem, RetentionRule, RetentionRun
from desk_app.privacy.retention.preview import everything_due
from desk_app.privacy.retention.receipt import digest_of
from desk_app.privacy.retention.removing import delete_records
from desk_app.privacy.retention.rules import (
    ItemState,
    Kind,
    Rule,
    RuleState,
    RunAct,
    RunState,
    Why,
)
from desk_app.privacy.retention.sparing import judged, together
from desk_app.privacy.retention.things import ALONE, Thing, load
from desk_app.purposes.holds import take_turn
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.RETAIN)
def enter_rule(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    kind: Kind,
    months: int,
    effective_from: date,
    effective_until: date | None = None,
    case_type: str | None = None,
    also: Collection[Kind] = (),
    source: str,
) -> int:
    """A revision, from a day to come or today; its id. It counts once another person approved it.

    `Refused` for a past date, without a source, and where another rule of the same kind says
    something for the same days: ``retention.rule_past``, ``retention.rule_overlaps``.
    """
    said = line(source, field="source")
    if not said:
        raise Refused("retention.rule_source")
    rule = rules.checked(
        Rule(kind, months, effective_from, effective_until, case_type, frozenset(also)),
        today=law.today(work),
        case_types=catalogue.in_force(work).keys(),
    )
    take_turn(work)  # two that contradict each other aren't entered at once
    entered = law.revisions(work, RuleState.WAITING, RuleState.APPROVED)
    rules.check_no_overlap(rule, (*law.brought(), *map(law.rule_of, entered)))
    row = RetentionRule(
        kind=kind.value,
        case_type=case_type,
        months=months,
        also=sorted(one.value for one in rule.also),
        effective_from=effective_from,
        effective_until=effective_until,
        source=said,
        state=RuleState.WAITING.value,
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    work.session.add(row)
    _told_of_rule(actor, work, "retention.rule_entered", row)
    return row.id


@needs(Permission.APPROVE_REQUESTS)
def approve_rule(actor: Actor, work: UnitOfWork, /, rule_id: int) -> None:
    """The second person's approval. `Refused` for who entered it, and once its day has passed."""
    row = _waiting_rule(work, rule_id)
    check_approver(
        requester=person_id(work, row.entered_by), approver=person_id(work, actor.user_id)
    )
    if row.effective_from < law.today(work):
        raise Refused("retention.rule_past", today=law.today(work))
    take_turn(work)
    others = law.revisions(work, RuleState.APPROVED)
    rules.check_no_overlap(law.rule_of(row), (*law.brought(), *map(law.rule_of, others)))
    _decide(actor, work, row, RuleState.APPROVED)


@needs(Permission.APPROVE_REQUESTS)
def decline_rule(actor: Actor, work: UnitOfWork, /, rule_id: int) -> None:
    """It is not to count; also by who entered it."""
    _decide(actor, work, _waiting_rule(work, rule_id), RuleState.DECLINED)


@needs(Permission.RETAIN)
def draw_up(actor: Actor, work: UnitOfWork, /, kinds: Collection[Kind]) -> int:
    """Fix what has fallen due by today, `rules.MOST_AT_ONCE` things at most; the run's id.

    `Refused` with nothing due, for the audit log, and for originals, which have their own batches.
    """
    rules.check_kinds(kinds)
    take_turn(work)
    by = law.counting(work, law.today(work))
    found = everything_due(work, by, kinds, limit=rules.MOST_AT_ONCE)
    if not found:
        raise Refused("retention.nothing_due")
    run = RetentionRun(
        state=RunState.DRAWN_UP.value,
        kinds=sorted(one.value for one in set(kinds)),
        day=by.day,
        digest=digest_of((one.subject.value, one.id) for one in found),
        drawn_up_at=work.now,
        drawn_up_by=actor.user_id,
    )
    work.session.add(run)
    work.session.flush()
    work.session.add_all(
        RetentionItem(
            run_id=run.id,
            subject=one.subject.value,
            subject_id=one.id,
            kind=one.kind.value,
            state=ItemState.WAITING.value,
        )
        for one in found
    )
    _told(actor, work, "retention.drawn_up", run, count=len(found))
    return run.id


@needs(Permission.APPROVE_REQUESTS)
def approve_run(actor: Actor, work: UnitOfWork, /, run_id: int) -> None:
    """Approve what somebody else has drawn up."""
    run = _find(work, run_id)
    check_approver(
        requester=person_id(work, run.drawn_up_by), approver=person_id(work, actor.user_id)
    )
    _move(run, RunAct.APPROVE)
    run.approved_at, run.approved_by = work.now, actor.user_id
    _told(actor, work, "retention.approved", run)


@needs(Permission.RETAIN)
def withdraw_run(actor: Actor, work: UnitOfWork, /, run_id: int) -> None:
    """It is not to be. `Refused` once it has begun."""
    run = _find(work, run_id)
    _move(run, RunAct.WITHDRAW)
    run.ended_at = work.now
    _told(actor, work, "retention.withdrawn", run)


@needs(Permission.HOLD_AND_ERASE)
def begin_run(actor: Actor, work: UnitOfWork, /, run_id: int) -> int | None:
    """Judge everything anew, spare what may not go by now, delete the records, and enter the
    erasure of the rest; its id, None if there is nothing for it. Again it goes on where it was:
    until the erasure's rows are gone, what was held meanwhile is spared.
    """
    run = _find(work, run_id)
    _move(run, RunAct.BEGIN)
    if run.approved_by is None:
        raise Refused("retention.not_now")
    check_approver(
        requester=person_id(work, actor.user_id), approver=person_id(work, run.approved_by)
    )
    take_turn(work)
    if run.began_at is None:
        run.began_at = work.now
        _told(actor, work, "retention.begun", run)
    standing = None if run.erasure_id is None else standing_of(work, run.erasure_id)
    if standing is not None and standing.rows_are_gone:
        _settle(work, run, _waiting(work, run))
        return run.erasure_id
    free = _still_due(actor, work, run)
    _remove_alone(actor, work, run, [one for one in free if one.subject in ALONE])
    run = _find(work, run_id)
    return _enter(actor, work, run, [one for one in free if one.subject not in ALONE])


@needs(Permission.HOLD_AND_ERASE)
def finish_run(actor: Actor, work: UnitOfWork, /, run_id: int, *, receipt: str) -> None:
    """Keep the signed receipt. `Refused` while something of it waits."""
    run = _find(work, run_id)
    if run.erasure_id is not None and not standing_of(work, run.erasure_id).is_done:
        raise Refused("retention.not_now")
    if _waiting(work, run):
        raise Refused("retention.not_now")
    _move(run, RunAct.FINISH)
    run.receipt, run.ended_at = receipt, work.now
    counted = Counter(one.state for one in _items(work, run))
    _told(
        actor,
        work,
        "retention.finished",
        run,
        removed=counted[ItemState.REMOVED.value],
        spared=counted[ItemState.SPARED.value],
    )


@needs(Permission.RETAIN)
def open_receipt(actor: Actor, work: UnitOfWork, /, run_id: int) -> str:
    """The receipt of a run that has ended, for `receipt.save`; audited."""
    run = _find(work, run_id)
    if run.receipt is None:
        raise Refused("retention.not_now")
    _told(actor, work, "retention.receipt_opened", run)
    return run.receipt


def _still_due(actor: Actor, work: UnitOfWork, run: RetentionRun) -> list[Thing]:
    """What of the run may go now; the rest is spared, with the reason."""
    waiting = _waiting(work, run)
    by = law.counting(work, law.today(work))
    things: list[Thing] = []
    for subject in ErasedKind:
        ids = [one.subject_id for one in waiting if one.subject == subject.value]
        things += load(work, subject, ids, by).values()
    verdicts = judged(work, things, by, run_id=run.id, erasure_id=run.erasure_id)
    spared: Counter[str] = Counter()
    for item in waiting:
        key = (ErasedKind(item.subject), item.subject_id)
        why = verdicts[key].why if key in verdicts else Why.GONE
        if why is not None:
            item.state, item.why = ItemState.SPARED.value, why.value
            spared[why.value] += 1
    if spared:
        _told(actor, work, "retention.spared", run, **spared)
    return [one for one in things if verdicts[one.subject, one.id].is_due]


def _remove_alone(
    actor: Actor, work: UnitOfWork, run: RetentionRun, things: Sequence[Thing]
) -> None:
    """Records are deleted, and customers to whom nothing belongs."""
    if not things:
        return
    ids: dict[ErasedKind, list[int]] = {}
    for one in things:
        ids.setdefault(one.subject, []).append(one.id)
        if one.customer_id is not None:
            work.changed("customer", one.customer_id)
    delete_records(work, ids)
    for customer_id in ids.get(ErasedKind.CUSTOMER, ()):
        erase_rows(work, Roots(customer_id, (), (), ()), actor)
    for one in things:
        bury(work, one.subject, one.id)
    _settle(work, run, [one for one in _waiting(work, run) if ErasedKind(one.subject) in ALONE])
    for subject, gone in sorted(ids.items()):
        record(
            actor,
            work,
            "retention.records_removed",
            subject=("retention_run", run.id),
            kind=subject.value,
            ids=sorted(gone),
        )


def _enter(
    actor: Actor, work: UnitOfWork, run: RetentionRun, things: Sequence[Thing]
) -> int | None:
    """The erasure of these; the one that was entered before, if it is of the same things."""
    wanted = digest_of((one.subject.value, one.id) for one in things)
    if run.erasure_id is not None:
        if run.entered == wanted:
            return run.erasure_id
        give_up(actor, work, run.erasure_id)
        run.erasure_id = None
    if things and run.approved_by is not None:
        run.erasure_id = enter_for_retention(
            actor, work, together(things), approved_by=run.approved_by
        )
    run.entered = wanted
    work.session.flush()
    return run.erasure_id


def _settle(work: UnitOfWork, run: RetentionRun, items: Sequence[RetentionItem]) -> None:
    for one in items:
        one.state = ItemState.REMOVED.value
    work.session.flush()
    work.changed("retention", run.id)


def _items(work: UnitOfWork, run: RetentionRun) -> Sequence[RetentionItem]:
    work.session.flush()
    return work.session.scalars(select(RetentionItem).where(RetentionItem.run_id == run.id)).all()


def _waiting(work: UnitOfWork, run: RetentionRun) -> list[RetentionItem]:
    return [one for one in _items(work, run) if one.state == ItemState.WAITING]


def _waiting_rule(work: UnitOfWork, rule_id: int) -> RetentionRule:
    row = work.session.get(RetentionRule, rule_id, with_for_update=True)
    if row is None or row.state != RuleState.WAITING:
        raise Refused("retention.rule_decided")
    return row


def _decide(actor: Actor, work: UnitOfWork, row: RetentionRule, state: RuleState) -> None:
    row.state, row.decided_at, row.decided_by = state.value, work.now, actor.user_id
    _told_of_rule(actor, work, f"retention.rule_{state.value}", row)


def _told_of_rule(actor: Actor, work: UnitOfWork, action: str, row: RetentionRule) -> None:
    work.session.flush()
    record(
        actor,
        work,
        action,
        subject=("retention_rule", row.id),
        kind=row.kind,
        months=row.months,
        effective_from=row.effective_from,
    )
    work.changed("retention", row.id)


def _find(work: UnitOfWork, run_id: int) -> RetentionRun:
    found = work.session.get(RetentionRun, run_id, with_for_update=True)
    if found is None:
        raise Refused("retention.not_found")
    return found


def _move(run: RetentionRun, act: RunAct) -> None:
    run.state = rules.after(RunState(run.state), act).value


def _told(
    actor: Actor, work: UnitOfWork, action: str, run: RetentionRun, **particulars: Any
) -> None:
    work.session.flush()
    record(actor, work, action, subject=("retention_run", run.id), **particulars)
    work.changed("retention", run.id)
