"""The table of a contact's states and acts, and how calls end."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from desk_app.calls.endings import ENDS, EndKind
from desk_app.calls.rules import (
    INBOUND_KEYS,
    OUTBOUND_KEYS,
    TRANSITIONS,
    Act,
    ContactState,
    Disposition,
    after,
    may_record,
)
from desk_app.errors import Refused


class ContactMachine(RuleBasedStateMachine):
    """Any acts in any order: what the table refuses changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ContactState.OPEN
        self.announced = self.objected = False
        self.acts: list[Act] = []

    @rule(act=st.sampled_from(Act))
    def do(self, act: Act) -> None:
        try:
            state = after(self.state, act)
        except Refused:
            assert (self.state, act) not in TRANSITIONS
            return
        self.state = state
        self.acts.append(act)
        self.announced |= act is Act.ANNOUNCE
        self.objected |= act is Act.OBJECT

    @invariant()
    def a_saved_contact_was_hung_up_once_and_saved_once(self) -> None:
        if self.state is ContactState.SAVED:
            assert self.acts.count(Act.HANG_UP) == self.acts.count(Act.SAVE) == 1
            assert self.acts[-1] is Act.SAVE

    @invariant()
    def nothing_is_recorded_unannounced_objected_to_or_after_the_call(self) -> None:
        if may_record(self.state, announced=self.announced, objected=self.objected):
            assert Act.ANNOUNCE in self.acts
            assert Act.OBJECT not in self.acts
            assert Act.HANG_UP not in self.acts


ContactMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=12)
TestContactMachine = ContactMachine.TestCase


def test_saved_is_final() -> None:
    for act in Act:
        with pytest.raises(Refused) as refused:
            after(ContactState.SAVED, act)
        assert refused.value.code == "calls.already_saved"


@pytest.mark.parametrize("keys", [INBOUND_KEYS, OUTBOUND_KEYS])
def test_nine_keys_for_nine_different_dispositions(keys: dict[int, Disposition]) -> None:
    assert list(keys) == list(range(1, 10))
    assert len(set(keys.values())) == 9


def test_every_disposition_has_a_key_and_an_end() -> None:
    assert {*INBOUND_KEYS.values(), *OUTBOUND_KEYS.values()} == set(Disposition)
    assert set(ENDS) == set(Disposition)
    assert all(ENDS.values())
    assert set().union(*ENDS.values()) == set(EndKind)
