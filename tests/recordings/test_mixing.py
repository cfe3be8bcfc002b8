"""Two inputs become one stream: aligned, complete, and never shorter than what was heard."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.mixing import PATIENCE_SECONDS, Mixer
from desk_app.recordings.parties import Party, Source

BLOCK = RATE // 25
OPERATOR = Source((Party.OPERATOR,), RATE)
CALLER = Source((Party.CALLER,), RATE)


def block(value: int, length: int = BLOCK) -> bytes:
    return np.full(length, value, np.int16).tobytes()


def joined(parts: list[Samples]) -> Samples:
    return np.concatenate(parts)


@given(
    order=st.lists(st.sampled_from([0, 1]), max_size=60),
    lengths=st.lists(st.integers(1, 900), min_size=60, max_size=60),
)
def test_everything_comes_out_once_in_order_whoever_speaks_first(
    order: list[int], lengths: list[int]
) -> None:
    mixer = Mixer([OPERATOR, CALLER])
    spoken: list[list[int]] = [[], []]
    heard = []
    for number, (source, length) in enumerate(zip(order, lengths, strict=False), start=1):
        spoken[source] += [number] * length
        heard.append(mixer.take(source, block(number, length), ended_at=length / RATE))
    heard.append(mixer.rest())
    out = joined(heard)
    for channel in (0, 1):
        assert [int(value) for value in out[:, channel] if value] == spoken[channel]
    assert mixer.position_ms == len(out) * 1000 // RATE
    if order:
        assert len(out) == max(len(spoken[0]), len(spoken[1]))


def test_the_input_that_begins_later_is_filled_up_to_its_beginning() -> None:
    mixer = Mixer([OPERATOR, CALLER])
    parts = [mixer.take(0, block(1), ended_at=10.0)]
    parts.append(mixer.take(1, block(2), ended_at=10.1))
    parts.append(mixer.rest())
    out = joined(parts)
    assert int(np.argmax(out[:, 0] == 1)) == 0
    assert int(np.argmax(out[:, 1] == 2)) == RATE // 10


def test_an_input_that_ended_is_silence_and_a_gap() -> None:
    mixer = Mixer([OPERATOR, CALLER])
    parts = [mixer.take(source, block(source + 1), ended_at=1.0) for source in (0, 1)]
    parts.append(mixer.end(0))
    assert not mixer.has_ended()
    for _ in range(25):
        parts.append(mixer.take(1, block(2), ended_at=1.0))
    out = joined([*parts, mixer.rest()])
    assert len(out) == 26 * BLOCK
    assert (out[:, 1] == 2).all()
    assert (out[BLOCK:, 0] == 0).all()
    assert mixer.gaps == [{"kind": "gap", "parties": ["operator"], "at_ms": 40, "ms": 1000}]
    mixer.end(1)
    assert mixer.has_ended()


def test_a_stalled_input_does_not_hold_the_other_up_for_ever() -> None:
    mixer = Mixer([OPERATOR, CALLER])
    mixer.take(0, block(1), ended_at=1.0)
    given_out = [
        len(mixer.take(1, block(2), ended_at=1.0)) for _ in range(int(PATIENCE_SECONDS * 25) + 3)
    ]
    assert sum(given_out) > PATIENCE_SECONDS * RATE
    assert mixer.gaps[0]["parties"] == ["operator"]


def test_one_stereo_input_has_the_operator_left() -> None:
    mixer = Mixer([Source((Party.OPERATOR, Party.CALLER), RATE)])
    pairs = np.tile(np.array([[1, 2]], np.int16), (BLOCK, 1))
    out = mixer.take(0, pairs.tobytes(), ended_at=0.0)
    assert (out == [1, 2]).all()


def test_one_mono_input_leaves_the_caller_silent() -> None:
    mixer = Mixer([OPERATOR])
    assert (mixer.take(0, block(7), ended_at=0.0) == [7, 0]).all()


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_other_rates_are_resampled_without_losing_time(rate: int) -> None:
    mixer = Mixer([Source((Party.OPERATOR,), rate)])
    tone = (np.sin(2 * np.pi * 440 * np.arange(rate * 2) / rate) * 8000).astype(np.int16)
    parts = [
        mixer.take(0, tone[start : start + rate // 25].tobytes(), ended_at=0.0)
        for start in range(0, len(tone), rate // 25)
    ]
    out = joined([*parts, mixer.rest()])[:, 0]
    assert abs(len(out) - 2 * RATE) <= 2
    expected = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE) * 8000
    assert np.corrcoef(out[RATE // 2 : RATE], expected[RATE // 2 :])[0, 1] > 0.999
