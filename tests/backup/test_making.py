"""Backups of a founded office: made, brought away, registered, expiring."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_app.backup import service, views
from desk_app.backup.destinations import Destination, try_out
from desk_app.backup.making import SCRATCH_FOLDER, Watching
from desk_app.backup.rules import AT_SIGN_IN, KEPT, ErasedKind, is_due
from desk_app.backup.tombstones import LIST_FILE, TombstoneList, bury, read_list
from desk_app.clock import FixedClock
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.office import Desk, Office
from desk_app.places import CREDENTIAL_FILE
from desk_app.recordings.stores.base import Interrupted, StoreTerms
from tests.backup.kept import SECRET_WORDS, back_up, days_pass, enter, inside, write_cases
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.recordings.stores.servers import S3Server
from tests.surroundings import no_room_beyond, without_root

ROOM_BYTES = 5_000_000


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    with sign_in(office, ADMINISTRATOR) as signed_in:
        yield signed_in


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("backup-"))


def test_nothing_of_an_office_is_in_plain_in_its_backup(office: Office, kept: Path) -> None:
    write_cases(office)
    made = back_up(office, kept)
    assert SECRET_WORDS.encode() not in made.read_bytes()
    assert made.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert (kept / LIST_FILE).exists()
    assert not (office.folder / SCRATCH_FOLDER).exists()


def test_a_copy_is_registered_and_deleted_a_week_before_it_has_to_be_gone(
    office: Office, kept: Path, clock: FixedClock
) -> None:
    made = back_up(office, kept)
    with sign_in(office, ADMINISTRATOR) as desk:
        (copy,) = desk.read(views.overview).copies
        assert (copy.name, copy.has_arrived, copy.place) == (made.name, True, str(kept))
        assert copy.expires_at - copy.made_at == KEPT == timedelta(days=35 - 7)
        clock.move_to(clock.now() + KEPT - timedelta(days=3))
        sign_in(office, OPERATOR).sign_out()
        clock.move_to(copy.expires_at - timedelta(seconds=1))
        desk.copies.remove_expired()
        assert made.exists()
        clock.move_to(clock.now() + timedelta(seconds=1))
        away = kept.rename(kept.with_name("not connected"))
        desk.copies.remove_expired()
        (copy,) = desk.read(views.overview).copies
        assert copy.trouble == "backup.place_away"
        away.rename(kept)
        desk.copies.remove_expired()
        assert names(kept) == []
        assert desk.read(views.overview).copies == ()


def test_what_one_destination_refuses_keeps_no_other_from_its_copy(
    desk: Desk, kept: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    enter(desk, other)
    enter(desk, kept)
    other.rename(tmp_path / "gone")
    made = desk.copies.back_up()
    (missed,) = made.failed
    assert (made.arrived, missed.place, missed.error.code) == (1, str(other), "backup.place_away")
    assert names(kept) == [str(made.name)]
    troubles = {row.place: row.trouble for row in desk.read(views.overview).destinations}
    assert troubles == {str(other): "backup.place_away", str(kept): None}
    kept.rename(tmp_path / "gone too")
    with pytest.raises(Fault, match=r"backup.place_away"):
        desk.copies.back_up()


def test_given_up_anywhere_nothing_is_left_of_it(desk: Desk, kept: Path) -> None:
    enter(desk, kept)
    shares: list[float] = []
    desk.copies.back_up(watching=Watching(tell=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    before = names(kept)
    asked = count_checks(desk)
    for name in set(names(kept)) - set(before):
        before.append(name)
    for last in (1, asked // 2, asked - 1, asked):
        with pytest.raises(Interrupted):
            desk.copies.back_up(watching=stopped_after(last))
        desk.copies.remove_expired()
        assert names(kept) == sorted(before)
        assert not (desk.office.folder / SCRATCH_FOLDER).exists()
    assert sorted(copy.name for copy in desk.read(views.overview).copies) == sorted(before)


def stopped_after(checks: int) -> Watching:
    """Gives up the given time that it is asked."""
    asked = count(1)
    return Watching(is_stopped=lambda: next(asked) >= checks)


def count_checks(desk: Desk) -> int:
    """How often a backup asks whether to give up."""
    asked: list[None] = []
    desk.copies.back_up(watching=Watching(is_stopped=lambda: bool(asked.append(None))))
    return len(asked)


def test_what_a_cut_off_run_left_is_cleared_but_never_what_runs(desk: Desk, kept: Path) -> None:
    """A backup's own folder, and whole offices that a restore was cut off with."""
    left = [
        desk.office.folder / name
        for name in (SCRATCH_FOLDER, "office.restoring", "office.restored")
    ]
    for folder in left:
        folder.mkdir()
        (folder / "office.db").write_bytes(b"half")
    desk.copies.remove_expired()
    assert not any(folder.exists() for folder in left)
    enter(desk, kept)
    told: list[float] = []

    def meanwhile(share: float) -> None:
        desk.copies.remove_expired()
        with pytest.raises(Refused, match=r"backup.running"):
            desk.copies.back_up()
        told.append(share)

    desk.copies.back_up(watching=Watching(tell=meanwhile))
    assert told


