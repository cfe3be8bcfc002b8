"""Two inputs become one stream: aligned, complete, and never shorter than what was heard."""

import tracemalloc
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.mixing import LONGEST_FILL_SECONDS, PATIENCE_SECONDS, Mixer
from desk_app.recordings.parties import Party, Source
from tests.recordings.simulated_cards import (
    MONOTONIC_AT_ZERO,
    Card,
    apart_ms,
    deliver,
    evenly_late,
    heard_at,
    purity_db,
    record,
    wander_ms,
)

BLOCK = RATE // 10
OPERATOR = Source((Party.OPERATOR,), RATE)
CALLER = Source((Party.CALLER,), RATE)
EVER = 8 * 3600.0


def block(value: int, length: int = BLOCK) -> bytes:
    return np.full(length, value, np.int16).tobytes()


def joined(parts: Iterable[Samples]) -> Samples:
    return np.concatenate([np.zeros((0, 2), np.int16), *parts])


def two_cards(**caller: float) -> list[Card]:
    return [Card(Party.OPERATOR), Card(Party.CALLER, ppm=150, **caller)]


class Desk:
    """A mixer that listens to cards, and what it has given out."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self.cards = list(cards)
        self.mixer = Mixer([card.source for card in cards])
        self.parts: list[Samples] = []
        self.seed = 0

    def hear(self, until: float, *, without: Sequence[int] = (), later: float = 0.0) -> None:
        """Take what comes in, but for the inputs that are lost or stand still."""
        self.seed += 1
        for number, sound, told in deliver(self.cards, until, seed=self.seed):
            if number not in without:
                self.take(number, sound, told + later)

    def take(self, number: int, sound: bytes, told: float) -> None:
        self.parts.append(self.mixer.take(number, sound, ended_at=told))

    def tick(self, until: float) -> None:
        self.parts.append(self.mixer.tick(MONOTONIC_AT_ZERO + until))

    def lose(self, number: int) -> None:
        self.parts.append(self.mixer.lost(number))

    def reopen(self, number: int, card: Card) -> None:
        self.cards[number] = card
        self.mixer.reopened(number, card.source)

    def recording(self) -> Samples:
        return joined([*self.parts, self.mixer.rest()])


def error_ms(recording: Samples, party: int, seconds: float, *, over: float = 0.125) -> float:
    """How much later than it was in the room the sound is there; fails if it is another sound."""
    at = round(seconds * RATE)
    part = recording[at : at + round(over * RATE), party]
    room = heard_at(seconds + np.arange(len(part)) / RATE)
    error = apart_ms(room, part)
    there = heard_at(seconds - error / 1000 + np.arange(len(part)) / RATE)
    assert np.corrcoef(part, there)[0, 1] > 0.85, f"another sound at {seconds} s"
    return error


def silence_seconds(recording: Samples, party: int) -> list[tuple[float, float]]:
    """Where at least 0.2 s are silent: from, to."""
    quiet = np.abs(recording[: len(recording) // 400 * 400, party]).reshape(-1, 400).max(axis=1) < 5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.view(np.int8), [0]])))
    spans = edges.reshape(-1, 2)
    return [(a * 400 / RATE, b * 400 / RATE) for a, b in spans if b - a >= 8]


# One input


def test_one_stereo_input_has_the_operator_left() -> None:
    mixer = Mixer([Source((Party.OPERATOR, Party.CALLER), RATE)])
    pairs = np.tile(np.array([[1, 2]], np.int16), (BLOCK, 1))
    out = mixer.take(0, pairs.tobytes(), ended_at=0.0)
    assert (out == [1, 2]).all()
    assert len(out) == BLOCK


def test_one_mono_input_leaves_the_caller_silent() -> None:
    mixer = Mixer([OPERATOR])
    assert (mixer.take(0, block(7), ended_at=0.0) == [7, 0]).all()


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_other_rates_are_resampled_without_losing_time(rate: int) -> None:
    mixer = Mixer([Source((Party.OPERATOR,), rate)])
    tone = (np.sin(2 * np.pi * 440 * np.arange(rate * 2) / rate) * 8000).astype(np.int16)
    parts = [
        mixer.take(0, tone[start : start + rate // 25].tobytes(), ended_at=start / rate)
        for start in range(0, len(tone), rate // 25)
    ]
    out = joined([*parts, mixer.rest()])[:, 0]
    assert abs(len(out) - 2 * RATE) <= 2
    expected = np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE) * 8000
    middle = slice(RATE // 2, 3 * RATE // 2)
    assert np.corrcoef(out[middle], expected[middle])[0, 1] > 0.999


# Two inputs that are well


@given(
    order=st.lists(st.sampled_from([0, 1]), max_size=60),
    lengths=st.lists(st.integers(1, 900), min_size=60, max_size=60),
)
def test_everything_comes_out_once_in_order_whoever_speaks_first(
    order: list[int], lengths: list[int]
) -> None:
    mixer = Mixer([OPERATOR, CALLER])
    spoken = [0, 0]
    heard = []
    for source, length in zip(order, lengths, strict=False):
        counted = np.arange(spoken[source], spoken[source] + length, dtype=np.int16)
        spoken[source] += length
        heard.append(mixer.take(source, counted.tobytes(), ended_at=spoken[source] / RATE))
    heard.append(mixer.rest())
    out = joined(heard)
    assert mixer.position_ms == len(out) * 1000 // RATE
    assert abs(len(out) - max(spoken)) <= 1
    first = slice(0, spoken[0])
    assert (out[first, 0] == np.arange(spoken[0], dtype=np.int16)).all()
    assert not out[spoken[0] :, 0].any()
    assert not out[spoken[1] + 1 :, 1].any()


@settings(max_examples=15, deadline=None)
@given(
    ppm=st.tuples(*[st.integers(-300, 300)] * 2),
    began=st.tuples(*[st.floats(0.0, 1.5)] * 2),
    rates=st.tuples(*[st.sampled_from([8_000, 16_000, 44_100, 48_000])] * 2),
    blocks_a_second=st.tuples(*[st.integers(8, 120)] * 2),
    jitter=st.floats(0.0, 0.012),
    seed=st.integers(0, 1000),
)
def test_both_hear_the_same_at_the_same_position(
    ppm: tuple[int, int],
    began: tuple[float, float],
    rates: tuple[int, int],
    blocks_a_second: tuple[int, int],
    jitter: float,
    seed: int,
) -> None:
    """Nothing is dropped, doubled or shifted, whatever the cards are."""
    cards = [
        Card(
            party,
            rates[number],
            ppm=ppm[number],
            began=began[number],
            frames=rates[number] // blocks_a_second[number],
            lateness=evenly_late(jitter),
        )
        for number, party in enumerate(Party)
    ]
    recording = joined(record(cards, 20.0, seed=seed))
    start = min(began)
    assert abs(len(recording) / RATE + start - 20.0) < 0.2
    for party in (0, 1):
        first = began[party] - start
        heard = recording[round((first + 0.02) * RATE) : round((18 - start) * RATE)]
        positions = np.arange(0.0, len(heard) / RATE - 0.5, 0.5)
        errors = [
            apart_ms(
                heard_at(began[party] + 0.02 + at + np.arange(RATE // 2) / RATE),
                heard[round(at * RATE) : round(at * RATE) + RATE // 2, party],
            )
            for at in positions
        ]
        # 12 ms of jitter, and the leading card's own 300 ppm.
        assert max(np.abs(errors)) < 14 + 6
        assert max(np.abs(np.diff(errors))) < 1.0  # the speed changes by 1000 ppm at most
    pieces = [recording[round((max(began) - start + 0.1) * RATE) : -RATE]]
    apart = wander_ms(pieces, every=1.0, over=0.5)
    assert max(abs(ms) for _, ms in apart) < 14
    assert max(abs(ms) for at, ms in apart if at > 12) < 8


@pytest.mark.parametrize("ppm", [-300, 300])
def test_two_clocks_wander_less_than_ten_milliseconds(ppm: int) -> None:
    cards = [Card(Party.OPERATOR), Card(Party.CALLER, 16_000, ppm=ppm, began=0.3)]
    apart = wander_ms(record(cards, 300.0))
    assert len(apart) >= 55
    assert max(abs(ms) for at, ms in apart if at >= 60) < 5
    assert max(abs(ms) for at, ms in apart if at >= 1) < 10


def test_times_told_late_under_load_do_not_move_anything() -> None:
    """One block in ten comes up to 0.3 s late, the next ones at once behind it."""

    def loaded(generator: np.random.Generator) -> float:
        late = generator.uniform(0, 0.3) if generator.uniform() < 0.1 else 0.0
        return float(generator.uniform(0, 0.012) + late)

    cards = [
        Card(party, lateness=loaded, ppm=ppm) for party, ppm in zip(Party, (0, 300), strict=True)
    ]
    desk = Desk(cards)
    desk.hear(120.0)
    recording = desk.recording()
    assert desk.mixer.gaps == []
    apart = wander_ms([recording])
    assert max(abs(ms) for at, ms in apart if at >= 60) < 5


def test_no_sound_waits_for_times_to_become_clear() -> None:
    """What waits in memory is lost when the recorder is killed."""

    def loaded(generator: np.random.Generator) -> float:
        return float(generator.uniform(0.06, 0.4) if generator.uniform() < 0.5 else 0.01)

    for cards in (
        [Card(party, lateness=loaded) for party in Party],
        [Card(Party.OPERATOR, lateness=loaded)],
    ):
        mixer = Mixer([card.source for card in cards])
        for number, sound, told in deliver(cards, 20.0):
            mixer.take(number, sound, ended_at=told)
            complete = min(card.time for card in cards)
            if complete > 0.9:
                assert mixer.position_ms > complete * 1000 - 300
            elif len(cards) == 1:
                assert mixer.position_ms > complete * 1000 - 120


def test_the_input_that_begins_later_is_filled_up_to_its_beginning() -> None:
    for offset in (0.0, 0.4, 1.3):
        desk = Desk([Card(Party.OPERATOR, began=offset), Card(Party.CALLER, began=1.3 - offset)])
        desk.hear(4.0)
        recording = desk.recording()
        assert desk.mixer.gaps == []
        for party, card in enumerate(desk.cards):
            silent = silence_seconds(recording, party)
            began = card.began - min(card.began for card in desk.cards)
            assert began < 0.05 or silent[0] == pytest.approx((0, began), abs=0.1)
        assert abs(apart_ms(recording[2 * RATE :, 0], recording[2 * RATE :, 1])) < 12


def test_a_click_is_at_the_same_position_in_both() -> None:
    """Whatever the rates: no resampler's delay is left."""
    rates = [8_000, 16_000, 44_100, 48_000]
    for first in rates:
        for second in rates:
            cards = [
                Card(party, rate, lateness=evenly_late(0.0))
                for party, rate in zip(Party, (first, second), strict=True)
            ]
            recording = joined(record(cards, 3.0))
            assert abs(apart_ms(recording[RATE:, 0], recording[RATE:, 1])) < 0.3, (first, second)


