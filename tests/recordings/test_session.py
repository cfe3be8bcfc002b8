"""The sound of a call from its inputs to its file, in scripted time, through the real parts."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk_app.keys import age
from desk_app.recordings import recorded_file
from desk_app.recordings.devices import BLOCKS_A_SECOND
from desk_app.recordings.encoder import RATE, Encoder, Samples
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.inbox import QUEUE_BLOCKS, Block, Command, Inbox
from desk_app.recordings.last_minute import SECONDS, LastMinute
from desk_app.recordings.parties import Party, WithheldKind
from desk_app.recordings.peaks import read_sidecar
from desk_app.recordings.pipe import MOST_WAITING, Pipe
from desk_app.recordings.recovery import salvage
from desk_app.recordings.session import ALONE_SECONDS, QUIET_SECONDS, REOPEN_FROZEN_SECONDS
from desk_app.recordings.sound_server import Muted
from desk_app.recordings.timeline import Timeline, kept
from desk_app.recordings.watching import FROZEN, FROZEN_SECONDS, LOST
from tests.recordings.conftest import LINE_RATE, decode
from tests.recordings.scripted_session import LATENCY, Studio, hiss, hum, made, mark, silence

SECRET = 12_345
"""Samples of this value are spoken while nobody may hear."""


class Overheard(Encoder):
    """The real encoder, and everything that it was ever given."""

    def __init__(self, take: Any) -> None:
        super().__init__(take)
        self.fed: list[Samples] = []
        heard_by_all.append(self)

    def feed(self, samples: Samples) -> None:
        self.fed.append(samples.copy())
        super().feed(samples)


heard_by_all: list[Overheard] = []


@pytest.fixture(autouse=True)
def all_let_go() -> Iterator[None]:
    yield
    while made:
        made.pop().leave()


@pytest.fixture
def overheard(monkeypatch: pytest.MonkeyPatch) -> list[Overheard]:
    heard_by_all.clear()
    monkeypatch.setattr(recorded_file, "Encoder", Overheard)
    return heard_by_all


def spans(sealed: dict[str, Any], kind: str) -> list[tuple[int, int]]:
    return [(one["at_ms"], one["ms"]) for one in sealed["timeline"] if one["kind"] == kind]


# Pause and hold


@pytest.mark.parametrize("kind", list(WithheldKind))
def test_what_is_said_during_a_pause_reaches_nothing(
    tmp_path: Path, overheard: list[Overheard], kind: WithheldKind
) -> None:
    studio = Studio(tmp_path, hiss(1), hiss(2))
    studio.plug_in()
    studio.run(2)
    studio.do(do=kind.value, seconds=60)
    studio.voices = [mark(SECRET), mark(SECRET)]
    studio.run(3)
    assert not any(  # what waits is counted, not kept
        isinstance(item, Block) and item.samples for item in queued(studio)
    )
    studio.voices = [hiss(1), hiss(2)]
    studio.do(do="resume")
    studio.run(2)

    given_out = np.concatenate(overheard[0].fed)
    assert np.abs(given_out).max() < 500
    assert np.abs(studio.session.last_minute.last(60)).max() < 500
    sealed = studio.finish()
    assert sealed["is"] == "sealed"
    assert sealed["duration_ms"] == pytest.approx(7000, abs=150)
    [(at_ms, ms)] = spans(sealed, kind.value)
    assert at_ms == pytest.approx(2000, abs=150)
    assert ms == pytest.approx(3000, abs=150)
    assert np.abs(decode(studio.plain())).max() < 0.05
    with RecordingFiles(tmp_path, "rec").peaks.open("rb") as source:
        peaks = read_sidecar(age.decrypt(source, [studio.identity]).read()).peaks
    assert np.abs(peaks.astype(int)).max() <= 2


def queued(studio: Studio) -> list[Any]:
    """Three blocks as the callback brings them, and what the inbox keeps of them."""
    for place in (0, 1, 0):
        studio.deliver(place)
    return studio.inbox.take_all()


@given(
    starts=st.floats(0.3, 2.0),
    lasts=st.floats(0.05, 2.0),
    latency=st.floats(0.0, 0.2),
    late=st.floats(0.0, 0.09),
)
@settings(deadline=None, max_examples=60)
def test_no_sample_of_a_pause_is_ever_copied(
    starts: float, lasts: float, latency: float, late: float
) -> None:
    """Whatever the moments are, and however the blocks lie across them."""
    inbox = Inbox()
    paused_at, resumed_at = 100.0 + starts, 100.0 + starts + lasts
    now, is_paused, is_over = 100.0, False, False
    while now < resumed_at + 1.0:
        now += 0.1
        delivered = now + latency + late
        if not is_paused and delivered > paused_at:
            inbox.command({"do": "pause", "seconds": 60})
            inbox.next()
            is_paused = True
        if not is_over and delivered > resumed_at:
            inbox.let_in(resumed_at)
            is_over = True
        # The block holds what was said from ``now - 0.1`` to ``now``.
        inbox.heard(
            0,
            b"\1\0" * 1600,
            frames=1600,
            began_at=delivered - late - latency - 0.1,
            ended_at=delivered,
            overflowed=False,
        )
        block = inbox.take_all()[-1]
        assert isinstance(block, Block)
        assert block.frames == 1600
        if now > paused_at and now - 0.1 < resumed_at:
            assert block.samples == b""
        elif now - 0.1 >= resumed_at + 0.2:
            assert block.samples


def is_heard(inbox: Inbox) -> bool:
    """Whether the sound of this moment is copied."""
    inbox.heard(0, b"\1\0", frames=1, began_at=1e9, ended_at=1e9, overflowed=False)
    block = inbox.take_all()[-1]
    assert isinstance(block, Block)
    return bool(block.samples)


def test_a_pause_that_waits_its_turn_outlasts_an_end_that_came_before_it() -> None:
    """The disk is slow: the pause has come when the main thread obeys the resume before it."""
    inbox = Inbox()
    inbox.command({"do": "pause", "seconds": 60})
    inbox.next()
    inbox.command({"do": "resume"})
    inbox.command({"do": "pause", "seconds": 60})
    resume = inbox.next()
    assert isinstance(resume, Command)
    inbox.let_in(resume.at)
    inbox.next()  # the second pause
    assert not is_heard(inbox)
    inbox.let_in(2e8)
    assert is_heard(inbox)


def test_forgetting_sound_forgets_no_pause() -> None:
    inbox = Inbox()
    inbox.command({"do": "hold"})
    inbox.forget_sound()
    inbox.let_in(2e8)
    inbox.next()
    assert not is_heard(inbox)


def test_a_pause_ends_by_itself_and_a_hold_does_not(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.do(do="pause", seconds=5)
    studio.run(4.8)
    assert studio.of("resumed") == []
    studio.run(0.5)
    [resumed] = studio.of("resumed")
    assert resumed["by_itself"]
    assert resumed["at_ms"] == pytest.approx(6000, abs=250)
    studio.do(do="hold")
    studio.run(30)
    assert len(studio.of("resumed")) == 1
    studio.do(do="resume")
    assert not studio.of("resumed")[-1]["by_itself"]
    sealed = studio.finish()
    assert len(spans(sealed, "pause")) == len(spans(sealed, "hold")) == 1


def test_pausing_again_begins_the_time_anew(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.do(do="pause", seconds=5)
    studio.run(4)
    studio.do(do="pause", seconds=5)
    studio.run(4)
    assert studio.of("resumed") == []
    studio.run(1.5)
    assert len(studio.of("withheld")) == len(studio.of("resumed")) == 1


@pytest.mark.parametrize("kind", list(WithheldKind))
def test_a_pause_survives_a_device_that_goes_and_comes_back(
    tmp_path: Path, overheard: list[Overheard], kind: WithheldKind
) -> None:
    studio = Studio(tmp_path, hiss(1), hiss(2))
    studio.plug_in()
    studio.run(2)
    studio.do(do=kind.value, seconds=60)
    studio.voices = [mark(SECRET), mark(SECRET)]
    studio.run(1)
    studio.unplug(0)
    studio.run(2)
    studio.plug_in(0)
    studio.run(2)
    studio.voices = [hiss(1), hiss(2)]
    studio.do(do="resume")
    studio.run(1)
    sealed = studio.finish()
    assert np.abs(np.concatenate(overheard[0].fed)).max() < 500
    assert spans(sealed, kind.value) == [
        (pytest.approx(2000, abs=200), pytest.approx(5000, abs=200))
    ]
    assert len(spans(sealed, "recordings.device_lost")) == 1


# Devices


def test_a_device_is_opened_again_and_the_gap_is_marked(tmp_path: Path) -> None:
    studio = Studio(tmp_path, mark(4000), mark(3000))
    studio.plug_in()
    studio.run(2)
    studio.unplug(0)
    assert studio.ears.reopened == [0]
    assert studio.of("trouble")[-1]["code"] == "recordings.device_lost"
    studio.run(3)
    studio.plug_in(0)
    assert studio.of("trouble_over")[-1]["code"] == "recordings.device_lost"
    studio.run(2)
    sealed = studio.finish()
    assert sealed["duration_ms"] == pytest.approx(7000, abs=150)
    [(at_ms, ms)] = spans(sealed, "recordings.device_lost")
    assert at_ms == pytest.approx(2000, abs=150)
    assert ms == pytest.approx(3000, abs=150)
    [(gap_at, gap)] = spans(sealed, "gap")
    assert gap_at == pytest.approx(2000, abs=150)
    assert gap == pytest.approx(3000, abs=300)
    assert next(one for one in sealed["timeline"] if one["kind"] == "gap")["parties"] == [
        "operator"
    ]


def test_time_passes_while_every_device_is_gone(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.unplug(0)
    studio.unplug(1)
    studio.run(5)
    studio.plug_in(0, 1)
    studio.run(1)
    sealed = studio.finish()
    assert sealed["duration_ms"] == pytest.approx(7000, abs=200)
    assert studio.of("quiet") == []


def test_a_device_that_is_missing_at_first_joins_the_same_call(tmp_path: Path) -> None:
    studio = Studio(tmp_path, mark(4000), mark(3000))
    studio.refuse(1, "recordings.device_missing")
    studio.plug_in(0)
    assert studio.of("started")
    studio.run(2)
    studio.plug_in(1)
    studio.run(2)
    sealed = studio.finish()
    [(at_ms, ms)] = spans(sealed, "recordings.device_missing")
    assert at_ms == 0
    assert ms == pytest.approx(2000, abs=200)
    assert sealed["duration_ms"] == pytest.approx(4000, abs=200)


def test_without_any_device_nothing_is_left_and_the_reason_is_said(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.refuse(0, "recordings.no_device")
    studio.refuse(1, "recordings.no_device")
    studio.run(2)
    end = studio.finish()
    assert (end["is"], end["code"], end["heard_ms"]) == ("failed", "recordings.no_device", 0)
    assert list(tmp_path.iterdir()) == []


def test_another_reason_takes_the_place_of_the_first(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.unplug(1)
    studio.refuse(1, "recordings.device_missing")  # that is what lost means
    studio.refuse(1, "recordings.device_busy")
    studio.refuse(1, "recordings.device_busy")
    assert [one["code"] for one in studio.of("trouble")] == [
        "recordings.device_lost",
        "recordings.device_busy",
    ]
    studio.plug_in(1)
    assert [one["code"] for one in studio.of("trouble_over")] == [
        "recordings.device_lost",
        "recordings.device_busy",
    ]


def test_a_frozen_device_is_said_within_two_seconds_and_opened_again(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.run(2, frozen=(1,))
    [trouble] = studio.of("trouble")
    assert (trouble["code"], trouble["parties"]) == (FROZEN, ["caller"])
    assert trouble["at_ms"] <= 1000 + 2000
    assert studio.ears.reopened == []
    studio.run(REOPEN_FROZEN_SECONDS, frozen=(1,))
    assert studio.ears.reopened == [1]
    studio.run(0.5)
    assert studio.of("trouble_over")[-1]["code"] == FROZEN


def test_a_party_is_not_kept_waiting_for_one_whose_input_stands_still(tmp_path: Path) -> None:
    """What waits for the other is in memory only, and goes with the process."""
    studio = Studio(tmp_path, hiss(1), hum)
    studio.plug_in()
    studio.run(5)
    waits = []
    for _ in range(60):
        studio.run(0.1, frozen=(0,))
        waits.append((studio.now - studio.began) * 1000 - studio.session.heard_ms)
    assert max(waits) <= (FROZEN_SECONDS + ALONE_SECONDS) * 1000 + 300
    assert max(waits[20:]) <= 300
    studio.run(3)
    gaps = [one for one in studio.finish()["timeline"] if one["kind"] == "gap"]
    assert [gap["parties"] for gap in gaps] == [["operator"]]
    assert sum(gap["ms"] for gap in gaps) == pytest.approx(6000, abs=300)
    caller = decode(studio.plain())[1]
    spoken = np.abs(caller[LINE_RATE // 2 : 14 * LINE_RATE - LINE_RATE // 2])
    assert spoken.reshape(-1, LINE_RATE // 100).max(axis=1).min() > 0.01  # without a hole


def test_what_a_sound_system_that_froze_has_kept_is_recorded(tmp_path: Path) -> None:
    studio = Studio(tmp_path, hum, hum)
    studio.plug_in()
    studio.run(5)
    for _ in range(4):
        studio.run(1, frozen=(0, 1))
    for place in (0, 1):  # it goes on: first all of one, then all of the other
        for back in range(40 - 1, -1, -1):
            studio.deliver(place, late=back / BLOCKS_A_SECOND)
    studio.hear()
    studio.run(3)
    sealed = studio.finish()
    assert sealed["duration_ms"] == pytest.approx(12_000, abs=300)
    for party in decode(studio.plain()):
        spoken = np.abs(party[LINE_RATE // 2 : 12 * LINE_RATE - LINE_RATE // 2])
        assert spoken.reshape(-1, LINE_RATE // 100).max(axis=1).min() > 0.01


def test_a_moved_device_is_opened_again(tmp_path: Path) -> None:
    """The sound server moved the microphone onto the caller's line."""
    caller = hiss(2, loud=3000)
    studio = Studio(tmp_path, hiss(1, loud=3000), caller)
    studio.plug_in()
    studio.run(3)
    assert studio.of("trouble") == []
    studio.voices[0] = caller
    studio.run(2)
    assert studio.of("trouble")[-1]["code"] == "recordings.device_moved"
    assert studio.ears.reopened == [0, 1]


