"""What is wrong with an input is recognised by its sound, within two seconds and only then."""

import subprocess
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.recordings.encoder import RATE, Samples
from desk_app.recordings.parties import Party, Source, Trouble
from desk_app.recordings.watching import (
    FROZEN,
    MUTED,
    MUTED_SECONDS,
    ONE_SIDED,
    Change,
    TroubleBegan,
    TroubleEnded,
    Watch,
)

LINE_RATE = 48_000
OPERATOR = Source((Party.OPERATOR,), LINE_RATE)
CALLER = Source((Party.CALLER,), LINE_RATE)
BLOCK = 0.1
TWO_SECONDS = 2.0
MUTED_OPERATOR = Trouble(MUTED, (Party.OPERATOR,))
Sound = npt.NDArray[np.int16]


def microphone(seconds: float, *, seed: int = 1, loudness: int = 30) -> Sound:
    """A microphone that hears nothing: noise in its last bits."""
    noise = np.random.default_rng(seed).normal(0, loudness, round(seconds * LINE_RATE))
    return noise.astype(np.int16)


def zeros(seconds: float) -> Sound:
    return np.zeros(round(seconds * LINE_RATE), np.int16)


def said(watch: Watch, sound: Sound, *, at: float = 0.0) -> list[tuple[float, Change]]:
    """What the watch says while the operator's input delivers ``sound``, and when."""
    heard: list[tuple[float, Change]] = []
    length = round(BLOCK * LINE_RATE)
    for start in range(0, len(sound), length):
        block = sound[start : start + length]
        at += len(block) / LINE_RATE
        heard += [(at, change) for change in watch.heard(0, block.reshape(-1, 1), now=at)]
        heard += [(at, change) for change in watch.tick(at)]
    return heard


def one() -> Watch:
    return Watch([OPERATOR], now=0.0)


# Frozen


@given(st.floats(2.0, 60.0))
def test_an_input_that_delivers_nothing_is_frozen_within_two_seconds(last: float) -> None:
    watch = one()
    said(watch, microphone(1.0), at=last - 1.0)
    frozen = Trouble(FROZEN, (Party.OPERATOR,))
    assert watch.tick(last + 1.0) == []
    assert watch.tick(last + TWO_SECONDS) == [TroubleBegan(frozen)]
    assert watch.tick(last + 9.0) == []
    assert said(watch, microphone(BLOCK), at=last + 9.0)[0][1] == TroubleEnded(frozen)


def test_an_input_that_never_begins_is_frozen_too() -> None:
    assert one().tick(TWO_SECONDS) == [TroubleBegan(Trouble(FROZEN, (Party.OPERATOR,)))]


def test_a_lost_input_is_not_called_frozen_as_well() -> None:
    watch = one()
    watch.tick(2.0)
    assert watch.lost(0) == [TroubleEnded(Trouble(FROZEN, (Party.OPERATOR,)))]
    assert watch.tick(100.0) == []
    watch.reopened(0, OPERATOR, now=200.0)
    assert watch.tick(201.0) == []
    assert len(watch.tick(202.0)) == 1


def test_one_frozen_input_of_two_is_named() -> None:
    watch = Watch([OPERATOR, CALLER], now=0.0)
    said(watch, microphone(3.0))
    assert [trouble.parties for trouble in watch.troubles] == [(Party.CALLER,)]


# Muted


@given(speaks=st.floats(2.1, 8.0), seed=st.integers(0, 9))
def test_a_muted_microphone_is_recognised_within_two_seconds_and_its_return(
    speaks: float, seed: int
) -> None:
    watch = one()
    assert said(watch, microphone(speaks, seed=seed)) == []
    heard = said(watch, np.concatenate([zeros(5.0), microphone(1.0)]))
    (began, first), (ended, second) = heard
    assert first == TroubleBegan(MUTED_OPERATOR)
    assert MUTED_SECONDS <= began <= TWO_SECONDS
    assert second == TroubleEnded(MUTED_OPERATOR)
    assert 5.0 <= ended <= 5.0 + 2 * BLOCK


def test_a_microphone_is_said_to_be_muted_each_of_the_first_times() -> None:
    watch = one()
    minute = np.concatenate([microphone(3.0), zeros(4.0)])
    heard = said(watch, np.concatenate([minute] * 3 + [microphone(1.0)]))
    assert [type(change) for _, change in heard] == [TroubleBegan, TroubleEnded] * 3


@given(st.lists(st.floats(0.15, 1.4), min_size=3, max_size=10), st.floats(0.3, 1.9))
def test_a_line_that_is_digitally_silent_between_words_is_not_muted(
    pauses: list[float], word: float
) -> None:
    watch = one()
    words = [part for pause in pauses for part in (microphone(word, loudness=3000), zeros(pause))]
    assert said(watch, np.concatenate([*words, zeros(30.0), microphone(5.0), zeros(5.0)])) == []


