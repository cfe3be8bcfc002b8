"""Filters that are kept: whole, one's own, and readable by a program that has changed since."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.cases.rules import CaseState
from desk_app.errors import Refused
from desk_app.people.access import Role
from desk_app.search.pages import Query, Sort
from desk_app.search.saved import service, views
from desk_app.search.saved.rules import LONGEST_NAME, MOST_SAVED, from_kept, to_kept
from desk_app.search.work_lists.rules import WorkList
from tests.day import OfficeDay

queries = st.builds(
    Query,
    text=st.text(max_size=20),
    states=st.frozensets(st.sampled_from(CaseState)),
    case_type=st.none() | st.sampled_from(["question", "complaint"]),
    assignee_id=st.none() | st.integers(1, 9),
    unassigned=st.booleans(),
    work_list=st.none() | st.sampled_from(WorkList),
    sort=st.sampled_from(Sort),
    descending=st.booleans(),
)


@given(query=queries, me=st.none() | st.integers(1, 9))
@settings(max_examples=40)
def test_a_filter_comes_back_as_it_was_kept(query: Query, me: int | None) -> None:
    assert from_kept(to_kept(query, me=me), me=me) == query


def test_what_a_program_does_not_know_any_more_is_left_out() -> None:
    kept = {"text": "刃", "states": ["new", "frozen"], "sort": "colour", "mood": "good"}
    assert from_kept(kept) == Query(text="刃", states=frozenset({CaseState.NEW}))
    assert from_kept({"text": 7, "states": "new", "unassigned": "yes"}) == Query()


def test_ones_own_filters_and_those_that_are_shared(day: OfficeDay) -> None:
    other = day.person(Role.SUPERVISOR)
    mine = day.perform(day.operator, service.save_filter, name="午前の分", query=Query(text="包丁"))
    day.perform(other, service.save_filter, name="secret", query=Query(text="x"))
    day.perform(
        other, service.save_filter, name="苦情", query=Query(case_type="complaint"), shared=True
    )
    offered = day.read(day.operator, views.saved_filters)
    assert [(one.name, one.is_own) for one in offered] == [("午前の分", True), ("苦情", False)]
    again = day.perform(
        day.operator, service.save_filter, name=" 午前の分 ", query=Query(unassigned=True)
    )
    assert again == mine
    assert day.read(day.operator, views.saved_filters)[0].query == Query(unassigned=True)
    with pytest.raises(Refused) as refused:
        day.perform(other, service.delete_filter, mine)
    assert refused.value.code == "search.no_such_filter"
    day.perform(day.operator, service.delete_filter, mine)
    assert [one.name for one in day.read(day.operator, views.saved_filters)] == ["苦情"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (" \t", "search.filter_unnamed"),
        ("x" * (LONGEST_NAME + 1), "search.filter_name_too_long"),
        ("x" * 1_000_000, "text.too_long"),
    ],
)
def test_a_bad_name_is_refused(day: OfficeDay, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        day.perform(day.operator, service.save_filter, name=name, query=Query())
    assert refused.value.code == code


def test_nobody_keeps_filters_without_end(day: OfficeDay) -> None:
    with day.work() as work:
        for number in range(MOST_SAVED):
            service.save_filter(day.operator, work, name=str(number), query=Query())
        with pytest.raises(Refused) as refused:
            service.save_filter(day.operator, work, name="one more", query=Query())
    assert refused.value.code == "search.too_many_filters"


def test_my_cases_in_a_shared_filter_are_those_of_who_uses_it(day: OfficeDay) -> None:
    """As in the words of the choice, and as ``assignee:me`` is read where it is typed."""
    other = day.person(Role.OPERATOR)
    query = Query(text="包丁", assignee_id=day.operator.user_id)
    day.perform(day.operator, service.save_filter, name="自分の分", query=query, shared=True)
    assert day.read(day.operator, views.saved_filters)[0].query == query
    of_other = Query(text="包丁", assignee_id=other.user_id)
    assert day.read(other, views.saved_filters)[0].query == of_other
