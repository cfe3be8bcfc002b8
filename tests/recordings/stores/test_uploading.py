"""The way of a recording into its store: nothing is lost and nothing doubled, whatever happens."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from desk_app.errors import Refused
from desk_app.keys import age
from desk_app.people.access import Actor
from desk_app.recordings.model import Recording
from desk_app.recordings.stores import folder_store, service, views
from desk_app.recordings.stores.base import Interrupted, Store, StoreKind, StoreTerms, content_of
from desk_app.recordings.stores.folder_store import MARKER, FolderStore
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.queue import has_copies
from desk_app.recordings.stores.rules import FIRST_WAIT, LONGEST_WAIT, CopyState, next_try
from desk_app.recordings.stores.uploading import Progress, adopt_strays
from tests.conftest import IN_HOURS
from tests.day import OfficeDay
from tests.engines import on_file
from tests.recordings.stores.desk import IDENTITY, UploadingDesk, acts, copies, enter, open_office
from tests.recordings.stores.servers import GarblingLine, Line, S3Server, tls_listener
from tests.surroundings import no_room_beyond

"""Where the database is not what is tested."""


@pytest.fixture
def administrator(day: OfficeDay) -> Actor:
    return open_office(day)


@pytest.fixture
def desk(day: OfficeDay, administrator: Actor, tmp_path: Path) -> UploadingDesk:
    return UploadingDesk(day, tmp_path / "recordings")


def troubles(desk: UploadingDesk) -> list[str | None]:
    return [one.trouble for one in desk.upload()]


def changed_end(path: Path) -> bytes:
    held = path.read_bytes()
    return held[:-1] + bytes([held[-1] ^ 1])


def in_store(terms: StoreTerms) -> list[str]:
    with open_store(terms) as store:
        return store.names()


def test_a_recording_arrives_and_only_then_leaves_the_desk(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record()
    sent = content_of(one.sealed)
    seen: list[Progress] = []

    def look(progress: Progress) -> None:
        assert one.sealed.exists()
        seen.append(progress)

    assert [each.kind.value for each in desk.upload(report=look)] == ["upload", "remove_local"]
    assert seen[-1].moved == seen[-1].size == sent.size
    assert desk.files() == []
    with open_store(terms) as store:
        assert store.names() == sorted([one.sealed.name, one.peaks.name])
        assert store.content(one.sealed.name) == sent
    (copy,) = copies(desk.day)
    assert (copy.state, copy.trouble, copy.key_version) == (CopyState.ARRIVED, None, 1)
    assert copy.arrived_at is not None
    assert copy.local_removed_at is not None
    assert len(acts(desk.day, "recording.stored")) == 1


def test_without_a_store_recordings_stay_where_they_are(desk: UploadingDesk) -> None:
    one = desk.record()
    assert desk.upload() == []
    assert desk.files() == sorted([one.sealed.name, one.peaks.name])
    assert copies(desk.day) == []


def test_a_recording_without_a_waveform_arrives(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record(waveform=False)
    assert troubles(desk) == [None, None]
    assert in_store(folder_terms) == [one.sealed.name]


@on_file
def test_what_is_discarded_while_it_is_on_its_way_is_gone_from_the_store_as_well(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    """Another thread, as an erasure's, deletes only what has arrived."""
    enter(desk.day, administrator, folder_terms)
    one = desk.record()
    beside: list[threading.Thread] = []

    class Discarded(FolderStore):
        """It was, when the first byte was about to be sent."""

        def put(self, *args: Any, **named: Any) -> None:
            if not beside:
                with desk.day.work() as work:
                    work.session.execute(update(Recording).values(state="discarded"))
                    work.commit()
                beside.append(threading.Thread(target=desk.upload))
                beside[0].start()
                beside[0].join(0.2)  # for as long as it would take it, if it didn't wait
            super().put(*args, **named)

    desk.upload(opening=lambda terms: Discarded(Path(terms.folder), terms.marker))
    beside[0].join()
    assert in_store(folder_terms) == []
    assert copies(desk.day) == []
    assert one.sealed.exists(), "whoever discards it removes it here"


