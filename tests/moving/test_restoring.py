"""An office restored from its backup, and everything that a restore refuses."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from desk_app.audit import views as audit
from desk_app.audit.heads import end_of_log
from desk_app.audit.log import record
from desk_app.backup import service
from desk_app.backup import views as backups
from desk_app.backup.format import Header, Writer
from desk_app.backup.rules import KEPT, ErasedKind
from desk_app.backup.tombstones import (
    LIST_FILE,
    Tombstone,
    TombstoneList,
    bury,
    read_list,
    stones_of,
)
from desk_app.cases import service as cases
from desk_app.cases.model import Case
from desk_app.clock import FixedClock
from desk_app.errors import DeskError
from desk_app.founding import FirstPerson
from desk_app.keys.recovery import RecoveryKey
from desk_app.moving.erasing import erase_again
from desk_app.moving.restoring import restore
from desk_app.office import Desk, Office
from desk_app.places import OFFICE_FOLDER, RESTORED_FOLDER
from desk_app.purposes.rules import Purpose
from desk_app.schema import metadata
from desk_app.search import service as search
from desk_app.search.pages import Query
from desk_app.storage.engines import encrypted_file
from desk_app.storage.rows import Summing, line_of, read_rows, shape_of, table_names
from desk_app.storage.schema import make_at
from desk_app.storage.unit_of_work import open_work
from tests.backup.kept import (
    SECRET_WORDS,
    back_up,
    cases_of,
    days_pass,
    inside,
    listing,
    opens_case,
    write_cases,
)
from tests.offices import ADMINISTRATOR, DPO, OPERATOR, FoundedOffice, sign_in


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def refused(*args: object, **named: object) -> str:
    """The code of the error that a restore ends with; the folder is as it was."""
    folder = args[0]
    assert isinstance(folder, Path)
    before = listing(folder)
    with pytest.raises(DeskError) as raised:
        restore(*args, **named)
    after = listing(folder)
    after.pop("settings.toml", None)
    before.pop("settings.toml", None)
    assert after == before
    return raised.value.code


def looks_whole(
    folder: Path, clock: FixedClock, ids: list[int], *, erased: Sequence[int] = ()
) -> None:
    """Cases with these ids are as they were; of those that were erased the row stays, empty."""
    with Office.at(folder, clock=clock) as office:
        for id in ids:
            assert SECRET_WORDS in opens_case(office, id)
        with sign_in(office, DPO) as desk:
            assert cases_of(desk) == sorted([*ids, *erased])
            with desk.holder.work(reading=True) as work:
                for id in erased:
                    assert work.session.get_one(Case, id).subject == ""
            assert desk.notices == ()
            assert desk.read(audit.verdict, []).first_bad is None
            said = [entry.action for entry in desk.read(audit.entries, limit=500)]
            assert "office.restored" in said


def test_an_office_comes_back_into_an_empty_folder(
    founded: FoundedOffice, kept: Path, empty: Path, clock: FixedClock
) -> None:
    with Office.at(founded.folder, clock=clock) as office:
        ids = write_cases(office, 2)
        (office.folder / "attachments").mkdir()
        (office.folder / "attachments" / "0123.age").write_bytes(b"sealed before it came here")
        back_up(office, kept)
    done = restore(empty, kept, founded.recovery, clock=clock)
    assert (done.replaced, done.erased_again, done.files) == (None, 0, 1)
    assert (empty / "attachments" / "0123.age").read_bytes() == b"sealed before it came here"
    looks_whole(empty, clock, ids)
    with Office.at(empty, clock=clock) as office, sign_in(office, OPERATOR) as desk:
        assert sorted(hits(desk, SECRET_WORDS)) == ids


def hits(desk: Desk, words: str) -> list[int]:
    return desk.perform(search.find, Query(text=words)).ids.tolist()


def test_the_backups_that_a_restored_office_knows_nothing_of_are_deleted_in_time(
    founded: FoundedOffice, kept: Path, empty: Path, clock: FixedClock
) -> None:
    """The one that it came from, and those made later; an office that was left before, as well."""
    with Office.at(founded.folder, clock=clock) as office:
        made = back_up(office, kept)
        later = back_up(office, kept)
    left = empty / "office.replaced-20260101T000000Z"
    left.mkdir()
    restore(empty, made, founded.recovery, clock=clock)
    with Office.at(empty, clock=clock) as office:
        with sign_in(office, ADMINISTRATOR) as desk:
            known = {copy.name: copy.expires_at for copy in desk.read(backups.overview).copies}
            assert known.keys() == {made.name, later.name, left.name}
            another = kept / "backup-20260601T000000Z-0123abcd-0.age"
            shutil.copy(made, another)  # … and one that somebody brought there
            desk.copies.back_up()
            copies = {copy.name: copy.expires_at for copy in desk.read(backups.overview).copies}
            assert copies.pop(another.name) < known[made.name] + timedelta(seconds=1)
            assert len(copies) == 4
        days_pass(office, clock, KEPT)
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.copies.remove_expired()
    assert not list(kept.glob("backup-*"))
    assert not left.exists()


def test_an_office_on_a_server_comes_back_into_a_file(
    founded_on_server: FoundedOffice, kept: Path, empty: Path, clock: FixedClock
) -> None:
    with Office.at(founded_on_server.folder, clock=clock) as office:
        ids = write_cases(office, 1)
        back_up(office, kept)
    restore(empty, kept, founded_on_server.recovery, clock=clock)
    looks_whole(empty, clock, ids)
    here = founded_on_server.folder, kept, founded_on_server.recovery
    assert refused(*here, clock=clock) == "backup.on_server"


def test_an_older_backup_replaces_an_office_on_the_word_only(
    founded: FoundedOffice, kept: Path, clock: FixedClock
) -> None:
    folder = founded.folder
    with Office.at(folder, clock=clock) as office:
        ids = write_cases(office)
        back_up(office, kept)
        write_cases(office)
    assert refused(folder, kept, founded.recovery, clock=clock) == "backup.older"
    done = restore(folder, kept, founded.recovery, clock=clock, discard_newer=True)
    assert done.replaced is not None
    assert (folder / done.replaced / "office.db").exists()
    looks_whole(folder, clock, ids)
    with Office.at(folder, clock=clock) as office:
        days_pass(office, clock, KEPT)
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.copies.remove_expired()
    assert not (folder / done.replaced).exists()


def test_an_office_that_is_gone_is_missed_by_what_the_desk_remembers_of_its_log(
    founded: FoundedOffice, kept: Path, clock: FixedClock
) -> None:
    with Office.at(founded.folder, clock=clock) as office:
        back_up(office, kept)
    shutil.rmtree(founded.folder / OFFICE_FOLDER)
    assert refused(founded.folder, kept, founded.recovery, clock=clock) == "backup.older"
    restore(founded.folder, kept, founded.recovery, clock=clock, discard_newer=True)
    looks_whole(founded.folder, clock, [])


def test_what_does_not_fit_is_refused_and_changes_nothing(
    founded: FoundedOffice, kept: Path, empty: Path, tmp_path: Path, clock: FixedClock
) -> None:
    with Office.at(founded.folder, clock=clock) as office:
        made = back_up(office, kept)
    key, other = founded.recovery, RecoveryKey.generate()
    assert refused(empty, kept, other, clock=clock) == "backup.wrong_key"
    assert refused(empty, tmp_path, key, clock=clock) == "backup.none_there"
    assert refused(empty, kept / LIST_FILE, key, clock=clock) == "backup.not_a_backup"
    assert refused(empty, kept / "gone.age", key, clock=clock) == "backup.unreadable"
    whole = made.read_bytes()
    made.write_bytes(whole[: len(whole) * 2 // 3])
    assert refused(empty, kept, key, clock=clock) == "backup.damaged"
    made.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    assert refused(empty, made, key, clock=clock) == "backup.damaged"
    made.write_bytes(whole)
    with Office.at(founded.folder, clock=clock) as office:
        inside(office, ADMINISTRATOR, lambda work: record(None, work, "test.passed"))
    (founded.folder / OFFICE_FOLDER / "office.db").write_bytes(b"no database")
    assert refused(founded.folder, kept, key, clock=clock) == "backup.cannot_compare"
    restore(founded.folder, kept, key, clock=clock, discard_newer=True)
    looks_whole(founded.folder, clock, [])


def test_the_backup_of_another_office_is_refused(
    founded: FoundedOffice, kept: Path, tmp_path: Path, clock: FixedClock
) -> None:
    """Even one that the same recovery key opens."""
    with Office.at(founded.folder, clock=clock) as office:
        back_up(office, kept)
        inside(
            office,
            ADMINISTRATOR,
            lambda work: work.session.execute(
                text("UPDATE office_setting SET value = 'another' WHERE name = 'office_id'")
            ),
        )
    here = founded.folder, kept, founded.recovery
    assert refused(*here, clock=clock, discard_newer=True) == "backup.other_office"


def test_what_was_erased_stays_erased(
    founded: FoundedOffice, kept: Path, empty: Path, clock: FixedClock
) -> None:
    with Office.at(founded.folder, clock=clock) as office:
        gone, stays = write_cases(office, 2)
        back_up(office, kept)
        contact = inside(office, OPERATOR, lambda work: contact_of(work, gone))
        inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, gone))
        inside(office, DPO, lambda work: bury(work, ErasedKind.CONTACT, contact))
    done = restore(empty, kept, founded.recovery, clock=clock)
    assert done.erased_again == 2
    looks_whole(empty, clock, [stays], erased=[gone])
    with Office.at(empty, clock=clock) as office:
        assert inside(office, OPERATOR, lambda work: mentions(work, SECRET_WORDS)) == {
            "case_text": 1,
            "desk_case": 1,
            "inquiry": 1,
        }
        with sign_in(office, OPERATOR) as desk:
            assert hits(desk, SECRET_WORDS) == [stays]
            with pytest.raises(DeskError):
                desk.perform(cases.open_case, gone, purpose=Purpose.INQUIRIES)
        again = inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, 99))
        assert again == 3


def contact_of(work, case_id):
    query = text("SELECT contact_id FROM case_contact WHERE case_id = :id")
    return work.session.scalar(query, {"id": case_id})


def mentions(work, words):
    """How many rows of each table hold the words."""
    connection = work.session.connection()
    found = {}
    for table in inspect(connection).get_table_names():
        rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
        holding = sum(any(isinstance(v, str) and words in v for v in row) for row in rows)
        if holding:
            found[table] = holding
    return found


def test_a_restore_needs_the_current_list(
    founded: FoundedOffice, kept: Path, empty: Path, tmp_path: Path, clock: FixedClock
) -> None:
    key = founded.recovery
    with Office.at(founded.folder, clock=clock) as office:
        made = back_up(office, kept)
        old = (kept / LIST_FILE).read_bytes()
        inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, 17))
        current = (kept / LIST_FILE).read_bytes()
        (kept / LIST_FILE).unlink()
        assert refused(empty, made, key, clock=clock) == "backup.no_tombstones"
        (kept / LIST_FILE).write_bytes(b"{}")
        assert refused(empty, made, key, clock=clock) == "backup.tombstones_unreadable"
        forged = json.loads(current) | {"tombstones": [], "version": 0}
        (kept / LIST_FILE).write_text(json.dumps(forged))
        assert refused(empty, made, key, clock=clock) == "backup.tombstones_forged"
        (kept / LIST_FILE).write_bytes(old)
        back_up(office, kept)
    (kept / LIST_FILE).write_bytes(old)  # rolled back, and a newer backup lies beside it
    assert refused(empty, made, key, clock=clock) == "backup.tombstones_old"
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_bytes(current)
    (kept / LIST_FILE).write_bytes(old[: len(old) // 2])  # one that is damaged hides no other
    restore(empty, made, key, clock=clock, lists=[elsewhere])
    # … but the office that is there knows what it has erased itself
    (kept / LIST_FILE).write_bytes(old)
    (founded.folder / LIST_FILE).unlink()
    for name in kept.glob("backup-*-1.age"):
        name.unlink()
    restore(founded.folder, made, key, clock=clock, discard_newer=True)
    with Office.at(founded.folder, clock=clock) as office:
        assert inside(office, DPO, lambda work: [one.subject_id for one in stones_of(work)]) == [17]


def test_one_list_leaves_nothing_out_that_another_knows(
    founded: FoundedOffice, kept: Path, empty: Path, tmp_path: Path, clock: FixedClock
) -> None:
    """Signing needs a key and the right to make backups; the office that is there needs neither,
    nor does the backup, and a list of one's own invention hides nothing."""
    key = founded.recovery
    with Office.at(founded.folder, clock=clock) as office:
        gone, late, stays = write_cases(office, 3)
        made = back_up(office, kept)
        inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, gone))
        honest = (kept / LIST_FILE).read_bytes()
        inside(office, DPO, lambda work: bury(work, ErasedKind.CASE, late))
        last = read_list(kept / LIST_FILE)
        assert last is not None
        short = replace(last, tombstones=last.tombstones[-1:])
        (kept / LIST_FILE).write_bytes(signed_by(office, OPERATOR, short))
        (founded.folder / LIST_FILE).unlink()
    elsewhere = tmp_path / "elsewhere.json"
    assert refused(empty, made, key, clock=clock) == "backup.tombstones_forged"
    elsewhere.write_bytes(honest)  # old, and the newer one is nobody's
    here = {"clock": clock, "lists": [elsewhere]}
    assert refused(empty, made, key, **here) == "backup.tombstones_forged"
    with Office.at(founded.folder, clock=clock) as office:
        (kept / LIST_FILE).write_bytes(signed_by(office, ADMINISTRATOR, short))
        other = replace(
            last, tombstones=(replace(last.tombstones[0], subject_id=stays), *short.tombstones)
        )
        elsewhere.write_bytes(signed_by(office, ADMINISTRATOR, other))
        honest_and_short = tmp_path / "more.json"
        honest_and_short.write_bytes(honest)
    both = {"clock": clock, "lists": [elsewhere, honest_and_short]}
    assert refused(empty, made, key, **both) == "backup.tombstones_forged"
    restore(empty, made, key, clock=clock, lists=[honest_and_short])
    looks_whole(empty, clock, [stays], erased=[gone, late])
    done = restore(founded.folder, made, key, clock=clock, discard_newer=True)
    assert done.erased_again == 2
    looks_whole(founded.folder, clock, [stays], erased=[gone, late])