def test_desks_of_a_server_back_up_one_after_the_other(
    founded_on_server: FoundedOffice, kept: Path, tmp_path: Path, clock: FixedClock
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    for name in ("settings.toml", CREDENTIAL_FILE):
        shutil.copy(founded_on_server.folder / name, second)
    with (
        Office.at(founded_on_server.folder, clock=clock) as here,
        Office.at(second, clock=clock) as there,
        sign_in(here, ADMINISTRATOR) as desk,
        sign_in(there, DPO) as other,
        sign_in(there, SUPERVISOR) as supervisor,
    ):
        assert (desk.copies.reads_all, other.copies.reads_all, supervisor.copies.reads_all) == (
            True,
            True,
            False,
        )
        enter(desk, kept)
        refusals: set[str] = set()

        def meanwhile(_share: float) -> None:
            if not refusals:
                with pytest.raises(Refused) as refused:
                    other.copies.back_up()
                refusals.add(refused.value.code)

        desk.copies.back_up(watching=Watching(tell=meanwhile))
        assert refusals == {"backup.running"}
        other.copies.back_up()
    assert len(names(kept)) == 2


def test_a_lock_ends_a_backup_and_waits_for_nothing(desk: Desk, kept: Path) -> None:
    enter(desk, kept)
    watching = Watching(tell=lambda _share: desk.keys.forget())
    with pytest.raises((Interrupted, Refused)):
        desk.copies.back_up(watching=watching)
    assert names(kept) == []


def test_who_may(office: Office, desk: Desk, kept: Path) -> None:
    with pytest.raises(Refused, match=r"backup.no_destination"):
        desk.copies.back_up()
    with pytest.raises(Refused, match=r"backup.own_folder"):
        enter(desk, desk.office.recordings)
    enter(desk, kept)
    desk.perform(service.choose_hour, "21:30")
    assert desk.read(views.overview).hour == "21:30"
    with pytest.raises(Refused, match=r"backup.hour"):
        desk.perform(service.choose_hour, "24:00")
    with sign_in(office, SUPERVISOR) as other:
        other.copies.back_up()
    with sign_in(office, OPERATOR) as other, pytest.raises(NotPermitted):
        other.copies.back_up()


def test_what_is_erased_is_said_at_every_destination_at_once(office: Office, kept: Path) -> None:
    """Or as soon as it is reached, by who may make backups: others' signatures don't count."""
    back_up(office, kept)
    version = inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, 17))
    current = read_list(kept / LIST_FILE)
    assert current is not None
    assert (current.version, current.tombstones[0].subject_id) == (version, 17)
    away = kept.rename(kept.with_name("not connected"))
    inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, 18))
    with sign_in(office, ADMINISTRATOR) as desk:
        (row,) = desk.read(views.overview).destinations
        assert not row.is_list_current
        assert row.trouble == "backup.place_away"
        away.rename(kept)
        desk.copies.hand_out_tombstones()
        (row,) = desk.read(views.overview).destinations
        assert (row.is_list_current, row.trouble) == (True, None)
    inside(office, OPERATOR, lambda work: bury(work, ErasedKind.CASE, 19))
    assert newest_at(kept) == version + 1
    with sign_in(office, SUPERVISOR) as desk:
        desk.copies.hand_out_tombstones()
    assert newest_at(kept) == version + 2


def newest_at(kept: Path) -> int:
    newest = read_list(kept / LIST_FILE)
    assert newest is not None
    return newest.version


