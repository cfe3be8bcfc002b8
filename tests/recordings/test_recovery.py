"""After a crash: nothing that was synced is lost, and the desk says what it can't open."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desk_app.calls import service as calls
from desk_app.errors import Fault, NotPermitted
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.purposes.rules import Purpose
from desk_app.recordings import recovery, service, views
from desk_app.recordings.encoder import RATE, Encoder
from desk_app.recordings.files import RecordingFiles, Sealed, read_note, uid_of
from desk_app.recordings.founding import enter_first_key
from desk_app.recordings.model import Recording
from desk_app.recordings.ogg import WholePages, whole_pages
from desk_app.recordings.pages import RecordingRow
from desk_app.recordings.playback import Playback
from desk_app.recordings.recorder import Failed, Levels, RecordingOrder
from desk_app.recordings.recovery import LOST_AT_MOST_MS, Left, look, salvage, settle
from desk_app.recordings.rules import DiscardReason, RecordingState
from desk_app.recordings.sealing import SealedWriter, conclude
from desk_app.recordings.virtual_sound import CALLER, OPERATOR, VirtualSound
from tests.conftest import MakeActor
from tests.day import OfficeDay
from tests.engines import on_file
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
    second = salvage(files, IDENTITY, TO)
    assert first is not None
    assert second is not None
    assert replace(second, digest=first.digest) == first
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


@on_file
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


@on_file
def test_a_supervisor_who_may_not_listen_salvages_nothing(
    office: OfficeDay, make_actor: MakeActor, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    sign_in(office, make_actor([Role.SUPERVISOR]), tmp_path, {1: IDENTITY})
    assert row(office, contact_id).state is RecordingState.TO_SALVAGE


@on_file
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


@on_file
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


@on_file
def test_a_recording_without_any_file_has_failed(office: OfficeDay, tmp_path: Path) -> None:
    contact_id, _ = begin(office)
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.RECORDING  # it may just be starting
    office.later(minutes=2)
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.FAILED


@on_file
def test_a_running_recording_is_left_alone(office: OfficeDay, tmp_path: Path) -> None:
    contact_id, order = begin(office)
    writer = SealedWriter(RecordingFiles(tmp_path, order.uid), order.recipients)
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.RECORDING
    writer.abandon()


@on_file
def test_an_administrator_signs_in_and_nothing_happens(
    office: OfficeDay, make_actor: MakeActor, tmp_path: Path
) -> None:
    contact_id, _ = begin(office)
    administrator = make_actor([Role.ADMINISTRATOR])
    with pytest.raises(NotPermitted):
        office.read(administrator, views.unsettled)
    sign_in(office, administrator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.RECORDING


def finish(folder: Path, order: RecordingOrder, count: int = len(PAGES)) -> RecordingFiles:
    files = RecordingFiles(folder, order.uid)
    writer = SealedWriter(files, order.recipients)
    for page in PAGES[:count]:
        writer.write(page)
    writer.finish(duration_ms=40_000, peaks=b"", timeline=[])
    return files


def names(folder: Path) -> set[str]:
    """What lies there of recordings."""
    return {path.name for path in folder.iterdir() if uid_of(path) not in ("", "office")}


def destroyed_at(day: OfficeDay, order: RecordingOrder) -> object:
    with day.work(reading=True) as w:
        return w.session.get_one(Recording, order.recording_id).discarded_at


@on_file
def test_what_was_to_be_destroyed_is_destroyed_after_the_crash(
    office: OfficeDay, tmp_path: Path
) -> None:
    """The order stood in the row; whoever comes next at this desk carries it out."""
    contact_id, sealed = begin(office)
    finish(tmp_path, sealed)
    office.perform(office.operator, service.seal, sealed.recording_id, note_of(tmp_path, sealed))
    torn = office.perform(office.operator, service.begin, contact_id)
    crash(tmp_path, torn, PAGES[:30])
    (tmp_path / f".{torn.uid}.age.0a1b.part").write_bytes(b"half of a salvage")
    neighbour = finish(tmp_path, RecordingOrder(9, "a" + sealed.uid, TO))
    office.perform(office.operator, calls.object_to_recording, contact_id)
    office.perform(office.operator, service.discard_call, contact_id, DiscardReason.OBJECTION)

    sign_in(office, office.operator, tmp_path, {})
    assert {path.split(".")[0] for path in names(tmp_path)} == {neighbour.uid}
    assert destroyed_at(office, sealed) == destroyed_at(office, torn) == office.clock.now()


@on_file
def test_what_a_killed_re_wrapping_leaves_of_a_destroyed_recording_goes_as_well(
    office: OfficeDay, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    files = finish(tmp_path, order)
    renewed = files.sealed.read_bytes()
    office.perform(office.operator, calls.object_to_recording, contact_id)
    office.perform(office.operator, service.discard_call, contact_id, DiscardReason.OBJECTION)
    sign_in(office, office.operator, tmp_path, {})
    gone_at = destroyed_at(office, order)
    assert gone_at is not None
    (tmp_path / f"{order.uid}.age.new").write_bytes(renewed)
    office.later(minutes=1)
    sign_in(office, office.operator, tmp_path, {})
    assert not names(tmp_path)
    assert destroyed_at(office, order) == gone_at


@on_file
def test_another_desk_destroys_only_what_lies_there(office: OfficeDay, tmp_path: Path) -> None:
    contact_id, order = begin(office)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    finish(here, order)
    office.perform(office.operator, calls.object_to_recording, contact_id)
    office.perform(office.operator, service.discard_call, contact_id, DiscardReason.OBJECTION)
    renamed = Actor(office.operator.user_id, "desk-after")
    sign_in(office, renamed, there, {})
    assert destroyed_at(office, order) is None
    assert names(here)
    sign_in(office, renamed, here, {})
    assert destroyed_at(office, order) is not None
    assert not names(here)


@on_file
def test_a_recorder_that_still_runs_is_not_destroyed_under_its_hands(
    office: OfficeDay, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    writer = SealedWriter(RecordingFiles(tmp_path, order.uid), order.recipients)
    office.perform(office.operator, calls.object_to_recording, contact_id)
    office.perform(office.operator, service.discard_call, contact_id, DiscardReason.OBJECTION)
    sign_in(office, office.operator, tmp_path, {})
    assert destroyed_at(office, order) is None
    writer.abandon()
    sign_in(office, office.operator, tmp_path, {})
    assert destroyed_at(office, order) is not None


@on_file
def test_a_disk_that_lets_nothing_go_says_so_and_the_rest_is_settled(
    office: OfficeDay, tmp_path: Path
) -> None:
    contact_id, stuck = begin(office)
    (tmp_path / f"{stuck.uid}.age").mkdir()  # no file, and not to be unlinked like one
    office.perform(office.operator, calls.object_to_recording, contact_id)
    office.perform(office.operator, service.discard_call, contact_id, DiscardReason.OBJECTION)
    other_id, other = begin(office)
    finish(tmp_path, other)
    with pytest.raises(Fault, match=r"recordings\.not_destroyed"):
        sign_in(office, office.operator, tmp_path, {})
    assert destroyed_at(office, stuck) is None
    assert row(office, other_id).state is RecordingState.SEALED


@pytest.mark.parametrize("was_sealed", [False, True], ids=["torn", "sealed"])
@on_file
def test_a_surplus_that_nobody_kept_is_destroyed_after_the_crash(
    office: OfficeDay, tmp_path: Path, was_sealed: bool
) -> None:
    contact_id, first = begin(office)
    surplus = office.perform(office.operator, service.begin_split, contact_id)
    finish(tmp_path, first)
    if was_sealed:
        finish(tmp_path, surplus)
        note = note_of(tmp_path, surplus)
        office.perform(office.operator, service.seal, surplus.recording_id, note)
        sign_in(office, office.operator, tmp_path, {})  # the desk may still be asking
        assert destroyed_at(office, surplus) is None
        office.later(minutes=6)
    else:
        crash(tmp_path, surplus, PAGES[:30])
    sign_in(office, office.operator, tmp_path, {})
    rows = office.read(office.operator, views.of_contacts, [contact_id])[contact_id]
    assert [one.state for one in rows] == [RecordingState.SEALED, RecordingState.DISCARDED]
    assert destroyed_at(office, surplus) is not None
    assert {path.split(".")[0] for path in names(tmp_path)} == {first.uid}


@on_file
def test_what_was_said_to_have_failed_is_salvaged_if_it_lies_here(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    office.perform(
        office.operator, service.fail, order.recording_id, code="recordings.recorder_failed"
    )
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.FAILED
    sign_in(office, supervisor, tmp_path, {1: IDENTITY})
    assert row(office, contact_id).state is RecordingState.SALVAGED


@on_file
def test_a_supervisor_at_another_desk_salvages_nothing(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    """The remains lie where they were made: somebody who may listen has to sign in there."""
    contact_id, order = begin(office)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    crash(here, order, PAGES[:30])
    sign_in(office, office.operator, here, {})
    sign_in(office, Actor(supervisor.user_id, "desk-elsewhere"), there, {1: IDENTITY})
    assert row(office, contact_id).state is RecordingState.TO_SALVAGE
    sign_in(office, Actor(supervisor.user_id, "desk-elsewhere"), here, {1: IDENTITY})
    assert row(office, contact_id).state is RecordingState.SALVAGED


@on_file
def test_remains_for_another_key_do_not_keep_the_others_from_being_salvaged(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    strange_id, strange = begin(office)
    stranger = age.recipient_of(age.generate_identity())
    crash(tmp_path, replace(strange, recipients=(stranger,)), PAGES[:30])
    office.hang_up(strange_id)
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    with pytest.raises(age.NoMatch):
        sign_in(office, supervisor, tmp_path, {1: IDENTITY})
    assert row(office, strange_id).state is RecordingState.TO_SALVAGE
    assert row(office, contact_id).state is RecordingState.SALVAGED


@on_file
def test_recorder_and_window_that_die_together_leave_at_most_half_a_second_unsaid(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    sign_in(office, supervisor, tmp_path, {1: IDENTITY})
    assert row(office, contact_id).lost_ms == LOST_AT_MOST_MS


@on_file
def test_a_salvage_that_was_not_entered_is_entered_as_one(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    """The desk stopped between the sealed file and the row."""
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    office.perform(supervisor, service.begin_salvage, order.recording_id, uid=order.uid)
    salvage(RecordingFiles(tmp_path, order.uid), IDENTITY, TO)
    sign_in(office, office.operator, tmp_path, {})
    entered = row(office, contact_id)
    assert (entered.state, entered.lost_ms) == (RecordingState.SALVAGED, LOST_AT_MOST_MS)


@on_file
def test_a_note_beside_another_file_is_not_believed(office: OfficeDay, tmp_path: Path) -> None:
    """A sealed file that was cut afterwards isn't entered as whole."""
    contact_id, order = begin(office)
    files = finish(tmp_path, order)
    with files.sealed.open("r+b") as sealed:
        sealed.truncate(files.sealed.stat().st_size - 1)
    sign_in(office, office.operator, tmp_path, {})
    assert row(office, contact_id).state is RecordingState.TO_SALVAGE


