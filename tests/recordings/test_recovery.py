"""After a crash: nothing that was synced is lost, and the desk says what it can't open."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desk_app.errors import NotPermitted
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.purposes.rules import Purpose
from desk_app.recordings import recovery, service, views
from desk_app.recordings.encoder import RATE, Encoder
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.founding import enter_first_key
from desk_app.recordings.ogg import WholePages, whole_pages
from desk_app.recordings.pages import RecordingRow
from desk_app.recordings.playback import Playback
from desk_app.recordings.recorder import Failed, Levels, RecordingOrder
from desk_app.recordings.recovery import Left, look, salvage, settle
from desk_app.recordings.rules import RecordingState
from desk_app.recordings.sealing import SealedWriter, conclude
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.recordings.conftest import (
    LINE_RATE,
    TWO_LINES,
    MakeRig,
    Rig,
    babble,
    decode,
    likeness,
    write_wave,
)
from tests.recordings.test_voice import CALLER_SAYS, both, silence, spoken

IDENTITY = age.generate_identity()
TO = (age.recipient_of(IDENTITY),)


def pages_of(seconds: float) -> list[bytes]:
    """Ogg pages of noise."""
    generator = np.random.default_rng(5)
    pages: list[bytes] = []
    encoder = Encoder(pages.append)
    encoder.feed((generator.standard_normal((int(seconds * RATE), 2)) * 3000).astype(np.int16))
    encoder.close()
    return pages


PAGES = pages_of(40)


def opened(files: RecordingFiles) -> bytes:
    with files.sealed.open("rb") as source:
        return age.decrypt(source, [IDENTITY]).read()


@pytest.fixture
def files(tmp_path: Path) -> RecordingFiles:
    return RecordingFiles(tmp_path, "rec")


@pytest.mark.parametrize("count", [3, 10, len(PAGES) // 2, len(PAGES)])
def test_everything_that_was_written_is_salvaged(files: RecordingFiles, count: int) -> None:
    writer = SealedWriter(files, TO)
    for page in PAGES[:count]:
        writer.write(page)
    writer.abandon()
    sealed = salvage(files, IDENTITY, TO)
    assert sealed is not None
    assert opened(files) == b"".join(PAGES[:count])
    assert sealed.duration_ms == decode(opened(files)).shape[1] * 1000 // LINE_RATE
    assert {path.name for path in files.folder.iterdir()} == {
        "rec.age",
        "rec.peaks.age",
        "rec.note",
    }


def test_torn_remains_give_whole_pages_of_an_exact_prefix(files: RecordingFiles) -> None:
    """Whatever the power cut left of the last write."""
    writer = SealedWriter(files, TO)
    for page in PAGES[:20]:
        writer.write(page)
    writer.abandon()
    part, tail = files.part.read_bytes(), files.tail.read_bytes()
    starts = np.cumsum([len(page) for page in PAGES])
    for cut in (1, 50, 300, 1000, len(tail) - 6):
        files.part.write_bytes(part)
        files.tail.write_bytes(tail[:-cut])
        sealed = salvage(files, IDENTITY, TO)
        if sealed is None:
            assert cut == len(tail) - 6
            continue
        salvaged = opened(files)
        assert b"".join(PAGES).startswith(salvaged)
        assert len(salvaged) in starts
        for left in (files.sealed, files.peaks, files.note):
            left.unlink()


def test_salvage_measures_the_waveform_and_the_voices_anew(
    files: RecordingFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = both(silence(1), spoken(CALLER_SAYS, "en-us+f3"))
    writer = SealedWriter(files, TO)
    encoder = Encoder(writer.write)
    encoder.feed(sound)
    encoder.close()
    writer.abandon()
    part, tail = files.part.read_bytes(), files.tail.read_bytes()
    sealed = salvage(files, IDENTITY, TO)
    assert sealed is not None
    assert sealed.operator_voice_ms == 0
    assert sealed.caller_voice_ms == pytest.approx(len(sound) * 1000 / RATE, rel=0.2)

    # interrupted once the sidecar was whole: nothing is measured twice
    files.sealed.unlink()
    files.note.unlink()
    files.part.write_bytes(part)
    files.tail.write_bytes(tail)
    monkeypatch.delattr(recovery, "_measure")
    again = salvage(files, IDENTITY, TO)
    assert again is not None
    assert again.voice_ms == sealed.voice_ms


def test_without_the_key_remains_stay_as_they_are(files: RecordingFiles) -> None:
    writer = SealedWriter(files, TO)
    writer.write(PAGES[0])
    writer.abandon()
    before = {path.name: path.read_bytes() for path in files.folder.iterdir()}
    with pytest.raises(age.NoMatch):
        salvage(files, age.generate_identity(), TO)
    assert {path.name: path.read_bytes() for path in files.folder.iterdir()} == before


def test_a_recording_killed_before_its_first_sound_leaves_nothing(files: RecordingFiles) -> None:
    writer = SealedWriter(files, TO)
    for page in PAGES[:2]:  # the head and the tags
        writer.write(page)
    writer.abandon()
    assert salvage(files, IDENTITY, TO) is None


def test_a_whole_part_only_needs_its_name(files: RecordingFiles) -> None:
    """Killed between the note and the new name: no key is needed to finish."""
    writer = SealedWriter(files, TO)
    for page in PAGES:
        writer.write(page)
    sealed = writer.finish(duration_ms=40_000, peaks=b"", timeline=[])
    files.sealed.replace(files.part)
    assert look(files) is Left.WHOLE
    assert opened(files) == b"".join(PAGES)
    files.sealed.replace(files.part)
    assert conclude(files, duration_ms=40_000, timeline=[]) == sealed


def test_salvage_that_was_interrupted_is_finished(files: RecordingFiles) -> None:
    writer = SealedWriter(files, TO)
    for page in PAGES[:30]:
        writer.write(page)
    writer.abandon()
    part, tail = files.part.read_bytes(), files.tail.read_bytes()
    first = salvage(files, IDENTITY, TO)
    files.note.unlink()
    files.part.write_bytes(part)
    files.tail.write_bytes(tail)
    assert salvage(files, IDENTITY, TO) == first
    assert look(files) is Left.WHOLE


def test_whole_pages_of_a_cut_file() -> None:
    ogg = b"".join(PAGES)
    ends = np.cumsum([len(page) for page in PAGES])
    assert whole_pages(ogg) == WholePages(len(ogg), 40_000)
    assert whole_pages(b"") == whole_pages(b"no Ogg at all") == WholePages(0, 0)
    for cut in (ends[5] - 1, ends[5], ends[5] + 27, ends[5] + 28):
        assert whole_pages(ogg[:cut]).length == ends[4 if cut < ends[5] else 5]


@pytest.fixture
def office(day: OfficeDay) -> OfficeDay:
    """An office whose recordings are sealed for `IDENTITY`."""
    with day.work() as w:
        enter_first_key(w, recipient=TO[0], recovery_recipient=TO[0])
        w.commit()
    return day


@pytest.fixture
def supervisor(make_actor: MakeActor) -> Actor:
    return make_actor([Role.SUPERVISOR], may_listen=True)


def begin(day: OfficeDay) -> tuple[int, RecordingOrder]:
    contact_id = day.ring()
    day.announce(contact_id)
    return contact_id, day.perform(day.operator, service.begin, contact_id)


def sign_in(day: OfficeDay, actor: Actor, folder: Path, keys: dict[int, str]) -> None:
    """What the desk does at each sign-in."""
    settle(
        folder,
        keys,
        perform=lambda use_case, *args, **named: day.perform(actor, use_case, *args, **named),
        read=lambda view, *args, **named: day.read(actor, view, *args, **named),
    )


def row(day: OfficeDay, contact_id: int) -> RecordingRow:
    return day.read(day.operator, views.of_contacts, [contact_id])[contact_id][0]


def crash(folder: Path, order: RecordingOrder, pages: list[bytes]) -> None:
    writer = SealedWriter(RecordingFiles(folder, order.uid), order.recipients)
    for page in pages:
        writer.write(page)
    writer.abandon()


def test_remains_wait_for_a_supervisor_and_then_play(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.TO_SALVAGE

    sign_in(office, supervisor, tmp_path, {1: IDENTITY})
    salvaged = row(office, contact_id)
    assert salvaged.state is RecordingState.SALVAGED
    ticket = office.perform(
        supervisor,
        service.open_playback,
        order.recording_id,
        purpose=Purpose.INQUIRIES,
        reason="録音の確認",
        keys={1: IDENTITY},
    )
    with Playback(ticket, tmp_path) as playback:
        heard = 0
        while (block := playback.read()) is not None:
            heard += len(block)
    assert heard * 1000 // LINE_RATE == salvaged.duration_ms
    assert not list(tmp_path.glob("*.note"))


def test_a_supervisor_who_may_not_listen_salvages_nothing(
    office: OfficeDay, make_actor: MakeActor, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    sign_in(office, make_actor([Role.SUPERVISOR]), tmp_path, {1: IDENTITY})
    assert row(office, contact_id).state is RecordingState.TO_SALVAGE


def test_a_sealed_recording_is_entered_by_whoever_comes_next(
    office: OfficeDay, tmp_path: Path
) -> None:
    """The window had died; the recorder sealed and left a note."""
    contact_id, order = begin(office)
    writer = SealedWriter(RecordingFiles(tmp_path, order.uid), order.recipients)
    for page in PAGES:
        writer.write(page)
    writer.finish(duration_ms=40_000, peaks=b"", timeline=[])
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.SEALED
    assert row(office, contact_id).duration_ms == 40_000


def test_a_desk_that_lost_its_settings_settles_what_it_recorded_before(
    office: OfficeDay, tmp_path: Path
) -> None:
    """It goes by another id now; the files are still here."""
    sealed_id, sealed = begin(office)
    writer = SealedWriter(RecordingFiles(tmp_path, sealed.uid), sealed.recipients)
    for page in PAGES[:30]:
        writer.write(page)
    writer.finish(duration_ms=3_000, peaks=b"", timeline=[])
    renamed = Actor(office.operator.user_id, "desk-after")
    sign_in(office, renamed, tmp_path, {})
    assert row(office, sealed_id).state is RecordingState.SEALED
    torn_id, torn = begin(office)
    crash(tmp_path, torn, PAGES[:30])
    sign_in(office, renamed, tmp_path, {})
    assert row(office, torn_id).state is RecordingState.TO_SALVAGE


def test_a_recording_without_any_file_has_failed(office: OfficeDay, tmp_path: Path) -> None:
    contact_id, _ = begin(office)
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.FAILED


def test_a_running_recording_is_left_alone(office: OfficeDay, tmp_path: Path) -> None:
    contact_id, order = begin(office)
    writer = SealedWriter(RecordingFiles(tmp_path, order.uid), order.recipients)
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.RECORDING
    writer.abandon()


def test_an_administrator_signs_in_and_nothing_happens(
    office: OfficeDay, make_actor: MakeActor, tmp_path: Path
) -> None:
    contact_id, _ = begin(office)
    administrator = make_actor([Role.ADMINISTRATOR])
    with pytest.raises(NotPermitted):
        office.read(administrator, views.unsettled)
    sign_in(office, administrator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.RECORDING


@pytest.fixture
def rig(make_rig: MakeRig, sound: VirtualSound) -> Iterator[Rig]:
    return make_rig(sound)


@pytest.mark.parametrize("after_ms", [700, 1600, 2900])
def test_a_killed_recorder_loses_less_than_half_a_second(
    rig: Rig, sound: VirtualSound, tmp_path: Path, after_ms: int
) -> None:
    """`Levels` say what was heard; what is salvaged lags by a page and a block at most."""
    spoken = babble(4.0, seed=9)
    voices = [
        sound.speak(line, write_wave(tmp_path / f"{line}.wav", spoken))
        for line in (OPERATOR, CALLER)
    ]
    rig.recorder.start(rig.order, TWO_LINES, rig.files.folder)
    last = rig.heard.until(Levels, lambda levels: levels.position_ms >= after_ms)
    os.kill(rig.recorder.pid, signal.SIGKILL)
    failed = rig.heard.until(Failed)
    for voice in voices:
        voice.terminate()
        voice.wait()

    sealed = salvage(rig.files, rig.identity, rig.order.recipients)
    assert sealed is not None
    assert failed.heard_ms >= last.position_ms
    assert failed.heard_ms - sealed.duration_ms <= 500
    heard = decode(rig.plain())
    assert heard.shape[1] * 1000 // LINE_RATE == sealed.duration_ms
    assert likeness(heard[0], heard[1])[0] > 0.0
