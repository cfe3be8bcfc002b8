"""``desk backup``, ``desk restore`` and ``desk move`` as they are typed."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk_app import cli, cli_keeping
from desk_app.audit import views as audit
from desk_app.clock import SystemClock
from desk_app.office import Office
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
