"""Use cases: asking for the closing of a case, approving it, refusing it."""

from desk_app.cases.approval import approving
from desk_app.cases.history import changed, find, required
from desk_app.cases.rules import CaseAct
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose


@needs(Permission.WORK_CASES)
def ask_closing(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, remark: str = ""
) -> int:
    """Ask those whose approval the type wants to close a resolved case."""
    case = find(work, case_id, version)
    approving.ask(actor, work, case, remark=prose(remark, field="remark"))
    return changed(actor, work, case, CaseAct.ASK_CLOSING)


@needs(Permission.APPROVE_CLOSINGS)
def approve_closing(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, remark: str = ""
) -> int:
    """Approve the closing, asked for or not; the last approval that is needed closes the case.

    `NotPermitted` for whoever resolved it or has approved it already.
    """
    case = find(work, case_id, version)
    approving.approve(actor, work, case, remark=prose(remark, field="remark"))
    return changed(actor, work, case, CaseAct.APPROVE)


@needs(Permission.APPROVE_CLOSINGS)
def refuse_closing(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, reason: str
) -> int:
    """Refuse the closing with the reason: the case is in progress again."""
    case = find(work, case_id, version)
    approving.refuse(actor, work, case, reason=required(reason, field="reason"))
    return changed(actor, work, case, CaseAct.REFUSE)
