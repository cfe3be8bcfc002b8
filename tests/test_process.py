"""What a process of the desk holds stays with it."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import ctypes, resource
from desk_app.process import keep_to_oneself
keep_to_oneself()
get_dumpable = 3
print(*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(get_dumpable, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_no_process_leaves_a_core_dump() -> None:
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, check=True, text=True)
    assert found.stdout.split() == ["0", "0", "0"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders of a user are private there")
def test_every_file_is_its_users_own(tmp_path: Path) -> None:
    """The database and the locks too, which are opened without a mode."""
    made = (
        "import sys; from pathlib import Path; from desk_app.process import keep_to_oneself; "
        "from desk_app.storage.engines import encrypted_file; "
        "from desk_app.folder import FolderLock; "
        "keep_to_oneself(); folder = Path(sys.argv[1]); "
        "FolderLock(folder); encrypted_file(folder / 'office.db', bytes(32)).connect()"
    )
    subprocess.run([sys.executable, "-c", made, str(tmp_path)], check=True)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes.keys() >= {"desk.lock", "office.db"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("module", ["desk_app", "desk_app.recordings.recorder_process"])
def test_every_program_of_the_desk_begins_with_it(module: str) -> None:
    arguments = {"desk_app": ["audit", "verify", "--help"]}.get(module, [])
    watched = (
        "import runpy, sys; from desk_app import process; "
        "process.keep_to_oneself = lambda: (_ for _ in ()).throw(SystemExit(42)); "
        f"sys.argv = [{module!r}, *{arguments!r}]; "
        f"runpy.run_module({module!r}, run_name='__main__')"
    )
    assert subprocess.run([sys.executable, "-c", watched], check=False).returncode == 42
