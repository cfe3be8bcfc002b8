"""Who speaks when, told from everything else that is heard on a telephone."""

import functools
import subprocess
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.recordings import voice
from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.voice import FRAME, FRAME_MS, LEAST_MS, PAUSE_MS, VoiceActivity

OPERATOR_SAYS = "Good morning, this is customer relations. How may I help you today?"
CALLER_SAYS = "I bought a kettle last week, and it leaks. I would like my money back, please."


@functools.cache
def spoken(text: str, speaker: str) -> np.ndarray:
    """A voice at `RATE`, without the silence around it."""
    made = subprocess.run(
        ["espeak-ng", "-v", speaker, "--stdout", text], check=True, capture_output=True
    ).stdout
    samples = np.frombuffer(made[44:], np.int16).astype(float)
    at_rate = soxr.resample(samples, 22_050, RATE)
    loud = np.flatnonzero(np.abs(at_rate) > 300)
    return at_rate[loud[0] : loud[-1] + 1].astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def both(operator: np.ndarray, caller: np.ndarray) -> Samples:
    longest = max(len(operator), len(caller))
    return np.stack([np.pad(one, (0, longest - len(one))) for one in (operator, caller)], axis=1)


def measured(samples: Samples, block: int = 1600) -> VoiceActivity:
    activity = VoiceActivity()
    for start in range(0, len(samples), block):
        activity.feed(samples[start : start + block])
    activity.close()
    return activity


def test_each_partys_turn_is_found_where_it_is() -> None:
    one, two = spoken(OPERATOR_SAYS, "en"), spoken(CALLER_SAYS, "en-us+f3")
    conversation = both(
        np.concatenate([silence(2), one, silence(4 + len(two) / RATE)]),
        np.concatenate([silence(3 + len(one) / RATE), two]),
    )
    activity = measured(conversation)
    assert activity.intervals is not None
    ends = [(turns[0][0], turns[-1][1]) for turns in activity.intervals]
    one_ends_ms = 2000 + len(one) * 1000 // RATE
    two_ends_ms = one_ends_ms + 1000 + len(two) * 1000 // RATE
    assert ends[0] == (pytest.approx(2000, abs=150), pytest.approx(one_ends_ms, abs=250))
    assert ends[1] == (
        pytest.approx(one_ends_ms + 1000, abs=150),
        pytest.approx(two_ends_ms, abs=250),
    )
    for spoke_ms, sound in zip(activity.voice_ms, (one, two), strict=True):
        assert spoke_ms is not None
        assert 0.75 < spoke_ms / (len(sound) * 1000 / RATE) < 1.1


def test_who_speaks_now_is_known_while_it_is_said() -> None:
    sound = spoken(OPERATOR_SAYS, "en")
    activity = VoiceActivity()
    assert activity.speaks == (False, False)
    activity.feed(both(sound[: 2 * RATE], silence(0)))
    assert activity.speaks == (True, False)
    activity.feed(both(silence(0), silence(1)))
    assert activity.speaks == (False, False)
    activity.feed(both(silence(0), spoken(CALLER_SAYS, "en-us+f3")[:RATE]))
    assert activity.speaks == (False, True)
    activity.close()


def _noise() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 800, 8 * RATE)


def _ringing() -> np.ndarray:
    beats = (np.arange(8 * RATE) // RATE) % 3 == 0
    return np.sin(2 * np.pi * 425 * np.arange(8 * RATE) / RATE) * 6000 * beats


def _melody() -> np.ndarray:
    notes = np.repeat(np.random.default_rng(2).choice([262, 294, 330, 392, 440], 32), RATE // 4)
    phase = 2 * np.pi * np.cumsum(notes) / RATE
    return (np.sin(phase) + 0.4 * np.sin(2 * phase)) * 5000


@pytest.mark.parametrize("sound", [_noise, _ringing, _melody, lambda: np.zeros(8 * RATE)])
def test_what_is_no_voice_is_none(sound: Callable[[], np.ndarray]) -> None:
    heard = sound().astype(np.int16)
    assert measured(both(heard, heard)).voice_ms == (0, 0)


@pytest.mark.parametrize("block", [1, 100, FRAME, 5000])
def test_blocks_of_any_size_give_the_same(block: int) -> None:
    sound = both(spoken(OPERATOR_SAYS, "en")[: RATE * 2], silence(1))
    assert measured(sound, block).intervals == measured(sound, len(sound)).intervals


class Likelihoods:
    """A model that says what it is told to."""

    def __init__(self, likely: list[float]) -> None:
        self._likely = iter(likely)

    def process(self, data: memoryview) -> float:
        assert len(data) == FRAME
        return next(self._likely)

    def reset(self) -> None:
        return


@given(st.lists(st.sampled_from([0.0, 0.3, 0.4, 0.6, 1.0]), max_size=300))
@settings(max_examples=100, deadline=None)
def test_whatever_the_model_says_intervals_are_ordered_apart_and_long_enough(
    likely: list[float],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voice, "_take_models", lambda: [Likelihoods(likely), Likelihoods(likely)])
        patch.setattr(voice, "_spare", [])
        activity = measured(np.zeros((len(likely) * FRAME, 2), np.int16), 999)
    assert activity.intervals is not None
    turns = activity.intervals[0]
    end_ms = len(likely) * FRAME_MS
    before = -PAUSE_MS
    for start, end in turns:
        assert 0 <= start < end <= end_ms
        assert end - start >= LEAST_MS
        assert start - before >= PAUSE_MS - 2 * voice.PADDING_MS or before < 0
        assert 0.6 in likely[start // FRAME_MS :] or 1.0 in likely[start // FRAME_MS :]
        before = end


def test_eight_hours_take_little_memory() -> None:
    """The worst talk there is: a new interval as often as the rules allow."""
    least = -(-LEAST_MS // FRAME_MS)
    turn = [1.0] * least + [0.0] * (PAUSE_MS // FRAME_MS)
    ears = [voice._Ear(Likelihoods([])) for _ in range(2)]
    tracemalloc.start()
    for ear in ears:
        for _ in range(8 * 3_600_000 // (len(turn) * FRAME_MS)):
            for likely in turn:
                ear._take(likely)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(ears[0].intervals(8 * 3_600_000)) > 40_000
    assert held < 2_000_000


def _no_library(_rate: int) -> None:
    raise OSError


@pytest.mark.parametrize("model", [None, _no_library])
def test_where_there_is_no_model_nothing_is_measured_and_said(
    monkeypatch: pytest.MonkeyPatch, model: object
) -> None:
    monkeypatch.setattr(voice, "SileroVAD", model)
    monkeypatch.setattr(voice, "_spare", [])
    voice.prepare()
    activity = measured(both(spoken(OPERATOR_SAYS, "en"), silence(0)))
    assert not activity.is_measured
    assert activity.intervals is None
    assert activity.voice_ms == (None, None)
    assert activity.speaks == (False, False)


def test_a_model_is_loaded_once_and_forgets_the_call_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = []
    real = voice.SileroVAD

    def load(rate: int) -> object:
        loaded.append(rate)
        return real(rate)

    monkeypatch.setattr(voice, "SileroVAD", load)
    monkeypatch.setattr(voice, "_spare", [])
    voice.prepare()
    voice.prepare()
    sound = both(spoken(OPERATOR_SAYS, "en"), spoken(CALLER_SAYS, "en-us+f3"))
    first = measured(sound).intervals
    assert measured(sound).intervals == first
    assert loaded == [RATE, RATE]
