"""A large demo office: made in steps, gone on with after a kill, whole in the end."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk_app.audit import views as audit_views
from desk_app.clock import FixedClock
from desk_app.demo import growing
from desk_app.demo.growing import GROWING_FILE, grow_demo
from desk_app.demo.office import demo_accounts
from desk_app.errors import Refused
from desk_app.office import Office
from desk_app.people.access import Role
from desk_app.search import service as search
from desk_app.search import views as search_views
from desk_app.search.pages import Query
from desk_app.words import Words
from ui import commands
from ui.progress_bar import ProgressBar

ROOT = Path(__file__).parents[2]


class Stopped(Exception):
    pass


def test_what_was_interrupted_goes_on_where_it_stopped(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "BATCH", 20)
    monkeypatch.setattr(growing, "SOME_CASES", 30)
    folder, told = tmp_path / "demo", []

    def tell(done: int, wanted: int) -> None:
        told.append((done, wanted))
        if len(told) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        grow_demo(folder, clock=clock, language="en", cases=90, tell=tell)
    assert (folder / GROWING_FILE).exists()
    grow_demo(folder, clock=clock, language="en", cases=None, tell=tell)
    assert told == [(n, 90) for n in (0, 20, 40, 40, 60, 90)]
    grow_demo(folder, clock=clock, language="en", cases=None, tell=tell)  # nothing is left to do
    assert len(told) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    supervisor, dpo = (
        next(one for one in demo_accounts(folder) if one.role is role)
        for role in (Role.SUPERVISOR, Role.DPO)
    )
    with Office.at(folder, clock=clock) as office:
        with office.sign_in(supervisor.login, supervisor.password) as desk:
            ids = desk.perform(search.find, Query()).ids
            rows = desk.read(search_views.rows, ids)
            assert len(desk.perform(search.find, Query("お問い合わせ")).ids) > 5
        with office.sign_in(dpo.login, dpo.password) as desk:
            assert desk.read(audit_views.verdict, ()).first_bad is None
    assert len(rows) == 90
    assert [row.opened_at for row in rows] == sorted((row.opened_at for row in rows), reverse=True)
    numbers = sorted(row.number or "" for row in rows)
    for year in {number[:4] for number in numbers}:
        of_year = [number for number in numbers if number.startswith(year)]
        assert of_year == [f"{year}-{position:06d}" for position in range(1, len(of_year) + 1)]


def test_a_folder_with_something_else_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Refused, match="demo_folder_taken"):
        grow_demo(tmp_path, clock=clock, language="en", cases=1, tell=lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("number", ["0", "-1", "1000000000", "many", "1.5", ""])
def test_a_number_of_cases_that_means_nothing_is_refused(number: str, tmp_path: Path) -> None:
    from desk_app import cli

    folder = tmp_path / "demo"
    given = ["demo", f"--cases={number}", "--data", str(folder), "--language", "en"]
    assert cli.main(given, commands.COMMANDS) == cli.NOT_UNDERSTOOD
    assert not folder.exists()


def test_after_a_kill_the_command_itself_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "desk_app", "demo", "--cases", "1200", "--language", "en"]
    command += ["--data", str(folder)]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
    }
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert any(b"of 1,200" in line for line in first.stdout)  # it has begun to grow
        first.send_signal(signal.SIGKILL)
    wanted = json.loads((folder / GROWING_FILE).read_text())["cases"]
    assert wanted == 1200
    again = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert not (folder / GROWING_FILE).exists()
    assert "1,200 of 1,200" in again.stdout
    assert str(folder) in again.stdout.splitlines()[-2]


def test_the_bar_shows_share_rate_and_time_left() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, now = Terminal(), iter([0.0, 10.0])
    bar = ProgressBar(Words("en"), to=terminal, clock=lambda: next(now))
    bar.tell(0, 4_000)
    bar.tell(1_000, 4_000)
    bar.end()
    last = terminal.getvalue().split("\r")[-1]
    assert last.startswith("[#######-")
    assert "25 %  1,000 of 4,000  100/s  0:30 left" in last
