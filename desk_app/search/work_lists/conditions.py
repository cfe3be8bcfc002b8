"""Work lists as conditions on cases. Each is served by an index of the case table."""

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_

from desk_app.cases.model import Case
from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.search.work_lists.rules import WorkList
from desk_app.storage.unit_of_work import UnitOfWork

_UNFINISHED = sorted({*OPEN_STATES, CaseState.RESOLVED})


def condition(actor: Actor, work: UnitOfWork, which: WorkList) -> ColumnElement[bool]:
    """What is true of the cases of a work list, for who asks and now. What was merged is in none.

    What has a due time has an open deadline: also a resolved case, while a statutory clock runs.
    """
    to_do = and_(
        Case.state.in_(_UNFINISHED),
        or_(Case.state != CaseState.RESOLVED.value, Case.approval_asked_at.is_(None)),
    )
    not_merged = Case.state != CaseState.MERGED.value
    match which:
        case WorkList.MINE:
            return and_(Case.assignee_id == actor.user_id, to_do)
        case WorkList.UNASSIGNED:
            return and_(Case.assignee_id.is_(None), to_do)
        case WorkList.DUE_TODAY:
            return and_(Case.due_at >= work.now, Case.due_at < _tomorrow(work), not_merged)
        case WorkList.OVERDUE:
            return and_(Case.due_at < work.now, not_merged)
        case WorkList.WAITING:
            return Case.state == CaseState.WAITING.value
        case WorkList.TO_APPROVE:
            return Case.approval_asked_at.is_not(None)
        case WorkList.CALLBACKS:
            return and_(Case.callback_due_at.is_not(None), not_merged)


def _tomorrow(work: UnitOfWork) -> datetime:
    """The end of today on the office's wall clock."""
    today = open_calendar(work).local(work.now)
    return datetime.combine(today.date() + timedelta(days=1), time(), today.tzinfo)
