"""The table of a case's states and acts, and the types."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desk_app.cases.rules import (
    OPEN_STATES,
    TRANSITIONS,
    CaseAct,
    CaseState,
    ClosingLevel,
    acts,
    after,
    before_merge,
    typed_number,
)
from desk_app.cases.types import case_type, gravest
from desk_app.cases.types.catalogue import defaults
from desk_app.errors import Refused
from tests.conftest import OpenWork


class CaseMachine(RuleBasedStateMachine):
    """Any acts in any order: what the table refuses changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.state = self.before = CaseState.NEW
        self.trail: list[CaseAct] = []

    @rule(act=st.sampled_from(CaseAct))
    def do(self, act: CaseAct) -> None:
        try:
            state = after(self.state, act)
        except Refused:
            assert act not in acts(self.state)
            return
        assert act in acts(self.state)
        self.before, self.state = self.state, state
        if act is not CaseAct.MERGE:
            self.trail.append(act)

    @precondition(lambda self: self.state is CaseState.MERGED)
    @rule()
    def undo_the_merge(self) -> None:
        self.state = before_merge(self.before)

    @invariant()
    def nothing_closes_that_was_not_resolved(self) -> None:
        if self.state is CaseState.CLOSED:
            keeping = {
                CaseAct.NOTE,
                CaseAct.JOIN,
                CaseAct.SPOT_CHECK,
                CaseAct.DETAIL,
                CaseAct.ASK_CLOSING,
                CaseAct.APPROVE,
            }
            changes = [act for act in self.trail if act not in keeping]
            assert changes[-2:] == [CaseAct.RESOLVE, CaseAct.CLOSE]

    @invariant()
    def a_note_can_always_be_written_and_no_case_is_a_dead_end(self) -> None:
        possible = acts(self.state)
        if self.state is CaseState.MERGED:
            assert not possible, "its way out is undoing the merge"
            return
        assert CaseAct.NOTE in possible
        assert CaseAct.FOLLOW_UP in possible
        assert (CaseAct.REOPEN in possible) == (self.state not in OPEN_STATES)
        assert (CaseAct.RESUME in possible) == (self.state is CaseState.WAITING)


CaseMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=20)
TestCaseMachine = CaseMachine.TestCase


def test_every_state_can_be_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(CaseState)
    for state in set(CaseState) - {CaseState.MERGED}:
        assert any(
            following is not state
            for (known, _), following in TRANSITIONS.items()
            if known is state
        )


def test_types_close_at_the_level_that_the_office_set() -> None:
    levels = {key: one.closing_level for key, one in defaults().items()}
    for key in ("question", "opinion", "praise"):
        assert levels[key] is ClosingLevel.AT_ONCE
    assert levels["complaint"] is ClosingLevel.SUPERVISOR
    assert levels["accident"] is ClosingLevel.TWO
    assert all(one.targets and one.source for one in defaults().values())


@given(st.lists(st.sampled_from(sorted(defaults())), min_size=1))
def test_the_gravest_type_never_loosens_the_closing(keys: list[str]) -> None:
    types = defaults()
    level = max((types[key] for key in keys), key=lambda one: one.order).closing_level
    assert level == max(types[key].closing_level for key in keys)


def test_the_gravest_of_some_types_is_found(work: OpenWork) -> None:
    with work(reading=True) as w:
        assert gravest(w, ["question", "complaint", "order"]).key == "complaint"
        with pytest.raises(Refused) as refused:
            case_type(w, "nonsense")
    assert refused.value.code == "cases.no_such_type"


@pytest.mark.parametrize(
    "typed",
    ["2026-000040", " 2026-000040 ", "２０２６－００００４０", "2026−000040", "2026ー000040"],
)
def test_a_case_number_is_understood_as_it_is_typed(typed: str) -> None:
    assert typed_number(typed) == "2026-000040"
