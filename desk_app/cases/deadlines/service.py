"""Use cases of deadlines: the customer was told, a duty is done or there is none, what was known
when. As in `cases.service`, each expects the version that the page showed and returns the new one.
"""

from datetime import date

from desk_app.cases.deadlines import keeping
from desk_app.cases.deadlines.model import CaseDeadline
from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.history import changed, find, move, required, tell
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseAct, EntryKind
from desk_app.cases.types import case_type
from desk_app.cases.types.rules import PRIVACY_REQUEST
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day, open_calendar
from desk_app.hours.explaining import end_of_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.WORK_CASES)
def tell_customer(
    actor: Actor, work: UnitOfWork, /, case_id: int, version: int, *, text: str
) -> int:
    """Note what the customer was told just now by other means than a contact, e.g. in a letter:
    it is the first response if there was none, and the next update runs from now."""
    case = find(work, case_id, version)
    move(work, case, CaseAct.NOTE)
    tell(actor, work, case, EntryKind.CUSTOMER_TOLD, text=required(text, field="note"))
    keeping.told(work, case, work.now)
    return changed(actor, work, case, CaseAct.NOTE, deadline="told")


@needs(Permission.WORK_CASES)
def statutory_done(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    deadline_id: int,
    text: str,
    done_on: date | None = None,
) -> int:
    """Note that a statutory duty is done, and how (to whom the report went, its number).

    ``done_on`` if that was on an earlier day.
    """
    case, row = _running(work, case_id, version, deadline_id)
    _check_no_request(work, case, row)
    met_at = work.now
    if done_on is not None:
        calendar = open_calendar(work)
        today = calendar.local(work.now).date()
        if done_on > today or (row.known_on is not None and done_on < row.known_on):
            raise Refused("cases.done_on_impossible")
        met_at = min(work.now, end_of_day(calendar, done_on))
    move(work, case, CaseAct.NOTE)
    tell(
        actor,
        work,
        case,
        EntryKind.STATUTORY_DONE,
        text=required(text, field="note"),
        rule=row.rule,
        done_at=met_at,
    )
    keeping.settle_statutory(work, case, row, met_at=met_at)
    return changed(actor, work, case, CaseAct.NOTE, deadline="done", rule=row.rule)


@needs(Permission.CLOSE_SUPERVISED)
def statutory_ended(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    deadline_id: int,
    reason: str,
) -> int:
    """Decide that there is no such duty in this case, with the reason; it isn't counted on."""
    case, row = _running(work, case_id, version, deadline_id)
    if case.workflow_since is not None:
        _check_no_request(work, case, row)
    move(work, case, CaseAct.NOTE)
    tell(
        actor,
        work,
        case,
        EntryKind.STATUTORY_ENDED,
        text=required(reason, field="reason"),
        rule=row.rule,
    )
    keeping.settle_statutory(work, case, row, ended_at=work.now)
    return changed(actor, work, case, CaseAct.NOTE, deadline="ended", rule=row.rule)


@needs(Permission.CLOSE_SUPERVISED)
def correct_knowing(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    version: int,
    *,
    deadline_id: int,
    known_on: date,
    reason: str,
) -> int:
    """Count a statutory clock from another day of knowing, with the reason; the old due date is
    kept. The rule in force on that day applies."""
    case, row = _running(work, case_id, version, deadline_id)
    if known_on > office_day(work):
        raise Refused("cases.knowing_in_future")
    why = required(reason, field="reason")
    if known_on == row.known_on:
        raise Refused("cases.knowing_unchanged")
    move(work, case, CaseAct.NOTE)
    tell(
        actor,
        work,
        case,
        EntryKind.KNOWING_CORRECTED,
        text=why,
        rule=row.rule,
        before=str(row.known_on),
        after=str(known_on),
    )
    keeping.correct_knowing(actor, work, row, known_on, reason=why)
    return changed(actor, work, case, CaseAct.NOTE, deadline="knowing", rule=row.rule)


def _check_no_request(work: UnitOfWork, case: Case, row: CaseDeadline) -> None:
    """The clock of a privacy request is met by answering the request, step by step; that there was
    no request at all is a supervisor's to say."""
    in_workflow = case.workflow_since is not None or case_type(work, case.case_type).workflow
    if row.rule == PRIVACY_REQUEST and in_workflow:
        raise Refused("cases.done_by_request")


def _running(
    work: UnitOfWork, case_id: int, version: int, deadline_id: int
) -> tuple[Case, CaseDeadline]:
    """The case and an open statutory clock of it."""
    case = find(work, case_id, version)
    row = work.session.get(CaseDeadline, deadline_id)
    if row is None or row.case_id != case_id or row.kind != DeadlineKind.STATUTORY:
        raise Refused("cases.no_such_deadline")
    if row.met_at is not None or row.ended_at is not None:
        raise Refused("cases.deadline_settled")
    return case, row