def signed_by(office: Office, person: FirstPerson, one: TombstoneList) -> bytes:
    """The list, as this person can sign it with the key that everybody has."""
    with sign_in(office, person) as desk:
        theirs = replace(one, by=desk.actor.user_id, signature="")
        return replace(theirs, signature=desk.keys.sign(theirs.message()).hex()).to_bytes()


def test_an_id_that_was_erased_is_never_given_again(
    founded: FoundedOffice, kept: Path, empty: Path, clock: FixedClock
) -> None:
    """A tombstone would meet another row at the next restore, and the one after."""
    with Office.at(founded.folder, clock=clock) as office:
        ids = write_cases(office, 2)
        old = back_up(office, kept)
        (gone,) = write_cases(office)
        inside(office, DPO, lambda work: erase(work, gone))
        (new,) = write_cases(office)
        assert new > gone
        made = back_up(office, kept)
    done = restore(empty, made, founded.recovery, clock=clock)
    assert done.erased_again == 0
    looks_whole(empty, clock, [*ids, new], erased=[gone])
    restore(founded.folder, old, founded.recovery, clock=clock, discard_newer=True)
    with Office.at(founded.folder, clock=clock) as office:
        (newer,) = write_cases(office)
        assert newer > gone


def erase(work, case_id):
    """As the room of erasures does."""
    bury(work, ErasedKind.CASE, case_id)
    erase_again(work, [Tombstone(1, ErasedKind.CASE, case_id, work.now)], [])


