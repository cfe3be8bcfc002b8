"""Where a deadline stands, what tells a customer something, and the statutory rules as data."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.calls.rules import Disposition
from desk_app.cases.deadlines.rules import (
    DeadlineKind,
    DeadlineState,
    earliest,
    state_of,
    tells_customer,
)
from desk_app.cases.deadlines.statutory import rule_on, statutory_rules, version_of
from desk_app.cases.rules import TargetKind
from desk_app.cases.types.catalogue import defaults
from desk_app.words import LANGUAGES, Words, keys

NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
moments = st.none() | st.integers(-5, 5).map(lambda hours: NOON + hours * HOUR)


@pytest.mark.parametrize(
    ("due", "met", "ended", "state"),
    [
        (NOON, None, None, DeadlineState.RUNNING),
        (None, None, None, DeadlineState.PAUSED),
        (NOON - HOUR, None, None, DeadlineState.OVERDUE),
        (NOON - HOUR, NOON - HOUR, None, DeadlineState.MET),
        (NOON - 2 * HOUR, NOON - HOUR, None, DeadlineState.MISSED),
        (NOON, None, NOON - HOUR, DeadlineState.ENDED),
        (NOON - 2 * HOUR, None, NOON - HOUR, DeadlineState.MISSED),
    ],
)
def test_a_deadline_stands_where_its_times_say(
    due: datetime | None,
    met: datetime | None,
    ended: datetime | None,
    state: DeadlineState,
) -> None:
    assert state_of(due, met, ended, NOON) is state


@given(moments, moments, moments)
def test_what_is_settled_stands_the_same_for_ever(
    due: datetime | None, met: datetime | None, ended: datetime | None
) -> None:
    settled = met is not None or ended is not None
    later = {state_of(due, met, ended, NOON + hours * HOUR) for hours in (6, 60, 600)}
    assert len(later) == 1
    waiting = {DeadlineState.PAUSED, DeadlineState.RUNNING, DeadlineState.OVERDUE}
    assert (state_of(due, met, ended, NOON) in waiting) != settled


@given(st.lists(moments, max_size=4))
def test_the_earliest_is_what_a_case_is_due_at(due: list[datetime | None]) -> None:
    found = earliest(due)
    known = [at for at in due if at is not None]
    assert (found is None) == (not known)
    assert all(found is not None and found <= at for at in known)


def test_a_customer_was_told_when_reached_or_answered() -> None:
    reached = {Disposition.ANSWERED, Disposition.FOLLOW_UP, Disposition.TRANSFERRED}
    for disposition in Disposition:
        assert tells_customer(outbound=True, disposition=disposition, answered=False) == (
            disposition in reached
        )
        assert tells_customer(outbound=False, disposition=disposition, answered=True) == (
            disposition in reached
        )
        assert tells_customer(outbound=False, disposition=disposition, answered=False) == (
            disposition is Disposition.ANSWERED
        )
    assert not tells_customer(outbound=True, disposition=None, answered=True)


def test_the_kinds_are_the_targets_and_the_statutory_clock() -> None:
    assert {kind.value for kind in DeadlineKind} == {
        *(kind.value for kind in TargetKind),
        "statutory",
    }


def test_the_rules_of_law_are_dated_and_say_where_they_stand_in_three_languages() -> None:
    known = keys()
    for key, versions in statutory_rules().items():
        days = [one.effective_from for one in versions]
        assert days == sorted(set(days))
        assert f"deadlines.statutory.{key}" in known
        for one in versions:
            assert one.days > 0
            assert len({one.say(Words(language)) for language in LANGUAGES}) == len(LANGUAGES)
    assert {one.statutory for one in defaults().values() if one.statutory} <= set(statutory_rules())
    assert defaults()["accident"].statutory == "product_accident"


def test_the_version_in_force_on_the_day_of_knowing_applies() -> None:
    versions = statutory_rules()["product_accident"]
    first, second = versions[0], versions[1]
    assert rule_on("product_accident", second.effective_from) == second
    assert rule_on("product_accident", second.effective_from - timedelta(days=1)) == first
    assert rule_on("product_accident", first.effective_from - timedelta(days=1)) is None
    assert version_of("product_accident", first.effective_from) == first
    assert version_of("product_accident", date(1999, 1, 1)) is None


def test_ten_days_include_the_day_of_knowing_and_fourteen_follow_it() -> None:
    """Consumer Product Safety Act, art. 35; APPI, art. 39 with the Civil Code's first day."""
    accident = rule_on("product_accident", date(2026, 11, 12))
    privacy = rule_on("privacy_request", date(2026, 11, 12))
    assert accident is not None
    assert privacy is not None
    assert accident.last_day(date(2026, 11, 12)) == date(2026, 11, 21)
    assert privacy.last_day(date(2026, 11, 12)) == date(2026, 11, 26)
