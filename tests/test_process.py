"""What is in memory stays there."""

import subprocess
import sys

import pytest

LOOK = """
import ctypes, resource
from desk_app.process import forbid_core_dumps
forbid_core_dumps()
get_dumpable = 3
print(*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(get_dumpable, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_no_process_leaves_a_core_dump() -> None:
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, check=True, text=True)
    assert found.stdout.split() == ["0", "0", "0"]


@pytest.mark.parametrize("module", ["desk_app", "desk_app.recordings.recorder_process"])
def test_every_program_of_the_desk_forbids_them_at_its_start(module: str) -> None:
    arguments = {"desk_app": ["audit", "verify", "--help"]}.get(module, [])
    watched = (
        "import runpy, sys; from desk_app import process; "
        "process.forbid_core_dumps = lambda: (_ for _ in ()).throw(SystemExit(42)); "
        f"sys.argv = [{module!r}, *{arguments!r}]; "
        f"runpy.run_module({module!r}, run_name='__main__')"
    )
    assert subprocess.run([sys.executable, "-c", watched], check=False).returncode == 42
