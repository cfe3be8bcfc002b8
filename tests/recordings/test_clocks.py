"""A card's clock is measured through jitter, and its sound made faster or slower unheard."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.recordings.clocks import (
    MOST_CORRECTION,
    Clock,
    DriftLoop,
    Resampler,
    what_is_not_late,
)
from desk_app.recordings.encoder import RATE, Samples
from tests.recordings.simulated_cards import apart_ms, heard_at, purity_db

RATES = [8_000, 16_000, 44_100, 48_000]


def resampled(samples: Samples, resampler: Resampler, *, block: int) -> Samples:
    parts = [
        resampler.feed(samples[start : start + block, None])
        for start in range(0, len(samples), block)
    ]
    return np.concatenate([*parts, resampler.flush()])[:, 0]


@settings(max_examples=20, deadline=None)
@given(
    rate=st.sampled_from(RATES),
    frames=st.integers(160, 30_000),  # FFmpeg gives nothing for less than its filter is long
    block=st.integers(50, 5_000),
    corrections=st.lists(st.floats(-MOST_CORRECTION, MOST_CORRECTION), max_size=5),
)
def test_a_resampler_keeps_its_promise(
    rate: int, frames: int, block: int, corrections: list[float]
) -> None:
    """As many samples come out as it says, whatever its speeds were on the way."""
    resampler = Resampler(rate, 1, is_variable=True)
    samples = np.zeros((frames, 1), np.int16)
    length = 0
    for start in range(0, frames, block):
        if corrections:
            resampler.correct(corrections[start // block % len(corrections)])
        length += len(resampler.feed(samples[start : start + block]))
    length += len(resampler.flush())
    assert abs(length - resampler.promised) <= 2


@pytest.mark.parametrize("rate", RATES)
def test_sound_comes_out_where_it_went_in(rate: int) -> None:
    samples = heard_at(np.arange(3 * rate) / rate)
    out = resampled(samples, Resampler(rate, 1, is_variable=True), block=rate // 10)
    assert abs(apart_ms(heard_at(np.arange(len(out)) / RATE), out)) < 0.15


@pytest.mark.parametrize("rate", RATES)
def test_sound_waits_in_it_for_a_moment_only(rate: int) -> None:
    resampler = Resampler(rate, 1, is_variable=True)
    out = resampler.feed(np.zeros((rate, 1), np.int16))
    assert RATE - len(out) < 0.02 * RATE


def test_the_recordings_own_rate_is_not_touched() -> None:
    samples = heard_at(np.arange(RATE) / RATE)
    out = resampled(samples, Resampler(RATE, 1, is_variable=False), block=997)
    assert np.array_equal(out, samples)


@pytest.mark.parametrize("rate", RATES)
def test_silence_stays_silent_and_the_loudest_does_not_turn_over(rate: int) -> None:
    silence = resampled(np.zeros(rate, np.int16), Resampler(rate, 1, is_variable=True), block=999)
    assert not silence.any()
    square = np.where(np.arange(rate) // (rate // 100) % 2, 32767, -32768).astype(np.int16)
    loud = resampled(square, Resampler(rate, 1, is_variable=True), block=999)
    middle = loud[RATE // 4 : 3 * RATE // 4].astype(float)
    expected = square[np.arange(len(loud)) * rate // RATE][RATE // 4 : 3 * RATE // 4]
    assert np.corrcoef(middle, expected)[0, 1] > 0.95


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("tone_hz", [300.0, 1000.0, 3000.0])
def test_a_tone_keeps_its_purity_while_the_speed_changes(rate: int, tone_hz: float) -> None:
    """16 bits allow some 96 dB; every second another speed, as the loop does it."""
    resampler = Resampler(rate, 1, is_variable=True)
    times = np.arange(6 * rate) / rate
    tone = np.rint(np.sin(2 * np.pi * tone_hz * times) * 16_000).astype(np.int16)[:, None]
    parts = []
    for second in range(6):
        resampler.correct((300 + (-1) ** second * 5) * 1e-6)
        parts.append(resampler.feed(tone[second * rate : (second + 1) * rate]))
    out = np.concatenate(parts)[:, 0]
    worst = min(purity_db(out[at : at + RATE // 2]) for at in range(RATE, 5 * RATE, 4000))
    assert worst > 75


def test_what_lies_above_the_band_is_not_folded_into_it() -> None:
    tone = np.rint(np.sin(2 * np.pi * 9_000 * np.arange(48_000) / 48_000) * 16_000)
    out = resampled(tone.astype(np.int16), Resampler(48_000, 1, is_variable=True), block=4_800)
    assert np.abs(out[2_000:-2_000]).max() <= 16  # 60 dB below


def test_late_times_do_not_count() -> None:
    timely = [1.000, 1.004, 1.002, 1.003]
    assert what_is_not_late([*timely, 1.2, 1.3, 1.9]) < 1.005
    ramp = [5.0 - number / 10 for number in range(50)]  # a burst of everything that was kept
    assert what_is_not_late(ramp) == pytest.approx(0.1)


def test_one_strange_time_is_an_error_and_seconds_of_them_are_the_truth() -> None:
    clock = Clock()
    clock.set(100.0, end=0.0)
    ends = iter(np.arange(1, 1000) * RATE / 10)
    for strange in (50.0, 90.0, 100.4, 3.0, 150.0):
        assert clock.note(strange, end=next(ends)) == 0.0
        assert clock.note(100.001, end=next(ends)) == 0.0
    assert clock.origin == pytest.approx(100.0, abs=0.002)
    busy = [clock.note(100.3, end=next(ends)) for _ in range(20)]
    assert busy == [0.0] * 20  # late, as on a busy machine, and then no more
    assert clock.note(100.001, end=next(ends)) == 0.0
    missing = [clock.note(100.3, end=next(ends)) for _ in range(31)]
    assert missing[:30] == [0.0] * 30
    assert missing[30] == pytest.approx(0.3, abs=0.002)
    assert clock.origin == pytest.approx(100.0, abs=0.002)  # once the silence is put in
    assert [clock.note(99.8, end=next(ends)) for _ in range(31)] == [0.0] * 31
    assert clock.origin == pytest.approx(99.8)  # nothing is missing: it had been late before


@pytest.mark.parametrize("ppm", [-600, -300, 300, 600])
def test_the_loop_finds_the_speed_and_keeps_it(ppm: int) -> None:
    generator = np.random.default_rng(1)
    loop = DriftLoop()
    behind = 0.005
    worst_late = 0.0
    for second in range(1200):
        behind += ppm * 1e-6 - loop.correction
        loop.steer(behind + generator.normal(0, 0.003))
        assert abs(loop.correction) <= MOST_CORRECTION
        if second >= 60:
            worst_late = max(worst_late, abs(behind))
    assert worst_late < 0.005
    assert loop.correction == pytest.approx(ppm * 1e-6, abs=100e-6)


def test_the_loop_believes_no_drift_of_a_second_and_winds_up_at_no_limit() -> None:
    loop = DriftLoop()
    for _ in range(100):
        loop.steer(30.0)
    assert loop.correction == 0.0
    for _ in range(100):
        loop.steer(0.9)
    assert loop.correction == MOST_CORRECTION
    loop.steer(0.0)
    assert abs(loop.correction) < 100e-6
