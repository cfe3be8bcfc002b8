"""Giving tasks to colleagues, handing cases to departments, and ending both.

They leave their entries on the case's timeline; the case itself goes on: a hand-over pauses none of
its deadlines, because the customer waits.
"""

from datetime import datetime

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.cases.history import find, tell
from desk_app.cases.rules import OPEN_STATES, CaseState, EntryKind
from desk_app.cases.tasks.model import CaseTask, Department
from desk_app.cases.tasks.rules import (
    REMIND_MINUTES_BEFORE,
    check_due,
    department_name,
    reminder,
)
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.views import colleagues
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line, prose


@needs(Permission.WORK_CASES)
def give_task(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    *,
    what: str,
    due_at: datetime,
    assignee_id: int,
) -> int:
    """A task on an open case for a colleague, or for oneself. Its id."""
    able = {int(one.user_id) for one in colleagues(actor, work) if one.may_be_assigned}
    if assignee_id not in able:
        raise Refused("cases.not_assignable")
    return _make(actor, work, case_id, what, due_at, assignee_id=assignee_id)


@needs(Permission.WORK_CASES)
def hand_over(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    *,
    what: str,
    due_at: datetime,
    department_id: int,
) -> int:
    """Hand an open case's question to a department, which answers by ``due_at``. Its id."""
    department = work.session.get(Department, department_id)
    if department is None or department.retired:
        raise Refused("tasks.no_such_department")
    return _make(actor, work, case_id, what, due_at, department_id=department_id)


@needs(Permission.WORK_CASES)
def end_task(
    actor: Actor,
    work: UnitOfWork,
    /,
    task_id: int,
    *,
    outcome: str,
    withdrawn: bool = False,
) -> None:
    """A task is done, a department has answered, or either isn't needed any more.

    The answer of a department, and the reason of a withdrawal, have to be said. `Refused` if
    somebody else ended it meanwhile.
    """
    task = work.session.scalar(select(CaseTask).where(CaseTask.id == task_id).with_for_update())
    if task is None:
        raise Refused("tasks.not_found")
    if task.ended_at is not None:
        raise Refused("tasks.ended")
    said = prose(outcome, field="outcome")
    if not said and (withdrawn or task.department_id is not None):
        raise Refused("cases.needs_text", field="outcome")
    task.ended_at, task.ended_by = work.now, actor.user_id
    task.outcome, task.withdrawn = said, withdrawn
    kind = EntryKind.TASK_WITHDRAWN if withdrawn else EntryKind.TASK_DONE
    tell(actor, work, find(work, task.case_id), kind, text=said, task_id=task.id)
    _tell_log(actor, work, "case.task_ended", task, withdrawn=withdrawn)


@needs(Permission.EDIT_TEXTS)
def enter_department(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    name: str,
    reached_by: str = "",
    department_id: int | None = None,
) -> int:
    """A new department, or a new name or way to reach one that is there; it is offered again if
    it was retired."""
    name, reached_by = department_name(name), line(reached_by, field="reached_by")
    same = work.session.scalar(
        select(Department).where(func.lower(Department.name) == name.lower())
    )
    row = same if department_id is None else work.session.get(Department, department_id)
    if department_id is not None and row is None:
        raise Refused("tasks.no_such_department")
    is_taken = same is not None and (
        same is not row or (department_id is None and not same.retired)
    )
    if is_taken:
        raise Refused("tasks.department_taken")
    if row is None:
        row = Department(name=name, reached_by=reached_by, retired=False)
        work.session.add(row)
    row.name, row.reached_by, row.retired = name, reached_by, False
    work.session.flush()
    record(actor, work, "tasks.department_entered", subject=("department", row.id))
    work.changed("department", row.id)
    return row.id


@needs(Permission.EDIT_TEXTS)
def retire_department(actor: Actor, work: UnitOfWork, /, department_id: int) -> None:
    """Offer a department no more; what was handed to it runs on."""
    row = work.session.get(Department, department_id)
    if row is None:
        raise Refused("tasks.no_such_department")
    row.retired = True
    work.session.flush()
    record(actor, work, "tasks.department_retired", subject=("department", row.id))
    work.changed("department", row.id)


def _make(
    actor: Actor,
    work: UnitOfWork,
    case_id: int,
    what: str,
    due_at: datetime,
    *,
    assignee_id: int | None = None,
    department_id: int | None = None,
) -> int:
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
