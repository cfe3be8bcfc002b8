"""Backups of a founded office: made, brought away, registered, expiring."""

from collections.abc import Iterator
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
from desk_app.recordings.stores.base import Interrupted, StoreTerms
from tests.backup.kept import SECRET_WORDS, back_up, enter, inside, write_cases
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, SUPERVISOR, sign_in
from tests.recordings.stores.servers import S3Server


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


def test_a_copy_is_registered_and_deleted_after_35_days(
    office: Office, kept: Path, clock: FixedClock
) -> None:
    made = back_up(office, kept)
    with sign_in(office, ADMINISTRATOR) as desk:
        (copy,) = desk.read(views.overview).copies
        assert (copy.name, copy.has_arrived, copy.place) == (made.name, True, str(kept))
        assert copy.expires_at - copy.made_at == KEPT == timedelta(days=35)
        clock.move_to(clock.now() + KEPT - timedelta(seconds=1))
        desk.remove_expired_copies()
        assert made.exists()
        clock.move_to(clock.now() + timedelta(seconds=1))
        away = kept.rename(kept.with_name("not connected"))
        desk.remove_expired_copies()
        (copy,) = desk.read(views.overview).copies
        assert copy.trouble == "backup.place_away"
        away.rename(kept)
        desk.remove_expired_copies()
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
    made = desk.back_up()
    assert (made.arrived, [error.code for error in made.failed]) == (1, ["backup.place_away"])
    assert names(kept) == [str(made.name)]
    troubles = {row.place: row.trouble for row in desk.read(views.overview).destinations}
    assert troubles == {str(other): "backup.place_away", str(kept): None}
    kept.rename(tmp_path / "gone too")
    with pytest.raises(Fault, match=r"backup.place_away"):
        desk.back_up()


def test_given_up_anywhere_nothing_is_left_of_it(desk: Desk, kept: Path) -> None:
    enter(desk, kept)
    shares: list[float] = []
    desk.back_up(watching=Watching(tell=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    before = names(kept)
    asked = count_checks(desk)
    for name in set(names(kept)) - set(before):
        before.append(name)
    for last in (1, asked // 2, asked - 1, asked):
        with pytest.raises(Interrupted):
            desk.back_up(watching=stopped_after(last))
        desk.remove_expired_copies()
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
    desk.back_up(watching=Watching(is_stopped=lambda: bool(asked.append(None))))
    return len(asked)


def test_what_a_cut_off_run_left_is_cleared(desk: Desk) -> None:
    left = desk.office.folder / SCRATCH_FOLDER
    left.mkdir()
    (left / "backup.age").write_bytes(b"half")
    desk.remove_expired_copies()
    assert not left.exists()


def test_a_lock_ends_a_backup_and_waits_for_nothing(desk: Desk, kept: Path) -> None:
    enter(desk, kept)
    watching = Watching(tell=lambda _share: desk.keys.forget())
    with pytest.raises((Interrupted, Refused)):
        desk.back_up(watching=watching)
    assert names(kept) == []


def test_who_may(office: Office, desk: Desk, kept: Path) -> None:
    with pytest.raises(Refused, match=r"backup.no_destination"):
        desk.back_up()
    with pytest.raises(Refused, match=r"backup.own_folder"):
        enter(desk, desk.office.recordings)
    enter(desk, kept)
    desk.perform(service.choose_hour, "21:30")
    assert desk.read(views.overview).hour == "21:30"
    with pytest.raises(Refused, match=r"backup.hour"):
        desk.perform(service.choose_hour, "24:00")
    with sign_in(office, SUPERVISOR) as other:
        other.back_up()
    with sign_in(office, OPERATOR) as other, pytest.raises(NotPermitted):
        other.back_up()


def test_what_is_erased_is_said_at_every_destination_at_once(
    office: Office, kept: Path, clock: FixedClock
) -> None:
    back_up(office, kept)
    version = inside(office, OPERATOR, lambda work: bury(work, ErasedKind.CASE, 17))
    current = read_list(kept / LIST_FILE)
    assert current is not None
    assert (current.version, current.tombstones[0].subject_id) == (version, 17)
    away = kept.rename(kept.with_name("not connected"))
    inside(office, OPERATOR, lambda work: bury(work, ErasedKind.CASE, 18))
    with sign_in(office, ADMINISTRATOR) as desk:
        (row,) = desk.read(views.overview).destinations
        assert not row.is_list_current
        assert row.trouble == "backup.place_away"
        away.rename(kept)
        desk.back_up()
        (row,) = desk.read(views.overview).destinations
        assert row.is_list_current
    newest = read_list(kept / LIST_FILE)
    assert newest is not None
    assert newest.version == version + 1


def test_a_bucket_keeps_backups_and_lets_go_of_every_version(
    desk: Desk, s3: S3Server, bucket: str, s3_terms: StoreTerms, clock: FixedClock
) -> None:
    client = s3.client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    desk.perform(service.enter_destination, try_out(s3_terms, own=desk.office.folder))
    made = desk.back_up()
    with Destination(s3_terms) as place:
        assert place.names() == [str(made.name), LIST_FILE]
    clock.move_to(clock.now() + KEPT)
    desk.remove_expired_copies()
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
        desk.back_up()
    with pytest.raises(Refused, match=r"backup.place_taken"):
        enter(desk, kept)
    inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, 17))
    assert read_list(kept / LIST_FILE) == other
    assert sorted(path.name for path in kept.iterdir()) == before
    (kept / LIST_FILE).write_bytes(b"no list")
    desk.back_up()
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