def test_a_line_that_is_silent_until_somebody_speaks_is_not_muted() -> None:
    """A softphone's line, or a virtual card's, before the other side is heard."""
    assert said(one(), np.concatenate([zeros(3.0), microphone(5.0), zeros(10.0)])) == []


def test_a_line_without_such_spells_for_long_is_a_microphone_again() -> None:
    watch = one()
    said(watch, np.concatenate([zeros(3.0), microphone(130.0)]))
    assert [change for _, change in said(watch, zeros(2.0))] == [TroubleBegan(MUTED_OPERATOR)]


def test_a_mute_that_the_sound_server_knows_of_needs_no_sign_in_the_sound() -> None:
    watch = one()
    assert watch.muted(0, True) == [TroubleBegan(MUTED_OPERATOR)]
    assert said(watch, zeros(3.0)) == []  # nobody had spoken yet
    assert watch.muted(0, False) == [TroubleEnded(MUTED_OPERATOR)]
    assert said(watch, microphone(1.0)) == []


def test_the_mute_of_an_input_that_went_is_not_its_successors() -> None:
    watch = one()
    watch.muted(0, True)
    watch.lost(0)
    watch.reopened(0, OPERATOR, now=1.0)
    assert said(watch, microphone(3.0)) == []


def test_what_is_withheld_is_no_mute() -> None:
    watch = one()
    said(watch, microphone(3.0))
    for turn in range(100):
        assert watch.heard(0, None, now=3.0 + turn * BLOCK) == []
    assert watch.tick(13.0) == []


@given(seed=st.integers(0, 99), loudness=st.integers(1, 8000))
def test_noise_is_never_muted(seed: int, loudness: int) -> None:
    assert said(one(), microphone(6.0, seed=seed, loudness=loudness)) == []


def test_one_channel_of_a_stereo_input_is_muted() -> None:
    watch = Watch([Source((Party.OPERATOR, Party.CALLER), LINE_RATE)], now=0.0)
    heard: list[Change] = []
    for turn in range(60):
        block = np.stack([microphone(BLOCK, seed=turn), microphone(BLOCK, seed=turn + 99)], axis=1)
        block[:, 1] *= turn < 40
        heard += watch.heard(0, block, now=turn * BLOCK)
    assert heard == [TroubleBegan(Trouble(MUTED, (Party.CALLER,)))]


# Moved: both channels the same sound


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Samples, Samples]:
    """Two people, each saying something else without a pause for breath."""
    folder = tmp_path_factory.mktemp("voices")
    texts = {
        "en-us+f3": "Good morning, this is the inquiry desk, how may I help you today with that?",
        "de+m2": "Guten Tag, ich habe letzte Woche einen Wasserkocher gekauft, der nicht heizt.",
    }
    spoken = [_speak(folder / f"{voice}.wav", voice, text) for voice, text in texts.items()]
    length = min(len(one) for one in spoken)
    return spoken[0][:length], spoken[1][:length]


def _speak(path: Path, voice: str, text: str) -> Samples:
    subprocess.run(["espeak-ng", "-v", voice, "-w", path, text], check=True)
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    at = np.arange(int(len(sound) * RATE / rate)) * rate / RATE
    return np.interp(at, np.arange(len(sound)), sound).astype(np.int16)


