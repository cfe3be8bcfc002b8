"""Opened recordings: the right sound at the right place, damage said where it is."""

import collections
import errno
import os
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.keys.age.payload import SEALED_BYTES
from desk_app.recordings.decoder import PLAY_RATE
from desk_app.recordings.encoder import PAGE_MS, RATE, Encoder
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.ogg import whole_pages
from desk_app.recordings.peaks import Meter, sidecar_of
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.sealing import SealedWriter, seal_file
from desk_app.recordings.virtual_sound import EARPHONE, VirtualSound
from desk_app.recordings.voice import VoiceActivity
from tests.recordings.conftest import babble, likeness, parts_heard

IDENTITY = age.generate_identity()
TO = (age.recipient_of(IDENTITY),)
SECONDS = 40  # three chunks


def speech(seconds: float = SECONDS) -> np.ndarray:
    """Two voices at `RATE`: the operator left, the caller right."""
    voices = [babble(seconds, seed=seed)[:: PLAY_RATE // RATE] for seed in (1, 2)]
    return np.stack(voices, axis=1)


def seal(folder: Path, samples: np.ndarray, uid: str = "rec") -> PlaybackTicket:
    """Seal sound as the recorder does."""
    files = RecordingFiles(folder, uid)
    writer, meter, activity = SealedWriter(files, TO), Meter(), VoiceActivity()
    encoder = Encoder(writer.write)
    meter.feed(samples)
    activity.feed(samples)
    activity.close()
    encoder.feed(samples)
    encoder.close()
    duration_ms = len(samples) * 1000 // RATE
    content = sidecar_of(meter, activity)
    sealed = writer.finish(duration_ms=duration_ms, peaks=content, timeline=[])
    return PlaybackTicket(1, uid, duration_ms, sealed.digest, IDENTITY)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlaybackTicket]:
    folder = tmp_path_factory.mktemp("recordings")
    return folder, seal(folder, speech())


def everything(playback: Playback) -> np.ndarray:
    return np.concatenate(list(blocks_of(playback)))


def blocks_of(playback: Playback) -> Iterator[np.ndarray]:
    while (block := playback.read()) is not None:
        yield block


def test_the_whole_recording_plays_each_party_on_their_side(
    sealed: tuple[Path, PlaybackTicket],
) -> None:
    folder, ticket = sealed
    with Playback(ticket, folder) as playback:
        heard = everything(playback)
        assert playback.position_ms == ticket.duration_ms == SECONDS * 1000
    assert len(heard) == SECONDS * PLAY_RATE
    for party in (0, 1):
        spoken = np.repeat(speech()[:, party], PLAY_RATE // RATE)
        other = np.repeat(speech()[:, 1 - party], PLAY_RATE // RATE)
        assert likeness(heard[:, party], spoken)[0] > 0.8
        assert likeness(heard[:, party], other)[0] < 0.1


@pytest.mark.parametrize("position_ms", [0, 10, 990, 14_000, 20_005, 39_900])
def test_a_seek_gives_the_same_sound_as_playing_there(
    sealed: tuple[Path, PlaybackTicket], position_ms: int
) -> None:
    folder, ticket = sealed
    with Playback(ticket, folder) as playback:
        whole = everything(playback)
        playback.seek(position_ms)
        assert playback.position_ms == position_ms
        part = everything(playback)
    start = position_ms * PLAY_RATE // 1000
    assert len(part) == len(whole) - start
    there = whole[start : start + PLAY_RATE, 0]
    assert np.corrcoef(there, part[: len(there), 0])[0, 1] > 0.99


@pytest.mark.parametrize("position_ms", [-5, SECONDS * 1000, SECONDS * 5000])
def test_a_seek_stays_within_the_recording(
    sealed: tuple[Path, PlaybackTicket], position_ms: int
) -> None:
    folder, ticket = sealed
    with Playback(ticket, folder) as playback:
        playback.seek(position_ms)
        assert (playback.read() is None) == (position_ms > 0)


def test_the_waveform_follows_the_sound(sealed: tuple[Path, PlaybackTicket]) -> None:
    folder, ticket = sealed
    with Playback(ticket, folder) as playback:
        sidecar = playback.sidecar()
    assert sidecar is not None
    peaks = sidecar.peaks
    windows = speech()[: SECONDS * RATE].reshape(SECONDS * 10, RATE // 10, 2)
    assert np.array_equal(peaks[:, :, 1], (windows.max(axis=1) >> 8))
    assert np.array_equal(peaks[:, :, 0], (windows.min(axis=1) >> 8))


def up_to_damage(playback: Playback) -> tuple[np.ndarray, Fault]:
    """What plays before the damage, and how the damage is said."""
    heard = []
    blocks = blocks_of(playback)
    with pytest.raises(Fault, match=r"recordings\.damaged") as damage:
        collections.deque(map(heard.append, blocks), maxlen=0)
    return np.concatenate(heard), damage.value


def payload_start(path: Path) -> int:
    """Where the first sealed chunk of an age file begins."""
    content = path.read_bytes()
    return content.index(b"\n", content.index(b"\n--- ") + 1) + 1 + 16


@dataclass(frozen=True)
class Minute:
    """A recording of several chunks, and what it holds."""

    folder: Path
    ticket: PlaybackTicket
    content: bytes
    start: int
    plain: bytes
    whole: np.ndarray

    @property
    def payload(self) -> int:
        return len(self.content) - self.start

    def play(self, content: bytes) -> Playback:
        RecordingFiles(self.folder, self.ticket.uid).sealed.write_bytes(content)
        return Playback(self.ticket, self.folder)

    def plays_up_to(self, chunks: int, content: bytes) -> None:
        """All that lies in so many sound chunks is heard, nothing else, and then it is said."""
        if not chunks:
            with pytest.raises(Fault, match=r"recordings\.damaged_head"):
                self.play(content)
            return
        playable = whole_pages(self.plain[: chunks * age.CHUNK_BYTES]).duration_ms
        with self.play(content) as playback:
            before, damage = up_to_damage(playback)
            assert np.array_equal(before, self.whole[: len(before)])
            assert playable - PAGE_MS <= len(before) * 1000 // PLAY_RATE <= playable
            at = timedelta(seconds=len(before) // PLAY_RATE)
            assert damage.params["at"] == str(at).removeprefix("0:0")
            playback.seek(2000)
            again = playback.read()
            assert again is not None
            assert len(again)


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> Minute:
    folder = tmp_path_factory.mktemp("minute")
    ticket = seal(folder, speech(70))
    path = RecordingFiles(folder, "rec").sealed
    with path.open("rb") as source:
        plain = age.decrypt(source, [IDENTITY]).read()
    made = Minute(
        folder, ticket, path.read_bytes(), payload_start(path), plain, heard_of(folder, ticket)
    )
    assert made.payload > 4 * SEALED_BYTES
    return made


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_flipped_bit_plays_up_to_its_chunk_and_is_said(
    minute: Minute, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, minute.payload - 1))
    content = bytearray(minute.content)
    content[minute.start + at] ^= 1 << data.draw(st.integers(0, 7))
    minute.plays_up_to(at // SEALED_BYTES, bytes(content))


EDGES = [-SEALED_BYTES + 1, -17, -16, -1, 0, 1, 15, 16, 17]


@pytest.mark.parametrize("chunk", [0, 1, 2, 4])
@pytest.mark.parametrize("beside", EDGES)
def test_a_recording_cut_beside_a_chunks_edge_plays_up_to_it(
    minute: Minute, chunk: int, beside: int
) -> None:
    cut = max(chunk * SEALED_BYTES + beside, 0)
    minute.plays_up_to(cut // SEALED_BYTES, minute.content[: minute.start + cut])


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_recording_cut_anywhere_plays_up_to_the_last_whole_chunk(
    minute: Minute, data: st.DataObject
) -> None:
    last = minute.payload // SEALED_BYTES * SEALED_BYTES
    cut = data.draw(st.integers(0, minute.payload - 1) | st.integers(last, minute.payload - 1))
    minute.plays_up_to(cut // SEALED_BYTES, minute.content[: minute.start + cut])


@pytest.mark.parametrize("more", [b"\0", bytes(16), bytes(17), bytes(SEALED_BYTES)])
def test_what_was_appended_is_said_at_the_end(minute: Minute, more: bytes) -> None:
    with minute.play(minute.content + more) as playback:
        before, _ = up_to_damage(playback)
    assert np.array_equal(before, minute.whole[: len(before)])


def test_beyond_damage_one_can_go_on(minute: Minute) -> None:
    content = bytearray(minute.content)
    content[minute.start + SEALED_BYTES + 500] ^= 1  # of some 14 to 28 s
    with minute.play(bytes(content)) as playback:
        up_to_damage(playback)
        playback.seek(45_000)
        rest = everything(playback)
    wanted = minute.whole[45 * PLAY_RATE :]
    assert len(rest) == len(wanted)
    assert np.corrcoef(rest[:, 0], wanted[:, 0])[0, 1] > 0.99


def test_a_disk_that_fails_is_no_damage_and_no_bug(
    minute: Minute, monkeypatch: pytest.MonkeyPatch
) -> None:
    read1 = age.PayloadReader.read1

    def failing(self: age.PayloadReader, size: int = -1, /) -> bytes:
        if self.tell() >= 2 * age.CHUNK_BYTES:
            raise OSError(errno.EIO, "the disk has gone")
        return read1(self, size)

    with minute.play(minute.content) as playback:
        with monkeypatch.context() as patched:
            patched.setattr(age.PayloadReader, "read1", failing)
            with pytest.raises(Fault, match=r"recordings\.not_readable"):
                everything(playback)
            assert playback.position_ms > 20_000
        playback.seek(45_000)
        assert len(everything(playback)) == len(minute.whole) - 45 * PLAY_RATE


def heard_of(folder: Path, ticket: PlaybackTicket) -> np.ndarray:
    with Playback(ticket, folder) as playback:
        return everything(playback)


@pytest.mark.parametrize("at", [-1, 0, 1])
def test_a_damaged_beginning_is_a_fault(tmp_path: Path, at: int) -> None:
    ticket = seal(tmp_path, speech(1))
    path = RecordingFiles(tmp_path, "rec").sealed
    content = bytearray(path.read_bytes())
    content[payload_start(path) + at] ^= 1
    path.write_bytes(content)
    with pytest.raises(Fault, match=r"recordings\.damaged"):
        Playback(ticket, tmp_path)


def test_another_recording_in_its_place_is_refused(tmp_path: Path) -> None:
    ticket = seal(tmp_path, speech(2))
    seal(tmp_path, speech(3), uid="other")
    RecordingFiles(tmp_path, "other").sealed.replace(RecordingFiles(tmp_path, "rec").sealed)
    with pytest.raises(Fault, match=r"recordings\.replaced"):
        Playback(ticket, tmp_path)


def test_a_missing_file_and_a_foreign_key_are_faults(tmp_path: Path) -> None:
    ticket = seal(tmp_path, speech(1))
    with pytest.raises(age.NoMatch):
        Playback(replace(ticket, identity=age.generate_identity()), tmp_path)
    RecordingFiles(tmp_path, "rec").sealed.unlink()
    with pytest.raises(Fault, match=r"recordings\.file_missing"):
        Playback(ticket, tmp_path)
    RecordingFiles(tmp_path, "rec").sealed.mkdir()
    with pytest.raises(Fault, match=r"recordings\.not_readable"):
        Playback(ticket, tmp_path)


def test_without_its_waveform_a_recording_still_plays(tmp_path: Path) -> None:
    ticket = seal(tmp_path, speech(1))
    peaks = RecordingFiles(tmp_path, "rec").peaks
    seal_file(peaks, TO, [b"no waveform"])
    with Playback(ticket, tmp_path) as playback:
        with pytest.raises(Fault, match=r"recordings\.peaks"):
            playback.sidecar()
        peaks.unlink()
        assert playback.sidecar() is None
        assert len(everything(playback)) == PLAY_RATE


PLAY = """
import queue, sys
from pathlib import Path
from desk_app.recordings.playback import Playback, PlaybackTicket
from desk_app.recordings.player import Player, Playing

folder, duration_ms, digest, identity, output, what = sys.argv[1:]
states = queue.SimpleQueue()

def until(playing):
    while (state := states.get(timeout=30)).playing is not playing:
        pass
    return state

playback = Playback(
    PlaybackTicket(1, "rec", int(duration_ms), digest, identity), Path(folder)
)
player = Player(playback, states.put, output=output)
try:
    if what == "play":
        player.play()
        until(Playing.PLAYING)
        print("playing", flush=True)
        print(until(Playing.ENDED).position_ms)
    elif what == "seek":
        player.seek(1000)
        assert until(Playing.PAUSED).position_ms == 1000
        player.play()
        while until(Playing.PLAYING).position_ms < 1400:
            pass
        player.pause()
        paused = until(Playing.PAUSED).position_ms
        assert 1000 <= paused < int(duration_ms), paused
        player.play()
        until(Playing.ENDED)
        player.play()
        assert until(Playing.PLAYING).position_ms < 500
    else:
        player.play()
        print(until(Playing.FAILED).failure.code)
finally:
    player.close()
assert player.state.playing is Playing.CLOSED
"""


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts a player in a process of its own: PortAudio reads its surroundings once."""

    def start(
        card: VirtualSound, folder: Path, ticket: PlaybackTicket, what: str, output: str
    ) -> "subprocess.Popen[str]":
        arguments = [str(folder), str(ticket.duration_ms), ticket.digest, IDENTITY, output, what]
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PLAY, *arguments],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **card.environment},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def test_the_player_is_heard_at_the_output(
    sound: VirtualSound, tmp_path: Path, play: Callable[..., "subprocess.Popen[str]"]
) -> None:
    ticket = seal(tmp_path, speech(2))
    listening = queue.SimpleQueue()
    with (
        sound.listen(EARPHONE, listening.put),
        play(sound, tmp_path, ticket, "play", "ALSA: earphone") as player,
    ):
        out, _ = player.communicate(timeout=60)
        assert out.split() == ["playing", "2000"]
    heard = np.frombuffer(b"".join(iter_now(listening)), np.int16).reshape(-1, 2)
    whole = heard_of(tmp_path, ticket)
    for party in (0, 1):
        assert parts_heard(heard[:, party].astype(float), whole[:, party]) >= 0.5
        other = whole[:, 1 - party]
        assert parts_heard(heard[:, party].astype(float), other) == 0


def iter_now(waiting: "queue.SimpleQueue[bytes]") -> list[bytes]:
    return [waiting.get_nowait() for _ in range(waiting.qsize())]


def test_the_player_seeks_pauses_and_begins_again(
    sound: VirtualSound, tmp_path: Path, play: Callable[..., "subprocess.Popen[str]"]
) -> None:
    ticket = seal(tmp_path, speech(2))
    with play(sound, tmp_path, ticket, "seek", "ALSA: earphone") as player:
        assert player.wait(timeout=60) == 0


def test_a_player_without_its_output_says_so(
    sound: VirtualSound, tmp_path: Path, play: Callable[..., "subprocess.Popen[str]"]
) -> None:
    ticket = seal(tmp_path, speech(1))
    with play(sound, tmp_path, ticket, "fail", "ALSA: unplugged") as player:
        out, _ = player.communicate(timeout=60)
    assert out.strip() == "recordings.no_output"
    assert player.returncode == 0