def test_an_input_that_was_lost_stays_lost_while_an_old_list_offers_it(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.refuse(0, LOST)  # as the sound server says it
    for code in ("recordings.device_refused", "recordings.device_missing"):
        studio.refuse(0, code)
        studio.run(1)
    assert [one["code"] for one in studio.of("trouble")] == [LOST]
    studio.plug_in(0)
    assert [one["code"] for one in studio.of("trouble_over")] == [LOST]


def test_a_mute_in_the_sound_server_is_marked(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.inbox.put(Muted(1, True))
    studio.run(2)
    studio.inbox.put(Muted(1, False))
    studio.run(1)
    [mark] = studio.finish()["timeline"]
    assert (mark["kind"], mark["parties"]) == ("recordings.device_muted", ["caller"])
    assert mark["ms"] == pytest.approx(2000, abs=200)


def test_an_end_that_belongs_to_an_earlier_opening_is_no_news(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.plug_in(0)  # opened anew
    studio.inbox.fell_silent(0, 1)
    studio.run(1)
    assert studio.of("trouble") == []
    assert studio.finish()["duration_ms"] == pytest.approx(2000, abs=150)


def test_a_mono_input_says_who_is_missing(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in(0, parties=(Party.OPERATOR,))
    assert studio.of("trouble") == []  # it was to carry the operator only


def test_an_input_that_never_opens_counts_as_frozen(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in(0)
    studio.run(2)
    assert studio.of("started") == []
    studio.run(2)
    assert studio.of("started")
    assert studio.of("trouble")[-1]["code"] == FROZEN


# Split, discard, quiet


def test_a_split_loses_nothing(tmp_path: Path, overheard: list[Overheard]) -> None:
    voices = hiss(1, loud=3000), hiss(2, loud=3000)
    whole = Studio(tmp_path / "whole", *voices) if (tmp_path / "whole").mkdir() is None else None
    assert whole is not None
    whole.plug_in()
    whole.run(6)
    whole.finish()
    (tmp_path / "split").mkdir()
    studio = Studio(tmp_path / "split", *voices)
    studio.plug_in()
    studio.run(3)
    studio.do(do="pause", seconds=1)
    second = RecordingFiles(tmp_path / "split", "second")
    studio.run(0.5)
    studio.session.split(second, studio.recipients)
    studio.run(2.5)
    studio.finish()
    first, then = studio.of("sealed")
    assert (first["uid"], then["uid"]) == ("rec", "second")
    assert [one["uid"] for one in studio.of("started")] == ["rec", "second"]
    assert first["duration_ms"] + then["duration_ms"] == whole.of("sealed")[0]["duration_ms"]
    one, *parts = (np.concatenate(each.fed) for each in overheard)
    joined = np.concatenate(parts)
    assert len(joined) == len(one)
    paused = slice(int(2.8 * RATE), int(4.3 * RATE))
    for line in (joined, one):
        line[paused] = 0
    assert np.array_equal(joined, one)
    # The pause lies across the split: each part has its share.
    [(_, before)] = spans(first, "pause")
    [(at_ms, after)] = spans(then, "pause")
    assert at_ms == 0
    assert before + after == pytest.approx(1000, abs=250)
    assert decode(studio.plain(second)).shape[1] > 0


def test_a_discarded_recording_leaves_nothing(tmp_path: Path) -> None:
    studio = Studio(tmp_path, mark(4000), mark(3000))
    studio.plug_in()
    studio.run(20)
    assert {path.suffix for path in tmp_path.iterdir()} >= {".part", ".tail"}
    studio.session.discard()
    assert studio.told[-1] == {"is": "discarded", "uid": "rec"}
    assert list(tmp_path.iterdir()) == []
    assert not studio.session.last_minute.last(60).size


def test_discarding_what_was_split_off_keeps_the_part_before(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(2)
    studio.session.split(RecordingFiles(tmp_path, "surplus"), studio.recipients)
    studio.run(2)
    studio.session.discard()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"rec.age", "rec.peaks.age", "rec.note"}
    assert decode(studio.plain()).shape[1] > 0


def test_a_header_is_overwritten_before_the_file_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk writes in place, the file key is gone with the header."""
    removed: dict[str, bytes] = {}
    unlink = Path.unlink

    def seen(path: Path, missing_ok: bool = False) -> None:
        if path.exists():
            removed[path.suffix] = path.read_bytes()[:300]
        unlink(path, missing_ok=missing_ok)

    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(2)
    monkeypatch.setattr(Path, "unlink", seen)
    studio.session.discard()
    assert set(removed[".part"]) == {0}
    assert set(removed[".tail"]) == {0}


def test_silence_on_both_sides_is_said_once_until_somebody_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaks = False
    monkeypatch.setattr(
        recorded_file.RecordedFile, "somebody_speaks", lambda _file, _levels: speaks
    )
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(QUIET_SECONDS - 1)
    assert studio.of("quiet") == []
    studio.run(1.5)
    assert [one["seconds"] for one in studio.of("quiet")] == [QUIET_SECONDS]
    studio.run(10)
    assert len(studio.of("quiet")) == 1
    speaks = True
    studio.run(0.5)
    assert len(studio.of("quiet_over")) == 1
    speaks = False
    studio.run(QUIET_SECONDS + 1)
    assert len(studio.of("quiet")) == 2


def test_nobody_is_missed_during_a_pause(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.do(do="hold")
    studio.run(QUIET_SECONDS + 5)
    assert studio.of("quiet") == []


# The last minute


@given(st.lists(st.integers(0, 3 * RATE), max_size=60), st.floats(0, 70))
@settings(deadline=None, max_examples=50)
def test_the_last_minute_is_the_end_of_what_was_fed(lengths: list[int], seconds: float) -> None:
    ring, fed = LastMinute(), np.zeros((0, 2), np.int16)
    at = 0
    for length in lengths:
        piece = np.stack([np.arange(at, at + length)] * 2, axis=1).astype(np.int16)
        ring.feed(piece)
        fed = np.concatenate([fed, piece])[-SECONDS * RATE :]
        at += length
    count = min(round(seconds * RATE), len(fed))
    assert np.array_equal(ring.last(seconds), fed[len(fed) - count :])
    ring.wipe()
    assert not ring._ring.any()
    assert len(ring.last(60)) == 0


def test_the_last_minute_is_overwritten_at_the_hang_up(tmp_path: Path) -> None:
    studio = Studio(tmp_path, mark(4000), mark(3000))
    studio.plug_in()
    studio.run(3)
    assert np.abs(studio.session.last_minute.last(60)).max() > 3000
    studio.finish()
    assert not studio.session.last_minute._ring.any()


def test_a_live_test_keeps_nothing() -> None:
    studio = Studio(None, mark(4000), mark(3000))
    studio.plug_in()
    studio.run(2)
    assert studio.of("levels")
    assert not studio.session.last_minute._ring.any()
    assert studio.finish() == {"is": "stopped"}


# The queue and the pipe


def test_a_full_queue_drops_sound_and_says_so(tmp_path: Path) -> None:
    inbox = Inbox()
    for number in range(QUEUE_BLOCKS + 50):
        inbox.heard(
            0, b"\1\0" * 10, frames=10, began_at=number, ended_at=number + 0.1, overflowed=False
        )
    blocks = inbox.take_all()
    assert len(blocks) == QUEUE_BLOCKS + 50
    assert all(isinstance(one, Block) and one.overflowed for one in blocks[QUEUE_BLOCKS:])
    assert sum(len(one.samples) for one in blocks if isinstance(one, Block)) == 20 * QUEUE_BLOCKS


def test_a_window_that_does_not_read_keeps_nobody_waiting() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="ascii") as out:
        pipe = Pipe(out)
        filler = "x" * 1000
        for _ in range(MOST_WAITING + 500):  # much more than a pipe holds
            pipe.tell("levels", filler=filler)
        pipe.tell("sealed", uid="rec")
        assert len(pipe._waiting) <= MOST_WAITING + 1
        lines: list[dict[str, Any]] = []

        def read() -> None:
            with os.fdopen(reading, encoding="ascii") as source:
                lines.extend(json.loads(line) for line in source)

        reader = threading.Thread(target=read)
        reader.start()
        pipe.close()
    reader.join(30)
    assert lines[-1] == {"is": "sealed", "uid": "rec"}


# The timeline


def test_a_span_is_cut_where_the_recording_is() -> None:
    timeline = Timeline()
    timeline.note("recordings.sound_lost", ("caller",), 500)
    timeline.begin("pause", (), 800)
    timeline.end("pause", (), 1200)
    timeline.begin("recordings.device_lost", ("operator",), 1500)
    assert timeline.within(0, 1000, []) == [
        {"kind": "recordings.sound_lost", "at_ms": 500, "parties": ["caller"]},
        {"kind": "pause", "at_ms": 800, "ms": 200},
    ]
    assert timeline.within(0, 1000, [], is_last=True)[-1] == (
        {"kind": "recordings.device_lost", "at_ms": 1000, "ms": 0, "parties": ["operator"]}
    )
    gap = {"kind": "gap", "parties": ["operator"], "at_ms": 1500, "ms": 100}
    assert timeline.within(1000, 2000, [gap]) == [
        {"kind": "pause", "at_ms": 0, "ms": 200},
        {"kind": "recordings.device_lost", "at_ms": 500, "ms": 500, "parties": ["operator"]},
        {"kind": "gap", "at_ms": 500, "ms": 100, "parties": ["operator"]},
    ]


def test_what_happened_is_on_the_timeline_of_a_recorder_that_was_killed(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.do(do="pause", seconds=60.0)
    studio.run(2)
    studio.do(do="resume")
    studio.run(1)
    studio.unplug(1)
    studio.run(6)
    studio.leave()  # its files are as a kill leaves them
    assert studio.files is not None
    sealed = salvage(studio.files, studio.identity, tuple(studio.recipients))
    assert sealed is not None
    pause, loss = sealed.timeline
    assert (pause["kind"], loss["kind"], loss["parties"]) == ("pause", LOST, ["caller"])
    assert pause["ms"] == pytest.approx(2000, abs=200)
    assert loss["at_ms"] + loss["ms"] == sealed.duration_ms
    assert not studio.files.timeline.exists()


def test_a_call_that_ends_at_once_after_its_devices_went_says_so(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    for place in range(2):
        studio.unplug(place)
    sealed = studio.finish()
    lost = [one for one in sealed["timeline"] if one["kind"] == LOST]
    assert {one["parties"][0] for one in lost} == {"operator", "caller"}
    assert {one["at_ms"] + one["ms"] for one in lost} == {sealed["duration_ms"]}


def test_no_timeline_is_left_beside_what_was_sealed(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    studio.plug_in()
    studio.run(1)
    studio.do(do="hold")
    assert studio.files is not None
    assert studio.files.timeline.exists()
    studio.run(1)
    studio.finish()
    assert not studio.files.timeline.exists()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pause", LOST]),
            st.integers(0, 5000),
            st.none() | st.integers(0, 5000),
            st.booleans(),
        )
    ),
    st.integers(0, 3000),
    st.integers(0, 3000),
)
def test_a_timeline_that_was_kept_says_what_the_one_in_memory_says(
    spans: list[tuple[str, int, int | None, bool]], began_ms: int, duration_ms: int
) -> None:
    timeline = Timeline()
    for kind, at_ms, lasted_ms, is_moment in spans:
        if is_moment:
            timeline.note(kind, ("caller",), at_ms)
            continue
        timeline.begin(kind, (), at_ms)
        if lasted_ms is not None:
            timeline.end(kind, (), at_ms + lasted_ms)
    with TemporaryDirectory() as folder:
        files = RecordingFiles(Path(folder), "rec")
        timeline.keep(files, began_ms=began_ms, gaps=())
        said = kept(files, duration_ms)
    assert said == timeline.within(began_ms, began_ms + duration_ms, (), is_last=True)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"began_ms": 0, "spans": [[1]]}', b"\xff"])
def test_a_torn_timeline_is_none(tmp_path: Path, content: bytes) -> None:
    files = RecordingFiles(tmp_path, "rec")
    files.timeline.write_bytes(content)
    assert kept(files, 1000) == []


def test_latency_belongs_to_the_block() -> None:
    assert LATENCY > 0  # the scripted inputs deliver as real ones do
    assert silence(0, 3).shape == (3, 1)
