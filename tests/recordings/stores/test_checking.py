"""Copies in stores are read back in turn: what is lost or rotten there is said, no more."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desk_app.errors import Fault
from desk_app.people.access import Actor, Role
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.reconciliation import service as reconciling
from desk_app.recordings.reconciliation import stored
from desk_app.recordings.reconciliation.pages import FindingRow
from desk_app.recordings.reconciliation.running import check_copies, reconcile
from desk_app.recordings.stores import folder_store
from desk_app.recordings.stores.base import Store, StoreTerms, content_of
from desk_app.recordings.stores.opening import open_store
from tests.day import OfficeDay
from tests.engines import on_file
from tests.recordings.stores.desk import UploadingDesk, acts, copies, enter, open_office
from tests.recordings.stores.servers import S3Server
from tests.surroundings import no_room_beyond

in_folder = pytest.mark.parametrize("terms", ["folder"], indirect=True)


class Watched:
    """A desk that checks copies, and a supervisor who reads what was found."""

    def __init__(self, day: OfficeDay, tmp_path: Path) -> None:
        self.day, self.cache = day, tmp_path / "fetched"
        self.cache.mkdir()
        self.administrator = open_office(day)
        self.supervisor: Actor = day.person(Role.SUPERVISOR)
        self.desk = UploadingDesk(day, tmp_path / "recordings")
        self.fetched: list[str] = []

    def store(self, terms: StoreTerms, count: int = 1, size: int = 5_000) -> list[RecordingFiles]:
        enter(self.day, self.administrator, terms)
        made = [self.desk.record(size) for _ in range(count)]
        self.desk.upload()
        return made

    def check(self, **options: Any) -> list[str]:
        """What was read back, by uid."""
        self.fetched.clear()
        opening = options.pop("opening", open_store)

        def counting(terms: StoreTerms) -> Store:
            store: Store = opening(terms)
            fetch = store.fetch

            def counted(name: str, *given: Any, **named: Any) -> None:
                self.fetched.append(name.removesuffix(".age"))
                fetch(name, *given, **named)

            store.fetch = counted
            return store

        check_copies(
            self.cache, perform=self.desk.perform, read=self.desk.read, opening=counting, **options
        )
        assert not list(self.cache.iterdir())
        return list(self.fetched)

    def listed(self, *, settled: bool = False) -> tuple[FindingRow, ...]:
        page = self.day.perform(self.supervisor, reconciling.list_findings, settled=settled)
        return page.rows

    def found(self) -> set[tuple[str, str, int | None]]:
        return {(one.kind.value, one.reason.value, one.recording_id) for one in self.listed()}

    def tomorrow(self) -> None:
        self.day.later(days=1)


@pytest.fixture
def watched(day: OfficeDay, tmp_path: Path) -> Watched:
    return Watched(day, tmp_path)


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of six recordings a day."""
    monkeypatch.setattr(stored, "ROUND_DAYS", 3)


def put(terms: StoreTerms, files: RecordingFiles, change: Callable[[bytes], bytes]) -> bytes:
    """Change what the store holds, past the product; what it held before."""
    name, work = files.sealed.name, files.folder / "changed"
    with open_store(terms) as store:
        store.fetch(name, work)
        held = work.read_bytes()
        work.write_bytes(change(held))
        store.put(name, work, content_of(work), replace=True)
    work.unlink()
    return held


def test_a_lost_copy_is_found_and_closed_when_it_is_back(
    watched: Watched, terms: StoreTerms
) -> None:
    (files,) = watched.store(terms)
    assert watched.check() == [files.uid]
    assert watched.found() == set()
    held = put(terms, files, lambda content: content)
    with open_store(terms) as store:
        store.delete(files.sealed.name)
    watched.tomorrow()
    watched.check()
    recording_id = watched.desk.id_of(files)
    assert watched.found() == {("copy_missing", "unexplained", recording_id)}
    watched.check(again=True)
    assert len(watched.listed()) == 1
    back = files.folder / "back"
    back.write_bytes(held)
    with open_store(terms) as store:
        store.put(files.sealed.name, back, content_of(back))
    watched.check(again=True)
    assert watched.found() == set()
    assert [one.over for one in watched.listed(settled=True)] == ["set_right"]
    assert acts(watched.day, "recording.copies_checked")[1].particulars == {
        "opened": 1,
        "closed": 0,
        "copies": 1,
        "store_id": 1,
    }


