"""What can be done with a call for help, what is said next, and what the law counts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.help_calls.duties import duties, duty_on, follow_up_due
from desk_app.help_calls.rules import (
    ANSWER_SECONDS,
    RINGS_SECONDS,
    TRANSITIONS,
    HelpAct,
    HelpState,
    Progress,
    after,
    hint,
)

TOKYO = ZoneInfo("Asia/Tokyo")


@given(st.sampled_from(HelpState), st.sampled_from(HelpAct))
def test_an_act_is_in_the_table_or_refused(state: HelpState, act: HelpAct) -> None:
    if (state, act) in TRANSITIONS:
        following = after(state, act)
        order = list(HelpState)
        assert order.index(following) >= order.index(state)  # nothing is taken back
    else:
        with pytest.raises(Refused, match="help_calls"):
            after(state, act)


@given(
    st.sampled_from(HelpState),
    st.integers(0, 3),
    st.floats(0, 60),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_the_operator_is_always_told_what_to_do(
    state: HelpState, rings: int, seconds: float, others: bool, unreachable: bool, left: bool
) -> None:
    progress = Progress(state, rings, seconds, others, is_unreachable=unreachable, has_left=left)
    said = hint(progress)
    if state is HelpState.ANSWERED:
        assert (said == "answered") is not (unreachable or left)
    assert (said == "") is (state is HelpState.ENDED)
    if state is HelpState.RINGING:
        if not others:
            assert said == "alone"
        elif seconds >= ANSWER_SECONDS:
            assert said in ("nobody_rings", "nobody_answers")
        elif rings or seconds < RINGS_SECONDS:
            assert said == "rings"


def test_duties_are_dated_and_have_their_source_in_each_language() -> None:
    known = duties()
    assert [one.effective_from for one in known] == sorted({one.effective_from for one in known})
    assert all(set(one.source) == {"ja", "en", "de"} for one in known)
    assert not duty_on(date(2026, 9, 30)).is_law
    assert duty_on(date(2026, 10, 1)).is_law
    assert duty_on(date(2000, 1, 1)) is known[0]


@given(st.datetimes(datetime(2022, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 -- given a zone below
def test_a_follow_up_is_due_by_the_end_of_a_later_day(at: datetime) -> None:
    called = at.replace(tzinfo=TOKYO)
    due = follow_up_due(called)
    assert (due.date() - called.date()).days == duty_on(called.date()).follow_up_days
    assert due > called
