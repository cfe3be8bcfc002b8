"""An office moved to a server and back, cut off anywhere, and everything that a move refuses."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desk_app.audit import views as audit
from desk_app.backup.making import Watching
from desk_app.backup.rules import KEPT
from desk_app.clock import FixedClock
from desk_app.errors import Refused
from desk_app.keys.grants import GrantKind
from desk_app.moving import in_file, on_server, quiet
from desk_app.moving.copying import Copying
from desk_app.moving.move import Moved, give_up, to_file, to_server
from desk_app.office import Office
from desk_app.places import CREDENTIAL_FILE, FilePlace, ServerPlace
from desk_app.places.moved import MOVING_FOLDER
from desk_app.recordings.stores.base import Interrupted
from desk_app.settings import Server
from tests.backup.kept import SECRET_WORDS, cases_of, days_pass, opens_case, write_cases
from tests.moving.test_restoring import hits
from tests.offices import (
    ADMINISTRATOR,
    DPO,
    OPERATOR,
    SUPERVISOR,
    FoundedOffice,
    sign_in,
)
from tests.postgres import Hosting, hosted


def goes_to(
    hosting: Hosting, folder: Path, clock: FixedClock, watching: Watching | None = None
) -> Moved:
    return to_server(
        folder,
        ADMINISTRATOR.login,
        ADMINISTRATOR.password,
        hosting.where,
        hosting.owner,
        clock=clock,
        watching=watching,
    )


def comes_back(folder: Path, clock: FixedClock, watching: Watching | None = None) -> Moved:
    return to_file(
        folder, ADMINISTRATOR.login, ADMINISTRATOR.password, clock=clock, watching=watching
    )


def gives_up(
    folder: Path, clock: FixedClock, owner_password: Callable[[], str] = str
) -> Server | None:
    return give_up(
        folder,
        ADMINISTRATOR.login,
        ADMINISTRATOR.password,
        clock=clock,
        owner_password=owner_password,
    )


def works(folder: Path, clock: FixedClock, ids: list[int]) -> int:
    """Everybody signs in, everything is found, the log is whole; a case that is written now."""
    with Office.at(folder, clock=clock) as office:
        with sign_in(office, DPO) as desk:
            assert desk.notices == ()
            assert cases_of(desk) == ids
            assert desk.read(audit.verdict, []).first_bad is None
        with sign_in(office, SUPERVISOR) as desk:
            assert desk.keys.holds(GrantKind.RECORDINGS)
        with sign_in(office, OPERATOR) as desk:
            assert sorted(hits(desk, SECRET_WORDS)) == ids
        assert SECRET_WORDS in opens_case(office, ids[0])
        (made,) = write_cases(office)
    return made


class Killed(BaseException):
    """The process is gone: nobody catches this."""


def cut_off(patch: pytest.MonkeyPatch, at: tuple[object, str], run: Callable[[], object]) -> None:
    """A move that ends behind one of its steps."""
    real = getattr(*at)

    def done(*args: Any, **named: Any) -> None:
        real(*args, **named)
        raise Killed

    with patch.context() as patched:
        patched.setattr(*at, done)
        with pytest.raises(Killed):
            run()


COPYING = ((Copying, "_begin"), (Copying, "_copy_table"), (Copying, "_fill"), (Copying, "_index"))
TO_SERVER = (
    (on_server, "prepare_target"),
    *COPYING,
    (on_server, "install"),
    (on_server, "enter"),
    (on_server, "read_authority"),
    (on_server, "enter_desk"),
)
TO_FILE = (
    (quiet, "stand_still"),
    (in_file, "_prepare_file"),
    *COPYING,
    (in_file, "_enter_in_file"),
    (in_file, "settle_file"),
    (in_file, "sync_folder"),
)


def test_there_and_back_cut_off_at_every_step(
    founded_in_files: FoundedOffice,
    empty_hosting: Hosting,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Given up, and work goes on: what is moved next is the office as it is then. Then cut off at
    each step and gone on with. Old stores are registered and expire."""
    folder, stick = founded_in_files.folder, tmp_path / "stick.pem"
    shutil.copy(empty_hosting.where.authority, stick)
    hosting = replace(empty_hosting, where=replace(empty_hosting.where, authority=str(stick)))
    with Office.at(folder, clock=clock) as office:
        ids = write_cases(office)
    for run, steps, given_up in (
        (lambda: goes_to(hosting, folder, clock), TO_SERVER, (COPYING[1], TO_SERVER[-3])),
        (lambda: comes_back(folder, clock), TO_FILE, TO_FILE[-1:]),
    ):
        for step in given_up:
            cut_off(monkeypatch, step, run)
            gives_up(folder, clock)  # what was copied to the server stays there until the next
            with Office.at(folder, clock=clock) as office:
                ids += write_cases(office)
        for step in steps:
            cut_off(monkeypatch, step, run)
        if steps is TO_FILE:
            with (
                Office.at(folder, clock=clock) as office,
                pytest.raises(Refused, match=r"office.moving"),
            ):
                sign_in(office, DPO)
            assert run().rows > 80
        stick.unlink(missing_ok=True)  # the desk keeps its own
        ids.append(works(folder, clock, ids))
    left = sorted(path.name for path in folder.iterdir() if path.name.startswith("office."))
    assert [name.startswith("office.moved-") for name in left] == [True]
    with Office.at(folder, clock=clock) as office:
        assert isinstance(office.place, FilePlace)
        days_pass(office, clock, KEPT)
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.copies.remove_expired()
    assert not (folder / left[0]).exists()
    assert not (folder / CREDENTIAL_FILE).exists()
    assert_empty(empty_hosting)


