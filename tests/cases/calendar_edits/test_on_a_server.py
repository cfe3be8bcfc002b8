"""An administrator on a real server moves deadlines of cases that they never see."""

import uuid
from datetime import UTC, date, datetime

import psycopg
import pytest

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.calendar_edits import service, views
from desk_app.cases.tasks import service as tasks
from desk_app.cases.tasks import views as task_views
from desk_app.hours.edits import CalendarEdit, ClosureEntry
from desk_app.hours.rules import Season
from desk_app.office import Office
from desk_app.purposes.rules import Purpose
from tests.day import COMPLAINT
from tests.offices import ADMINISTRATOR, OPERATOR, FoundedOffice, sign_in
from tests.people.test_server_office import own_role
from tests.postgres import Hosting

SOON = CalendarEdit(
    (ClosureEntry(Season.OTHER, 2026, date(2026, 6, 10), date(2026, 6, 12), "棚卸"),)
)


@pytest.fixture
def founded(founded_on_server: FoundedOffice) -> FoundedOffice:
    return founded_on_server


def test_an_administrator_moves_deadlines_and_sees_no_case(
    office: Office, hosting: Hosting
) -> None:
    with sign_in(office, OPERATOR) as desk:
        contact = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=office.clock.now())
        desk.perform(calls.hang_up, contact, ended_at=office.clock.now())
        case_id = desk.perform(cases.save_contact, contact, COMPLAINT, NewCase()).case_id
        desk.perform(
            tasks.give_task,
            case_id,
            what="照会",
            due_at=datetime(2026, 6, 10, 8, 0, tzinfo=UTC),
            assignee_id=desk.actor.user_id,
        )
        before = desk.perform(cases.open_case, case_id, purpose=Purpose.INQUIRIES)
    with sign_in(office, ADMINISTRATOR) as desk, hosting.connect(own_role(desk)) as raw:
        seen = desk.read(views.preview, SOON)
        assert {one.case_number for one in (*seen.moved, *seen.promises)} == {before.number}
        assert len(seen.promises) == 1
        assert desk.perform(service.carry_out, SOON, reason="棚卸のため") == seen
        for table in ("desk_case", "case_task"):
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert raw.execute("SELECT count(*) > 0 FROM case_deadline").fetchone() == (True,)
        assert raw.execute("DELETE FROM case_deadline").rowcount == 0
        assert raw.execute("UPDATE case_pause SET ends_at = now()").rowcount == 0
        for change in ("met_at = now()", "case_id = 1, minutes = 1", "known_on = now()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(f"UPDATE case_deadline SET {change}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("INSERT INTO case_pause (case_id, begins_at) VALUES (1, now())")
        raw.execute("SELECT desk_remind(ARRAY[1], ARRAY['infinity'::timestamptz])")
        with hosting.connect(hosting.owner) as other:
            other.autocommit = False
            other.execute("SELECT FROM desk_case FOR UPDATE")  # as whoever works on it does first
            raw.execute("SET lock_timeout = '100ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                raw.execute("SELECT desk_hold_cases()")
    with sign_in(office, OPERATOR) as desk, hosting.connect(own_role(desk)) as raw:
        page = desk.perform(cases.open_case, case_id, purpose=Purpose.INQUIRIES)
        assert page.due_at == min(row.due_at for row in page.deadlines if row.due_at)
        assert page.due_at > before.due_at
        assert {row.moves[0].old_due_at for row in page.deadlines if row.moves} == {
            row.due_at for row in before.deadlines if row.due_at
        }
        assert page.version == before.version + 1
        (task,) = desk.read(task_views.tasks_of, case_id)
        assert task.remind_at == task.due_at, "whatever an administrator asks for"
        raw.execute("UPDATE case_deadline SET due_at = now()")
        raw.execute("SELECT desk_hold_cases()")
        raw.execute("SELECT desk_refresh_due(ARRAY[1, 2, 3])")
