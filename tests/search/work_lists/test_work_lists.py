"""Work lists hold the cases that they say, as a plain reading of every case would."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk_app.cases.model import Case
from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.people.access import Actor, Role
from desk_app.search.work_lists import views
from desk_app.search.work_lists.conditions import condition
from desk_app.search.work_lists.rules import WorkList
from desk_app.storage.unit_of_work import UnitOfWork
from tests.conftest import IN_HOURS
from tests.day import OfficeDay

TOKYO_MIDNIGHT = IN_HOURS.replace(hour=15, minute=0)

cases = st.lists(
    st.tuples(
        st.sampled_from(CaseState),
        st.sampled_from([None, "me", "other"]),
        st.sampled_from(
            [
                None,
                IN_HOURS - timedelta(microseconds=1),
                IN_HOURS,
                TOKYO_MIDNIGHT - timedelta(microseconds=1),
                TOKYO_MIDNIGHT,
            ]
        ),
        st.booleans(),
    ),
    max_size=12,
)


def expected(which: WorkList, state: CaseState, whose: str | None, due, promised: bool) -> bool:
    asked = state is CaseState.RESOLVED and promised
    to_do = state in OPEN_STATES or (state is CaseState.RESOLVED and not asked)
    goes_on = state is not CaseState.MERGED
    return {
        WorkList.MINE: to_do and whose == "me",
        WorkList.UNASSIGNED: to_do and whose is None,
        WorkList.DUE_TODAY: goes_on and due is not None and IN_HOURS <= due < TOKYO_MIDNIGHT,
        WorkList.OVERDUE: goes_on and due is not None and due < IN_HOURS,
        WorkList.WAITING: state is CaseState.WAITING,
        WorkList.TO_APPROVE: asked,
        WorkList.CALLBACKS: goes_on and promised,
    }[which]


def within(actor: Actor, work: UnitOfWork, which: WorkList) -> set[int]:
    return set(work.session.scalars(select(Case.id).where(condition(actor, work, which))))


@given(made=cases)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_work_list_holds_what_it_says(day: OfficeDay, made) -> None:
    people = {"me": day.operator.user_id, "other": day.person(Role.OPERATOR).user_id, None: None}
    with day.work() as work:
        rows = [
            Case(
                case_type="question",
                state=state.value,
                subject="",
                assignee_id=people[whose],
                opened_at=IN_HOURS,
                opened_by=day.operator.user_id,
                due_at=due,
                callback_due_at=IN_HOURS if promised else None,
                approval_asked_at=IN_HOURS if promised and state is CaseState.RESOLVED else None,
            )
            for state, whose, due, promised in made
        ]
        work.session.add_all(rows)
        work.session.flush()
        counted = {one.which: one.count for one in views.counts(day.operator, work)}
        for which in WorkList:
            wanted = {row.id for row, one in zip(rows, made, strict=True) if expected(which, *one)}
            assert within(day.operator, work, which) == wanted, which
            assert counted[which] == len(wanted)
        # rolled back: the next example begins empty


def test_a_long_list_is_counted_as_far_as_anybody_reads(day: OfficeDay, monkeypatch) -> None:
    monkeypatch.setattr(views, "MOST_COUNTED", 2)
    for _ in range(3):
        day.new_case()
    counts = {one.which: one for one in day.read(day.operator, views.counts)}
    assert (counts[WorkList.UNASSIGNED].count, counts[WorkList.UNASSIGNED].capped) == (2, True)
    assert not counts[WorkList.MINE].capped
