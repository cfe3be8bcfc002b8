"""Calls against recordings: every fault is found once, named, and nothing healthy is."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from sqlalchemy import event, insert, update

from desk_app.calls import service as calls
from desk_app.calls.rules import Channel, Disposition, EventKind
from desk_app.errors import NotPermitted, Refused
from desk_app.keys import age
from desk_app.people.access import Actor
from desk_app.recordings import service
from desk_app.recordings.model import Recording, RecordingCopy, RecordingStore
from desk_app.recordings.reconciliation import service as reconciling
from desk_app.recordings.reconciliation import views
from desk_app.recordings.reconciliation.kinds import Advice
from desk_app.recordings.sealing import seal_file
from desk_app.schema import metadata
from tests.day import OfficeDay
from tests.recordings.archive import RECIPIENTS, Archive

UID = "0123456789abcdef" * 2
T = TypeVar("T")
Expected = set[tuple[str, str, int | None]]


@pytest.fixture
def archive(day: OfficeDay, tmp_path: Path) -> Archive:
    return Archive(day, tmp_path / "recordings")


# What happens to a call, by name: each makes one and says what is to be found of it.


def objected(archive: Archive) -> Expected:
    return {("no_recording", "objected", archive.unrecorded(objected=True))}


def objected_and_destroyed(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun(seconds=0)
    archive.change(
        recording_id,
        state="discarded",
        discard_reason="objection",
        discarded_at=archive.day.clock.now(),
    )
    _set_call(archive, contact_id, objected_at=archive.day.clock.now())
    return {("no_recording", "discarded_objection", contact_id)}


def hung_up_at_once(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun(seconds=1)
    archive.day.perform(archive.operator, service.fail, recording_id, code="recordings.call_over")
    return {("no_recording", "ended_at_once", contact_id)}


EXPLAINED = (objected, objected_and_destroyed, hung_up_at_once)


def unexplained(archive: Archive) -> Expected:
    return {("no_recording", "unexplained", archive.unrecorded())}


def not_announced(archive: Archive) -> Expected:
    return {("no_recording", "not_announced", archive.unrecorded(announced=False))}


def device_refused(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun()
    archive.day.perform(
        archive.operator, service.fail, recording_id, code="recordings.device_refused"
    )
    return {("no_recording", "no_device", contact_id)}


def recorder_failed(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun()
    archive.day.perform(
        archive.operator, service.fail, recording_id, code="recordings.recorder_failed"
    )
    return {("no_recording", "recorder_failed", contact_id)}


def nothing_left(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun()
    archive.day.perform(
        archive.operator, service.fail, recording_id, code="recordings.nothing_left"
    )
    return {("no_recording", "nothing_left", contact_id)}


def never_begun(archive: Archive) -> Expected:
    """The recorder could not even be started: the call's own event says why."""
    contact_id = archive.day.ring()
    archive.day.announce(contact_id)
    archive.day.perform(
        archive.operator,
        calls.note_event,
        contact_id,
        kind=EventKind.RECORDING_FAILED,
        particulars={"code": "recordings.no_device"},
    )
    archive.day.later(seconds=90)
    archive.day.hang_up(contact_id)
    archive.save(contact_id, Disposition.ANSWERED)
    return {("no_recording", "no_device", contact_id)}