@on_file
def test_a_server_that_is_away_for_a_day_loses_nothing(
    desk: UploadingDesk, administrator: Actor, s3_terms_by_line: StoreTerms, line: Line
) -> None:
    enter(desk.day, administrator, s3_terms_by_line)
    line.is_dead = True
    made = [desk.record() for _ in range(3)]
    kept = desk.files()
    tries = 0
    until = desk.day.clock.now() + timedelta(days=1)
    while desk.day.clock.now() < until:
        failed = troubles(desk)
        assert set(failed) <= {"recordings.store_away"}
        assert len(failed) <= 1, "one tells for all"
        tries += len(failed)
        assert desk.files() == kept
        desk.day.later(minutes=10)
    assert 60 < tries < 100, "each quarter of an hour, at the pace of this clock"
    page: views.StoragePage = desk.day.read(administrator, views.storage)
    assert (page.waiting, page.trouble) == (3, "recordings.store_away")
    assert page.oldest_at == IN_HOURS
    line.is_dead = False
    desk.day.later(minutes=15)
    assert troubles(desk) == [None] * 6
    assert desk.files() == []
    assert in_store(s3_terms_by_line) == kept
    assert len(acts(desk.day, "recording.stored")) == len(made)


@on_file
def test_wrong_credentials_are_mended_by_entering_right_ones(
    desk: UploadingDesk, administrator: Actor, s3: S3Server, s3_terms: StoreTerms
) -> None:
    with s3.only_for_its_users() as (access_key, secret_key):
        right = replace(s3_terms, access_key=access_key, secret_key=secret_key)
        enter(desk.day, administrator, right, secret_key="mistyped")
        one = desk.record()
        assert troubles(desk) == ["recordings.store_refused"]
        assert desk.files() == sorted([one.sealed.name, one.peaks.name])
        enter(desk.day, administrator, right)
        assert troubles(desk) == [None, None], "at once, and in the same place"
    assert desk.files() == []
    assert len(copies(desk.day)) == 1


@on_file
def test_half_an_upload_is_done_again(
    desk: UploadingDesk,
    administrator: Actor,
    s3: S3Server,
    s3_terms_by_line: StoreTerms,
    line: Line,
) -> None:
    enter(desk.day, administrator, s3_terms_by_line)
    one = desk.record(2_000_000)
    line.cut_after = 1_000_000
    assert troubles(desk) == ["recordings.store_away"]
    assert line.was_cut.is_set()
    assert one.sealed.exists()
    stored = s3.client().list_objects_v2(Bucket=s3_terms_by_line.bucket).get("Contents", [])
    assert [each["Key"] for each in stored] == [f"recordings/{one.peaks.name}"]
    line.mend()
    desk.day.later(seconds=15)
    assert troubles(desk) == [None, None]
    assert desk.files() == []


_DYING = """
import json, os, signal, sys
from pathlib import Path
from desk_app.recordings.stores.base import StoreKind, StoreTerms, content_of
from desk_app.recordings.stores.folder_store import FolderStore
from desk_app.recordings.stores.s3_store import S3Store
fields = json.load(sys.stdin)
terms = StoreTerms(**{**fields, "kind": StoreKind(fields["kind"])})
path = Path(sys.argv[1])
content = content_of(path)
def die(moved):
    if moved > content.size // 2:
        os.kill(os.getpid(), signal.SIGKILL)
if terms.kind is StoreKind.FOLDER:
    store = FolderStore(Path(terms.folder), terms.marker)
else:
    store = S3Store(terms, part_bytes=5 << 20)
store.put(path.name, path, content, watch=die)
"""


@on_file
def test_a_desk_that_is_killed_half_way_leaves_nothing_half(
    desk: UploadingDesk, administrator: Actor, s3: S3Server, terms: StoreTerms
) -> None:
    """By the system, so that nothing is tidied up."""
    enter(desk.day, administrator, terms)
    one = desk.record(15_000_000)
    dying = subprocess.run(
        [sys.executable, "-c", _DYING, one.sealed],
        input=json.dumps(asdict(terms)),
        text=True,
        check=False,
    )
    assert dying.returncode == -signal.SIGKILL
    assert in_store(terms) == []
    assert left_half(terms, s3) != []
    assert troubles(desk) == [None, None]
    assert in_store(terms) == sorted([one.sealed.name, one.peaks.name])
    assert left_half(terms, s3) == []
    assert desk.files() == []


