"""Asking for approvals, giving and refusing them, within a use case."""

from desk_app.cases import ends
from desk_app.cases.approval import records
from desk_app.cases.approval.model import CaseApproval
from desk_app.cases.approval.rules import Decision, Standing
from desk_app.cases.deadlines import recomputing
from desk_app.cases.details.records import check_ready
from desk_app.cases.history import move, tell, touch
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, after
from desk_app.cases.types import case_type
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Permission, authority
from desk_app.people.standing import person_id
from desk_app.storage.unit_of_work import UnitOfWork


def ask(actor: Actor, work: UnitOfWork, case: Case, *, remark: str) -> None:
    """Ask for the approval that comes next; the case stays resolved and waits."""
    after(CaseState(case.state), CaseAct.ASK_CLOSING)
    level = case_type(work, case.case_type).closing_level
    if not level.approvals:
        raise Refused("cases.needs_no_approval")
    standing = records.standing_of(work, case, level)
    if case.approval_asked_at is not None or not standing.missing:
        raise Refused("cases.approval_asked_already")
    check_ready(work, case, closing=True)
    move(work, case, CaseAct.ASK_CLOSING)
    tell(actor, work, case, EntryKind.CLOSING_ASKED, text=remark)
    _next_row(actor, work, case, standing)


def ask_at_once(actor: Actor, work: UnitOfWork, case: Case) -> None:
    """What was answered while the contact lasted leaves its operator's hands: where the type wants
    an approval, it is asked for."""
    if case_type(work, case.case_type).closing_level.approvals:
        ask(actor, work, case, remark="")


def approve(actor: Actor, work: UnitOfWork, case: Case, *, remark: str) -> None:
    """Give the approval that comes next; with the last one the case is closed."""
    standing = _deciding(actor, work, case, CaseAct.APPROVE)
    check_ready(work, case, closing=True)
    _decide(actor, work, case, standing, Decision.APPROVED, remark)
    move(work, case, CaseAct.APPROVE)
    if standing.missing == 1:
        ends.finish(actor, work, case, reason=remark)
        return
    tell(actor, work, case, EntryKind.CLOSING_APPROVED, text=remark)
    work.session.flush()
    _next_row(actor, work, case, records.standing_of(work, case, standing.level))


def approve_last(actor: Actor, work: UnitOfWork, case: Case, *, reason: str) -> None:
    """Close a case that needs approvals: by giving the only one that is missing, if any is."""
    after(CaseState(case.state), CaseAct.CLOSE)
    if not _standing(work, case).missing:  # the type asks for fewer than it did
        ends.finish(actor, work, case, reason=reason)
        return
    if not authority(actor, work).allows(Permission.APPROVE_CLOSINGS):
        raise NotPermitted("cases.needs_supervisor")
    standing = _deciding(actor, work, case, CaseAct.APPROVE)
    if standing.missing > 1:
        raise Refused("cases.needs_two_approvals")
    approve(actor, work, case, remark=reason)


def refuse(actor: Actor, work: UnitOfWork, case: Case, *, reason: str) -> None:
    """Don't approve: the case goes back to its handler, with the reason."""
    standing = _deciding(actor, work, case, CaseAct.REFUSE)
    _decide(actor, work, case, standing, Decision.REFUSED, reason)
    move(work, case, CaseAct.REFUSE)
    recomputing.catch_up(actor, work, case)
    tell(actor, work, case, EntryKind.CLOSING_REFUSED, text=reason)


def withheld(actor: Actor, work: UnitOfWork, case: Case) -> frozenset[CaseAct]:
    """The acts that this actor can't do to this case now because of how its closing stands."""
    level = case_type(work, case.case_type).closing_level
    deciding = {CaseAct.APPROVE, CaseAct.REFUSE}
    if CaseState(case.state) is not CaseState.RESOLVED or not level.approvals:
        return frozenset(deciding | {CaseAct.ASK_CLOSING})
    held = authority(actor, work)
    standing = records.standing_of(work, case, level)
    if not standing.missing:
        return frozenset(deciding | {CaseAct.ASK_CLOSING})
    away = {CaseAct.CLOSE}
    if not held.allows(Permission.APPROVE_CLOSINGS) or not standing.decides(
        person_id(work, actor.user_id), supervises=held.allows(Permission.CLOSE_SUPERVISED)
    ):
        away |= deciding
    if case.approval_asked_at is not None:
        away |= {CaseAct.ASK_CLOSING, CaseAct.DETAIL}
    return frozenset(away)


def _deciding(actor: Actor, work: UnitOfWork, case: Case, act: CaseAct) -> Standing:
    after(CaseState(case.state), act)
    standing = _standing(work, case)
    standing.check_decides(
        person_id(work, actor.user_id),
        supervises=authority(actor, work).allows(Permission.CLOSE_SUPERVISED),
    )
    return standing


def _standing(work: UnitOfWork, case: Case) -> Standing:
    return records.standing_of(work, case, case_type(work, case.case_type).closing_level)


def _decide(
    actor: Actor,
    work: UnitOfWork,
    case: Case,
    standing: Standing,
    decision: Decision,
    reason: str,
) -> None:
    """Write the decision into the row that waits; nobody need have asked."""
    waiting = [
        row
        for row in records.rows_of(work, records.resolution_of(work, case))
        if row.decision is None
    ]
    row = waiting[0] if waiting else _next_row(actor, work, case, standing)
    row.decision, row.reason = decision.value, reason
    row.decided_by, row.decided_at = actor.user_id, work.now
    work.session.flush()
    touch(case)


def _next_row(actor: Actor, work: UnitOfWork, case: Case, standing: Standing) -> CaseApproval:
    row = CaseApproval(
        case_id=case.id,
        resolution_id=records.resolution_of(work, case).id,
        step=standing.step,
        level=int(standing.level),
        asked_by=actor.user_id,
        asked_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    case.approval_asked_at = work.now
    return row
