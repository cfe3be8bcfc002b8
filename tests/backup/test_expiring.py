"""What is deleted when its time is over, and that nothing else is, whoever has registered it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desk_app.backup import views
from desk_app.backup.destinations import Destination
from desk_app.backup.rules import BORNE_OUT, LONGEST_GAP, CopyKind, borne_out
from desk_app.clock import FixedClock
from desk_app.errors import Refused
from desk_app.office import Desk, Office
from desk_app.storage.model import StoredCopy
from tests.backup.kept import back_up, enter, inside
from tests.offices import ADMINISTRATOR, OPERATOR, FoundedOffice, sign_in


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    with sign_in(office, ADMINISTRATOR) as signed_in:
        yield signed_in


def test_nothing_is_deleted_but_what_has_a_name_that_the_product_gives(
    office: Office, desk: Desk, kept: Path, clock: FixedClock
) -> None:
    """Whoever can write the register, as some client at a server, can't have it delete more."""
    (office.folder / "recordings").mkdir(exist_ok=True)
    (office.folder / "recordings" / "only.age").write_bytes(b"the only copy")
    (kept.parent / "victim.txt").write_bytes(b"beside the destination")
    (kept / "notes.txt").write_bytes(b"somebody else's")
    (kept / "tombstones.json").write_bytes(b"{}")
    (office.folder / "office.replaced-20260101T000000Z").mkdir()
    enter(desk, kept)
    backup = "backup-20260101T000000Z-0123abcd-0.age"
    (kept / backup).write_bytes(b"an old one")
    told = [
        ("..", CopyKind.REPLACED, None),
        (".", CopyKind.MOVED, None),
        ("", CopyKind.REPLACED, None),
        ("recordings", CopyKind.REPLACED, None),
        ("office", CopyKind.MOVED, None),
        ("office.replaced-20260101T000000Z/../recordings", CopyKind.REPLACED, None),
        ("1/../victim.txt", CopyKind.BACKUP, 1),
        ("1/notes.txt", CopyKind.BACKUP, 1),
        ("1/tombstones.json", CopyKind.BACKUP, 1),
        (f"2/{backup}", CopyKind.BACKUP, 1),
        (backup + "\n", CopyKind.BACKUP, 1),
        ("recordings\n", CopyKind.BACKUP, None),
        ("1/office.replaced-20260101T000000Z", CopyKind.REPLACED, 1),
        ("{}", CopyKind.MOVED_SERVER, None),
        ("[", CopyKind.MOVED_SERVER, None),
    ]
    inside(office, OPERATOR, lambda work: register(work, told, desk.actor.desk_id))
    before = everything(office.folder) | everything(kept.parent)
    desk.copies.remove_expired()
    assert everything(office.folder) | everything(kept.parent) == before
    troubles = {copy.trouble for copy in desk.read(views.overview).copies}
    assert troubles == {"backup.copy_misnamed"}
    ours = [
        ("office.replaced-20260101T000000Z", CopyKind.REPLACED, None),
        (f"1/{backup}", CopyKind.BACKUP, 1),
    ]
    inside(office, OPERATOR, lambda work: register(work, ours, desk.actor.desk_id))
    desk.copies.remove_expired()
    gone = before - (everything(office.folder) | everything(kept.parent))
    assert {path.name for path in gone} == {"office.replaced-20260101T000000Z", backup}


def everything(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.name.startswith("office.db")}


def register(work, told, desk_id):
    """As anybody can who may write the table: long over."""
    for name, kind, destination in told:
        work.session.add(
            StoredCopy(
                name=name,
                kind=kind.value,
                made_at=work.now - timedelta(days=90),
                expires_at=work.now - timedelta(days=1),
                desk_id=desk_id,
                destination_id=destination,
            )
        )


@pytest.mark.parametrize("name", ["../victim.txt", ".inquiry-desk-store", "tombstones.json", ""])
def test_a_destination_lets_go_of_backups_only(desk: Desk, kept: Path, name: str) -> None:
    with (
        Destination(enter(desk, kept)) as place,
        pytest.raises(Refused, match=r"backup.copy_misnamed"),
    ):
        place.delete(name)


def test_a_clock_that_is_wrong_at_one_desk_deletes_no_backup(
    office: Office, kept: Path, clock: FixedClock
) -> None:
    made, now = back_up(office, kept), clock.now()
    clock.move_to(now + timedelta(days=40))
    for _ in range(2):  # what it writes into the log itself doesn't bear it out
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.copies.remove_expired()
    assert made.exists()
    clock.move_to(now + timedelta(days=1))
    with sign_in(office, ADMINISTRATOR) as desk:
        desk.copies.remove_expired()
    assert made.exists()
    for day, is_there in ((43, True), (46, False)):  # later they had really closed for long
        clock.move_to(now + timedelta(days=day))
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.copies.remove_expired()
        assert made.exists() is is_there


def test_on_a_server_its_clock_has_to_say_so_as_well(
    founded_on_server: FoundedOffice, kept: Path
) -> None:
    clock = FixedClock(datetime.now(UTC))
    with Office.at(founded_on_server.folder, clock=clock) as office:
        made = back_up(office, kept)
        for days in (40, 80):
            clock.move_to(clock.now() + timedelta(days=days))
            with sign_in(office, ADMINISTRATOR) as desk:
                desk.copies.remove_expired()
        assert made.exists()
        over = "UPDATE stored_copy SET expires_at = now() - interval '1 minute'"
        with sign_in(office, ADMINISTRATOR) as desk:
            with desk.copies._readable() as source, source.engine.begin() as owner:
                owner.exec_driver_sql(over)
            desk.copies.remove_expired()
    assert not made.exists()


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(now=moments, last=moments)
def test_a_time_that_is_borne_out_is_never_later_than_the_clock_says(
    now: datetime, last: datetime
) -> None:
    assume(last <= now - BORNE_OUT)
    assert last <= borne_out(now, last) <= now
    assert (borne_out(now, last) == now) is (now - last <= LONGEST_GAP or now == last)