def left_half(terms: StoreTerms, s3: S3Server) -> list[str]:
    """What of a store is not yet, or no longer, a file of it."""
    if terms.kind is StoreKind.FOLDER:
        return [path.name for path in Path(terms.folder).rglob(".*.part")]
    uploads = s3.client().list_multipart_uploads(Bucket=terms.bucket).get("Uploads", [])
    return [each["Key"] for each in uploads]


def test_what_was_delivered_and_not_entered_is_not_delivered_twice(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record()
    with open_store(terms) as store:
        for path in (one.peaks, one.sealed):
            store.put(path.name, path, content_of(path))
    seen: list[Progress] = []
    desk.upload(report=seen.append)
    assert seen == [], "it was there"
    assert in_store(terms) == sorted([one.sealed.name, one.peaks.name])
    assert len(acts(desk.day, "recording.stored")) == 1
    (copy,) = copies(desk.day)
    desk.perform(service.arrived, copy.id, key_version=1)
    desk.perform(service.local_removed, copy.id)
    assert len(acts(desk.day, "recording.stored")) == 1, "saying it again changes nothing"


@on_file
def test_what_differs_after_arrival_is_sent_again_and_the_desk_keeps_its_own(
    desk: UploadingDesk, administrator: Actor, s3: S3Server, s3_terms: StoreTerms
) -> None:
    line = GarblingLine(s3, spared=100_000)
    try:
        enter(desk.day, administrator, s3_terms, endpoint=f"https://localhost:{line.port}")
        one = desk.record(500_000)
        line.garbles = True
        assert troubles(desk) == ["recordings.store_damaged"]
        assert one.sealed.exists()
        assert in_store(s3_terms) == [one.peaks.name]
        line.garbles = False
        desk.day.later(seconds=15)
        assert troubles(desk) == [None, None]
    finally:
        line.close()
    assert desk.files() == []


@on_file
def test_what_was_damaged_in_the_store_gives_way_to_the_desks_own(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms, tmp_path: Path
) -> None:
    enter(desk.day, administrator, terms)
    one = desk.record()
    rotten = tmp_path / "rotten"
    rotten.write_bytes(changed_end(one.sealed))
    sent = content_of(one.sealed)
    with open_store(terms) as store:
        store.put(one.sealed.name, rotten, content_of(rotten))
    assert troubles(desk) == [None, None]
    with open_store(terms) as store:
        assert store.content(one.sealed.name) == sent
    assert acts(desk.day, "recording.stored")[0].particulars["replaced"] is True


@on_file
def test_a_missing_bucket_is_said_and_waited_for(
    desk: UploadingDesk, administrator: Actor, s3: S3Server
) -> None:
    terms = s3.terms("made-too-late")
    enter(desk.day, administrator, terms)
    desk.record()
    assert troubles(desk) == ["recordings.store_no_bucket"]
    s3.client().create_bucket(Bucket="made-too-late")
    desk.day.later(seconds=15)
    assert troubles(desk) == [None, None]


@on_file
def test_a_full_share_loses_nothing(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, share: Path
) -> None:
    class Cramped(FolderStore):
        def put(self, *given: Any, **named: Any) -> None:
            with no_room_beyond(100_000):
                super().put(*given, **named)

    enter(desk.day, administrator, folder_terms)
    one = desk.record(500_000)
    done = desk.upload(opening=lambda terms: Cramped(Path(terms.folder), terms.marker))
    assert [each.trouble for each in done] == ["recordings.store_full"]
    assert one.sealed.exists()
    assert in_store(folder_terms) == [one.peaks.name]
    desk.day.later(seconds=15)
    assert troubles(desk) == [None, None]
    assert desk.files() == []


@on_file
def test_a_share_that_is_not_mounted_loses_nothing(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, share: Path, tmp_path: Path
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record()
    mounted = share.rename(tmp_path / "unmounted")
    share.mkdir()
    assert troubles(desk) == ["recordings.store_away"]
    assert list(share.iterdir()) == []
    assert one.sealed.exists()
    share.rmdir()
    mounted.rename(share)
    desk.day.later(seconds=15)
    assert troubles(desk) == [None, None]


@on_file
def test_an_address_without_tls_is_not_entered(
    desk: UploadingDesk, administrator: Actor, s3_terms: StoreTerms
) -> None:
    with pytest.raises(Refused, match=r"recordings\.store_insecure"):
        enter(desk.day, administrator, s3_terms, endpoint="http://localhost:9000")
    assert desk.day.read(administrator, views.storage).store is None


@on_file
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"days": -1}, "recordings.store_expired"),
        ({"self_signed": True}, "recordings.store_unknown"),
        ({"host": "elsewhere.example"}, "recordings.store_misnamed"),
    ],
    ids=["expired", "self-signed", "for another name"],
)
def test_nothing_goes_to_a_server_with_a_bad_certificate(
    desk: UploadingDesk,
    administrator: Actor,
    s3: S3Server,
    s3_terms: StoreTerms,
    bad: dict[str, Any],
    code: str,
) -> None:
    with tls_listener(*s3.authority.issue(**bad)) as port:
        enter(desk.day, administrator, s3_terms, endpoint=f"https://localhost:{port}")
        one = desk.record()
        assert troubles(desk) == [code]
    assert one.sealed.exists()


