"""``desk audit verify`` as somebody at a terminal meets it."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from desk_app import cli
from desk_app.audit.heads import remembered
from desk_app.clock import SystemClock
from desk_app.office import Office
from desk_app.places import OFFICE_FOLDER
from desk_app.settings import load, save
from desk_app.words import Words
from tests.offices import DPO, OPERATOR, FoundedOffice, sign_in


@pytest.fixture
def folder(template_office: FoundedOffice, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template_office.folder, tmp_path / "desk"))


@pytest.fixture
def verify(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command with a password piped in; its exit code, output and errors."""

    def run(*options: str, login: str = DPO.login, password: str = DPO.password):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        given = ["audit", "verify", "--language=en", f"--data={folder}", f"--login={login}"]
        code = cli.main([*given, *options], cli.COMMANDS)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_a_log_that_is_whole_is_said_to_be(verify) -> None:
    code, out, err = verify()
    assert (code, err) == (cli.DONE, "")
    assert "nothing was changed" in out


def test_a_database_that_was_set_back_is_found_by_what_the_desk_remembers(
    verify, folder: Path, tmp_path: Path
) -> None:
    later = Path(shutil.copytree(folder, tmp_path / "later"))
    for _ in range(3):
        with Office.at(later, clock=SystemClock()) as office:
            sign_in(office, OPERATOR)
    elsewhere = tmp_path / "backups"
    elsewhere.mkdir()
    for head in later.glob("audit-head-*.json"):
        shutil.copy(head, elsewhere)
    assert verify()[0] == cli.DONE
    code, out, err = verify(f"--heads={elsewhere}")
    assert (code, out) == (cli.FAILED, "")
    assert err.count("\n") == 1
    words = Words("en")
    assert any(words(f"audit.damage.{kind}") in err for kind in ("cut_off", "rewritten"))


def test_a_desk_that_was_set_back_says_so_at_sign_in_and_keeps_the_evidence(
    verify, folder: Path, tmp_path: Path
) -> None:
    before = Path(shutil.copytree(folder / OFFICE_FOLDER, tmp_path / "before"))
    with Office.at(folder, clock=SystemClock()) as office:
        sign_in(office, OPERATOR)
    shutil.rmtree(folder / OFFICE_FOLDER)
    shutil.copytree(before, folder / OFFICE_FOLDER)
    for _ in range(2):  # signing in again does not make it forget
        with Office.at(folder, clock=SystemClock()) as office:
            desk = sign_in(office, OPERATOR)
            assert "audit.notice.log_damaged" in [notice.key for notice in desk.notices]
    code, _, err = verify()
    assert code == cli.FAILED
    words = Words("en")
    assert any(words(f"audit.damage.{kind}") in err for kind in ("cut_off", "rewritten"))


def test_an_unreadable_memory_keeps_nobody_out(folder: Path) -> None:
    with Office.at(folder, clock=SystemClock()) as office:
        sign_in(office, OPERATOR)
    (memory,) = folder.glob("audit-head-*.json")
    memory.write_text("[")
    with Office.at(folder, clock=SystemClock()) as office:
        desk = sign_in(office, OPERATOR)
        assert "audit.notice.memory_unreadable" in [notice.key for notice in desk.notices]
    assert memory.read_text() == "["


def test_heads_are_copied_to_the_backup_destination(folder: Path, tmp_path: Path) -> None:
    settings = load(folder)
    (tmp_path / "backups").mkdir()
    save(folder, replace(settings, backup=str(tmp_path / "backups")))
    with Office.at(folder, clock=SystemClock()) as office:
        sign_in(office, OPERATOR)
        assert remembered(tmp_path / "backups") == remembered(folder)
    (tmp_path / "backups").rename(tmp_path / "not connected")
    with Office.at(folder, clock=SystemClock()) as office:
        desk = sign_in(office, OPERATOR)
        assert "audit.notice.not_copied" in [notice.key for notice in desk.notices]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"password": "wrong"}, "password"),
        ({"login": "nobody"}, "password"),
        ({"login": OPERATOR.login, "password": OPERATOR.password}, "role"),
    ],
)
def test_who_may_not_read_the_log_is_told_in_one_line(
    verify, options: dict[str, str], said: str
) -> None:
    status, out, err = verify(**options)
    assert (status, out) == (cli.FAILED, "")
    assert err.count("\n") == 1
    assert said in err


def test_a_missing_folder_of_heads_is_said(verify, tmp_path: Path) -> None:
    status, _, err = verify(f"--heads={tmp_path / 'gone'}")
    assert status == cli.FAILED
    assert "gone" in err


def test_an_office_that_is_open_at_another_desk_is_said(verify, folder: Path) -> None:
    with Office.at(folder, clock=SystemClock()):
        status, _, err = verify()
    assert status == cli.FAILED
    assert "Another desk" in err
