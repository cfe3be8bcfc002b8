"""The player's manners, on an output that isn't there: what is heard, and where it says it is."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.encoder import RATE
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.player import Audible, Manner, Player, Playing
from desk_app.recordings.tempo import SPEEDS
from tests.recordings.playing import (
    LOWEST_HZ,
    STEP_HZ,
    STEP_MS,
    Listener,
    pitch,
    playing,
    staircase,
)
from tests.recordings.test_playback import everything, seal, speech

SECONDS = 12


@pytest.fixture(scope="module")
def stairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlaybackTicket]:
    folder = tmp_path_factory.mktemp("recordings")
    return folder, seal(folder, staircase(SECONDS, RATE))


def steps_heard(sound: np.ndarray, speed: float = 1.0) -> list[int]:
    """Which half seconds of the recording were heard, in order."""
    window = int(PLAY_RATE * STEP_MS / 1000 / speed)
    middles = range(window // 2, len(sound), window)
    return [
        round(pitch_step(sound[max(at - window // 4, 0) : at + window // 4, 0])) for at in middles
    ]


@pytest.mark.parametrize("speed", SPEEDS)
def test_at_each_speed_everything_is_heard_and_the_end_is_the_duration(
    stairs: tuple[Path, PlaybackTicket], speed: float
) -> None:
    folder, ticket = stairs
    listener = Listener()
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(speed=speed))
        player.play()
        assert listener.until_playing(Playing.ENDED).position_ms == ticket.duration_ms
    sound = listener.sound
    assert len(sound) == pytest.approx(SECONDS * PLAY_RATE / speed, abs=PLAY_RATE // 25)
    assert steps_heard(sound, speed)[:-1] == list(range(SECONDS * 1000 // STEP_MS - 1))
    assert listener.outputs[0].drained
    assert listener.outputs[0].closed


@given(
    speeds=st.lists(st.sampled_from(SPEEDS), min_size=2, max_size=5),
    held=st.sampled_from([0, 960, 9600]),
    blocks=st.integers(1, 60),
)
@settings(max_examples=15, deadline=None)
def test_speeds_change_while_it_plays_without_a_gap_or_a_jump(
    stairs: tuple[Path, PlaybackTicket], speeds: list[float], held: int, blocks: int
) -> None:
    folder, ticket = stairs
    listener = Listener(held, stepping=True)
    with playing(ticket, folder, listener) as player:
        player.play()
        positions = [0]
        for speed in speeds:
            listener.let(blocks, wait=True)
            positions.append(player.state.position_ms)
            player.play_in(Manner(speed=speed))
        listener.let(100_000)
        assert listener.until_playing(Playing.ENDED).position_ms == ticket.duration_ms
    assert len(listener.outputs) == 1
    assert positions == sorted(positions)
    heard = listener.sound
    steepest = 2 * np.pi * (LOWEST_HZ + STEP_HZ * 2 * SECONDS) / PLAY_RATE * 9000
    assert np.abs(np.diff(heard[:, 0].astype(int))).max() < 1.5 * steepest  # no click


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("held", [0, 4800])
def test_the_position_is_the_place_that_is_heard(
    stairs: tuple[Path, PlaybackTicket], speed: float, held: int
) -> None:
    """By the pitch of what the output has given out so far."""
    folder, ticket = stairs
    listener = Listener(held, stepping=True)
    generator = random.Random(speed)
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(speed=speed))
        player.seek(3_100)
        assert listener.until_playing(Playing.PAUSED).position_ms == 3_100
        player.play()
        said = []
        for _ in range(8):
            listener.let(generator.randrange(5, 25), wait=True)
            given_out = listener.sound[: len(listener.sound) - held, 0]
            said.append(player.state.position_ms)
            about_ms = said[-1] - 1500 / PLAY_RATE * 1000 * speed  # of the middle of the last bit
            if len(given_out) > 5000:
                step = pitch_step(given_out[-3000:])
                assert step == pytest.approx(about_ms / STEP_MS - 0.5, abs=0.75)
        assert said == sorted(said)
        assert said[-1] > 3_500


def pitch_step(sound: np.ndarray) -> float:
    return (pitch(sound) - LOWEST_HZ) / STEP_HZ


def test_pausing_stays_where_it_is_heard_and_goes_on_from_there(
    stairs: tuple[Path, PlaybackTicket],
) -> None:
    folder, ticket = stairs
    listener = Listener(held=9600, stepping=True)
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(speed=2.0))
        player.play()
        listener.let(100, wait=True)
        player.pause()
        listener.let(10)
        paused = listener.until_playing(Playing.PAUSED).position_ms
        given_out = len(listener.sound) - 9600
        assert paused == pytest.approx(given_out * 2000 / PLAY_RATE, abs=2)
        player.play_in(Manner(speed=0.5))
        assert player.state.position_ms == paused
        player.play()
        listener.let(100_000)
        listener.until_playing(Playing.ENDED)
    again = listener.outputs[1].sound
    assert len(again) == pytest.approx(
        (ticket.duration_ms - paused) * PLAY_RATE / 500, abs=PLAY_RATE // 25
    )


@pytest.mark.parametrize("party", [0, 1])
def test_muting_one_party_puts_the_other_on_both_ears(tmp_path: Path, party: int) -> None:
    ticket = seal(tmp_path, speech(2))
    with Playback(ticket, tmp_path) as playback:
        whole = everything(playback)
    listener = Listener()
    with playing(ticket, tmp_path, listener) as player:
        player.play_in(Manner(audible=(Audible.OPERATOR, Audible.CALLER)[party]))
        player.play()
        listener.until_playing(Playing.ENDED)
    assert np.array_equal(listener.sound[:, 0], whole[:, party])
    assert np.array_equal(listener.sound[:, 1], whole[:, party])


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_skipped_stretches_are_not_heard_and_positions_jump_over_them(
    stairs: tuple[Path, PlaybackTicket], speed: float
) -> None:
    folder, ticket = stairs
    listener = Listener()
    skipped = ((1_000, 4_000), (6_000, 9_500), (11_000, ticket.duration_ms))
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(speed=speed, skipped=skipped))
        player.play()
        assert listener.until_playing(Playing.ENDED).position_ms == ticket.duration_ms
    assert steps_heard(listener.sound, speed)[:9] == [0, 1, 8, 9, 10, 11, 19, 20, 21]
    assert len(listener.sound) == pytest.approx(4.5 * PLAY_RATE / speed, abs=PLAY_RATE // 5)
    positions = [state.position_ms for state in listener.states]
    for start, end in skipped:
        assert not [at for at in positions if start + 30 < at < end]


def test_a_loop_is_played_again_and_again_until_it_is_given_up(
    stairs: tuple[Path, PlaybackTicket],
) -> None:
    folder, ticket = stairs
    listener = Listener(stepping=True)
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(loop=(2_000, 3_500), skipped=((2_200, 3_000),)))
        player.seek(2_000)
        player.play()
        rounds = 4
        listener.let(rounds * 1_500 // 20 + 1)
        for _ in range(rounds - 1):
            listener.until(lambda state: state.position_ms > 3_300)
            listener.until(lambda state: 2_000 <= state.position_ms < 2_300)
        listener.let(1, wait=True)
        looped = listener.sound
        player.play_in(Manner())
        listener.let(100_000)
        listener.until_playing(Playing.ENDED)
    whole_rounds = looped[: (rounds - 1) * 1_500 * PLAY_RATE // 1000]
    assert steps_heard(whole_rounds) == [4, 5, 6] * (rounds - 1)
    assert steps_heard(listener.sound)[-2] == SECONDS * 2 - 2


def test_a_loop_may_reach_to_the_end(stairs: tuple[Path, PlaybackTicket]) -> None:
    folder, ticket = stairs
    listener = Listener(stepping=True)
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(loop=(11_000, ticket.duration_ms)))
        player.seek(11_500)
        player.play()
        listener.let(200)
        for _ in range(3):
            listener.until(lambda state: state.position_ms > 11_900)
            listener.until(lambda state: 11_000 <= state.position_ms < 11_200)


def test_beyond_a_loop_it_plays_on(stairs: tuple[Path, PlaybackTicket]) -> None:
    folder, ticket = stairs
    listener = Listener()
    with playing(ticket, folder, listener) as player:
        player.play_in(Manner(loop=(2_000, 3_000)))
        player.seek(10_000)
        player.play()
        assert listener.until_playing(Playing.ENDED).position_ms == ticket.duration_ms


def test_damage_is_said_once_everything_before_it_was_heard(tmp_path: Path) -> None:
    ticket = seal(tmp_path, speech())
    path = RecordingFiles(tmp_path, "rec").sealed
    with Playback(ticket, tmp_path) as playback:
        whole = everything(playback)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    listener = Listener()
    with playing(ticket, tmp_path, listener) as player:
        player.play()
        failed = listener.until_playing(Playing.FAILED)
        assert failed.failure is not None
        assert failed.failure.code == "recordings.damaged"
        heard = listener.sound
        assert np.array_equal(heard, whole[: len(heard)])
        assert failed.position_ms == len(heard) * 1000 // PLAY_RATE
        assert listener.outputs[0].drained
        player.seek(1_000)
        player.play()
        listener.until_playing(Playing.PLAYING)


def test_closing_while_it_plays_closes_output_and_playback(
    stairs: tuple[Path, PlaybackTicket],
) -> None:
    folder, ticket = stairs
    listener = Listener(stepping=True)
    playback = Playback(ticket, folder)
    player = Player(playback, listener.hear, open_output=listener.open)
    player.play()
    listener.let(5)
    listener.until_playing(Playing.PLAYING)
    player.close(wait=False)
    listener.let(1000)
    player.close()
    assert player.state.playing is Playing.CLOSED
    assert listener.outputs[0].closed
    with pytest.raises(ValueError, match="closed"):
        playback._source.read(1)