class Killed(BaseException):
    """The process ended there."""


class Reaper:
    """Kills at the n-th of the steps that it is shown; counts them."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.steps = fatal, 0

    def step(self, *_anything: object) -> None:
        self.steps += 1
        if self.steps == self.fatal:
            raise Killed

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """The same act; killed before it, or right after it."""

        def acted(*given: Any, **named: Any) -> Any:
            self.step()
            result = act(*given, **named)
            self.step()
            return result

        return acted


@on_file
def test_killed_at_each_step_nothing_is_lost_or_doubled(
    desk: UploadingDesk,
    administrator: Actor,
    terms: StoreTerms,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enter(desk.day, administrator, terms)
    fatal, expected = 0, []
    while True:
        fatal += 1
        one = desk.record(1000)
        expected += [one.sealed.name, one.peaks.name]
        sent = content_of(one.sealed)
        reaper = Reaper(fatal)

        def opening(wanted: StoreTerms, reaper: Reaper = reaper) -> Store:
            store = open_store(wanted)
            for name in ("put", "content"):
                monkeypatch.setattr(store, name, reaper.around(getattr(store, name)))
            if isinstance(store, FolderStore):
                for name in ("sync", "sync_folder", "_content", "_write_all"):
                    act = getattr(folder_store, name)
                    monkeypatch.setattr(folder_store, name, reaper.around(act))
            return store

        dying = UploadingDesk.__new__(UploadingDesk)
        dying.__dict__.update(desk.__dict__)
        monkeypatch.setattr(dying, "perform", reaper.around(desk.perform), raising=False)
        unlink = Path.unlink
        try:
            with monkeypatch.context() as patched:
                patched.setattr(Path, "unlink", reaper.around(unlink))
                dying.upload(opening=opening, report=reaper.step)
            killed = False
        except Killed:
            killed = True
        monkeypatch.undo()
        with open_store(terms) as store:
            there = store.content(one.sealed.name)
        assert one.sealed.exists() or there == sent, f"lost at step {fatal}"
        desk.upload()
        assert in_store(terms) == sorted(expected)
        assert desk.files() == []
        assert len(acts(desk.day, "recording.stored")) == fatal
        if not killed:
            break
    assert fatal > 15
    if terms.kind is StoreKind.FOLDER:
        files = {path.name for path in Path(terms.folder).rglob("*") if path.is_file()}
        assert files == {*expected, MARKER}


def test_two_desks_at_once_do_not_disturb_each_other(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, tmp_path: Path
) -> None:
    enter(desk.day, administrator, folder_terms)
    other = UploadingDesk(
        desk.day, tmp_path / "other", actor=replace(desk.day.operator, desk_id="desk-2")
    )
    made = [one.record() for _ in range(3) for one in (desk, other)]
    failures: list[BaseException] = []
    together = threading.Barrier(2)

    def work(mine: UploadingDesk) -> None:
        try:
            together.wait(timeout=20)
            assert [each.trouble for each in mine.upload()] == [None] * 6
        except BaseException as error:
            failures.append(error)

    running = [threading.Thread(target=work, args=(one,)) for one in (desk, other)]
    for one in running:
        one.start()
    for one in running:
        one.join(timeout=60)
    assert failures == []
    assert desk.files() == other.files() == []
    names = [name for one in made for name in (one.sealed.name, one.peaks.name)]
    assert in_store(folder_terms) == sorted(names)
    assert len(acts(desk.day, "recording.stored")) == 6


def test_giving_up_in_the_middle_is_no_failure(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.record()

    def lock(progress: Progress) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        desk.upload(report=lock)
    assert copies(desk.day)[0].attempts == 0
    assert troubles(desk) == [None, None]


@on_file
def test_a_changed_file_is_not_uploaded_and_holds_up_no_other(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    changed, missing, sound, cut = (desk.record() for _ in range(4))
    changed.sealed.write_bytes(changed_end(changed.sealed))
    missing.sealed.unlink()
    cut.sealed.write_bytes(b"age")
    assert sorted(one or "" for one in troubles(desk)) == [
        "",
        "",
        "recordings.file_differs",
        "recordings.file_differs",
        "recordings.file_missing",
    ]
    assert in_store(folder_terms) == sorted([sound.sealed.name, sound.peaks.name])
    assert changed.sealed.exists()


@on_file
def test_what_nobody_foresaw_is_said_and_holds_up_no_other(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    odd, sound = desk.record(), desk.record()

    class Odd(FolderStore):
        def put(self, name: str, *given: Any, **named: Any) -> None:
            if name.startswith(odd.uid):
                raise LookupError("an answer that nobody expects")
            super().put(name, *given, **named)

    def opening(terms: StoreTerms) -> Store:
        return Odd(Path(terms.folder), terms.marker)

    with pytest.raises(LookupError):
        desk.upload(opening=opening)
    assert [one.trouble for one in desk.upload(opening=opening)] == [None, None]
    assert in_store(folder_terms) == sorted([sound.sealed.name, sound.peaks.name])
    page: views.StoragePage = desk.day.read(administrator, views.storage)
    assert (page.waiting, page.trouble) == (1, "recordings.store_unforeseen")
    desk.day.later(seconds=15)
    assert troubles(desk) == [None, None]


@on_file
def test_a_clock_that_was_ahead_for_a_moment_puts_nothing_off(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.day.later(days=365)
    desk.record()
    desk.day.later(days=-365)
    assert troubles(desk) == [None, None]


@on_file
def test_a_header_that_was_renewed_while_it_waited_is_what_arrives(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms
) -> None:
    """Sent, killed before it was entered, then re-wrapped for another key at the desk."""
    enter(desk.day, administrator, terms)
    one = desk.record()
    with open_store(terms) as store:
        store.put(one.sealed.name, one.sealed, content_of(one.sealed))
    renewed = one.folder / "renewed"
    with one.sealed.open("rb") as source, renewed.open("wb") as sink:
        age.rewrap(source, sink, [IDENTITY], [age.recipient_of(age.generate_identity())])
    renewed.replace(one.sealed)
    sent = content_of(one.sealed)
    assert troubles(desk) == [None, None]
    with open_store(terms) as store:
        assert store.content(one.sealed.name) == sent


def test_a_discarded_recording_leaves_the_store_and_the_queue(
    desk: UploadingDesk, administrator: Actor, terms: StoreTerms
) -> None:
    enter(desk.day, administrator, terms)
    arrived, waiting, kept = desk.record(), desk.record(), desk.record()
    desk.upload()
    late = desk.record()
    desk.discard(arrived)
    desk.discard(waiting)
    desk.discard(late)
    done = desk.upload()
    assert [(one.kind.value, one.trouble) for one in done] == [("forget", None)] * 3
    assert in_store(terms) == sorted([kept.sealed.name, kept.peaks.name])
    with desk.day.work(reading=True) as w:
        gone = [has_copies(w, desk.id_of(one)) for one in (arrived, waiting, late, kept)]
    assert gone == [False, False, False, True]
    known = [desk.is_known_to_be_gone(one) for one in (arrived, waiting, late, kept)]
    assert known == [True, True, True, False]
    assert len(acts(desk.day, "recording.destroyed")) == 3
    assert len(acts(desk.day, "recording.copy_removed")) == 3


def test_a_discarded_recording_is_not_gone_while_its_store_is_away(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, share: Path
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record()
    desk.upload()
    desk.discard(one)
    marker = (share / MARKER).read_text()
    (share / MARKER).unlink()
    assert troubles(desk) == ["recordings.store_away"]
    with desk.day.work(reading=True) as w:
        assert has_copies(w, desk.id_of(one))
    assert desk.day.read(administrator, views.storage).to_forget == 1
    assert not desk.is_known_to_be_gone(one)
    (share / MARKER).write_text(marker)
    desk.day.later(seconds=15)
    assert troubles(desk) == [None]
    assert in_store(folder_terms) == []
    assert desk.is_known_to_be_gone(one)


@on_file
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "overtaken"])
def test_what_was_on_its_way_when_another_store_was_entered_is_remembered(
    desk: UploadingDesk,
    administrator: Actor,
    folder_terms: StoreTerms,
    tmp_path: Path,
    is_killed: bool,
) -> None:
    enter(desk.day, administrator, folder_terms)
    one = desk.record()
    newer = tmp_path / "newer"
    newer.mkdir()

    class Slow(FolderStore):
        def put(self, name: str, *given: Any, **named: Any) -> None:
            super().put(name, *given, **named)
            if name != one.sealed.name:
                return
            if is_killed:
                raise Killed
            enter(desk.day, administrator, newer_terms)

    newer_terms = replace(folder_terms, folder=str(newer), marker=folder_store.mark(newer))
    try:
        desk.upload(
            opening=lambda terms: (
                open_store(terms)
                if terms.folder == str(newer)
                else Slow(Path(terms.folder), terms.marker)
            )
        )
    except Killed:
        enter(desk.day, administrator, newer_terms)
        desk.upload()
    assert desk.files() == []
    assert in_store(newer_terms) == in_store(folder_terms) != []
    desk.discard(one)
    desk.upload()
    assert in_store(newer_terms) == in_store(folder_terms) == []
    assert desk.is_known_to_be_gone(one)


def test_any_desk_deletes_what_has_left_its_own(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms, tmp_path: Path
) -> None:
    enter(desk.day, administrator, folder_terms)
    arrived = desk.record()
    desk.upload()
    waiting = desk.record()
    desk.discard(arrived)
    desk.discard(waiting)
    other = UploadingDesk(
        desk.day, tmp_path / "other", actor=replace(desk.day.operator, desk_id="desk-2")
    )
    assert len(other.upload()) == 1, "not what its own desk may just be uploading"
    assert not desk.is_known_to_be_gone(arrived), "its own desk has yet to look for the file"
    assert len(desk.upload()) == 1
    assert desk.is_known_to_be_gone(waiting)


def test_what_lies_at_a_desk_with_a_new_name_is_uploaded_all_the_same(
    desk: UploadingDesk, administrator: Actor, folder_terms: StoreTerms
) -> None:
    enter(desk.day, administrator, folder_terms)
    desk.record()
    desk.actor = replace(desk.actor, desk_id="desk-renamed")
    assert desk.upload() == []
    adopt_strays(desk.perform, desk.folder)
    assert troubles(desk) == [None, None]
    assert len(acts(desk.day, "recording.adopted")) == 1


def test_tries_come_further_and_further_apart_up_to_a_quarter_of_an_hour() -> None:
    waits = [next_try(attempts, IN_HOURS) - IN_HOURS for attempts in range(1, 200)]
    assert waits[0] == FIRST_WAIT
    assert waits[1:6] == [FIRST_WAIT * 2**n for n in range(1, 6)]
    assert set(waits[6:]) == {LONGEST_WAIT}
