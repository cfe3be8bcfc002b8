"""Tasks and hand-overs with due times of their own; reminders fall into the hours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.cases import service as cases
from desk_app.cases.rules import EntryKind, Resolution
from desk_app.cases.tasks import service, views
from desk_app.cases.tasks.rules import CALLBACK_MINUTES_BEFORE, reminder
from desk_app.cases.tasks.views import ReminderKind
from desk_app.errors import Refused
from desk_app.hours import BusinessHours
from desk_app.hours.calendar import OfficeCalendar
from desk_app.people.access import Role
from tests.conftest import IN_HOURS
from tests.day import OfficeDay
from tests.engines import FILE

ENGINES = FILE

OPENS = datetime(2026, 6, 11, 1, 0, tzinfo=UTC)
"""Thursday, 10:00 in Tokyo."""
HOURS = BusinessHours(holidays=[datetime(2026, 6, 8).date()])  # noqa: DTZ001 -- a day
CALENDAR = OfficeCalendar(
    None, "Asia/Tokyo", (("10:00", "12:00"), ("13:00", "17:00")), frozenset({5, 6}), (), {}, HOURS
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)


@given(due=instants, minutes=st.integers(1, 3_000))
@settings(max_examples=80)
def test_before_is_the_latest_open_instant(due: datetime, minutes: int) -> None:
    at = HOURS.before(due, minutes)
    assert HOURS.is_open(at)
    assert HOURS.between(at, due) == minutes
    later = HOURS.next_open(at + timedelta(microseconds=1))
    assert HOURS.between(later, due) < minutes or later >= due


@given(due=instants, lead=st.integers(1, 600), now=instants)
@settings(max_examples=80)
def test_nobody_is_reminded_outside_the_hours(due: datetime, lead: int, now: datetime) -> None:
    assert HOURS.is_open(reminder(CALENDAR, due, now, minutes_before=lead))


def test_an_hour_before_the_opening_is_an_hour_before_yesterdays_close() -> None:
    at = reminder(CALENDAR, OPENS, IN_HOURS, minutes_before=60)
    assert at == datetime(2026, 6, 10, 7, 0, tzinfo=UTC)  # 16:00, glpi PR#22678 said midnight


def test_a_task_is_given_remembered_and_done(day: OfficeDay) -> None:
    case_id = day.new_case()
    due = IN_HOURS + timedelta(hours=4)
    task_id = day.perform(
        day.operator,
        service.give_task,
        case_id,
        what="部品の在庫を確認する",
        due_at=due,
        assignee_id=day.operator.user_id,
    )
    assert day.read(day.operator, views.reminders) == ()
    day.later(hours=3)
    (one,) = day.read(day.operator, views.reminders)
    assert (one.kind, one.id, one.due_at) == (ReminderKind.TASK, task_id, due)
    assert day.read(day.person(Role.OPERATOR), views.reminders) == ()
    day.perform(day.operator, service.end_task, task_id, outcome="在庫あり")
    assert day.read(day.operator, views.reminders) == ()
    (row,) = day.read(day.operator, views.tasks_of, case_id)
    assert (row.outcome, row.withdrawn, row.ended_at) == ("在庫あり", False, day.clock.now())
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.end_task, task_id, outcome="もう一度")
    assert refused.value.code == "tasks.ended"
    told = [(entry.kind, entry.text) for entry in day.page(case_id).timeline[1:]]
    assert told == [
        (EntryKind.TASK_GIVEN, "部品の在庫を確認する"),
        (EntryKind.TASK_DONE, "在庫あり"),
    ]


def test_a_department_answers_by_a_day_of_its_own(day: OfficeDay) -> None:
    supervisor = day.person(Role.SUPERVISOR)
    quality = day.perform(supervisor, service.enter_department, name="品質保証部")
    case_id = day.new_case()
    due_before = day.page(case_id).due_at
    handed = {"what": "原因の調査", "due_at": IN_HOURS + timedelta(days=2)}
    task_id = day.perform(day.operator, service.hand_over, case_id, department_id=quality, **handed)
    assert day.page(case_id).due_at == due_before, "the customer goes on waiting"
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.end_task, task_id, outcome=" ")
    assert refused.value.code == "cases.needs_text"
    day.later(days=2)
    assert [one.kind for one in day.read(day.operator, views.reminders)] == [ReminderKind.HAND_OVER]
    day.perform(day.operator, service.end_task, task_id, outcome="材料の不良")
    (row,) = day.read(day.operator, views.tasks_of, case_id)
    assert (row.department, row.outcome) == ("品質保証部", "材料の不良")
    day.perform(supervisor, service.retire_department, quality)
    handed["due_at"] = day.clock.now() + timedelta(days=1)
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.hand_over, case_id, department_id=quality, **handed)
    assert refused.value.code == "tasks.no_such_department"


def test_departments_are_told_apart(day: OfficeDay) -> None:
    author = day.person(Role.SUPERVISOR)
    first = day.perform(author, service.enter_department, name="Quality", reached_by="内線 12")
    with pytest.raises(Refused) as refused:
        day.perform(author, service.enter_department, name="quality ")
    assert refused.value.code == "tasks.department_taken"
    day.perform(author, service.retire_department, first)
    assert day.perform(author, service.enter_department, name="QUALITY") == first
    other = day.perform(author, service.enter_department, name="Sales")
    with pytest.raises(Refused):
        day.perform(author, service.enter_department, name="quality", department_id=other)
    day.perform(author, service.enter_department, name="Sales Japan", department_id=other)
    assert [row.name for row in day.read(author, views.departments)] == ["QUALITY", "Sales Japan"]


def test_a_promised_call_back_is_remembered_to_whoever_has_the_case(day: OfficeDay) -> None:
    case_id = day.new_case()
    at = IN_HOURS + timedelta(minutes=40)
    version = day.page(case_id).version
    day.perform(day.operator, cases.promise_callback, case_id, version, at=at)
    assert day.read(day.operator, views.reminders) == ()
    day.clock.move_to(at - timedelta(minutes=CALLBACK_MINUTES_BEFORE))
    (one,) = day.read(day.operator, views.reminders)
    assert (one.kind, one.case_id, one.due_at) == (ReminderKind.CALLBACK, case_id, at)
    other = day.person(Role.OPERATOR)
    assert day.read(other, views.reminders), "a case of nobody's is everybody's"
    version = day.page(case_id).version
    own = day.operator.user_id
    day.perform(day.operator, cases.assign, case_id, version, assignee_id=own)
    assert day.read(other, views.reminders) == ()
    day.later(hours=12)
    assert day.read(day.operator, views.reminders) == (), "nobody is reminded at night"


@pytest.mark.parametrize(
    ("due", "code"),
    [
        (IN_HOURS, "tasks.due_in_past"),
        (IN_HOURS + timedelta(hours=2), "tasks.due_when_closed"),  # 12:30, lunch
        (datetime(2026, 6, 13, 2, 0, tzinfo=UTC), "tasks.due_when_closed"),  # Saturday
        (datetime(2400, 1, 1, tzinfo=UTC), "tasks.due_too_far"),
    ],
)
def test_a_due_time_that_makes_no_sense_is_refused(
    day: OfficeDay, due: datetime, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        day.perform(
            day.operator,
            service.give_task,
            day.new_case(),
            what="x",
            due_at=due,
            assignee_id=day.operator.user_id,
        )
    assert refused.value.code == code


def test_a_call_back_beyond_the_calendar_is_refused(day: OfficeDay) -> None:
    case_id = day.new_case()
    for year in (2040, 9999):
        at = datetime(year, 6, 11, 2, 0, tzinfo=UTC)
        with pytest.raises(Refused, match=r"cases\.callback_too_far"):
            day.perform(
                day.operator, cases.promise_callback, case_id, day.page(case_id).version, at=at
            )


def test_closing_time_is_a_time_by_which_something_is_due(day: OfficeDay) -> None:
    closing = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
    own = day.operator.user_id
    case_id = day.new_case()
    day.perform(day.operator, service.give_task, case_id, what="x", due_at=closing, assignee_id=own)
    with pytest.raises(Refused) as refused:
        day.perform(
            day.operator, service.give_task, case_id, what=" ", due_at=closing, assignee_id=own
        )
    assert refused.value.code == "cases.needs_text"
    resolving = {"resolution": Resolution.ANSWERED, "text": "済み"}
    version = day.page(case_id).version
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, cases.resolve, case_id, version, **resolving)
    assert refused.value.code == "tasks.still_open"
    (task,) = day.read(day.operator, views.tasks_of, case_id)
    day.perform(day.operator, service.end_task, task.id, outcome="不要になった", withdrawn=True)
    day.perform(day.operator, cases.resolve, case_id, version, **resolving)
    with pytest.raises(Refused) as refused:
        day.perform(
            day.operator, service.give_task, case_id, what="x", due_at=closing, assignee_id=own
        )
    assert refused.value.code == "cases.not_in_this_state"
