"""What survives: a kill in the middle of writing, a full disk, a change of the key, a thief."""

import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from desk_app.audit.log import record
from desk_app.audit.verify import verify
from desk_app.clock import FixedClock
from desk_app.errors import Fault
from desk_app.people.model import Person
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.rekey import rekey_file
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import open_work
from tests.conftest import IN_HOURS

KEY = bytes(range(32))
NEW_KEY = bytes(range(32, 64))
SECRET = "秘密のご相談：返金について090-1234-5678"
MEBIBYTE = 1024 * 1024


@contextmanager
def office(path: Path, key: bytes = KEY) -> Iterator[Engine]:
    engine = encrypted_file(path, key)
    try:
        yield engine
    finally:
        engine.dispose()


def make_office(path: Path) -> None:
    with office(path) as engine:
        prepare(engine, metadata(), now=IN_HOURS)


def enter_person(engine: Engine, name: str) -> None:
    with open_work(engine, FixedClock(IN_HOURS)) as work:
        work.session.add(Person(name=name, created_at=work.now))
        record(None, work, "people.user_added")
        work.commit()


def people_in(engine: Engine) -> int:
    """How many there are; the file and its audit chain have been found sound."""
    with open_work(engine, FixedClock(IN_HOURS), reading=True) as work:
        assert work.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        count = work.session.scalar(select(func.count(Person.id)))
        found = verify(work)
        assert (found.entries, found.first_bad) == (count, None)
    return count


WRITER = """
import sys
from pathlib import Path
from tests.storage.test_durability import enter_person, office

with office(Path(sys.argv[1])) as engine:
    for number in range(100_000):
        enter_person(engine, str(number))
        print(number, flush=True)
"""


def test_what_was_committed_survives_a_kill(tmp_path):
    path = tmp_path / "office.db"
    make_office(path)
    before = 0
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            last = [writer.stdout.readline() for _ in range(random.randint(1, 60))][-1]
            writer.kill()
            told = [last, *writer.stdout]  # what it still said before it died
            assert writer.wait() == -signal.SIGKILL
        committed = int([line for line in told if line.endswith("\n")][-1]) + 1
        with office(path) as engine:
            after = people_in(engine)
        assert after - before in (committed, committed + 1)  # the last may not have been told
        before = after


@pytest.fixture
def small_disk(tmp_path):
    """A folder that holds four MiB a file: a file system where we may mount, else a limit."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        yield folder
        subprocess.run(["umount", folder], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MEBIBYTE, hard))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill(engine: Engine) -> None:
    for _ in range(100):
        enter_person(engine, "佐" * 20_000)


def test_a_full_disk_is_said_and_leaves_nothing_half_done(small_disk):
    path = small_disk / "office.db"
    make_office(path)
    with office(path) as engine:
        with pytest.raises(Fault, match=r"storage\.disk_(full|failed)"):
            fill(engine)
        written = people_in(engine)
        assert 3 < written < 100
    with office(path) as engine:
        assert people_in(engine) == written


def test_a_disk_that_was_full_from_the_start_is_said(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(Fault, match=r"storage\."):
            make_office(tmp_path / "office.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_file_holds_what_was_written(tmp_path):
    path = tmp_path / "office.db"
    make_office(path)
    with office(path) as engine:
        enter_person(engine, SECRET)
        with engine.connect() as connection:  # large enough for a temporary file, if it had one
            connection.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
                " SELECT count(*) FROM (SELECT i || ? AS s FROM n ORDER BY s DESC)",
                (SECRET,),
            )
        found = contents(tmp_path)
        assert {"office.db", "office.db-wal"} <= set(found)
    found |= {f"closed {name}": content for name, content in contents(tmp_path).items()}
    known = [SECRET.encode(), SECRET.encode("utf-16-le"), b"CREATE TABLE", b"SQLite format 3"]
    for content in found.values():
        assert [text for text in known if text in content] == []
    assert found["office.db"]


# A change of the key


def test_after_a_rekey_only_the_new_key_opens(tmp_path):
    path = tmp_path / "office.db"
    make_office(path)
    with office(path) as engine:
        enter_person(engine, SECRET)
    rekey_file(path, KEY, NEW_KEY)
    with office(path, KEY) as engine, pytest.raises(Fault, match=r"storage\.wrong_key"):
        engine.connect()
    with office(path, NEW_KEY) as engine:
        assert people_in(engine) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["office.db"]


def test_a_file_in_use_is_not_rekeyed(tmp_path):
    path = tmp_path / "office.db"
    make_office(path)
    with office(path) as engine:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM person")
            with pytest.raises(Fault, match=r"storage\.busy"):
                rekey_file(path, KEY, NEW_KEY)
        assert people_in(engine) == 0


@pytest.mark.parametrize("key", [b"", KEY[:31], KEY * 2])
def test_a_new_key_has_32_bytes(tmp_path, key):
    with pytest.raises(ValueError, match="32 bytes"):
        rekey_file(tmp_path / "never opened", KEY, key)


REKEYER = """
import sys
from pathlib import Path
from tests.storage.test_durability import KEY, NEW_KEY, rekey_file

rekey_file(Path(sys.argv[1]), KEY, NEW_KEY)
"""


@pytest.fixture(scope="module")
def large_office(tmp_path_factory):
    """An office of some nine MB."""
    path = tmp_path_factory.mktemp("large") / "office.db"
    make_office(path)
    with office(path) as engine:
        for _ in range(30):
            enter_person(engine, "佐" * 100_000)
    return path


def size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def journal_of(share: float) -> Callable[[Path, int], bool]:
    return lambda path, _: size(path.with_name("office.db-journal")) > share * size(path)


def database_touched(path: Path, before: int) -> bool:
    return size(path.with_name("office.db-journal")) > 0 and path.stat().st_mtime_ns != before


@pytest.mark.parametrize(
    "moment", [journal_of(0), journal_of(0.4), journal_of(0.9), database_touched]
)
def test_a_killed_rekey_leaves_one_key_that_opens(tmp_path, large_office, moment):
    path = tmp_path / "office.db"
    shutil.copy(large_office, path)
    before = path.stat().st_mtime_ns
    with subprocess.Popen([sys.executable, "-c", REKEYER, str(path)]) as rekeyer:
        while not moment(path, before) and rekeyer.poll() is None:
            pass
        rekeyer.kill()
    opening = []
    for order in ((KEY, NEW_KEY), (NEW_KEY, KEY)):  # whichever is tried first
        again = shutil.copytree(tmp_path, tmp_path / f"try{len(opening)}") / "office.db"
        opening.append([key for key in order if opens(again, key)])
    assert opening in ([[KEY], [KEY]], [[NEW_KEY], [NEW_KEY]])


def opens(path: Path, key: bytes) -> bool:
    with office(path, key) as engine, suppress(Fault):
        assert people_in(engine) == 30
        return True
    return False
