"""The recovery drill of the README, done as it stands there: paper, stock tools, nothing of ours.

The commands are read from the README, so that it and this test can't part.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
import sqlcipher3

from desk_app.keys.recovery import NewRecoveryKey, RecoveryKey
from desk_app.office import Office
from desk_app.people import service as people
from desk_app.people import views as staff
from desk_app.people.rules import StepKind
from desk_app.recordings.rotation import service, views
from tests.offices import ADMINISTRATOR, DPO, FOUNDING, OPERATOR, SUPERVISOR, FoundedOffice, sign_in
from tests.postgres import Hosting
from tests.recordings.rotation.recorded import Recorded, record

README = Path(__file__).parents[2] / "README.md"
SECONDS = 2.0


def section() -> str:
    text = README.read_text("utf-8")
    return text.partition("## Recovery drill\n")[2].partition("\n## ")[0]


def commands(language: str, *, psql: bool = False) -> list[str]:
    """The section's blocks of this language, those for a server or the others."""
    blocks = re.findall(rf"```{language}\n(.*?)```", section(), re.DOTALL)
    return [block for block in blocks if ("psql" in block) is psql]


class Drill:
    """An empty folder with the paper and what was copied out of the desk's data folder."""

    def __init__(self, folder: Path, office: Office, paper: str) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("office", "recordings"):
            if (office.folder / name).exists():
                shutil.copytree(office.folder / name, folder / name)
        (folder / "paper.txt").write_text(paper + "\n")

    def shell(self, script: str, **variables: str) -> None:
        subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **variables},
            check=True,
            capture_output=True,
        )

    def do(self) -> "Drill":
        for block in commands("sh"):
            self.shell(block)
        return self

    def seconds(self, one: Recorded) -> float:
        with av.open(str(self.folder / "opened" / f"{one.files.uid}.ogg")) as sound:
            frames = list(sound.decode(audio=0))
        assert all(frame.layout.nb_channels == 2 for frame in frames)
        return sum(frame.samples / frame.sample_rate for frame in frames)

    @property
    def keys(self) -> list[str]:
        """The lines that aren't names."""
        lines = (self.folder / "database.txt").read_text().splitlines()
        return [line for line in lines if not line.startswith("#")]

    def people(self) -> set[str]:
        """What the database says, opened by the README's statements and then read as SQLite."""
        (key,) = self.keys
        assert re.fullmatch("[0-9a-f]{64}", key)
        (statements,) = commands("sql")
        place = os.path.relpath(self.folder / "opened" / "office.db")
        connection = sqlcipher3.connect(str(self.folder / "office" / "office.db"))
        connection.executescript(
            statements.replace("KEY'", f"{key}'", 1).replace("opened/office.db", place)
        )
        connection.close()
        import sqlite3

        plain = sqlite3.connect(self.folder / "opened" / "office.db")
        names = {name for (name,) in plain.execute("SELECT name FROM person")}
        plain.close()
        return names


@pytest.fixture
def recorded(office: Office) -> Iterator[Recorded]:
    return record(office, SECONDS)


def on_paper(key: RecoveryKey) -> str:
    """As it is printed, broken into the lines that somebody typed."""
    words = key.printable().split(" ")
    return "\n".join(" ".join(words[at : at + 4]) for at in range(0, len(words), 4))


EVERYBODY = {person.name for person in FOUNDING.people.values()}


def test_a_recording_and_the_database_are_recovered_with_the_paper_and_stock_tools(
    office: Office, founded: FoundedOffice, recorded: Recorded, tmp_path: Path
) -> None:
    drill = Drill(tmp_path / "drill", office, on_paper(founded.recovery)).do()
    assert drill.seconds(recorded) == pytest.approx(SECONDS, abs=0.1)
    assert drill.people() == EVERYBODY


def test_it_works_after_the_databases_key_was_renewed(
    office: Office, founded: FoundedOffice, recorded: Recorded, tmp_path: Path
) -> None:
    before = Drill(tmp_path / "before", office, on_paper(founded.recovery)).do().keys
    with sign_in(office, ADMINISTRATOR) as desk:
        leaving = next(u.user_id for u in desk.read(staff.users) if u.login == OPERATOR.login)
        desk.perform(people.remove_user, leaving, custody=desk.custody)
    drill = Drill(tmp_path / "after", office, on_paper(founded.recovery)).do()
    assert drill.keys != before
    assert drill.people() == EVERYBODY
    assert drill.seconds(recorded) == pytest.approx(SECONDS, abs=0.1)


def test_a_new_recovery_key_takes_the_place_of_the_old_one(
    office: Office, founded: FoundedOffice, recorded: Recorded, tmp_path: Path
) -> None:
    new = NewRecoveryKey()
    new.confirm(" ".join(new.key.groups[at] for at in new.typed_back.asked))
    with sign_in(office, SUPERVISOR) as desk:
        desk.perform(service.ask_rotation, StepKind.ROTATE_RECOVERY)
    with sign_in(office, DPO) as officer:
        (step,) = officer.read(views.keys_page).waiting
        officer.perform(service.rotate_recovery_key, step.step_id, new, custody=officer.custody)
        assert officer.recordings.rewrap().count == 1
    later = record(office, SECONDS)

    drill = Drill(tmp_path / "new", office, on_paper(new.key)).do()
    assert drill.people() == EVERYBODY
    assert drill.seconds(recorded) == pytest.approx(SECONDS, abs=0.1)
    assert drill.seconds(later) == pytest.approx(SECONDS, abs=0.1)

    old = Drill(tmp_path / "old", office, on_paper(founded.recovery))
    for block in commands("sh"):
        with pytest.raises(subprocess.CalledProcessError) as failed:
            old.shell(block.replace("done > database.txt", "done"))
        assert b"no identity matched" in failed.value.stderr


@pytest.mark.parametrize("founded", ["server"], indirect=True)
def test_on_a_server_it_gives_the_owner_and_the_recordings(
    office: Office, founded: FoundedOffice, recorded: Recorded, hosting: Hosting, tmp_path: Path
) -> None:
    drill = Drill(tmp_path / "drill", office, on_paper(founded.recovery))
    credential = json.loads((office.folder / "server.credential").read_text())
    where = hosting.where
    (read_keyring,) = commands("sh", psql=True)
    drill.shell(
        read_keyring,
        PGHOST=where.host,
        PGPORT=str(where.port),
        PGDATABASE=where.database,
        PGSSLROOTCERT=where.authority,
        PGSSLMODE="verify-full",
        PGUSER=credential["role"],
        PGPASSWORD=credential["password"],
    )
    recordings, database = commands("sh")
    drill.shell(recordings)
    drill.shell(database.replace("database [", "owner ["))
    (owner,) = drill.keys
    assert json.loads(owner) == {"role": hosting.owner.role, "password": hosting.owner.password}
    assert drill.seconds(recorded) == pytest.approx(SECONDS, abs=0.1)


@pytest.fixture
def founded(request: pytest.FixtureRequest) -> FoundedOffice:
    where = "on_server" if getattr(request, "param", "") == "server" else "in_files"
    office: FoundedOffice = request.getfixturevalue(f"founded_{where}")
    return office