def test_a_destination_that_is_full_or_not_ours_to_write_is_said(
    desk: Desk, kept: Path, tmp_path: Path
) -> None:
    """And nothing half of it stays there, nor keeps the next one from working."""
    enter(desk, kept)
    attachments = desk.office.folder / "attachments"
    attachments.mkdir(exist_ok=True)
    (attachments / "0123.age").write_bytes(secrets.token_bytes(2 * ROOM_BYTES))
    with full_when_sending(desk) as watching, pytest.raises(Fault, match=r"backup.place_full"):
        desk.copies.back_up(watching=watching)
    assert names(kept) == []
    assert not (desk.office.folder / SCRATCH_FOLDER).exists()
    (row,) = desk.read(views.overview).destinations
    assert row.trouble == "backup.place_full"
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    kept.chmod(0o555)
    (kept / ".inquiry-desk-store").chmod(0o444)
    with Destination(terms_of(desk)) as place, without_root():
        with pytest.raises(Refused, match=r"backup.place_refused"):
            place.put("backup-20260601T000000Z-0123abcd-0.age", Path(__file__))
        with pytest.raises(Refused, match=r"backup.place_refused"):
            try_out(terms_of(desk), own=tmp_path / "own")
    kept.chmod(0o755)
    desk.copies.remove_expired()
    desk.copies.back_up()
    (row,) = desk.read(views.overview).destinations
    assert (row.trouble, len(names(kept))) == (None, 1)


def terms_of(desk: Desk) -> StoreTerms:
    ((_, terms),) = desk.perform(service.plan).destinations
    return terms


@contextmanager
def full_when_sending(desk: Desk) -> Iterator[Watching]:
    """The backup is made and verified; while it is brought away, no file grows so large, as the
    office's own never does here."""
    with ExitStack() as filled:

        def tell(share: float) -> None:
            if share > 0.8 and not filled_up:
                filled_up.append(share)
                filled.enter_context(no_room_beyond(ROOM_BYTES))

        filled_up: list[float] = []
        yield Watching(tell=tell)


def test_a_bucket_keeps_backups_and_lets_go_of_every_version(
    office: Office, desk: Desk, s3: S3Server, bucket: str, s3_terms: StoreTerms, clock: FixedClock
) -> None:
    client = s3.client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    desk.perform(service.enter_destination, try_out(s3_terms, own=desk.office.folder))
    made = desk.copies.back_up()
    with Destination(s3_terms) as place:
        assert place.names() == [str(made.name), LIST_FILE]
    days_pass(office, clock, KEPT)
    desk.copies.remove_expired()
    versions = client.list_object_versions(Bucket=bucket)
    kept = (*versions.get("Versions", ()), *versions.get("DeleteMarkers", ()))
    assert {one["Key"].rpartition("/")[2] for one in kept} == {LIST_FILE}


def test_a_bucket_that_keeps_what_is_deleted_is_refused(desk: Desk, s3: S3Server) -> None:
    client = s3.client()
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    client.put_object_lock_configuration(
        Bucket="locked",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
    with pytest.raises(Refused, match=r"backup.not_erasable"):
        try_out(s3.terms("locked"), own=desk.office.folder)


def test_a_place_keeps_the_backups_of_one_office(
    office: Office, desk: Desk, kept: Path, clock: FixedClock
) -> None:
    """Two lists under one name would leave each office with backups that nothing restores."""
    enter(desk, kept)
    other = TombstoneList("another office", (), "2026-06-01 00:00:00.000000", 1)
    (kept / LIST_FILE).write_bytes(other.to_bytes())
    before = sorted(path.name for path in kept.iterdir())
    with pytest.raises(Refused, match=r"backup.place_taken"):
        desk.copies.back_up()
    with pytest.raises(Refused, match=r"backup.place_taken"):
        enter(desk, kept)
    inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, 17))
    assert read_list(kept / LIST_FILE) == other
    assert sorted(path.name for path in kept.iterdir()) == before
    (kept / LIST_FILE).write_bytes(b"no list")
    desk.copies.back_up()
    ours = read_list(kept / LIST_FILE)
    assert ours is not None
    assert ours.office != other.office


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours = st.one_of(st.just(AT_SIGN_IN), st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}"))


@given(now=moments, last=moments, hour=hours)
def test_a_backup_is_due_once_a_day(now: datetime, last: datetime, hour: str) -> None:
    """Never twice between two of the hours, always after a day without."""
    due = is_due(now=now, last=last, hour=hour)
    assert is_due(now=now, last=None, hour=hour)
    assert not is_due(now=now, last=now, hour=hour)
    if now - last >= timedelta(days=1):
        assert due
    at = (
        timedelta() if hour == AT_SIGN_IN else timedelta(hours=int(hour[:2]), minutes=int(hour[3:]))
    )
    same_day = (now - at).date() == (last - at).date()
    if last <= now:
        assert due is not same_day
