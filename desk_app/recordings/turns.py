"""What follows from who speaks when: the pauses, what to leave out of them, whose turn is next."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain

from desk_app.recordings.voice import Interval, Intervals, Voices

PAUSE_MS = 1_000
"""From this length on, silence of both parties is a pause."""
KEPT_BEFORE_MS = 400
KEPT_AFTER_MS = 300
"""How much of a pause is still played when pauses are skipped: at its beginning and its end."""
_TURN_MS = 1_000  # a party that goes on after less has not ended its turn
_BACK_MS = 1_500  # so far into a turn, the one before is meant


def pauses(voices: Voices, duration_ms: int) -> Intervals:
    """Where neither party speaks for `PAUSE_MS` or longer, the beginning and the end included."""
    return tuple(
        (start, end) for start, end in _silences(voices, duration_ms) if end - start >= PAUSE_MS
    )


def _silences(voices: Voices, duration_ms: int) -> Iterator[Interval]:
    until = 0
    for start, end in sorted(chain(*voices)):
        if start > until:
            yield until, start
        until = max(until, end)
    if duration_ms > until:
        yield until, duration_ms


def skips(voices: Voices, duration_ms: int) -> Intervals:
    """What is left out when pauses are skipped: each is played for some 0.7 s."""
    return tuple(
        (start + KEPT_BEFORE_MS, end - KEPT_AFTER_MS if end < duration_ms else end)
        for start, end in pauses(voices, duration_ms)
    )


def skip_target(skipped: Intervals, position_ms: int) -> int | None:
    """Where to go on from ``position_ms``; None: it isn't skipped."""
    at = bisect_right(skipped, position_ms, key=lambda one: one[0]) - 1
    if at >= 0 and position_ms < skipped[at][1]:
        return skipped[at][1]
    return None


def turns(intervals: Intervals) -> Intervals:
    """A party's speech, with its short pauses closed."""
    joined: list[Interval] = []
    for start, end in intervals:
        if joined and start - joined[-1][1] < _TURN_MS:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def next_turn(intervals: Intervals, position_ms: int) -> int | None:
    """Where the party begins to speak next; None if it doesn't any more."""
    begins = [start for start, _end in turns(intervals)]
    at = bisect_right(begins, position_ms)
    return begins[at] if at < len(begins) else None


def previous_turn(intervals: Intervals, position_ms: int) -> int | None:
    """Where the party began its turn, or the one before if that was just now."""
    begins = [start for start, _end in turns(intervals)]
    at = bisect_left(begins, position_ms - _BACK_MS) - 1
    return begins[at] if at >= 0 else None