@on_file
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda held: held[:-1] + bytes([held[-1] ^ 1]), "changed"),
        (lambda held: held[:-7], "cut"),
        (lambda held: b"nothing of ours", "unreadable"),
    ],
)
def test_a_rotten_copy_is_found(
    watched: Watched, terms: StoreTerms, change: Callable[[bytes], bytes], reason: str
) -> None:
    (files,) = watched.store(terms)
    put(terms, files, change)
    watched.check()
    assert watched.found() == {("copy_damaged", reason, watched.desk.id_of(files))}


@on_file
@in_folder
@pytest.mark.usefixtures("small_shares")
def test_all_are_read_back_in_turn_and_no_more_than_its_share_a_day(
    watched: Watched, terms: StoreTerms
) -> None:
    made = [one.uid for one in watched.store(terms, 6)]
    seen = []
    for _ in range(6):
        seen += watched.check()
        assert watched.check() == [], "once a day"
        watched.tomorrow()
    assert seen == made * 2


@on_file
@in_folder
def test_stopped_it_goes_on_where_it_was(
    watched: Watched, terms: StoreTerms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "ROUND_DAYS", 1)
    monkeypatch.setattr("desk_app.recordings.reconciliation.running.FILES_AT_ONCE", 2)
    made = [one.uid for one in watched.store(terms, 5)]
    assert watched.check(is_stopped=lambda: len(watched.fetched) > 3) == made[:4]
    assert watched.check() == made[2:]


@on_file
@in_folder
def test_a_store_that_is_away_is_no_finding(
    watched: Watched, terms: StoreTerms, share: Path
) -> None:
    (files,) = watched.store(terms)
    share.rename(share.with_name("unmounted"))
    watched.check()
    share.mkdir()
    watched.check()
    assert watched.found() == set()
    share.rmdir()
    share.with_name("unmounted").rename(share)
    assert watched.check() == [files.uid]


@on_file
@in_folder
def test_what_a_store_that_is_there_does_not_hand_over_is_a_finding(
    watched: Watched, terms: StoreTerms, share: Path
) -> None:
    """A bad block, say: the others are checked all the same."""
    files, other = watched.store(terms, 2)
    (place,) = share.rglob(files.sealed.name)
    place.unlink()
    place.mkdir()
    watched.check()
    watched.tomorrow()
    watched.check()
    assert watched.found() == {("copy_damaged", "unreadable", watched.desk.id_of(files))}
    assert other.uid in watched.fetched


@on_file
@in_folder
def test_a_block_that_cannot_be_read_is_a_finding_and_a_full_disk_is_none(
    watched: Watched, terms: StoreTerms, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files,) = watched.store(terms, size=50_000)
    with no_room_beyond(20_000), pytest.raises(Fault, match=r"files\.disk_full"):
        watched.check()
    assert watched.found() == set()

    def broken(_source: object) -> Iterator[bytes]:
        yield b"age-encryption.org/v1"
        raise OSError(errno.EIO, "bad block")

    monkeypatch.setattr(folder_store, "blocks", broken)
    watched.check()
    assert watched.found() == {("copy_damaged", "unreadable", watched.desk.id_of(files))}


@on_file
def test_a_server_that_is_away_or_refuses_is_no_finding(
    watched: Watched, s3: S3Server, s3_terms: StoreTerms
) -> None:
    watched.store(s3_terms)
    with s3.only_for_its_users():
        watched.check()
    assert watched.found() == set()


@on_file
@in_folder
def test_nothing_is_said_of_what_is_discarded_or_waits(
    watched: Watched, terms: StoreTerms, share: Path
) -> None:
    files, other = watched.store(terms, 2)
    gone = watched.desk.record(5_000)
    for one in (files, other):
        next(share.rglob(one.sealed.name)).unlink()

    def discarded_first(opened: StoreTerms) -> Store:
        watched.desk.discard(files)
        return open_store(opened)

    watched.check(opening=discarded_first)
    watched.tomorrow()
    watched.check()
    assert watched.found() == {("copy_missing", "unexplained", watched.desk.id_of(other))}
    assert gone.sealed.exists()


@on_file
@in_folder
def test_checking_this_desks_files_says_nothing_of_copies(
    watched: Watched, terms: StoreTerms, share: Path
) -> None:
    (files,) = watched.store(terms)
    next(share.rglob(files.sealed.name)).unlink()
    watched.check()
    reconcile(
        watched.desk.folder, perform=watched.desk.perform, read=watched.desk.read, with_rows=False
    )
    assert [one.kind for one in watched.listed()] == ["copy_missing"]
    assert copies(watched.day)[0].local_removed_at is not None
