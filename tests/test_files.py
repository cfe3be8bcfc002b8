"""Files are there as a whole or not at all, and a data folder belongs to one desk at a time."""

import contextlib
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk_app.errors import Fault, Refused
from desk_app.files import whole_file
from desk_app.folder import FolderLock, open_folder
from tests.surroundings import no_room_beyond, without_root


def test_a_whole_file_replaces_the_old_one_and_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"old")
    with whole_file(path) as sink:
        sink.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"old")
    with (
        pytest.raises(Fault, match=r"files\.disk_full"),
        no_room_beyond(50_000),
        whole_file(path) as sink,
    ):
        sink.writelines([b"x" * 10_000] * 20)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_of_the_writer_passes_through_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "list.csv") as sink:
        sink.writelines(bytes(1 // n) for n in (1, 0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [("missing/list.csv", r"files\.no_folder"), ("file/list.csv", r"files\.no_folder")],
)
def test_a_missing_folder_is_said(tmp_path: Path, path: str, code: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Fault, match=code), whole_file(tmp_path / path):
        pass


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with (
        pytest.raises(Fault, match=r"files\.read_only"),
        without_root(),
        whole_file(tmp_path / "list.csv"),
    ):
        pass
    tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


def test_a_named_data_folder_has_to_be_there(tmp_path: Path) -> None:
    assert open_folder(tmp_path) == tmp_path.resolve()
    (tmp_path / "file").touch()
    for absent in (tmp_path / "share", tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(Fault, match=r"folder\.missing"):
            open_folder(absent)
    assert not (tmp_path / "share").exists()


def test_a_read_only_data_folder_is_said() -> None:
    with TemporaryDirectory() as folder:  # pytest's own folders let nobody else in
        Path(folder).chmod(0o555)
        with pytest.raises(Fault, match=r"folder\.read_only"), without_root():
            open_folder(Path(folder))
        Path(folder).chmod(0o755)


@given(name=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_of_a_folder_is_answered(tmp_path: Path, name: str) -> None:
    with contextlib.suppress(Refused, Fault):  # anything else fails the test
        assert open_folder(tmp_path / name).is_dir()


def test_one_desk_holds_a_folder_and_its_end_frees_it(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from desk_app.folder import FolderLock\n"
            "lock = FolderLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Refused, match=r"folder\.in_use"):
            FolderLock(tmp_path)
        other.kill()
    with FolderLock(tmp_path), pytest.raises(Refused, match=r"folder\.in_use"):
        FolderLock(tmp_path)
    FolderLock(tmp_path).release()
