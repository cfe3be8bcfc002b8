"""How long something is kept, against a calendar that is walked day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Refused
from desk_app.privacy.provisions import rules as provisions
from desk_app.privacy.retention.law import brought
from desk_app.privacy.retention.rules import (
    COUNTED,
    REACHES,
    WITHOUT_MONTHS,
    Clock,
    Kind,
    Rule,
    Why,
    begun_before,
    check_no_overlap,
    checked,
    contradicts,
    in_force,
    judge,
    last_day,
)

DAYS = st.dates(date(2019, 12, 1), date(2024, 3, 31))
MONTHS = st.integers(1, 40)


def walked_last_day(begun_on: date, months: int) -> date:
    """Article 140: the first day isn't counted. Article 143: the period ends the day before the
    one that corresponds to its first, or with the month that has none. Walked a day at a time."""
    first = begun_on + timedelta(days=1)
    day, passed = first, 0
    while True:
        following = day + timedelta(days=1)
        if following.month != day.month:  # a month ends here
            passed += 1
            if passed == months and first.day == 1:
                return day
        if passed == months and first.day > 1:
            if following.day == first.day:
                return day
            if (following + timedelta(days=1)).month != following.month and (
                following.day < first.day
            ):
                return following
        day = following


@settings(max_examples=60)
@given(DAYS, MONTHS)
def test_a_period_ends_as_the_civil_code_counts(begun_on: date, months: int) -> None:
    last = last_day(begun_on, months)
    assert last == walked_last_day(begun_on, months)
    if months % 12 == 0:
        assert last == provisions.last_day(begun_on, months // 12)
    assert begun_on < begun_before(last + timedelta(days=1), months), "it would be looked up"


def rule(kind: Kind, months: int, **more: object) -> Rule:
    return Rule(kind, months, date(2022, 4, 1), **more)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([Kind.CALLS, Kind.CASES, Kind.CONSENTS]),
            st.none() | MONTHS,
            st.none() | DAYS,
        ),
        min_size=1,
        max_size=5,
    ),
    DAYS,
)
def test_the_longest_rule_wins_and_is_named(
    given_clocks: list[tuple[Kind, int | None, date | None]], day: date
) -> None:
    clocks = [
        Clock(kind, None if months is None else rule(kind, months), begun)
        for kind, months, begun in given_clocks
    ]
    verdict = judge(clocks, day)

    def keeps(kind: Kind, months: int | None, begun: date | None) -> bool:
        return months is None or begun is None or walked_last_day(begun, months) >= day

    keeping = [one for one in given_clocks if keeps(*one)]
    assert verdict.is_due == (not keeping)
    if verdict.why in (Why.NOT_DUE, Why.LONGER_RULE):
        ends = [
            walked_last_day(begun, months) for _, months, begun in given_clocks if months and begun
        ]
        assert verdict.until == max(ends)
        assert verdict.by is not None
        longest = [
            kind for kind, m, b in given_clocks if m and b and walked_last_day(b, m) == max(ends)
        ]
        assert verdict.by.kind in longest
        own = [end for (kind, _, _), end in zip(given_clocks, ends, strict=True)
               if kind is given_clocks[0][0]]  # fmt: skip
        assert (verdict.why is Why.NOT_DUE) == (min(own) >= day)
    elif verdict.why is not None:
        is_open = verdict.why is Why.GOES_ON
        assert any((begun is None) if is_open else (months is None) for _, months, begun in keeping)


SPANS = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 12))


@settings(max_examples=80)
@given(st.lists(SPANS, max_size=6))
def test_what_is_let_in_never_says_two_things_of_one_day(
    spans: list[tuple[int, int | None]],
) -> None:
    """Entered in any order; each is refused exactly if it begins on another's day, or if one of
    two ends by itself after the other has begun."""
    start = date(2026, 6, 1)
    known: list[Rule] = []
    for number, (begins, length) in enumerate(spans):
        effective = start + timedelta(days=begins)
        until = None if length is None else effective + timedelta(days=length)
        new = Rule(Kind.CALLS, number + 1, effective, until)
        clash = any(
            one.effective_from == effective
            or (
                one.effective_until is not None
                and one.effective_from <= effective <= one.effective_until
            )
            or (until is not None and effective <= one.effective_from <= until)
            for one in known
        )
        if clash:
            with pytest.raises(Refused, match=r"retention\.rule_overlaps"):
                check_no_overlap(new, known)
        else:
            check_no_overlap(new, known)
            known.append(new)
    for offset in range(45):
        day = start + timedelta(days=offset)
        counting = in_force(known, day)
        begun = [one for one in known if one.effective_from <= day]
        latest = max(begun, key=lambda one: one.effective_from, default=None)
        if latest is None or (latest.effective_until is not None and latest.effective_until < day):
            assert counting == ()
        else:
            assert counting == (latest,)


TODAY = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Rule(Kind.CALLS, 12, TODAY - timedelta(days=1)), "rule_past"),
        (Rule(Kind.CALLS, 12, TODAY, TODAY - timedelta(days=1)), "rule_backwards"),
        (Rule(Kind.CALLS, 0, TODAY), "rule_months"),
        (Rule(Kind.CALLS, 1_201, TODAY), "rule_months"),
        (Rule(Kind.CUSTOMERS, 1, TODAY), "rule_months"),
        (Rule(Kind.CALLS, 12, TODAY, also=frozenset({Kind.CASES})), "rule_reach"),
        (Rule(Kind.CALLS, 12, TODAY, case_type="accident"), "rule_type"),
        (Rule(Kind.CASES, 12, TODAY, case_type="nonsense"), "rule_type"),
        (Rule(Kind.ORIGINALS, 12, TODAY), "originals_elsewhere"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_cannot_be_a_rule_is_refused(wrong: Rule, code: str) -> None:
    with pytest.raises(Refused, match=rf"retention\.{code}"):
        checked(wrong, today=TODAY, case_types={"accident"})


def test_the_rules_that_the_product_brings_are_rules() -> None:
    """Each with its source in three languages; none contradicts another; the Act's own figure is
    not marked as the office's."""
    for one in brought():
        assert checked(one, today=one.effective_from, case_types={"accident"}) is one
        assert set(one.source) == {"ja", "en", "de"}
        assert one.to_confirm == (one.kind is not Kind.PROVISIONS)
        assert not any(contradicts(one, other) for other in brought() if other is not one)
    assert {one.kind for one in brought()} == set(Kind) - {Kind.ORIGINALS}
    assert COUNTED.keys() == set(Kind)
    assert all(kind not in reached for kind, reached in REACHES.items())
    assert {kind for kind in Kind if COUNTED[kind] in WITHOUT_MONTHS} == {
        Kind.PROVISIONS,
        Kind.CUSTOMERS,
    }
