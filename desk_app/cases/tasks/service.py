"""Giving tasks to colleagues, handing cases to departments, and ending both.

They leave their entries on the case's timeline; the case itself goes on: a hand-over pauses none of
its deadlines, because the customer waits.
"""

from datetime import datetime

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.cases.tasks.making import end, make
from desk_app.cases.tasks.model import CaseTask, Department
from desk_app.cases.tasks.rules import department_name
from desk_app.errors import Refused
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
    return make(actor, work, case_id, what, due_at, assignee_id=assignee_id)


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
    return make(actor, work, case_id, what, due_at, department_id=department_id)


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
    end(actor, work, task, outcome=said, withdrawn=withdrawn)


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