def mixed(watch: Watch, operator: Samples, caller: Samples) -> list[tuple[float, Change]]:
    both = np.stack([operator, caller], axis=1).astype(np.int16)
    heard: list[tuple[float, Change]] = []
    for start in range(0, len(both), RATE // 10):
        block = both[start : start + RATE // 10]
        end = (start + len(block)) / RATE
        heard += [(end, change) for change in watch.mixed(block)]
    return heard


def two() -> Watch:
    return Watch([OPERATOR, CALLER], now=0.0)


def late(sound: Samples, samples: float) -> Samples:
    """The same sound, later; also by parts of a sample, as another clock takes it."""
    at = np.arange(len(sound))
    return np.interp(at - samples, at, sound, left=0.0).astype(np.int16)


@pytest.mark.parametrize("lag", [0, 1.5, 333.3, 1600, 3000])
@pytest.mark.parametrize("operator_is_late", [True, False])
def test_an_input_moved_onto_the_others_source_is_recognised_within_two_seconds(
    voices: tuple[Samples, Samples], lag: float, operator_is_late: bool
) -> None:
    watch = two()
    operator, caller = voices
    assert mixed(watch, operator, caller) == []
    pair = (late(caller, lag), caller) if operator_is_late else (caller, late(caller, lag))
    (first, *_) = mixed(watch, *pair)
    assert isinstance(first[1], TroubleBegan)
    assert first[1].trouble.code == "recordings.device_moved"
    assert first[0] <= TWO_SECONDS + lag / RATE
    (back,) = mixed(watch, operator, caller)
    assert isinstance(back[1], TroubleEnded)
    assert back[0] <= TWO_SECONDS


@pytest.mark.parametrize("ppm", [-1300, -300, 100, 300, 1300])
def test_two_clocks_on_one_source_are_still_one_sound(
    voices: tuple[Samples, Samples], ppm: int
) -> None:
    caller = voices[1]
    stretched = np.interp(
        np.arange(len(caller)) * (1 + ppm / 1e6), np.arange(len(caller)), caller
    ).astype(np.int16)
    assert len(mixed(two(), stretched, caller)) == 1


@pytest.mark.parametrize("louder_db", [-12, -6, 0, 6, 12])
def test_two_people_who_talk_at_once_are_two(
    voices: tuple[Samples, Samples], louder_db: float
) -> None:
    operator, caller = voices
    quieter = (operator * 0.25 * 10 ** (louder_db / 20)).astype(np.int16)
    assert mixed(two(), quieter, (caller * 0.25).astype(np.int16)) == []


@pytest.mark.parametrize("echo_db", [-3, -6, -12, -20])
@pytest.mark.parametrize("lag", [0, 160, 2400])
def test_an_echo_is_no_second_microphone(
    voices: tuple[Samples, Samples], echo_db: float, lag: int
) -> None:
    """Side-tone: the operator's own voice, fainter, on the caller's line, and nothing else."""
    operator = voices[0]
    echo = (late(operator, lag) * 10 ** (echo_db / 20)).astype(np.int16)
    assert mixed(two(), operator, echo) == []


@given(seed=st.integers(0, 50), loudness=st.sampled_from([0, 1, 30, 3000]))
def test_noise_of_two_lines_is_never_one_sound(seed: int, loudness: int) -> None:
    generator = np.random.default_rng(seed)
    operator, caller = generator.normal(0, max(loudness, 0.01), (2, 3 * RATE)).astype(np.int16)
    assert mixed(two(), operator, caller) == []


def test_mains_hum_on_both_lines_is_no_sound_to_compare() -> None:
    hum = (np.sin(2 * np.pi * 50 * np.arange(5 * RATE) / RATE) * 3000).astype(np.int16)
    assert mixed(two(), hum, hum) == []


def test_equal_channels_stay_equal_over_silence(voices: tuple[Samples, Samples]) -> None:
    watch, caller = two(), voices[1]
    silence = np.zeros(5 * RATE, np.int16)
    assert len(mixed(watch, caller, caller)) == 1
    assert mixed(watch, silence, silence) == []
    assert mixed(watch, caller, caller) == []


# One-sided


def speech(seconds: float) -> Samples:
    """Loud and soft in turn, as speech is."""
    loud = np.repeat(np.tile([1.0, 0.01], round(seconds)), RATE // 2)
    noise = np.random.default_rng(5).normal(0, 2000, len(loud))
    return (noise * loud).astype(np.int16)


def hiss(seconds: float, loudness: float) -> Samples:
    return np.random.default_rng(6).normal(0, loudness, round(seconds * RATE)).astype(np.int16)


@pytest.mark.parametrize("loudness", [0, 10, 60])
def test_a_party_that_is_not_heard_for_a_minute_is_warned_of_once(loudness: float) -> None:
    watch = two()
    (warned,) = mixed(watch, hiss(70.0, loudness), speech(70.0))
    trouble = Trouble(ONE_SIDED, (Party.OPERATOR,))
    assert warned[1] == TroubleBegan(trouble)
    assert 60.0 <= warned[0] <= 62.0
    (over,) = mixed(watch, speech(2.0), hiss(2.0, 5))
    assert over[1] == TroubleEnded(trouble)


def test_silence_of_both_is_not_one_sided() -> None:
    assert mixed(two(), hiss(80.0, 5), hiss(80.0, 5)) == []


def test_an_answer_now_and_then_is_enough() -> None:
    answers = np.concatenate([hiss(40.0, 5), speech(1.0), hiss(39.0, 5)])
    assert mixed(two(), answers, speech(80.0)) == []


def test_time_that_is_withheld_does_not_count() -> None:
    watch = two()
    assert mixed(watch, hiss(40.0, 5), speech(40.0)) == []
    assert watch.mixed(None) == []
    assert mixed(watch, hiss(40.0, 5), speech(40.0)) == []
