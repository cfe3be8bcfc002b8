"""Making and ending a task. Not a use case: whoever leaves something to do has checked who acts."""

from datetime import datetime

from desk_app.audit.log import record
from desk_app.cases.history import find, tell
from desk_app.cases.rules import OPEN_STATES, CaseState, EntryKind
from desk_app.cases.tasks.model import CaseTask
from desk_app.cases.tasks.rules import REMIND_MINUTES_BEFORE, check_due, reminder
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose


def make(
    actor: Actor,
    work: UnitOfWork,
    case_id: int,
    what: str,
    due_at: datetime,
    *,
    assignee_id: int | None = None,
    department_id: int | None = None,
) -> int:
    """A task on an open case, for a colleague or for a department; its id."""
    case = find(work, case_id)
    if CaseState(case.state) not in OPEN_STATES:
        raise Refused("cases.not_in_this_state")
    said = prose(what, field="task")
    if not said:
        raise Refused("cases.needs_text", field="task")
    calendar = open_calendar(work)
    check_due(calendar, due_at, work.now)
    task = CaseTask(
        case_id=case_id,
        assignee_id=assignee_id,
        department_id=department_id,
        what=said,
        due_at=due_at,
        remind_at=reminder(calendar, due_at, work.now, minutes_before=REMIND_MINUTES_BEFORE),
        made_at=work.now,
        made_by=actor.user_id,
    )
    work.session.add(task)
    work.session.flush()
    kind = EntryKind.TASK_GIVEN if department_id is None else EntryKind.HANDED_OVER
    tell(actor, work, case, kind, text=said, task_id=task.id, due_at=due_at)
    _tell_log(actor, work, "case.task_given", task)
    return task.id


def end(
    actor: Actor, work: UnitOfWork, task: CaseTask, *, outcome: str, withdrawn: bool = False
) -> None:
    """End a task that is open, with what came of it."""
    task.ended_at, task.ended_by = work.now, actor.user_id
    task.outcome, task.withdrawn = outcome, withdrawn
    kind = EntryKind.TASK_WITHDRAWN if withdrawn else EntryKind.TASK_DONE
    tell(actor, work, find(work, task.case_id), kind, text=outcome, task_id=task.id)
    _tell_log(actor, work, "case.task_ended", task, withdrawn=withdrawn)


def _tell_log(
    actor: Actor, work: UnitOfWork, action: str, task: CaseTask, *, withdrawn: bool = False
) -> None:
    work.session.flush()
    work.changed("case", task.case_id)
    record(
        actor,
        work,
        action,
        subject=("case", task.case_id),
        task_id=task.id,
        department_id=task.department_id,
        withdrawn=withdrawn,
    )