def test_a_restore_that_was_cut_off_between_two_names_is_finished_by_the_next_opening(
    founded: FoundedOffice, clock: FixedClock
) -> None:
    inside_folder = founded.folder / OFFICE_FOLDER
    inside_folder.rename(founded.folder / RESTORED_FOLDER)
    with Office.at(founded.folder, clock=clock) as office:
        sign_in(office, ADMINISTRATOR).sign_out()
    assert inside_folder.exists()


def test_a_backup_of_an_older_program_is_upgraded_and_one_of_a_newer_refused(
    founded: FoundedOffice, kept: Path, empty: Path, clock: FixedClock
) -> None:
    """Its rows as the release before had them: in its tables, with its columns."""
    with Office.at(founded.folder, clock=clock) as office:
        (id,) = write_cases(office)
        back_up(office, kept)
        with sign_in(office, ADMINISTRATOR) as desk:
            for revision, name in (("0003", "0000aaaa"), ("9999", "0000bbbb")):
                written_by(desk, revision, kept / f"backup-20260601T000000Z-{name}-0.age")
    older, newer = sorted(kept.glob("backup-20260601*.age"))
    restore(empty, older, founded.recovery, clock=clock)
    looks_whole(empty, clock, [id])
    here = empty, newer, founded.recovery
    assert refused(*here, clock=clock, discard_newer=True) == "storage.newer_schema"


