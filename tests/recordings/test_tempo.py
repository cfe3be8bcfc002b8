"""Faster and slower: the pitch stays, the length follows, and the place is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.tempo import SPEEDS, Tempo, Timetable
from tests.recordings.playing import LOWEST_HZ, STEP_HZ, STEP_MS, pitch, staircase


def stretched(sound: np.ndarray, speed: float, block: int = 960) -> np.ndarray:
    tempo = Tempo(speed)
    blocks = [tempo.feed(sound[at : at + block]) for at in range(0, len(sound), block)]
    return np.concatenate([*blocks, tempo.rest()])


def tone(hertz: float, seconds: float) -> np.ndarray:
    wave = np.sin(2 * np.pi * hertz * np.arange(int(seconds * PLAY_RATE)) / PLAY_RATE) * 9000
    return np.stack([wave, wave / 2], axis=1).astype(np.int16)


@given(
    speed=st.floats(SPEEDS[0], SPEEDS[-1]),
    hertz=st.floats(120, 3400),
    block=st.integers(100, 5000),
)
@settings(max_examples=40, deadline=None)
def test_a_tone_keeps_its_pitch_and_lasts_as_long_as_it_should(
    speed: float, hertz: float, block: int
) -> None:
    sound = tone(hertz, 3)
    heard = stretched(sound, speed, block)
    assert len(heard) == pytest.approx(len(sound) / speed, abs=PLAY_RATE // 25)
    assert len(heard) <= round(len(sound) / speed)
    assert pitch(heard[PLAY_RATE // 4 : -PLAY_RATE // 4, 0]) == pytest.approx(hertz, rel=0.01)
    louder, softer = (np.abs(heard[:, party].astype(int)).max() for party in (0, 1))
    assert louder == pytest.approx(2 * softer, rel=0.05)


@pytest.mark.parametrize("speed", SPEEDS)
def test_what_is_heard_is_from_where_the_timetable_says(speed: float) -> None:
    heard = stretched(staircase(10, PLAY_RATE), speed)
    timetable = Timetable()
    timetable.begin(0, speed)
    timetable.wrote(len(heard))
    for at in range(PLAY_RATE // 2, len(heard) - PLAY_RATE // 2, PLAY_RATE // 3):
        there = timetable_position(len(heard), at, speed)
        if STEP_MS * 0.3 < there % STEP_MS < STEP_MS * 0.7:  # not between two steps
            about = heard[at - 1500 : at + 1500, 0]
            assert pitch(about) == pytest.approx(LOWEST_HZ + STEP_HZ * (there // STEP_MS), abs=25)


def timetable_position(written: int, at: int, speed: float) -> int:
    timetable = Timetable()
    timetable.begin(0, speed)
    timetable.wrote(written)
    position = timetable.position_ms(written - at)
    assert position is not None
    return position


def test_normal_speed_is_the_sound_itself() -> None:
    sound = staircase(1, PLAY_RATE)
    assert np.array_equal(stretched(sound, 1.0, 777), sound)


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("samples", [0, 1, 100, 1000])
def test_very_little_sound_is_no_trouble(speed: float, samples: int) -> None:
    assert len(stretched(staircase(1, PLAY_RATE)[:samples], speed)) <= round(samples / speed)


@pytest.mark.parametrize("speed", [0.0, 0.49, 2.01, float("nan")])
def test_other_speeds_are_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="no such speed"):
        Tempo(speed)


def test_the_timetable_knows_each_span_and_stays_within_it() -> None:
    table = Timetable()
    assert table.position_ms(0) is None
    table.begin(10_000, 1.0)
    table.wrote(PLAY_RATE)  # a second
    table.left(11_000)
    table.begin(60_000, 2.0)
    table.wrote(PLAY_RATE // 2)
    assert table.position_ms(PLAY_RATE) == 10_500
    assert table.position_ms(PLAY_RATE // 2 + 1) == 10_999
    assert table.position_ms(PLAY_RATE // 2) == 60_000
    assert table.position_ms(0) == 61_000
    table.left(60_900)
    assert table.position_ms(0) == 60_900