def to_salvage(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun()
    archive.day.perform(archive.operator, service.leave_to_salvage, recording_id, heard_ms=80_000)
    return {("no_recording", "to_salvage", contact_id)}


def still_open(archive: Archive) -> Expected:
    contact_id, _ = archive.begun()
    return {("no_recording", "still_open", contact_id)}


def only_surplus(archive: Archive) -> Expected:
    contact_id, recording_id = archive.begun()
    archive.change(recording_id, state="discarded", discard_reason="surplus")
    return {("no_recording", "discarded_surplus", contact_id)}


def recorded_letter(archive: Archive) -> Expected:
    contact_id = archive.call()
    letter = archive.day.perform(
        archive.operator,
        calls.enter_contact,
        uid=f"letter {contact_id}",
        channel=Channel.LETTER,
        received_at=archive.day.clock.now(),
    )
    other = archive.row(archive.call())
    archive.change(other.id, contact_id=letter)
    return {
        ("no_call", "not_a_call", letter),
        ("no_recording", "unexplained", other.contact_id),
    }


def silent(archive: Archive) -> Expected:
    contact_id = archive.call(operator_voice_ms=0, caller_voice_ms=300)
    return {("silent", "unexplained", contact_id)}


def one_sided(archive: Archive) -> Expected:
    contact_id = archive.call(seconds=120, caller_voice_ms=700)
    return {("one_sided", "unexplained", contact_id)}


def muted(archive: Archive) -> Expected:
    timeline = [
        {"kind": "recordings.device_muted", "at_ms": 0, "ms": 90_000, "parties": ["operator"]}
    ]
    contact_id = archive.call(operator_voice_ms=0, timeline=timeline)
    return {("one_sided", "trouble", contact_id)}


def too_short(archive: Archive) -> Expected:
    return {("length", "unexplained", archive.call(seconds=90, recorded=80))}


def too_long(archive: Archive) -> Expected:
    return {("length", "longer", archive.call(seconds=90, recorded=100))}


def lost_sound(archive: Archive) -> Expected:
    return {("length", "lost", archive.call(seconds=90, recorded=70, lost_ms=20_000))}


def device_went(archive: Archive) -> Expected:
    timeline = [{"kind": "recordings.device_lost", "at_ms": 60_000, "parties": ["operator"]}]
    contact_id = archive.call(seconds=90, recorded=60, timeline=timeline)
    return {("length", "trouble", contact_id)}


def device_came_back(archive: Archive) -> Expected:
    """The trouble was over long before the end, so it doesn't explain what is missing."""
    timeline = [{"kind": "recordings.device_lost", "at_ms": 5_000, "ms": 9_000}]
    contact_id = archive.call(seconds=90, recorded=60, timeline=timeline)
    return {("length", "unexplained", contact_id)}


def late_start(archive: Archive) -> Expected:
    contact_id = archive.call(seconds=90, recorded=60)
    row = archive.row(contact_id)
    archive.change(row.id, started_at=row.started_at + timedelta(seconds=30))
    return {("length", "late_start", contact_id)}


def restarted(archive: Archive) -> Expected:
    """Two parts with half a minute between them."""
    return {("length", "restarted", _two_parts(archive, gap=30))}


def half_salvaged(archive: Archive) -> Expected:
    contact_id = archive.day.ring()
    archive.day.announce(contact_id)
    first, _ = archive.begin(contact_id)
    archive.day.later(seconds=40)
    archive.day.perform(archive.operator, service.leave_to_salvage, first, heard_ms=40_000)
    archive.seal(*archive.begin(contact_id), 30)
    archive.day.later(seconds=30)
    archive.day.hang_up(contact_id)
    archive.save(contact_id, Disposition.ANSWERED)
    return {("length", "to_salvage", contact_id)}


def file_gone(archive: Archive) -> Expected:
    contact_id = archive.call()
    archive.files(contact_id).sealed.unlink()
    return {("missing", "unexplained", contact_id)}


def one_bit(archive: Archive) -> Expected:
    contact_id = archive.call()
    path = archive.files(contact_id).sealed
    content = bytearray(path.read_bytes())
    content[-1_000] ^= 1
    path.write_bytes(content)
    return {("damaged", "changed", contact_id)}


def truncated(archive: Archive) -> Expected:
    contact_id = archive.call()
    path = archive.files(contact_id).sealed
    path.write_bytes(path.read_bytes()[:-1])
    return {("damaged", "cut", contact_id)}


def no_header(archive: Archive) -> Expected:
    contact_id = archive.call()
    archive.files(contact_id).sealed.write_bytes(b"age-encryption.org/v1\n-> X2")
    return {("damaged", "unreadable", contact_id)}


def swapped(archive: Archive) -> Expected:
    one, other = archive.call(), archive.call()
    left, right = archive.files(one).sealed, archive.files(other).sealed
    mine = left.read_bytes()
    left.write_bytes(right.read_bytes())
    right.write_bytes(mine)
    return {("damaged", "changed", one), ("damaged", "changed", other)}


def no_waveform(archive: Archive) -> Expected:
    contact_id = archive.call()
    archive.files(contact_id).peaks.unlink()
    return {("no_waveform", "unexplained", contact_id)}


def stray_file(archive: Archive) -> Expected:
    seal_file(archive.folder / f"{UID}.age", RECIPIENTS, [b"who knows"])
    return {("stray", "unknown_file", None)}


def destroyed_and_back(archive: Archive) -> Expected:
    """A discarded recording's file was copied back, say from a backup."""
    contact_id = archive.call()
    archive.change(
        archive.row(contact_id).id,
        state="discarded",
        discard_reason="objection",
        discarded_at=archive.day.clock.now(),
    )
    _set_call(archive, contact_id, objected_at=archive.day.clock.now())
    return {
        ("not_destroyed", "unexplained", contact_id),
        ("no_recording", "discarded_objection", contact_id),
    }


FAULTS = (
    unexplained,
    not_announced,
    device_refused,
    recorder_failed,
    nothing_left,
    never_begun,
    to_salvage,
    still_open,
    only_surplus,
    recorded_letter,
    silent,
    one_sided,
    muted,
    too_short,
    too_long,
    lost_sound,
    device_went,
    device_came_back,
    late_start,
    restarted,
    half_salvaged,
    file_gone,
    one_bit,
    truncated,
    no_header,
    swapped,
    no_waveform,
    stray_file,
    destroyed_and_back,
)


# What looks odd and is in order.


def healthy(archive: Archive) -> None:
    archive.call()


def a_little_off(archive: Archive) -> None:
    archive.call(seconds=90, recorded=84.5)


def wrong_number(archive: Archive) -> None:
    archive.unrecorded(seconds=8, announced=False, disposition=Disposition.WRONG_NUMBER)


def taken_on_paper(archive: Archive) -> None:
    contact_id = archive.day.ring(late_entry=True)
    archive.save(contact_id, Disposition.ANSWERED)


def nobody_answered(archive: Archive) -> None:
    contact_id = archive.day.ring(outbound=True)
    archive.day.later(seconds=30)
    archive.day.hang_up(contact_id)
    archive.save(contact_id, Disposition.BUSY)


def long_hold(archive: Archive) -> None:
    """Ninety seconds of which the parties spoke in two."""
    timeline = [
        {"kind": "hold", "at_ms": 2_000, "ms": 60_000},
        {"kind": "pause", "at_ms": 62_000, "ms": 20_000},
    ]
    archive.call(operator_voice_ms=0, caller_voice_ms=0, timeline=timeline)


def silent_caller(archive: Archive) -> None:
    archive.call(disposition=Disposition.SILENT, caller_voice_ms=0)


def not_measured(archive: Archive) -> None:
    archive.call(operator_voice_ms=None, caller_voice_ms=None)


def two_parts(archive: Archive) -> None:
    _two_parts(archive, gap=1)


def objected_late(archive: Archive) -> None:
    """What was recorded until the objection is kept."""
    contact_id = archive.call(seconds=90, recorded=30)
    started = archive.row(contact_id).started_at
    _set_call(archive, contact_id, objected_at=started + timedelta(seconds=30))


def forgotten_hang_up(archive: Archive) -> None:
    """The office was heard for a while, and that part destroyed."""
    contact_id = archive.day.ring()
    archive.day.announce(contact_id)
    first = archive.begin(contact_id)
    archive.day.later(seconds=40)
    archive.seal(*first, 40)
    surplus, _ = archive.begin(contact_id)
    archive.day.later(seconds=200)
    archive.change(
        surplus,
        state="discarded",
        surplus=True,
        discard_reason="surplus",
        discarded_at=archive.day.clock.now(),
    )
    archive.day.hang_up(contact_id)
    archive.save(contact_id, Disposition.ANSWERED)


def in_the_store(archive: Archive) -> None:
    row = archive.row(archive.call())
    stored(archive, row.id)
    (archive.folder / f"{row.uid}.age").unlink()
    (archive.folder / f"{row.uid}.peaks.age").unlink()


HEALTHY = (
    healthy,
    a_little_off,
    wrong_number,
    taken_on_paper,
    nobody_answered,
    long_hold,
    silent_caller,
    not_measured,
    two_parts,
    objected_late,
    forgotten_hang_up,
    in_the_store,
)


def _two_parts(archive: Archive, *, gap: float) -> int:
    contact_id = archive.day.ring()
    archive.day.announce(contact_id)
    for at in range(2):
        begun = archive.begin(contact_id)
        archive.day.later(seconds=40)
        archive.seal(*begun, 40)
        archive.day.later(seconds=0 if at else gap)
    archive.day.hang_up(contact_id)
    archive.save(contact_id, Disposition.ANSWERED)
    return contact_id


def _set_call(archive: Archive, contact_id: int, **columns: object) -> None:
    """What the call room would have set while the call ran."""
    table = metadata().tables["call"]
    with archive.day.work() as w:
        w.session.execute(update(table).where(table.c.contact_id == contact_id).values(**columns))
        w.commit()


def stored(archive: Archive, recording_id: int) -> None:
    now = archive.day.clock.now()
    with archive.day.work() as w:
        store = RecordingStore(kind="folder", entered_by=archive.supervisor.user_id, entered_at=now)
        w.session.add(store)
        w.session.flush()
        w.session.add(
            RecordingCopy(
                recording_id=recording_id,
                store_id=store.id,
                state="arrived",
                next_try_at=now,
                arrived_at=now,
            )
        )
        w.commit()


def _spread(archive: Archive, kinds: Sequence[Callable[[Archive], T]]) -> list[T]:
    """Each of these once, over as many mornings as it takes; then the morning after."""
    made = []
    for at, kind in enumerate(kinds):
        made.append(kind(archive))
        if at % 10 == 9:
            archive.next_day()
    archive.next_day()
    return made


def test_each_fault_is_found_once_among_healthy_calls(archive: Archive) -> None:
    healthy(archive)
    expected = set().union(*_spread(archive, FAULTS))
    archive.reconcile()
    assert archive.found() | archive.found(settled=True) == expected
    entered = archive.count()
    archive.reconcile(again=True)
    assert archive.count() == entered == len(expected)


def test_what_is_in_order_is_listed_as_explained_and_needs_nobody(archive: Archive) -> None:
    expected = set().union(*_spread(archive, EXPLAINED))
    archive.reconcile()
    archive.reconcile(again=True)
    assert archive.found() == set()
    assert archive.found(settled=True) == expected
    for row in archive.listed(settled=True):
        assert (row.over, row.settled_by, row.advice) == (row.reason.value, "", Advice.NOTHING)


def test_what_only_looks_odd_is_no_finding(archive: Archive) -> None:
    _spread(archive, HEALTHY)
    archive.reconcile()
    assert archive.found() | archive.found(settled=True) == set()


@pytest.mark.parametrize("seed", range(4))
def test_random_days_give_what_was_broken_and_nothing_else(archive: Archive, seed: int) -> None:
    chance = Random(seed)
    expected: Expected = set()
    for _ in range(3):
        for _ in range(chance.randint(3, 7)):
            chance.choice(HEALTHY)(archive)
            if chance.random() < 0.6:
                expected |= chance.choice(FAULTS + EXPLAINED)(archive)
        archive.next_day()
        if chance.random() < 0.4:
            archive.reconcile()
    archive.reconcile()
    archive.reconcile(again=True)
    assert archive.found() | archive.found(settled=True) == expected
    assert archive.count() == len(expected)


def test_two_desks_that_compare_at_once_enter_nothing_twice(archive: Archive) -> None:
    """The second waits for the first and then finds everything known."""
    expected = set().union(*_spread(archive, (unexplained, silent, too_short)))
    yesterday = archive.today - timedelta(days=1)
    reconcile_day = reconciling.reconcile_day
    archive.day.perform(archive.supervisor, reconcile_day, yesterday - timedelta(days=1))

    def compare_too() -> int:
        with archive.day.work() as w:
            w.now += timedelta(seconds=2)
            opened = reconcile_day(archive.supervisor, w, yesterday).opened
            w.commit()
            return opened

    with ThreadPoolExecutor(1) as pool:
        with archive.day.work() as w:
            w.now += timedelta(seconds=1)
            assert reconcile_day(archive.supervisor, w, yesterday).opened == 3
            second = pool.submit(compare_too)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            w.commit()
        assert second.result() == 0
    assert archive.found() == expected


class Killed(Exception):
    """The window dies here."""


@pytest.mark.parametrize("stop_at", range(1, 4))
def test_killed_in_the_middle_it_goes_on_and_finds_the_same(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    monkeypatch.setattr("desk_app.recordings.reconciliation.running.FILES_AT_ONCE", 2)
    expected: Expected = set()
    for fault in (unexplained, one_bit, file_gone, stray_file, silent):
        expected |= fault(archive)
    archive.next_day()
    steps = 0

    def tell(_share: float) -> None:
        nonlocal steps
        steps += 1
        if steps == stop_at:
            raise Killed

    with pytest.raises(Killed):
        archive.reconcile(tell=tell)
    assert archive.found() < expected
    archive.reconcile()
    assert archive.found() == expected
    assert archive.count() == len(expected)


def test_stopped_it_ends_between_two_steps(archive: Archive) -> None:
    unexplained(archive)
    archive.next_day()
    archive.reconcile(is_stopped=lambda: True)
    assert archive.found() == set()


def test_a_day_is_compared_once_it_is_over(archive: Archive) -> None:
    unexplained(archive)
    running = archive.day.ring()
    archive.reconcile()
    assert archive.found() == set(), "the office is open"
    archive.day.later(hours=9)
    archive.reconcile()
    assert len(archive.found()) == 1, "the running call is left alone"
    archive.day.hang_up(running)
    archive.save(running)
    archive.next_day()
    archive.reconcile()
    assert archive.day.read(archive.supervisor, views.standing).compared_until == (
        archive.today - timedelta(days=1)
    )
    with pytest.raises(Refused, match=r"recordings\.day_not_over"):
        archive.day.perform(
            archive.supervisor, reconciling.reconcile_day, archive.today + timedelta(days=1)
        )


def test_after_holidays_every_day_is_caught_up(archive: Archive) -> None:
    archive.call()
    archive.next_day()
    archive.reconcile()
    first = unexplained(archive)
    archive.next_day()
    second = too_short(archive)
    archive.day.later(days=20)
    archive.reconcile()
    assert archive.found() == first | second
    standing = archive.day.read(archive.supervisor, views.standing)
    assert (standing.days_due, len(standing.days_open)) == ((), 2)


def test_a_clock_that_was_ahead_leaves_no_day_out(archive: Archive) -> None:
    archive.call()
    archive.next_day()
    archive.reconcile()
    archive.day.later(days=90)
    archive.reconcile()
    archive.day.later(days=-90)
    expected = unexplained(archive)
    archive.next_day()
    archive.reconcile()
    assert archive.found() == expected
    standing = archive.day.read(archive.supervisor, views.standing)
    assert standing.compared_until == archive.today - timedelta(days=1)
    assert standing.days_due == ()


def test_what_was_salvaged_meanwhile_closes_by_itself(archive: Archive) -> None:
    contact_id, recording_id = archive.begun()
    archive.day.perform(archive.operator, service.leave_to_salvage, recording_id)
    archive.next_day()
    archive.reconcile(again=True)
    assert archive.found() == {("no_recording", "to_salvage", contact_id)}
    row = archive.row(contact_id)
    archive.change(recording_id, state="recording")
    archive.seal(recording_id, row.uid, 90, state="salvaged")
    archive.reconcile(again=True)
    assert archive.found() == set()
    (closed,) = archive.listed(settled=True)
    assert (closed.over, closed.settled_by) == ("salvaged", "")


def test_an_open_finding_follows_its_reason(archive: Archive) -> None:
    contact_id, recording_id = archive.begun()
    archive.next_day()
    archive.reconcile(again=True)
    archive.day.perform(archive.operator, service.leave_to_salvage, recording_id)
    archive.reconcile(again=True)
    assert archive.found() == {("no_recording", "to_salvage", contact_id)}
    assert archive.count() == 1


def test_settled_it_stays_settled_until_the_facts_change(archive: Archive) -> None:
    contact_id = archive.call()
    path = archive.files(contact_id).sealed
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    archive.next_day()
    archive.reconcile()
    (row,) = archive.listed()
    archive.day.perform(archive.supervisor, reconciling.settle, row.id, note="バックアップから戻す")
    (settled,) = archive.listed(settled=True)
    assert (settled.note, settled.over) == ("バックアップから戻す", "")
    assert settled.settled_by
    for _ in range(2):
        archive.reconcile(again=True)
    assert archive.found() == set()

    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    archive.reconcile(again=True)
    assert archive.found() == {("damaged", "changed", contact_id)}


def test_a_file_that_comes_back_closes_its_finding_and_may_go_again(archive: Archive) -> None:
    contact_id = archive.call()
    path = archive.files(contact_id).sealed
    away = path.with_suffix(".away")
    path.rename(away)
    archive.next_day()
    for there in (False, True, False):
        if there:
            shutil.copy(away, path)
        else:
            path.unlink(missing_ok=True)
        archive.reconcile(again=True)
        assert bool(archive.found()) is not there
    assert archive.count() == 2


def test_a_file_that_went_into_the_store_is_not_missed(archive: Archive) -> None:
    row = archive.row(archive.call())
    (archive.folder / f"{row.uid}.age").unlink()
    archive.next_day()
    archive.reconcile()
    assert archive.found() == {("missing", "unexplained", row.contact_id)}
    stored(archive, row.id)
    archive.reconcile(again=True)
    (closed,) = archive.listed(settled=True)
    assert closed.over == "stored"


def test_a_renewed_header_is_no_damage(archive: Archive) -> None:
    """Keys are rotated by wrapping the same file key anew, perhaps for one more recipient."""
    identity = age.generate_identity()
    contact_id = archive.call()
    files = archive.files(contact_id)
    files.sealed.unlink()
    seal_file(files.sealed, [age.recipient_of(identity)], [b"sound" * 100])
    with files.sealed.open("rb") as source:
        digest = age.payload_digest(source).hex()
    archive.change(
        archive.row(contact_id).id, digest=digest, size_bytes=files.sealed.stat().st_size
    )
    renewed = files.sealed.with_suffix(".new")
    with files.sealed.open("rb") as source, renewed.open("wb") as sink:
        age.rewrap(source, sink, [identity], RECIPIENTS)
    renewed.replace(files.sealed)
    archive.next_day()
    archive.reconcile()
    assert archive.found() == set()


def test_files_are_checked_once_when_new_and_then_in_turn(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk_app.recordings.reconciliation.reading.OLDER_FILES", 2)
    contacts = [archive.call(seconds=30) for _ in range(5)]
    archive.next_day()
    archive.reconcile()
    by_id = {archive.row(one).id: one for one in contacts}
    seen: list[int] = []
    for _ in range(5):
        archive.next_day()
        due = archive.day.read(archive.supervisor, views.files_due)
        assert due is not None
        seen += [by_id[one.recording_id] for one in due]
        archive.reconcile()
    assert seen == (contacts * 2)[:10]


def test_each_desk_checks_its_own_folder(archive: Archive, tmp_path: Path) -> None:
    """Another desk compares the rows of all and misses no file that isn't its own."""
    silent(archive)
    file_gone(archive)
    archive.next_day()
    elsewhere = Archive.__new__(Archive)
    elsewhere.day, elsewhere.folder = archive.day, tmp_path / "elsewhere"
    elsewhere.folder.mkdir()
    there = Actor(archive.supervisor.user_id, "desk-2")
    elsewhere.reconcile(there)
    assert {kind for kind, _, _ in archive.found()} == {"silent"}
    archive.reconcile()
    assert {kind for kind, _, _ in archive.found()} == {"silent", "missing"}
    elsewhere.reconcile(there, again=True)
    assert {kind for kind, _, _ in archive.found()} == {"silent", "missing"}


def test_at_a_desk_without_a_supervisor_the_operator_has_the_files_checked(
    archive: Archive,
) -> None:
    silent(archive)
    gone = file_gone(archive)
    archive.next_day()
    archive.reconcile(archive.operator, with_rows=False)
    assert archive.found() == gone
    with pytest.raises(NotPermitted):
        archive.reconcile(archive.operator, again=True)


def test_once_a_day_is_enough(archive: Archive) -> None:
    archive.call()
    archive.next_day()
    archive.reconcile()
    assert archive.day.read(archive.supervisor, views.files_due) is None
    assert archive.day.read(archive.supervisor, views.files_due, again=True)


def test_a_foreign_name_stays_out_of_the_findings(archive: Archive) -> None:
    seal_file(archive.folder / "佐藤花子様.age", RECIPIENTS, [b"who knows"])
    archive.call()
    archive.next_day()
    archive.reconcile()
    (row,) = archive.listed()
    assert "佐藤" not in str(row.particulars)
    (archive.folder / "佐藤花子様.age").unlink()
    archive.reconcile(again=True)
    assert archive.found() == set()


def test_settling_needs_a_note_and_happens_once(archive: Archive) -> None:
    unexplained(archive)
    archive.next_day()
    archive.reconcile()
    (row,) = archive.listed()
    settle = reconciling.settle
    with pytest.raises(Refused, match=r"recordings\.note_missing"):
        archive.day.perform(archive.supervisor, settle, row.id, note="  ")
    archive.day.perform(archive.supervisor, settle, row.id, note="聞き取り済み")
    with pytest.raises(Refused, match=r"recordings\.finding_settled"):
        archive.day.perform(archive.supervisor, settle, row.id, note="聞き取り済み")


def test_what_is_open_is_counted_by_kind(archive: Archive) -> None:
    for fault in (unexplained, not_announced, silent):
        fault(archive)
    objected(archive)
    archive.next_day()
    archive.reconcile()
    standing = archive.day.read(archive.supervisor, views.standing)
    assert {kind.value: count for kind, count in standing.open.items()} == {
        "no_recording": 2,
        "silent": 1,
    }
    assert standing.checked_on == standing.today == archive.today


def test_five_thousand_calls_a_day_are_compared_in_reasonable_time(archive: Archive) -> None:
    """Counted in statements, not seconds: each asks for hundreds of rows."""
    tables, now = metadata().tables, archive.day.clock.now()
    contact = archive.row(archive.call()).contact_id
    ids = range(contact + 1, contact + 5_001)
    with archive.day.work() as w:
        w.session.execute(
            insert(tables["contact"]),
            [
                {
                    "id": one,
                    "version": 1,
                    "uid": f"many {one}",
                    "channel": "telephone",
                    "state": "saved",
                    "received_at": now,
                    "operator_id": archive.operator.user_id,
                    "desk_id": archive.operator.desk_id,
                    "disposition": "answered",
                }
                for one in ids
            ],
        )
        w.session.execute(
            insert(tables["call"]),
            [
                {
                    "contact_id": one,
                    "rang_at": now,
                    "ended_at": now + timedelta(seconds=60),
                    "announced_at": now,
                }
                for one in ids
            ],
        )
        w.session.execute(
            insert(Recording),
            [
                {
                    "uid": f"many {one}",
                    "contact_id": one,
                    "part": 1,
                    "state": "sealed",
                    "key_version": 1,
                    "started_at": now,
                    "sealed_at": now,
                    "duration_ms": 20_000 if one == ids[77] else 60_000,
                    "desk_id": "desk-9",
                    "timeline": [],
                }
                for one in ids
            ],
        )
        w.commit()
    archive.next_day()
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    with archive.day.work() as w:
        event.listen(w.session.get_bind(), "before_cursor_execute", count)
        result = reconciling.reconcile_day(archive.supervisor, w, archive.today - timedelta(days=1))
        w.commit()
        event.remove(w.session.get_bind(), "before_cursor_execute", count)
    assert (result.contacts, result.opened) == (5_001, 1)
    assert statements < 40
    assert archive.found() == {("length", "unexplained", ids[77])}