def written_by(desk: Desk, revision: str, path: Path) -> None:
    """A backup as a program of that version would have made it of this office."""
    plan = desk.perform(service.plan)
    old = encrypted_file(path.with_suffix(".old"), bytes(32))
    make_at(old, metadata(), "0003")
    with (
        desk.holder.store.engine() as engine,
        open_work(engine, desk.office.clock, reading=True) as work,
        old.connect() as before,
        path.open("wb") as sink,
        Writer(sink, (plan.recovery_recipient,)) as writer,
    ):
        connection = work.session.connection()
        seq, hash = end_of_log(work)
        writer.header(
            Header(plan.office, plan.now, revision, "file", "desk-1", seq, hash, 0, 1, False),
            desk.office.keyring.read().to_bytes(),
        )
        for name in table_names(metadata()):
            if not inspect(before).has_table(name):
                continue
            now = {column["name"] for column in inspect(connection).get_columns(name)}
            columns = [one for one in shape_of(before, name).columns if one in now]
            shape, summing = shape_of(connection, name, columns), Summing()
            writer.begin_table(shape)
            for row in read_rows(connection, shape):
                writer.row(line_of(row))
                summing.add(line_of(row))
            writer.end_table(summing.sum)
        writer.seal(desk.actor.user_id, desk.keys.sign)
    old.dispose()
