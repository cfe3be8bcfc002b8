"""What is promised for a time to come, for whoever changes the calendar. Not a use case.

On a server an administrator sees no task and no case. Functions that run as the schema's owner
stand in: one gives ids and times of what is promised, one sets when tasks are remembered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DDL, DateTime, event, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from desk_app.cases.model import Case
from desk_app.cases.tasks.model import CaseTask
from desk_app.cases.tasks.rules import REMIND_MINUTES_BEFORE, is_in_hours, reminder
from desk_app.cases.tasks.views import ReminderKind
from desk_app.hours.calendar import OfficeCalendar, open_calendar
from desk_app.storage.unit_of_work import UnitOfWork

PROMISES = """
CREATE FUNCTION desk_promises(after timestamptz) RETURNS TABLE
    (task bigint, department bigint, case_id bigint, due_at timestamptz, remind_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    RETURN QUERY
        SELECT t.id::bigint, t.department_id::bigint, t.case_id::bigint, t.due_at, t.remind_at
        FROM case_task t WHERE t.ended_at IS NULL AND t.due_at > after
        UNION ALL
        SELECT NULL, NULL, c.id::bigint, c.callback_due_at, NULL
        FROM desk_case c WHERE c.callback_due_at > after AND c.merged_into_id IS NULL;
END $$
"""

REMIND = """
CREATE FUNCTION desk_remind(tasks bigint[], times timestamptz[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> current_user THEN
        IF NOT (desk_handles() OR desk_holds('administrator')) THEN
            RAISE insufficient_privilege;
        END IF;
    END IF;
    UPDATE case_task t SET remind_at = least(n.at, t.due_at) FROM unnest(tasks, times) AS n(id, at)
    WHERE t.id = n.id AND t.ended_at IS NULL;
END $$
"""

TO_NOBODY = "REVOKE ALL ON FUNCTION desk_promises, desk_remind FROM PUBLIC"

for _statement in (PROMISES, REMIND, TO_NOBODY):
    event.listen(
        CaseTask.__table__,
        "after_create",
        DDL(_statement.strip().replace("%", "%%")).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
    )


@dataclass(frozen=True, slots=True)
class Promise:
    """An open task or hand-over, or a call-back; only a task has an id and is remembered."""

    kind: ReminderKind
    task_id: int | None
    case_id: int
    due_at: datetime
    remind_at: datetime | None

    def falls_closed(self, calendar: OfficeCalendar) -> bool:
        """Whether nobody is there to keep it."""
        if self.kind is ReminderKind.CALLBACK:
            return not calendar.hours.is_open(self.due_at)
        return not is_in_hours(calendar, self.due_at)


def shut_out(
    work: UnitOfWork, before: OfficeCalendar, after: OfficeCalendar
) -> tuple[Promise, ...]:
    """What was promised for a time at which the office is open by one calendar, and closed by the
    other; the first due first."""
    found = (
        one for one in _promises(work) if one.falls_closed(after) and not one.falls_closed(before)
    )
    return tuple(sorted(found, key=lambda one: (one.due_at, one.kind, one.case_id)))


def remember_anew(work: UnitOfWork) -> None:
    """Let the tasks that nobody has been reminded of yet be remembered by the present calendar."""
    calendar = open_calendar(work)
    times: dict[int, datetime] = {}
    for one in _promises(work):
        if one.task_id is None or one.remind_at is None or one.remind_at <= work.now:
            continue
        at = reminder(calendar, one.due_at, work.now, minutes_before=REMIND_MINUTES_BEFORE)
        at = min(at, one.due_at)
        if at != one.remind_at:
            times[one.task_id] = at
    if _on_server(work):
        if times:
            ids = literal(list(times), ARRAY(BigInteger))
            instants = literal(list(times.values()), ARRAY(DateTime(timezone=True)))
            work.session.execute(select(func.desk_remind(ids, instants)))
        return
    for task_id, at in times.items():
        work.session.get_one(CaseTask, task_id).remind_at = at
    work.session.flush()


def _promises(work: UnitOfWork) -> Iterator[Promise]:
    work.session.flush()
    if _on_server(work):
        listed = func.desk_promises(work.now).table_valued(
            "task", "department", "case_id", "due_at", "remind_at"
        )
        rows = work.session.execute(select(listed)).all()
    else:
        tasks = select(
            CaseTask.id,
            CaseTask.department_id,
            CaseTask.case_id,
            CaseTask.due_at,
            CaseTask.remind_at,
        ).where(CaseTask.ended_at.is_(None), CaseTask.due_at > work.now)
        callbacks = select(null(), null(), Case.id, Case.callback_due_at, null()).where(
            Case.callback_due_at > work.now, Case.merged_into_id.is_(None)
        )
        rows = work.session.execute(union_all(tasks, callbacks)).all()
    for task_id, department_id, case_id, due_at, remind_at in rows:
        kind = ReminderKind.TASK if department_id is None else ReminderKind.HAND_OVER
        if task_id is None:
            kind = ReminderKind.CALLBACK
        yield Promise(kind, task_id, case_id, due_at, remind_at)


def _on_server(work: UnitOfWork) -> bool:
    return work.session.get_bind().dialect.name == "postgresql"
