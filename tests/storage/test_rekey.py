"""Changing the key of a file, also when the program is killed in the middle of it."""

import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk_app.errors import Fault
from desk_app.storage.engines import connect_file
from desk_app.storage.rekey import rekey_file

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
ROWS = 100
REKEY = f"""
import resource, signal, sys
from pathlib import Path
from desk_app.storage.rekey import rekey_file
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it otherwise
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
rekey_file(Path(sys.argv[1]), bytes.fromhex("{OLD.hex()}"), bytes.fromhex("{NEW.hex()}"))
"""


def make(path: Path, *, rows: int) -> Path:
    connection = connect_file(path, OLD)
    connection.execute("create table kept (id integer primary key, body blob)")
    connection.execute("begin immediate")
    connection.executemany(
        "insert into kept (body) values (?)", ((secrets.token_bytes(4000),) for _ in range(rows))
    )
    connection.execute("commit")
    connection.close()
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return make(tmp_path / "office.db", rows=ROWS)


def rows(path: Path, key: bytes) -> int | None:
    """How many rows the file holds, whole and unharmed; None if the key doesn't open it."""
    try:
        connection = connect_file(path, key)
    except Fault as fault:
        if fault.code != "storage.wrong_key":
            raise
        return None
    try:
        assert connection.execute("pragma cipher_integrity_check").fetchall() == []
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        found: int = connection.execute("select count(*) from kept").fetchone()[0]
        return found
    finally:
        connection.close()


def test_only_the_new_key_opens_the_file(file: Path) -> None:
    rekey_file(file, OLD, NEW)
    assert rows(file, NEW) == ROWS
    assert rows(file, OLD) is None
    assert {path.name for path in file.parent.iterdir()} <= {
        "office.db",
        "office.db-wal",
        "office.db-shm",
    }


def test_a_wrong_old_key_changes_nothing(file: Path) -> None:
    with pytest.raises(Fault):
        rekey_file(file, NEW, OLD)
    assert rows(file, OLD) == ROWS


def test_a_short_new_key_changes_nothing(file: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        rekey_file(file, OLD, b"short")
    assert rows(file, OLD) == ROWS


def test_a_file_in_use_is_not_rekeyed(file: Path) -> None:
    reader = connect_file(file, OLD)
    reader.execute("begin")
    reader.execute("select count(*) from kept").fetchone()
    with pytest.raises(Fault) as fault:
        rekey_file(file, OLD, NEW)
    reader.close()
    assert fault.value.code == "storage.busy"
    assert rows(file, OLD) == ROWS


@pytest.mark.skipif(sys.platform == "win32", reason="kills by a limit that POSIX has")
@pytest.mark.parametrize("first", [NEW, OLD], ids=["new_first", "old_first"])
def test_killed_in_the_middle_it_opens_with_the_old_key(tmp_path: Path, first: bytes) -> None:
    # Larger than the page cache, so that pages under the new key are in the file already when the
    # journal reaches the limit and the system kills the process.
    file = make(tmp_path / "office.db", rows=10_000)
    limit = file.stat().st_size * 9 // 10
    done = subprocess.run([sys.executable, "-c", REKEY, str(file), str(limit)], check=False)
    assert done.returncode == -signal.SIGXFSZ
    journal = file.with_name(file.name + "-journal")
    assert journal.stat().st_size > limit // 2
    second = OLD if first == NEW else NEW
    found = {first: rows(file, first), second: rows(file, second)}
    assert found == {OLD: 10_000, NEW: None}
