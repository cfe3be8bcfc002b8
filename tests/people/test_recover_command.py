"""``desk recover``: two persons and the recovery key, at the command line."""

import os
import subprocess
import sys
from pathlib import Path

from desk_app.clock import SystemClock
from desk_app.office import Office
from tests.offices import ADMINISTRATOR, DPO, FoundedOffice, found

NEW = ("harvest-lantern-61-moon", "river-bamboo-28-cloud")


def recover(folder: Path, *logins: str, typed: str) -> "subprocess.CompletedProcess[str]":
    chosen = [part for login in logins for part in ("--login", login)]
    return subprocess.run(
        [sys.executable, "-m", "desk_app", "recover", "--data", str(folder), *chosen],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )


def founded(tmp_path: Path) -> FoundedOffice:
    return found(tmp_path / "desk", SystemClock())


def test_two_persons_with_the_recovery_key_get_new_passwords(tmp_path: Path) -> None:
    office = founded(tmp_path)
    typed = "\n".join((office.recovery.printable(), *NEW, ""))
    done = recover(office.folder, ADMINISTRATOR.login, DPO.login, typed=typed)
    assert (done.returncode, done.stderr) == (0, "")
    with Office.at(office.folder, clock=SystemClock()) as opened:
        for person, password in zip((ADMINISTRATOR, DPO), NEW, strict=True):
            opened.sign_in(person.login, password).sign_out()


def test_a_wrong_key_or_one_person_changes_nothing(tmp_path: Path) -> None:
    office = founded(tmp_path)
    wrong = recover(office.folder, ADMINISTRATOR.login, DPO.login, typed="nonsense\na\nb\n")
    alone = recover(office.folder, DPO.login, typed="")
    assert (wrong.returncode, alone.returncode) == (1, 2)
    for failed in (wrong, alone):
        assert len(failed.stderr.splitlines()) == 1
        assert "Traceback" not in failed.stderr
    with Office.at(office.folder, clock=SystemClock()) as opened:
        opened.sign_in(DPO.login, DPO.password).sign_out()