def test_two_who_sign_in_at_once_salvage_once(
    office: OfficeDay, supervisor: Actor, tmp_path: Path
) -> None:
    """The second waits for the first, and what is entered is what lies there."""
    contact_id, order = begin(office)
    crash(tmp_path, order, PAGES[:30])
    ready = threading.Barrier(2)

    def settle_too() -> None:
        ready.wait()
        sign_in(office, supervisor, tmp_path, {1: IDENTITY})

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(settle_too) for _ in range(2)]:
            done.result()
    assert row(office, contact_id).state is RecordingState.SALVAGED
    with office.work(reading=True) as w:
        digest = w.session.get_one(Recording, order.recording_id).digest
    with RecordingFiles(tmp_path, order.uid).sealed.open("rb") as source:
        assert age.payload_digest(source).hex() == digest


@on_file
def test_what_a_power_cut_brought_back_is_removed_at_the_next_sign_in(
    office: OfficeDay, tmp_path: Path
) -> None:
    """The journal's end wasn't synced; the recording is whole and known to be."""
    _, order = begin(office)
    files = finish(tmp_path, order)
    sign_in(office, office.operator, tmp_path, {})
    kept = names(tmp_path)
    for back in (files.tail, files.part, files.reserve, files.note):
        back.write_bytes(b"from before")
    sign_in(office, office.operator, tmp_path, {})
    assert names(tmp_path) == kept == {files.sealed.name, files.peaks.name}


def note_of(folder: Path, order: RecordingOrder) -> Sealed:
    note = read_note(RecordingFiles(folder, order.uid))
    assert note is not None
    return note


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