def assert_empty(hosting: Hosting) -> None:
    with hosting.running.connect() as superuser:
        assert set(hosting.roles(superuser)) == {hosting.owner.role}
    with hosting.connect(hosting.owner) as owner:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'keyring')"
        assert owner.execute(tables).fetchone() == (0,)


def test_a_move_that_is_given_up_leaves_the_office_where_it_was(
    founded_on_server: FoundedOffice, clock: FixedClock, tmp_path: Path
) -> None:
    """Also for a desk that was signed in all the time: it could read on, and write nothing."""
    folder, second, third = founded_on_server.folder, tmp_path / "second", tmp_path / "third"
    for desk_folder in (second, third):
        desk_folder.mkdir()
        for name in ("settings.toml", CREDENTIAL_FILE):
            shutil.copy(folder / name, desk_folder)
    with Office.at(second, clock=clock) as other, sign_in(other, OPERATOR) as desk:
        with pytest.raises(Interrupted):
            comes_back(folder, clock, Watching(is_stopped=lambda: True))
        with pytest.raises(Refused, match=r"office.moving"):
            write_through(desk)
        with pytest.raises(Refused, match=r"office.moving"):
            sign_in(other, SUPERVISOR)
        gives_up(third, clock)
        write_through(desk)
    with pytest.raises(Refused, match=r"moving.none"):
        gives_up(folder, clock)
    with Office.at(folder, clock=clock) as office:
        assert isinstance(office.place, ServerPlace)
        assert (folder / MOVING_FOLDER).exists()
        sign_in(office, DPO).sign_out()
        assert not (folder / MOVING_FOLDER).exists()  # a copy that nobody has registered


def write_through(desk):
    from desk_app.people import service

    desk.perform(service.choose_language, "de")


def test_what_a_move_refuses(
    template_office: FoundedOffice,
    founded_on_server: FoundedOffice,
    hosting: Hosting,
    clock: FixedClock,
    tmp_path: Path,
) -> None:
    """And nothing has begun then: everybody may still sign in."""
    folder = Path(shutil.copytree(template_office.folder, tmp_path / "in a file"))
    with pytest.raises(Refused, match=r"moving.in_file"):
        comes_back(folder, clock)
    with pytest.raises(Refused, match=r"people.not_permitted"):
        to_server(folder, DPO.login, DPO.password, hosting.where, hosting.owner, clock=clock)
    with pytest.raises(Refused, match=r"server.office_there"):  # another office's
        goes_to(hosting, folder, clock)
    with pytest.raises(Refused, match=r"moving.on_server"):
        goes_to(hosting, founded_on_server.folder, clock)
    with hosted(hosting.running) as bare:
        with bare.running.connect() as superuser:
            superuser.execute(f"ALTER ROLE {bare.owner.role} SUPERUSER")
        with pytest.raises(Refused, match=r"server.superuser"):
            goes_to(bare, folder, clock)
    with Office.at(folder, clock=clock) as office:
        sign_in(office, OPERATOR).sign_out()


def test_a_move_goes_on_to_the_same_database_only(
    founded_in_files: FoundedOffice, empty_hosting: Hosting, clock: FixedClock
) -> None:
    folder = founded_in_files.folder
    stopped = Watching(is_stopped=lambda: True)
    with pytest.raises(Interrupted):
        goes_to(empty_hosting, folder, clock, stopped)
    with (
        hosted(empty_hosting.running) as other,
        pytest.raises(Refused, match=r"moving.elsewhere"),
    ):
        goes_to(other, folder, clock)
    with pytest.raises(Refused, match=r"server.not_let_in"):  # a slip: it can be typed again
        gives_up(folder, clock, lambda: "wrong")
    assert gives_up(folder, clock, lambda: empty_hosting.owner.password) is None
    assert_empty(empty_hosting)


def test_nothing_is_left_behind_at_other_desks_unasked(
    founded_on_server: FoundedOffice, hosting: Hosting, clock: FixedClock
) -> None:
    """Nobody signs in there any more: recordings that no store has yet, drafts not saved yet."""
    folder, stopped = founded_on_server.folder, Watching(is_stopped=lambda: True)
    with Office.at(folder, clock=clock) as office:
        write_cases(office)
    with hosting.connect(hosting.owner) as owner:

        def refused(statement: str) -> tuple[int, int]:
            owner.execute(statement)
            with pytest.raises(Refused, match=r"moving.left_behind") as refusal:
                comes_back(folder, clock)
            return refusal.value.params["recordings"], refusal.value.params["contacts"]

        assert refused("UPDATE contact SET state = 'wrap_up', desk_id = 'another'") == (0, 1)
        assert refused(
            "INSERT INTO recording (id, uid, contact_id, part, state, key_version, started_at,"
            " lost_ms, timeline, desk_id) SELECT 1, 'r', id, 1, 'sealed', 1, now(), 0, '[]',"
            " 'another' FROM contact"
        ) == (1, 1)
        assert refused("UPDATE contact SET state = 'saved'") == (1, 0)
        assert refused(
            "INSERT INTO recording_store (id, kind, folder, endpoint, region, bucket, prefix,"
            " authority, access_key, secret_key, entered_by, entered_at)"
            " SELECT 1, 'folder', '', '', '', '', '', '', '', '', min(id), now() FROM user_account;"
            "INSERT INTO recording_copy (recording_id, store_id, state, attempts, next_try_at)"
            " VALUES (1, 1, 'waiting', 0, now())"
        ) == (1, 0)
        with pytest.raises(Interrupted):
            to_file(
                folder,
                ADMINISTRATOR.login,
                ADMINISTRATOR.password,
                clock=clock,
                watching=stopped,
                leave_behind=True,
            )
        gives_up(folder, clock)
        owner.execute("UPDATE recording_copy SET state = 'arrived'")
        with pytest.raises(Interrupted):
            comes_back(folder, clock, stopped)
