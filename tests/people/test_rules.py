"""Four eyes and the offices that are never empty, for any set of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.people import rules
from desk_app.people.access import Role
from desk_app.people.rules import NEVER_EMPTY, PersonId

persons = st.integers(1, 6).map(PersonId)
groups = st.frozensets(persons, max_size=6)


@given(requester=persons, approver=persons, subject=st.none() | persons)
def test_a_step_takes_two_persons_and_neither_decides_for_themselves(
    requester: PersonId, approver: PersonId, subject: PersonId | None
) -> None:
    if approver in {requester, subject}:
        with pytest.raises(Refused):
            rules.check_approver(requester=requester, approver=approver, subject=subject)
    else:
        rules.check_approver(requester=requester, approver=approver, subject=subject)


@given(leaving=persons, roles=st.sets(st.sampled_from(Role)), held=st.data())
def test_no_act_empties_a_role_that_is_never_empty(
    leaving: PersonId, roles: set[Role], held: st.DataObject
) -> None:
    holders = {role: held.draw(groups) | {leaving} for role in NEVER_EMPTY}
    after = {role: holders[role] - ({leaving} if role in roles else set()) for role in NEVER_EMPTY}
    if all(after.values()):
        rules.check_roles_stay_held(leaving, roles, holders)
    else:
        with pytest.raises(Refused, match=r"people\.last_(administrator|dpo)"):
            rules.check_roles_stay_held(leaving, roles, holders)


@given(leaving=persons, listeners=groups)
def test_somebody_always_opens_the_recordings(
    leaving: PersonId, listeners: frozenset[PersonId]
) -> None:
    if listeners and listeners <= {leaving}:
        with pytest.raises(Refused, match="last_listener"):
            rules.check_listener_stays(leaving, listeners)
    else:
        rules.check_listener_stays(leaving, listeners)


@given(subject=persons, listeners=groups, holds=st.booleans())
def test_a_reset_never_loses_the_recordings(
    subject: PersonId, listeners: frozenset[PersonId], holds: bool
) -> None:
    survivors = listeners - {subject}
    lost = bool(listeners) and not survivors and not holds
    if lost:
        with pytest.raises(Refused, match="recovery_needed"):
            rules.check_recordings_survive(subject, listeners, approver_holds_recordings=holds)
    else:
        rules.check_recordings_survive(subject, listeners, approver_holds_recordings=holds)


def test_nobody_appoints_themselves() -> None:
    with pytest.raises(Refused, match="own_appointment"):
        rules.check_appointer(appointer=PersonId(1), handler=PersonId(1))
    rules.check_appointer(appointer=PersonId(1), handler=PersonId(2))
