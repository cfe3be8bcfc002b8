"""Recordings handed on to the key in use: header by header, killed at any step, damage left."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk_app.audit import views as audit
from desk_app.clock import FixedClock
from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.office import Office
from desk_app.recordings import service as recordings
from desk_app.recordings.rotation import rewrapping
from desk_app.recordings.rules import DiscardReason
from tests.offices import ADMINISTRATOR, DPO, SUPERVISOR, FoundedOffice, sign_in
from tests.recordings.rotation.conftest import (
    PowerCut,
    cut,
    identities,
    opens,
    page,
    rewrap,
    rotate,
)
from tests.recordings.rotation.recorded import Recorded, record
from tests.recordings.rotation.test_recordings_key import plays


@pytest.fixture(params=["in_files"])
def founded(request: pytest.FixtureRequest) -> FoundedOffice:
    office: FoundedOffice = request.getfixturevalue(f"founded_{request.param}")
    return office


def payload(path: Path) -> str:
    with path.open("rb") as source:
        return age.payload_digest(source).hex()


def test_headers_are_made_anew_and_digests_stay_true(office: Office) -> None:
    recorded = [record(office) for _ in range(3)]
    before = [payload(one.files.sealed) for one in recorded]
    rotate(office)
    with sign_in(office, DPO) as officer:
        (desk,) = page(officer).desks
        assert (desk.done, desk.total) == (0, 3)
    assert rewrap(office) == 3
    held = identities(office)
    for one, digest in zip(recorded, before, strict=True):
        assert payload(one.files.sealed) == digest
        for path in (one.files.sealed, one.files.peaks):
            assert [opens(path, held[version]) for version in (1, 2)] == [False, True]
        assert plays(office, one)
    with sign_in(office, DPO) as officer:
        (desk,) = page(officer).desks
        assert (desk.desk_id, desk.done, desk.total) == (officer.actor.desk_id, 3, 3)
        assert [one.recordings for one in page(officer).versions] == [3, 0]
        told = [one for one in officer.read(audit.entries) if one.action == "recording.rewrapped"]
        assert [one.particulars for one in told] == [{"count": 3, "version": 2}]
    assert rewrap(office) == 0
    left = {path.name for path in office.recordings.iterdir()}
    assert not [name for name in left if name.endswith(".new")]


def test_the_recovery_key_opens_what_was_re_wrapped(office: Office, founded: FoundedOffice) -> None:
    one = record(office)
    rotate(office)
    rewrap(office)
    assert opens(one.files.sealed, founded.recovery.identity)


@pytest.mark.parametrize("person", [DPO, SUPERVISOR], ids=["officer", "supervisor"])
def test_who_may_listen_re_wraps_also_without_playing(office: Office, person: object) -> None:
    record(office)
    rotate(office)
    with sign_in(office, ADMINISTRATOR) as desk:
        assert desk.recordings.rewrap().count == 0
    with sign_in(office, DPO if person is DPO else SUPERVISOR) as desk:
        assert desk.recordings.rewrap().count == 1


STEPS = {
    "before anything was written": "write_beside",
    "half written": "age.rewrap",
    "written and not synced": "sync",
    "before the waveform's name": "put_in_place",
    "between the two names": "Path.replace",
    "before the names are synced": "sync_folder",
    "before the commit": "Session.commit",
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_plays_and_the_next_run_does_the_rest(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    one = record(office)
    digest = payload(one.files.sealed)
    rotate(office)
    held = identities(office)
    with monkeypatch.context() as patched:
        _cut_at(patched, STEPS[step])
        desk = sign_in(office, SUPERVISOR)
        with pytest.raises(PowerCut):
            desk.recordings.rewrap()
    desk.sign_out()
    assert any(opens(one.files.sealed, key) for key in held.values())
    assert payload(one.files.sealed) == digest
    assert plays(office, one), "the row may lag behind the file"
    with sign_in(office, DPO) as officer:
        assert page(officer).desks[0].done == 0
    assert rewrap(office) == 1
    assert opens(one.files.sealed, held[2])
    assert not opens(one.files.sealed, held[1])
    assert payload(one.files.sealed) == digest
    assert plays(office, one)
    assert not list(office.recordings.glob("*.new"))


def _cut_at(patched: pytest.MonkeyPatch, where: str) -> None:
    module = "desk_app.recordings.rotation.rewrapping"
    if where == "Session.commit":
        original = rewrapping.put_in_place

        def then_cut(made: list[tuple[Path, Path]]) -> None:
            original(made)
            raise PowerCut

        patched.setattr(f"{module}.put_in_place", then_cut)
    elif where == "Path.replace":
        replaced: list[Path] = []
        rename = Path.replace

        def once(self: Path, target: Path) -> Path:
            if self.suffix == ".new" and replaced:
                raise PowerCut
            replaced.extend([self] if self.suffix == ".new" else [])
            return rename(self, target)

        patched.setattr(Path, "replace", once)
    elif where == "age.rewrap":

        def half(source: object, sink: object, *_: object) -> None:
            sink.write(b"age-encryption.org/v1\n")
            raise PowerCut

        patched.setattr(f"{module}.age.rewrap", half)
    else:
        patched.setattr(f"{module}.{where}", cut)


def test_a_damaged_file_is_left_and_said_and_the_others_go_on(office: Office) -> None:
    first, damaged, torn, foreign, last = (record(office) for _ in range(5))
    content = bytearray(damaged.files.sealed.read_bytes())
    content[-40] ^= 1
    damaged.files.sealed.write_bytes(content)
    torn.files.sealed.write_bytes(torn.files.sealed.read_bytes()[:60])
    with foreign.files.sealed.open("wb") as sink:
        stranger = age.recipient_of(age.generate_identity())
        with age.encrypt(sink, [stranger]) as writer:
            writer.write(b"of somebody else")
    kept = [one.files.sealed.read_bytes() for one in (damaged, torn, foreign)]
    rotate(office)
    with sign_in(office, SUPERVISOR) as desk:
        done = desk.recordings.rewrap()
        assert (done.count, done.damaged) == (2, 3)
        assert desk.recordings.rewrap().count == 0
        assert page(desk).desks[0].damaged == 3
    assert [one.files.sealed.read_bytes() for one in (damaged, torn, foreign)] == kept
    assert not list(office.recordings.glob("*.new"))
    assert plays(office, first)
    assert plays(office, last)
    with sign_in(office, DPO) as officer:
        told = [
            (one.subject, one.particulars["reason"])
            for one in officer.read(audit.entries)
            if one.action == "recording.not_rewrapped"
        ]
    assert sorted(told) == [
        (("recording", damaged.id), "damaged"),
        (("recording", torn.id), "damaged"),
        (("recording", foreign.id), "foreign"),
    ]


def test_a_damaged_waveform_keeps_nothing_from_being_re_wrapped(office: Office) -> None:
    one = record(office)
    one.files.peaks.write_bytes(b"not an age file")
    rotate(office)
    assert rewrap(office) == 1
    assert one.files.peaks.read_bytes() == b"not an age file"
    assert opens(one.files.sealed, identities(office)[2])


def test_what_is_discarded_meanwhile_does_not_come_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = record(office)
    rotate(office)
    write = rewrapping.write_beside
    desk = sign_in(office, SUPERVISOR)

    def then_discarded(path: Path, *rest: object) -> None:
        write(path, *rest)
        if path == one.files.sealed:
            _discard(desk.perform, one)

    with monkeypatch.context() as patched:
        patched.setattr("desk_app.recordings.rotation.rewrapping.write_beside", then_discarded)
        assert desk.recordings.rewrap().count == 0
    desk.sign_out()
    assert not list(office.recordings.glob(f"{one.files.uid}*"))


def _discard(perform: object, one: Recorded) -> None:
    """Row first, as every discarding goes; then the files."""

    def as_surplus(actor: object, work: object, /) -> None:
        from desk_app.recordings.model import Recording
        from desk_app.storage.unit_of_work import UnitOfWork

        assert isinstance(work, UnitOfWork)
        work.session.get_one(Recording, one.id).surplus = True

    perform(as_surplus)
    perform(recordings.discard, one.id, reason=DiscardReason.SURPLUS, uid=one.files.uid)
    one.files.sealed.unlink()
    one.files.peaks.unlink()


def test_a_full_disk_is_said_and_what_is_done_stays_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = record(office), record(office)
    rotate(office)
    written: list[object] = []
    sync = rewrapping.sync

    def full(sink: object) -> None:
        written.append(sink)
        if len(written) > 2:
            raise OSError(28, "no space left")
        sync(sink)

    with sign_in(office, SUPERVISOR) as desk:
        with monkeypatch.context() as patched:
            patched.setattr("desk_app.recordings.rotation.rewrapping.sync", full)
            with pytest.raises(Fault, match=r"files\.disk_full"):
                desk.recordings.rewrap()
        assert page(desk).desks[0].done == 1
        assert desk.recordings.rewrap().count == 1
    assert plays(office, first)
    assert plays(office, second)


def test_two_runs_at_once_are_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    record(office)
    rotate(office)
    write = rewrapping.write_beside
    with sign_in(office, SUPERVISOR) as desk:
        counts: list[int] = []

        def meanwhile(*given: object) -> None:
            counts.append(desk.recordings.rewrap().count)
            write(*given)

        with monkeypatch.context() as patched:
            patched.setattr("desk_app.recordings.rotation.rewrapping.write_beside", meanwhile)
            assert desk.recordings.rewrap().count == 1
    assert set(counts) == {0}


@pytest.fixture
def second_desk(office: Office, clock: FixedClock, tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "second"
    folder.mkdir()
    shutil.copy(office.folder / "server.credential", folder)
    text = (office.folder / "settings.toml").read_text()
    (folder / "settings.toml").write_text(text.replace('desk_id = "desk-', 'desk_id = "desk-2'))
    with Office.at(folder, clock=clock) as opened:
        yield opened


@pytest.mark.parametrize("founded", ["on_server"], indirect=True)
def test_each_desk_re_wraps_its_own(office: Office, second_desk: Office) -> None:
    here, there = record(office), record(second_desk)
    rotate(office)
    assert rewrap(office) == 1
    with sign_in(office, DPO) as officer:
        done = {one.desk_id: (one.done, one.total) for one in page(officer).desks}
        assert done == {
            office.settings.desk_id: (1, 1),
            second_desk.settings.desk_id: (0, 1),
        }
    held = identities(office)
    assert opens(here.files.sealed, held[2])
    assert opens(there.files.sealed, held[1])
    assert rewrap(second_desk) == 1
    assert opens(there.files.sealed, held[2])
