"""The tasks of a case, the departments, and what somebody is to be reminded of now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select

from desk_app.calls.reading import staff_names
from desk_app.cases.model import Case
from desk_app.cases.tasks.model import CaseTask, Department
from desk_app.cases.tasks.rules import CALLBACK_MINUTES_BEFORE
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task, or a hand-over where ``department`` is named."""

    id: int
    case_id: int
    what: str
    assignee: str | None
    department: str | None
    due_at: datetime
    remind_at: datetime
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str | None
    withdrawn: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department; ``retired`` ones can't be chosen."""

    id: int
    name: str
    reached_by: str
    retired: bool


class ReminderKind(StrEnum):
    TASK = "task"
    HAND_OVER = "hand_over"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something of somebody's that is due soon, or overdue. Names nobody: a case's number."""

    kind: ReminderKind
    id: int  # of the task; of the case for a call-back
    case_id: int
    number: str | None
    due_at: datetime
    remind_at: datetime


@needs(Permission.READ_CASES)
def tasks_of(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[TaskRow, ...]:
    """A case's tasks: open ones by due time, then ended ones, the latest first."""
    names = staff_names(actor, work)
    found = work.session.execute(
        select(CaseTask, Department.name)
        .outerjoin(Department, Department.id == CaseTask.department_id)
        .where(CaseTask.case_id == case_id)
    )
    rows = [
        TaskRow(
            id=task.id,
            case_id=case_id,
            what=task.what,
            assignee=names[task.assignee_id] if task.assignee_id else None,
            department=department,
            due_at=task.due_at,
            remind_at=task.remind_at,
            made_at=task.made_at,
            made_by=names[task.made_by],
            ended_at=task.ended_at,
            ended_by=names[task.ended_by] if task.ended_by else None,
            withdrawn=task.withdrawn,
            outcome=task.outcome,
        )
        for task, department in found
    ]
    still = sorted((row for row in rows if row.ended_at is None), key=lambda row: row.due_at)
    ended = [row for row in rows if row.ended_at is not None]
    ended.sort(key=lambda row: (row.ended_at or row.due_at, row.id), reverse=True)
    return (*still, *ended)


@needs(Permission.READ_TEXTS)
def departments(actor: Actor, work: UnitOfWork, /) -> tuple[DepartmentRow, ...]:
    """Every department by name, retired ones last."""
    found = work.session.scalars(select(Department).order_by(Department.retired, Department.name))
    return tuple(DepartmentRow(row.id, row.name, row.reached_by, row.retired) for row in found)


@needs(Permission.READ_CASES)
def reminders(actor: Actor, work: UnitOfWork, /) -> tuple[Reminder, ...]:
    """What the actor is to be reminded of now: own tasks, hand-overs that they made, and
    call-backs of their cases or of nobody's; the soonest due first. Nothing while the office is
    closed: whoever is still there is not to call anybody."""
    calendar = open_calendar(work)
    if not calendar.hours.is_open(work.now):
        return ()
    tasks = work.session.execute(
        select(CaseTask, Case.number)
        .join(Case, Case.id == CaseTask.case_id)
        .where(
            CaseTask.ended_at.is_(None),
            CaseTask.remind_at <= work.now,
            or_(
                CaseTask.assignee_id == actor.user_id,
                CaseTask.department_id.is_not(None) & (CaseTask.made_by == actor.user_id),
            ),
        )
    )
    found = [
        Reminder(
            ReminderKind.TASK if task.department_id is None else ReminderKind.HAND_OVER,
            task.id,
            task.case_id,
            number,
            task.due_at,
            task.remind_at,
        )
        for task, number in tasks
    ]
    soon = calendar.hours.add(work.now, CALLBACK_MINUTES_BEFORE)
    promised = work.session.execute(
        select(Case.id, Case.number, Case.callback_due_at).where(
            Case.callback_due_at <= soon,
            Case.merged_into_id.is_(None),
            or_(Case.assignee_id == actor.user_id, Case.assignee_id.is_(None)),
        )
    )
    for case_id, number, at in promised:
        if at is None:
            continue  # not found by its time: for the type only
        remind_at = calendar.hours.before(at, CALLBACK_MINUTES_BEFORE)
        found.append(Reminder(ReminderKind.CALLBACK, case_id, case_id, number, at, remind_at))
    return tuple(sorted(found, key=lambda one: (one.due_at, one.kind, one.id)))
