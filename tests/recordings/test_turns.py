"""Pauses, what is left out of them, and whose turn is next."""

from hypothesis import given
from hypothesis import strategies as st

from desk_app.recordings.turns import (
    KEPT_AFTER_MS,
    KEPT_BEFORE_MS,
    PAUSE_MS,
    next_turn,
    pauses,
    previous_turn,
    skip_target,
    skips,
    turns,
)
from desk_app.recordings.voice import Intervals

OPERATOR = ((2_000, 5_000), (5_400, 8_000), (20_000, 21_000))
CALLER = ((9_500, 15_000), (20_500, 23_000))
VOICES = (OPERATOR, CALLER)
DURATION_MS = 30_000


def test_pauses_are_where_nobody_speaks_for_long() -> None:
    assert pauses(VOICES, DURATION_MS) == (
        (0, 2_000),
        (8_000, 9_500),
        (15_000, 20_000),
        (23_000, 30_000),
    )


def test_each_pause_is_shortened_and_the_last_ends_the_recording() -> None:
    assert skips(VOICES, DURATION_MS) == (
        (400, 1_700),
        (8_400, 9_200),
        (15_400, 19_700),
        (23_400, 30_000),
    )


def test_a_position_within_what_is_skipped_goes_to_its_end() -> None:
    skipped = skips(VOICES, DURATION_MS)
    wanted = {0: None, 399: None, 400: 1_700, 1_699: 1_700, 1_700: None, 29_000: 30_000}
    assert {at: skip_target(skipped, at) for at in wanted} == wanted
    assert skip_target((), 5) is None


def test_short_pauses_end_no_turn() -> None:
    assert turns(OPERATOR) == ((2_000, 8_000), (20_000, 21_000))


def test_one_goes_from_turn_to_turn() -> None:
    assert next_turn(OPERATOR, 0) == 2_000
    assert next_turn(OPERATOR, 2_000) == 20_000
    assert next_turn(OPERATOR, 20_000) is None
    assert previous_turn(OPERATOR, 25_000) == 20_000
    assert previous_turn(OPERATOR, 20_500) == 2_000  # just begun: the one before is meant
    assert previous_turn(OPERATOR, 2_500) is None
    assert next_turn((), 0) is previous_turn((), 9_999) is None


DURATION = 60_000


def voice() -> st.SearchStrategy[Intervals]:
    ends = st.lists(st.integers(0, DURATION), unique=True, max_size=30).map(sorted)
    return ends.map(lambda all_: tuple(zip(all_[::2], all_[1::2], strict=False)))


@given(operator=voice(), caller=voice())
def test_no_voice_is_ever_skipped_and_no_long_pause_stays(
    operator: Intervals, caller: Intervals
) -> None:
    skipped = skips((operator, caller), DURATION)
    for start, end in skipped:
        assert 0 <= start < end <= DURATION
        for begins, stops in (*operator, *caller):
            assert stops <= start or end <= begins
    for start, end in pauses((operator, caller), DURATION):
        left_out = sum(min(end, b) - max(start, a) for a, b in skipped if a < end and b > start)
        assert end - start - left_out <= max(PAUSE_MS, KEPT_BEFORE_MS + KEPT_AFTER_MS)
