"""An office moved to a server and back, cut off anywhere, and everything that a move refuses."""

import random
import shutil
from itertools import count
from pathlib import Path

import pytest

from desk_app.audit import views as audit
from desk_app.backup.making import Watching
from desk_app.backup.rules import KEPT
from desk_app.clock import FixedClock
from desk_app.errors import Refused
from desk_app.keys.grants import GrantKind
from desk_app.moving import copying
from desk_app.moving.move import Moved, give_up, to_file, to_server
from desk_app.office import Office
from desk_app.places import CREDENTIAL_FILE, FilePlace, ServerPlace
from desk_app.recordings.stores.base import Interrupted
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


def stopped_by(chance: random.Random) -> Watching:
    asked, last = count(1), chance.randint(1, 40)
    return Watching(is_stopped=lambda: next(asked) >= last)


def test_there_and_back_cut_off_anywhere(
    founded_in_files: FoundedOffice,
    empty_hosting: Hosting,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows, chain, numbers, keys and index go along; old stores are registered and expire."""
    monkeypatch.setattr(copying, "ROWS_A_BATCH", 7)
    folder, chance = founded_in_files.folder, random.Random(5)
    with Office.at(folder, clock=clock) as office:
        ids = write_cases(office, 2)
    cut_off = 0
    for move in (
        lambda watching: goes_to(empty_hosting, folder, clock, watching),
        lambda watching: comes_back(folder, clock, watching),
    ):
        for attempt in count():
            try:
                moved = move(stopped_by(chance) if attempt < 3 else None)
            except Interrupted:
                cut_off += 1
                with (
                    Office.at(folder, clock=clock) as office,
                    pytest.raises(Refused, match=r"office.moving"),
                ):
                    sign_in(office, DPO)
                continue
            assert moved.rows > 80
            break
        ids.append(works(folder, clock, ids))
    assert cut_off
    left = sorted(path.name for path in folder.iterdir() if path.name.startswith("office."))
    assert [name.startswith("office.moved-") for name in left] == [True]
    with Office.at(folder, clock=clock) as office:
        assert isinstance(office.place, FilePlace)
        days_pass(office, clock, KEPT)
        with sign_in(office, ADMINISTRATOR) as desk:
            desk.remove_expired_copies()
    assert not (folder / left[0]).exists()
    assert not (folder / CREDENTIAL_FILE).exists()
    with empty_hosting.running.connect() as superuser:
        roles = empty_hosting.roles(superuser)
    assert set(roles) == {empty_hosting.owner.role}
    with empty_hosting.connect(empty_hosting.owner) as owner:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'keyring')"
        assert owner.execute(tables).fetchone() == (0,)


def test_a_move_that_is_given_up_leaves_the_office_where_it_was(
    founded_on_server: FoundedOffice, clock: FixedClock, tmp_path: Path
) -> None:
    """Also for a desk that was signed in all the time: it could read on, and write nothing."""
    folder, second = founded_on_server.folder, tmp_path / "second"
    second.mkdir()
    for name in ("settings.toml", CREDENTIAL_FILE):
        shutil.copy(folder / name, second)
    with Office.at(second, clock=clock) as other, sign_in(other, OPERATOR) as desk:
        with pytest.raises(Interrupted):
            comes_back(folder, clock, Watching(is_stopped=lambda: True))
        with pytest.raises(Refused, match=r"office.moving"):
            write_through(desk)
        with pytest.raises(Refused, match=r"office.moving"):
            sign_in(other, SUPERVISOR)
        give_up(folder, ADMINISTRATOR.login, ADMINISTRATOR.password, clock=clock)
        write_through(desk)
    with pytest.raises(Refused, match=r"moving.none"):
        give_up(folder, ADMINISTRATOR.login, ADMINISTRATOR.password, clock=clock)
    with Office.at(folder, clock=clock) as office:
        assert isinstance(office.place, ServerPlace)
        sign_in(office, DPO).sign_out()


def write_through(desk):  # type: ignore[no-untyped-def]
    from desk_app.people import service

    desk.perform(service.choose_language, "de")


def test_what_a_move_refuses(
    template_office: FoundedOffice,
    founded_on_server: FoundedOffice,
    hosting: Hosting,
    clock: FixedClock,
    tmp_path: Path,
) -> None:
    folder = Path(shutil.copytree(template_office.folder, tmp_path / "in a file"))
    with pytest.raises(Refused, match=r"moving.in_file"):
        comes_back(folder, clock)
    with pytest.raises(Refused, match=r"people.not_permitted"):
        to_server(folder, DPO.login, DPO.password, hosting.where, hosting.owner, clock=clock)
    with pytest.raises(Refused, match=r"moving.not_empty"):  # another office's
        goes_to(hosting, folder, clock)
    with pytest.raises(Refused, match=r"moving.on_server"):
        goes_to(hosting, founded_on_server.folder, clock)
    give_up(folder, ADMINISTRATOR.login, ADMINISTRATOR.password, clock=clock)
    with hosted(hosting.running) as bare, bare.running.connect() as superuser:
        superuser.execute(f"ALTER ROLE {bare.owner.role} NOCREATEROLE")
        with pytest.raises(Refused, match=r"moving.owner_rights"):
            goes_to(bare, folder, clock)
    give_up(folder, ADMINISTRATOR.login, ADMINISTRATOR.password, clock=clock)
    with Office.at(folder, clock=clock) as office:
        sign_in(office, OPERATOR).sign_out()