def test_nobody_hears_the_loop() -> None:
    """A pure tone keeps its purity while the caller's speed is steered."""
    tone_hz = 1000.0
    mixer = Mixer([OPERATOR, Source((Party.CALLER,), 48_000)])
    generator = np.random.default_rng(3)
    parts = []
    at = np.arange(4800) / (48_000 * (1 + 200e-6))
    for number in range(1, 901):
        told = number * 0.1
        parts.append(mixer.take(0, block(0), ended_at=told + generator.uniform(0, 0.012)))
        times = at + (number - 1) * 0.1 / (1 + 200e-6)
        tone = np.rint(np.sin(2 * np.pi * tone_hz * times) * 16_000).astype(np.int16)
        late = generator.uniform(0, 0.012)
        parts.append(mixer.take(1, tone.tobytes(), ended_at=told / (1 + 200e-6) + late))
    heard = joined(parts)[70 * RATE : 80 * RATE, 1].astype(float)
    worst = min(purity_db(heard[at : at + RATE // 2]) for at in range(0, len(heard), 8000))
    assert worst > 75


# Inputs that go, stand still, come back


def test_an_input_that_ended_is_silence_and_a_gap() -> None:
    mixer = Mixer([OPERATOR, CALLER])
    parts = []
    for number in range(1, 11):
        parts += [mixer.take(which, block(which + 1), ended_at=number / 10) for which in (0, 1)]
    parts.append(mixer.end(1))
    assert not mixer.has_ended()
    parts += [mixer.take(0, block(1), ended_at=number / 10) for number in range(11, 21)]
    out = joined([*parts, mixer.rest()])
    assert len(out) == 20 * BLOCK
    assert (out[:, 0] == 1).all()
    assert (out[10 * BLOCK + 1 :, 1] == 0).all()
    assert mixer.gaps == [{"kind": "gap", "parties": ["caller"], "at_ms": 1000, "ms": 1000}]
    assert mixer.has_ended()


def test_an_input_that_stands_still_holds_the_other_up_for_a_moment_only() -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    desk.hear(10.0 + PATIENCE_SECONDS - 0.5, without=[0])
    assert 9_500 < desk.mixer.position_ms < 10_100
    desk.hear(20.0, without=[0])
    assert desk.mixer.position_ms > 19_500  # once overtaken, it is no longer waited for
    desk.hear(30.0)
    recording = desk.recording()
    (gap,) = desk.mixer.gaps
    assert gap["parties"] == ["operator"]
    assert gap["at_ms"] == pytest.approx(10_000, abs=200)
    assert gap["ms"] == pytest.approx(10_000, abs=400)
    assert abs(error_ms(recording, 0, 25)) < 20
    assert abs(error_ms(recording, 1, 25)) < 20


def test_what_was_frozen_and_comes_later_is_not_lost() -> None:
    """A sound server that stood still for two seconds hands out everything then."""
    for party in (0, 1):
        desk = Desk(two_cards())
        desk.hear(10.0)
        frozen = []
        for number, sound, told in deliver(desk.cards, 12.0):
            if number == party:
                frozen.append(sound)
            else:
                desk.take(number, sound, told)
        for sound in frozen:
            desk.take(party, sound, MONOTONIC_AT_ZERO + 12.0)
        desk.hear(20.0)
        recording = desk.recording()
        assert desk.mixer.gaps == []
        for at in (8, 10, 11, 12, 15):
            assert abs(error_ms(recording, party, at)) < 15
            assert abs(error_ms(recording, 1 - party, at)) < 15


def test_what_comes_after_all_patience_is_put_where_it_was_heard_or_left_out() -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    frozen = []
    for number, sound, told in deliver(desk.cards, 16.0):
        if number == 1:
            frozen.append(sound)
        else:
            desk.take(number, sound, told)
    for sound in frozen:
        desk.take(1, sound, MONOTONIC_AT_ZERO + 16.0)
    desk.hear(30.0)
    recording = desk.recording()
    for at in (8, 18, 25):
        assert abs(error_ms(recording, 0, at)) < 15
        assert abs(error_ms(recording, 1, at)) < 15
    assert desk.mixer.gaps[0]["at_ms"] == pytest.approx(10_000, abs=200)


@pytest.mark.parametrize("party", [0, 1])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_an_input_that_was_lost_comes_back_in_its_place(party: int, rate: int) -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    desk.lose(party)
    desk.hear(17.3, without=[party])
    assert desk.mixer.position_ms > 17_000
    assert not desk.mixer.has_ended()
    card = Card(list(Party)[party], rate, ppm=-200, began=17.3)
    desk.reopen(party, card)
    desk.hear(60.0)
    recording = desk.recording()
    assert len(recording) / RATE == pytest.approx(60, abs=0.2)
    (gap,) = desk.mixer.gaps
    assert gap["parties"] == [str(list(Party)[party])]
    assert gap["at_ms"] == pytest.approx(10_000, abs=120)
    assert gap["ms"] == pytest.approx(7_300, abs=150)
    (silent,) = silence_seconds(recording, party)
    assert silent == pytest.approx((10.0, 17.3), abs=0.15)
    assert silence_seconds(recording, 1 - party) == []
    for at in (5, 18, 30, 59):
        assert abs(error_ms(recording, party, at)) < 25
    apart = wander_ms([recording[18 * RATE :]], every=1.0, over=0.5)
    assert max(abs(ms) for _, ms in apart) < 12
    assert max(abs(ms) for at, ms in apart if at > 30) < 5


def test_what_a_lost_input_still_held_is_given_out() -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    desk.lose(1)
    desk.take(1, block(9), MONOTONIC_AT_ZERO + 10.1)  # too late: it was said to be lost
    desk.hear(12.0, without=[1])
    (silent,) = silence_seconds(desk.recording(), 1)
    assert silent == pytest.approx((10.0, 12.0), abs=0.15)


def test_time_passes_when_every_input_is_lost() -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    desk.tick(10.0)
    desk.lose(0)
    desk.hear(11.0, without=[0])
    desk.tick(500.0)  # one is there: its sound is the time
    assert desk.mixer.position_ms < 11_100
    desk.lose(1)
    for tenth in range(1, 101):
        desk.tick(11.0 + tenth / 10)
        assert desk.mixer.position_ms == pytest.approx(11_000 + tenth * 100, abs=60)
    assert not desk.mixer.has_ended()
    desk.reopen(1, Card(Party.CALLER, 44_100, began=21.0))
    desk.hear(30.0, without=[0])
    desk.reopen(0, Card(Party.OPERATOR, 48_000, began=30.0))
    desk.hear(40.0)
    recording = desk.recording()
    assert silence_seconds(recording, 0) == [pytest.approx((10.0, 30.0), abs=0.2)]
    assert silence_seconds(recording, 1) == [pytest.approx((11.0, 21.0), abs=0.2)]
    for party in (0, 1):
        assert abs(error_ms(recording, party, 35)) < 25
    assert (
        abs(apart_ms(recording[35 * RATE : 36 * RATE, 0], recording[35 * RATE : 36 * RATE, 1])) < 9
    )


def test_time_passes_when_nothing_was_ever_heard() -> None:
    mixer = Mixer([OPERATOR, CALLER])
    parts = [mixer.lost(0), mixer.lost(1), mixer.tick(7.0), mixer.tick(7.5), mixer.tick(8.0)]
    assert len(joined(parts)) == RATE
    mixer.rest()
    assert mixer.has_ended()
    assert len(mixer.tick(20.0)) == 0


def test_the_time_counts_from_the_earlier_beginning_also_if_that_is_known_later() -> None:
    mixer = Mixer([OPERATOR, CALLER])
    parts = [mixer.take(0, block(1), ended_at=at) for at in (1.1, 1.2, 1.3, 1.4)]
    parts += [mixer.take(1, block(2, 4800), ended_at=at) for at in (0.8, 1.1, 1.4)]
    parts += [mixer.lost(0), mixer.lost(1), mixer.tick(2.5)]
    assert len(joined(parts)) == pytest.approx(2.0 * RATE, abs=2)
    assert int(np.argmax(joined(parts)[:, 0] == 1)) == pytest.approx(RATE // 2, abs=2)


def test_time_goes_on_after_a_tick_of_a_wrong_clock() -> None:
    mixer = Mixer([OPERATOR])
    mixer.take(0, block(1), ended_at=0.1)
    mixer.lost(0)
    while len(mixer.tick(EVER)):
        pass
    before = mixer.position_ms
    assert before == pytest.approx(LONGEST_FILL_SECONDS * 1000, abs=200)
    for tenth in range(11):
        mixer.tick(20.0 + tenth / 10)
    assert mixer.position_ms == pytest.approx(before + 1000, abs=1)


def test_a_stereo_input_comes_back_as_a_mono_one() -> None:
    both = Source((Party.OPERATOR, Party.CALLER), RATE)
    mixer = Mixer([both])
    pairs = np.tile(np.array([[1, 2]], np.int16), (BLOCK, 1)).tobytes()
    parts = [mixer.take(0, pairs, ended_at=0.1), mixer.lost(0)]
    parts.append(mixer.tick(1.0))
    mixer.reopened(0, OPERATOR)
    parts += [mixer.take(0, block(5), ended_at=2 + number / 10) for number in range(1, 11)]
    out = joined([*parts, mixer.rest()])
    assert len(out) == 3 * RATE
    assert (out[:BLOCK] == [1, 2]).all()
    assert (out[BLOCK : 2 * RATE] == 0).all()
    assert (out[2 * RATE :] == [5, 0]).all()
    assert mixer.gaps == [
        {"kind": "gap", "parties": ["operator", "caller"], "at_ms": 100, "ms": 1900}
    ]


# Sound that was lost, times that are wrong


@pytest.mark.parametrize("party", [0, 1])
@pytest.mark.parametrize("lost_seconds", [0.1, 0.4, 3.0])
def test_blocks_that_were_lost_shift_nobody_for_ever(party: int, lost_seconds: float) -> None:
    desk = Desk(two_cards())
    desk.hear(20.05)
    desk.hear(20.05 + lost_seconds, without=[party])
    desk.hear(60.0)
    recording = desk.recording()
    (gap,) = desk.mixer.gaps
    assert gap["parties"] == [str(list(Party)[party])]
    # What is small is first taken for lateness, so that no sound has to wait for the answer.
    assert gap["at_ms"] == pytest.approx(20_000 if lost_seconds > 0.5 else 23_100, abs=150)
    assert gap["ms"] == pytest.approx(lost_seconds * 1000, abs=25)
    for at in (10, 18, 25, 40, 58):
        assert abs(error_ms(recording, party, at)) < 15
        assert abs(error_ms(recording, 1 - party, at)) < 15


def test_withheld_sound_is_silence_of_the_same_length_and_no_gap() -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    for number, _, told in deliver(desk.cards, 15.0):
        frames = desk.cards[number].frames
        desk.parts.append(desk.mixer.withheld(number, frames, ended_at=told))
    desk.hear(30.0)
    recording = desk.recording()
    assert desk.mixer.gaps == []
    for party in (0, 1):
        assert silence_seconds(recording, party) == [pytest.approx((10.0, 15.0), abs=0.15)]
        assert abs(error_ms(recording, party, 20)) < 15


@pytest.mark.parametrize("leap", [EVER, -EVER, 10.0, -10.0])
def test_one_wrong_time_moves_nothing(leap: float) -> None:
    for party in (0, 1):
        desk = Desk(two_cards())
        desk.hear(10.0)
        number, sound, told = next(one for one in deliver(desk.cards, 11.0) if one[0] == party)
        desk.take(number, sound, told + leap)
        desk.hear(30.0)
        recording = desk.recording()
        assert len(recording) / RATE == pytest.approx(30, abs=0.3)
        assert sum(gap["ms"] for gap in desk.mixer.gaps) <= 200
        for which in (0, 1):
            assert abs(error_ms(recording, which, 25)) < 20


@pytest.mark.parametrize("leap", [20.0, EVER])
def test_a_laptop_that_slept_neither_hangs_nor_fills_the_memory(leap: float) -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    tracemalloc.start()
    try:
        desk.hear(40.0, later=leap)
        recording = desk.recording()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    filled = min(leap, LONGEST_FILL_SECONDS)
    assert most < 4 * 4 * (filled + 60) * RATE
    assert len(recording) / RATE == pytest.approx(40 + filled, abs=1)
    for gap in desk.mixer.gaps:
        assert gap["at_ms"] == pytest.approx(10_000, abs=1200)
    last = recording[-5 * RATE : -4 * RATE]
    assert abs(apart_ms(last[:, 0], last[:, 1])) < 12


def test_a_clock_that_goes_back_loses_no_sound() -> None:
    desk = Desk(two_cards())
    desk.hear(10.0)
    desk.hear(40.0, later=-EVER)
    recording = desk.recording()
    assert desk.mixer.gaps == []
    assert len(recording) / RATE == pytest.approx(40, abs=0.2)
    for at in (5, 9, 15, 35):
        for party in (0, 1):
            assert abs(error_ms(recording, party, at)) < 20


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["take", "take", "take", "withheld", "lost", "reopened", "tick"]),
            st.sampled_from([0, 1]),
            st.integers(1, 20_000),
            st.one_of(st.floats(-1.0, 3.0), st.sampled_from([EVER, -EVER])),
        ),
        max_size=60,
    )
)
def test_whatever_happens_it_ends_and_stays_small(
    steps: list[tuple[str, int, int, float]],
) -> None:
    """Wrong times, absent inputs in any order: no exception, bounded pieces, equal counts."""
    mixer = Mixer([OPERATOR, Source((Party.CALLER,), 44_100)])
    now = 1000.0
    given_out = 0
    for what, source, frames, passed in steps:
        now += passed
        if what == "take":
            piece = mixer.take(source, block(3, frames), ended_at=now)
        elif what == "withheld":
            piece = mixer.withheld(source, frames, ended_at=now)
        elif what == "lost":
            piece = mixer.lost(source)
        elif what == "tick":
            piece = mixer.tick(now)
        else:
            mixer.reopened(source, Source((list(Party)[source],), 48_000))
            continue
        assert len(piece) <= 10 * RATE
        given_out += len(piece)
    rest = mixer.rest()
    assert mixer.has_ended()
    assert mixer.position_ms == (given_out + len(rest)) * 1000 // RATE
    assert len(rest) <= (len(steps) + 1) * (LONGEST_FILL_SECONDS + PATIENCE_SECONDS) * RATE
