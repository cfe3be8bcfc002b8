"""``desk backup``, ``desk restore`` and ``desk move`` as they are typed."""

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk_app import cli, cli_keeping
from desk_app.audit import views as audit
from desk_app.clock import SystemClock
from desk_app.keys.recovery import RecoveryKey
from desk_app.office import Office
from tests.backup.kept import back_up
from tests.offices import ADMINISTRATOR, DPO, FoundedOffice, sign_in
from tests.postgres import Hosting


class Typed:
    """Runs a command with what is piped in; the code and what was said."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capsys = patch, capsys

    def __call__(self, *words: object, typed: str) -> tuple[int, str]:
        self._patch.setattr("sys.stdin", io.StringIO(typed))
        given = [str(word) for word in (*words, "--language", "en")]
        code = cli.main(given, cli_keeping.COMMANDS)
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out + said.err


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(monkeypatch, capsys)


def test_an_office_is_backed_up_and_restored(
    founded: FoundedOffice, typed: Typed, tmp_path: Path
) -> None:
    kept, empty = tmp_path / "kept", tmp_path / "empty"
    kept.mkdir()
    empty.mkdir()
    login = "--login", ADMINISTRATOR.login
    here, there = ("--data", founded.folder), ("--data", empty)
    key, password = founded.recovery.printable() + "\n", ADMINISTRATOR.password + "\n"
    code, said = typed("backup", *login, *here, typed=password)
    assert (code, "No destination" in said) == (1, True)
    code, said = typed("backup", *login, *here, "--to", kept, typed=password)
    assert (code, said.startswith("Backed up and verified")) == (0, True)
    code, said = typed("restore", kept, *here, typed=key)
    assert (code, "--discard-newer" in said) == (1, True)
    code, said = typed("restore", kept, *here, "--discard-newer", typed=key + "yes\n")
    assert (code, "was not typed" in said) == (2, True)
    code, said = typed("restore", kept, *here, "--discard-newer", typed=key + "Discard\n")
    assert (code, "office.replaced-" in said) == (0, True)
    code, said = typed("restore", kept, *there, typed="nonsense\n")
    assert code == 1
    code, said = typed("restore", kept, *there, typed=key)
    assert (code, "holds no recordings" in said) == (0, True)
    with Office.at(empty, clock=SystemClock()) as office:
        sign_in(office, DPO).sign_out()


def test_a_destination_that_is_gone_is_named_and_the_other_has_its_copy(
    founded_in_files: FoundedOffice, typed: Typed, tmp_path: Path
) -> None:
    gone, kept = tmp_path / "gone", tmp_path / "kept"
    backup = "backup", "--login", ADMINISTRATOR.login, "--data", founded_in_files.folder
    password = ADMINISTRATOR.password + "\n"
    for place in (gone, kept):
        place.mkdir()
        assert typed(*backup, "--to", place, typed=password)[0] == 0
    shutil.rmtree(gone)
    code, said = typed(*backup, typed=password)
    assert code == cli.FAILED
    assert said.startswith("Backed up and verified")
    assert "1 destinations)" in said
    assert f"Nothing was backed up to the folder {gone}. " in said
    assert f"folder {kept}" not in said
    assert len(list(kept.glob("backup-*.age"))) == 2


def test_a_list_that_is_not_where_it_was_named_is_said_with_its_path(
    founded_in_files: FoundedOffice, typed: Typed, tmp_path: Path
) -> None:
    kept, empty, nowhere = tmp_path / "kept", tmp_path / "empty", tmp_path / "no" / "such.json"
    kept.mkdir()
    empty.mkdir()
    with Office.at(founded_in_files.folder, clock=SystemClock()) as office:
        back_up(office, kept)
    key = founded_in_files.recovery.printable() + "\n"
    restore = "restore", kept, "--data", empty
    for named, missing in ((nowhere, nowhere), (tmp_path, tmp_path / "tombstones.json")):
        code, said = typed(*restore, "--tombstones", named, typed=key)
        assert (code, str(missing) in said) == (cli.FAILED, True)
    assert not (empty / "office").exists()


def test_a_folder_with_something_else_is_not_restored_into(typed: Typed, tmp_path: Path) -> None:
    """Not even a lock is left in it."""
    key = RecoveryKey.generate().printable() + "\n"
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / "recordings").mkdir()
    code, said = typed("restore", tmp_path, "--data", tmp_path, typed=key)
    assert (code, f"already holds something else: {tmp_path}." in said) == (cli.FAILED, True)
    assert {path.name for path in tmp_path.iterdir()} == {"letter.txt", "recordings"}
    (tmp_path / "letter.txt").unlink()  # what is a desk's own may lie there
    code, said = typed("restore", tmp_path, "--data", tmp_path, typed=key)
    assert (code, "There is no backup in this folder" in said) == (cli.FAILED, True)


MOVER = """
import itertools, os, signal, sys
from desk_app.clock import SystemClock
from desk_app.backup.making import Watching
from desk_app.keys.grants import ServerCredential
from desk_app.moving import copying, move
from desk_app.settings import Server
from pathlib import Path
folder, login, password, host, database, authority, port, role, secret, at = sys.argv[1:]
copying.ROWS_A_BATCH = 7
asked = itertools.count(1)
def die():
    if next(asked) >= int(at):
        os.kill(os.getpid(), signal.SIGKILL)
    return False
where = Server(host, database, authority, int(port))
move.to_server(Path(folder), login, password, where, ServerCredential(role, secret),
               clock=SystemClock(), watching=Watching(is_stopped=die))
"""


def test_a_move_that_was_killed_goes_on_by_the_same_command(
    founded_in_files: FoundedOffice, empty_hosting: Hosting, typed: Typed
) -> None:
    folder, where, owner = founded_in_files.folder, empty_hosting.where, empty_hosting.owner
    for at in (3, 45):
        killed = subprocess.run(
            [
                *(sys.executable, "-c", MOVER, folder),
                *(ADMINISTRATOR.login, ADMINISTRATOR.password),
                *(where.host, where.database, where.authority, str(where.port)),
                *(owner.role, owner.password, str(at)),
            ],
            env=os.environ | {"PYTHONPATH": str(Path.cwd())},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        if at == 3:
            code, said = typed(
                *("move", "--give-up", "--data", folder, "--login", ADMINISTRATOR.login),
                typed=f"{ADMINISTRATOR.password}\n\n",
            )
            assert (code, f"database {where.database} on" in said) == (0, True)
    code, said = typed(
        *("move", "--data", folder, "--login", ADMINISTRATOR.login),
        *("--to-server", where.host, "--database", where.database, "--port", where.port),
        *("--authority", where.authority, "--owner", owner.role),
        typed=f"{ADMINISTRATOR.password}\n{owner.password}\n",
    )
    assert (code, "counts and digests agree" in said) == (0, True)
    with Office.at(folder, clock=SystemClock()) as office, sign_in(office, DPO) as desk:
        assert desk.read(audit.verdict, []).first_bad is None
