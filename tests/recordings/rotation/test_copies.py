"""Copies in stores handed on to the key in use: fetched, re-wrapped, put, read back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desk_app.errors import Fault, Refused
from desk_app.office import Desk, Office
from desk_app.purposes.rules import Purpose
from desk_app.recordings import service as recordings
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.playback import Playback
from desk_app.recordings.reconciliation import service as reconciling
from desk_app.recordings.reconciliation.kinds import COPY_KINDS
from desk_app.recordings.rotation import copies, service
from desk_app.recordings.rules import DiscardReason
from desk_app.recordings.stores import service as stores
from desk_app.recordings.stores.base import (
    Content,
    Store,
    StoreKind,
    StoreTerms,
    Watch,
    unwatched,
)
from desk_app.recordings.stores.fetching import fetch
from desk_app.recordings.stores.folder_store import FolderStore, mark
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.uploading import upload_next
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.recordings.rotation.conftest import PowerCut, cut, identities, opens, page, rotate
from tests.recordings.rotation.recorded import Recorded, record
from tests.recordings.stores.conftest import bucket, folder_terms, s3, s3_terms, share, terms
from tests.recordings.stores.servers import GarblingLine, S3Server

__all__ = ["bucket", "folder_terms", "s3", "s3_terms", "share", "terms"]

_SPARED = 4_000
"""Bytes of an answer that a spoiling store gives back right: more than one without a file has."""
in_folder = pytest.mark.parametrize("terms", ["folder"], indirect=True)


@pytest.fixture
def founded(founded_in_files: FoundedOffice) -> FoundedOffice:
    return founded_in_files


@pytest.fixture
def stored(office: Office, terms: StoreTerms) -> Recorded:
    """A recording that has gone to the store: nothing of it lies at the desk."""
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(stores.enter_store, terms)
    one = record(office)
    upload(office)
    assert not one.files.sealed.exists()
    return one


def upload(office: Office) -> None:
    with sign_in(office, OPERATOR) as desk:
        for _ in range(20):
            if upload_next(desk.perform, desk.read, office.recordings) is None:
                return
    pytest.fail("there is always something to do")


def there(terms: StoreTerms, one: Recorded, folder: Path) -> RecordingFiles:
    """What the store has, brought here."""
    folder.mkdir(exist_ok=True)
    files = RecordingFiles(folder, one.files.uid)
    with open_store(terms) as store:
        for path in (files.sealed, files.peaks):
            store.fetch(path.name, path)
    return files


def rewrap(office: Office, *, opening: Callable[[StoreTerms], Store] = open_store) -> int:
    with sign_in(office, SUPERVISOR) as desk:
        return _rewrap(office, desk, opening)


def _rewrap(office: Office, desk: Desk, opening: Callable[[StoreTerms], Store]) -> int:
    return copies.rewrap_all(
        office.recordings,
        office.fetched,
        desk.recordings.identities(),
        perform=desk.perform,
        read=desk.read,
        opening=opening,
    ).count


def plays(office: Office, one: Recorded) -> bool:
    with sign_in(office, SUPERVISOR) as desk:
        ticket = desk.perform(
            recordings.open_playback,
            one.id,
            purpose=Purpose.INQUIRIES,
            reason="what was promised",
            keys=desk.recordings.identities(),
        )
        place = fetch(
            desk.perform,
            desk.read,
            ticket,
            folder=office.recordings,
            cache=office.fetched,
            identities=desk.recordings.identities(),
        )
        try:
            with Playback(place.ticket, place.folder) as playback:
                return playback.read() is not None and playback.sidecar() is not None
        finally:
            place.leave()


def test_a_copy_is_handed_on_in_its_store(
    office: Office, stored: Recorded, terms: StoreTerms, tmp_path: Path
) -> None:
    rotate(office)
    held = identities(office)
    before = there(terms, stored, tmp_path / "before")
    assert opens(before.sealed, held[1])
    with sign_in(office, DPO) as officer:
        assert (page(officer).copies_behind, page(officer).desks[0].done) == (1, 0)
        assert officer.recordings.rewrap().count == 1
        assert (page(officer).copies_behind, page(officer).desks[0].done) == (0, 1)
        assert officer.recordings.rewrap().count == 0
    after = there(terms, stored, tmp_path / "after")
    for path in (after.sealed, after.peaks):
        assert [opens(path, held[version]) for version in (1, 2)] == [False, True]
    assert plays(office, stored)
    assert not list(office.fetched.iterdir())


@in_folder
def test_what_still_waits_to_be_uploaded_goes_there_with_the_new_header(
    office: Office, terms: StoreTerms, tmp_path: Path
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(stores.enter_store, terms)
    one = record(office)
    rotate(office)
    assert rewrap(office) == 1
    upload(office)
    with sign_in(office, DPO) as officer:
        assert page(officer).copies_behind == 0
    assert opens(there(terms, one, tmp_path / "there").sealed, identities(office)[2])


@in_folder
@pytest.mark.parametrize("step", ["fetched", "claimed", "one put", "both put"])
def test_killed_at_any_step_it_plays_and_the_next_run_does_the_rest(
    office: Office,
    stored: Recorded,
    terms: StoreTerms,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    rotate(office)
    module = "desk_app.recordings.rotation"
    with monkeypatch.context() as patched:
        if step == "fetched":
            patched.setattr(f"{module}.copies.make_beside", cut)
        elif step == "claimed":
            patched.setattr(f"{module}.copies.content_of", cut)
        elif step == "one put":
            _cut_after_put(patched, 1)
        else:
            _cut_after_put(patched, 2)
        with pytest.raises(PowerCut):
            rewrap(office)
    assert plays(office, stored)
    office.clock.move_to(office.clock.now() + service.CLAIM)
    assert rewrap(office) == 1
    assert opens(there(terms, stored, tmp_path / "there").sealed, identities(office)[2])
    assert plays(office, stored)


def _cut_after_put(patched: pytest.MonkeyPatch, count: int) -> None:
    put, done = FolderStore.put, list[str]()

    def then_cut(self: FolderStore, name: str, *rest: object, **named: object) -> None:
        put(self, name, *rest, **named)
        done.append(name)
        if len(done) == count:
            raise PowerCut

    patched.setattr(FolderStore, "put", then_cut)


@in_folder
def test_a_store_that_is_away_is_left_to_the_next_run(
    office: Office, stored: Recorded, share: Path
) -> None:
    rotate(office)
    hidden = share.with_name("unmounted")
    share.rename(hidden)
    assert rewrap(office) == 0
    hidden.rename(share)
    assert rewrap(office) == 1


@in_folder
def test_a_damaged_copy_is_left_and_said(office: Office, stored: Recorded, share: Path) -> None:
    (place,) = share.rglob(stored.files.sealed.name)
    content = bytearray(place.read_bytes())
    content[-40] ^= 1
    place.write_bytes(content)
    rotate(office)
    assert rewrap(office) == 0
    assert place.read_bytes() == content
    with sign_in(office, DPO) as officer:
        assert page(officer).desks[0].damaged == 1
    assert found(office) == [("copy_damaged", "changed", stored.id)]


@in_folder
def test_a_copy_that_is_lost_is_a_finding_until_it_is_back(
    office: Office, stored: Recorded, share: Path
) -> None:
    (place,) = share.rglob(stored.files.sealed.name)
    held = place.read_bytes()
    place.unlink()
    rotate(office)
    assert rewrap(office) == 0
    assert found(office) == [("copy_missing", "unexplained", stored.id)]
    rewrap(office)
    assert len(found(office)) == 1
    place.write_bytes(held)
    assert rewrap(office) == 1
    with sign_in(office, OPERATOR) as desk:
        desk.recordings.compare()
    assert found(office) == []


def found(office: Office) -> list[tuple[str, str, int | None]]:
    """Kind, reason and recording of each finding about a copy."""
    with sign_in(office, SUPERVISOR) as desk:
        rows = desk.perform(reconciling.list_findings).rows
    return [(one.kind, one.reason, one.recording_id) for one in rows if one.kind in COPY_KINDS]


@in_folder
def test_what_is_discarded_meanwhile_does_not_come_back(
    office: Office, stored: Recorded, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate(office)
    entered = service.copy_rewrapped
    with sign_in(office, SUPERVISOR) as desk:

        def discarded_first(use_case: object, *given: object, **named: object) -> object:
            if use_case is entered:
                _discard(desk, stored)
            return desk.perform(use_case, *given, **named)

        done = copies.rewrap_all(
            office.recordings,
            office.fetched,
            desk.recordings.identities(),
            perform=discarded_first,
            read=desk.read,
        )
        assert done.count == 0
    assert not list(share.rglob(f"{stored.files.uid}*"))


def _discard(desk: Desk, one: Recorded) -> None:
    from desk_app.people.access import Actor
    from desk_app.recordings.model import Recording
    from desk_app.storage.unit_of_work import UnitOfWork

    def as_surplus(actor: Actor, work: UnitOfWork, /) -> None:
        work.session.get_one(Recording, one.id).surplus = True

    desk.perform(as_surplus)
    desk.perform(recordings.discard, one.id, reason=DiscardReason.SURPLUS, uid=one.files.uid)


@in_folder
def test_a_claimed_copy_is_not_deleted_under_its_holders_hands(
    office: Office, stored: Recorded, share: Path
) -> None:
    rotate(office)
    with sign_in(office, SUPERVISOR) as desk:
        assert desk.perform(service.claim_copy, 1, version=2)
        assert not desk.perform(service.claim_copy, 1, version=2)
        desk.perform(stores.try_now)
        assert not desk.perform(service.claim_copy, 1, version=2)
        _discard(desk, stored)
        assert upload_next(desk.perform, desk.read, office.recordings) is None
        desk.perform(service.copy_left, 1)
        assert upload_next(desk.perform, desk.read, office.recordings) is not None
    assert not list(share.rglob(f"{stored.files.uid}*"))


def test_a_full_disk_is_said(
    office: Office, folder_terms: StoreTerms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(stores.enter_store, folder_terms)
    record(office)
    upload(office)
    rotate(office)

    def full(*_: object) -> None:
        raise Fault("files.disk_full")

    with monkeypatch.context() as patched:
        patched.setattr("desk_app.recordings.rotation.copies.make_beside", full)
        with pytest.raises(Fault, match=r"files\.disk_full"):
            rewrap(office)
    assert not list(office.fetched.iterdir())
    assert rewrap(office) == 1


def test_a_store_that_spoils_what_replaces_a_copy_does_not_cost_the_recording(
    office: Office, s3: S3Server, s3_terms: StoreTerms, tmp_path: Path
) -> None:
    """It takes the re-wrapped file and gives back another one."""
    line = GarblingLine(s3, spared=_SPARED)
    terms = replace(s3_terms, endpoint=f"https://localhost:{line.port}")
    try:
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.perform(stores.enter_store, terms)
        one = record(office, seconds=10)
        upload(office)
        assert not one.files.sealed.exists()
        rotate(office)

        def spoiling(opened: StoreTerms) -> Store:
            store = open_store(opened)
            put = store.put

            def spoilt(*given: Any, **named: Any) -> None:
                line.garbles = True
                put(*given, **named)

            store.put = spoilt
            return store

        assert rewrap(office, opening=spoiling) == 0
        assert opens(one.files.sealed, identities(office)[2])
        assert plays(office, one), "from this desk"
        with sign_in(office, OPERATOR) as desk:
            done = upload_next(desk.perform, desk.read, office.recordings)
            assert done is not None
            assert done.trouble == "recordings.store_damaged"
        assert one.files.sealed.exists()
        line.garbles = False
        with sign_in(office, SUPERVISOR) as desk:
            desk.perform(stores.try_now)
        upload(office)
    finally:
        line.close()
    assert not one.files.sealed.exists()
    assert not list(office.fetched.iterdir())
    assert opens(there(s3_terms, one, tmp_path / "there").sealed, identities(office)[2])


class _Spoiling(FolderStore):
    """Loses what it was to replace, and says that it is away."""

    def put(
        self,
        name: str,
        source: Path,
        content: Content,
        *,
        replace: bool = False,
        watch: Watch = unwatched,
    ) -> None:
        place = self._folder / name[:2] / name
        place.write_bytes(b"half of it")
        raise Fault("recordings.store_away")


def _spoiling(terms: StoreTerms) -> Store:
    return _Spoiling(Path(terms.folder), terms.marker)


@in_folder
def test_what_comes_back_to_a_desk_from_a_store_given_up_goes_to_the_one_in_use(
    office: Office, stored: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "next").mkdir()
    following = StoreTerms(
        StoreKind.FOLDER, folder=str(tmp_path / "next"), marker=mark(tmp_path / "next")
    )
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.perform(stores.enter_store, following)
    rotate(office)
    assert rewrap(office, opening=_spoiling) == 0
    assert plays(office, stored)
    upload(office)
    assert not stored.files.sealed.exists()
    assert opens(there(following, stored, tmp_path / "there").sealed, identities(office)[2])


@in_folder
def test_a_desk_that_is_locked_meanwhile_has_the_recording_all_the_same(
    office: Office, stored: Recorded
) -> None:
    rotate(office)
    with sign_in(office, SUPERVISOR) as desk:

        def locked(use_case: object, *given: object, **named: object) -> object:
            if use_case is service.copy_kept_here:
                desk.lock()
            return desk.perform(use_case, *given, **named)

        with pytest.raises(Refused):
            copies.rewrap_all(
                office.recordings,
                office.fetched,
                desk.recordings.identities(),
                perform=locked,
                read=desk.read,
                opening=_spoiling,
            )
    assert opens(stored.files.sealed, identities(office)[2])
    assert plays(office, stored)


@in_folder
def test_what_was_discarded_does_not_come_back_to_the_desk(
    office: Office, stored: Recorded, share: Path
) -> None:
    rotate(office)
    with sign_in(office, SUPERVISOR) as desk:

        def discarding(terms: StoreTerms) -> Store:
            store = _spoiling(terms)
            put = store.put

            def discarded(*given: Any, **named: Any) -> None:
                _discard(desk, stored)
                put(*given, **named)

            store.put = discarded
            return store

        _rewrap(office, desk, discarding)
    assert not stored.files.sealed.exists()
    upload(office)
    assert not list(share.rglob(f"{stored.files.uid}*"))


@in_folder
def test_a_store_that_refuses_to_replace_keeps_what_it_has(
    office: Office, stored: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Fault("recordings.store_full")

    rotate(office)
    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "put", full)
        assert rewrap(office) == 0
    assert not stored.files.sealed.exists()
    assert rewrap(office) == 1
