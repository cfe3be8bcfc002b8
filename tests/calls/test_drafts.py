"""Drafts on disk: never readable, never lost, whole after every kind of end."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk_app.calls.drafts import DraftStore
from desk_app.errors import Fault, Refused
from desk_app.keys import age

UID = "5f0c2f8e-1111-4222-8333-444455556666"
SECRET = '{"name": "佐藤花子"}'


@pytest.fixture
def store(tmp_path: Path) -> DraftStore:
    return DraftStore(tmp_path / "drafts")


@pytest.fixture(scope="module")
def operator() -> str:
    return age.generate_identity()


@pytest.fixture(scope="module")
def supervisor() -> str:
    return age.generate_identity()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_operator_and_the_supervisor_read_it_and_nobody_else(
    store: DraftStore, operator: str, supervisor: str
) -> None:
    store.save(UID, SECRET, [age.recipient_of(operator), age.recipient_of(supervisor)])
    assert store.open(UID, operator) == SECRET
    assert store.open(UID, supervisor) == SECRET
    with pytest.raises(Refused) as refused:
        store.open(UID, age.generate_identity())
    assert refused.value.code == "calls.draft_not_yours"
    assert [entry.uid for entry in store.list()] == [UID], "a stranger's try changes nothing"


def test_nothing_readable_is_on_disk(store: DraftStore, tmp_path: Path, operator: str) -> None:
    for version in range(5):
        store.save(UID, SECRET * version, [age.recipient_of(operator)])
    on_disk = files(tmp_path)
    assert list(on_disk) == [f"{UID}.draft.age"]
    for needle in ("佐藤".encode(), b"name", "佐藤".encode("utf-16-le"), b"\\u4f50"):
        assert all(needle not in content for content in on_disk.values())


def test_the_latest_version_counts_and_a_dropped_draft_is_gone(
    store: DraftStore, operator: str
) -> None:
    store.save(UID, "one", [age.recipient_of(operator)])
    store.save(UID, "two", [age.recipient_of(operator)])
    assert store.open(UID, operator) == "two"
    store.drop(UID)
    store.drop(UID)
    assert store.list() == ()
    with pytest.raises(Refused) as refused:
        store.open(UID, operator)
    assert refused.value.code == "calls.no_draft"


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other"])
def test_a_damaged_draft_is_set_aside_with_a_notice(
    store: DraftStore, tmp_path: Path, operator: str, damage: str
) -> None:
    store.save("healthy", SECRET, [age.recipient_of(operator)])
    store.save(UID, SECRET, [age.recipient_of(operator)])
    path = tmp_path / "drafts" / f"{UID}.draft.age"
    whole = path.read_bytes()
    broken = {
        "cut": whole[:-3],
        "flip": whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:],
        "empty": b"",
        "other": b"SQLite format 3\x00",
    }[damage]
    path.write_bytes(broken)
    recovered = store.recover(operator)
    assert recovered.drafts == (("healthy", SECRET),)
    assert recovered.unreadable == (UID,)
    assert (tmp_path / "drafts" / f"{UID}.draft.damaged").read_bytes() == broken
    assert [entry.uid for entry in store.list()] == ["healthy"]


def test_recovery_gives_each_person_their_own(
    store: DraftStore, operator: str, supervisor: str
) -> None:
    other = age.generate_identity()
    readers = [age.recipient_of(supervisor)]
    store.save("mine", SECRET, [age.recipient_of(operator), *readers])
    store.save("theirs", SECRET, [age.recipient_of(other), *readers])
    assert dict(store.recover(operator).drafts) == {"mine": SECRET}
    assert dict(store.recover(supervisor).drafts) == {"mine": SECRET, "theirs": SECRET}
    assert store.recover(operator).unreadable == ()


def test_an_empty_office_has_no_drafts(store: DraftStore, operator: str) -> None:
    assert store.list() == ()
    assert store.recover(operator).drafts == ()
    store.drop(UID)


@pytest.mark.parametrize("uid", ["", "../evil", "a/b", "a\x00b", "x" * 65, "あ"])
def test_a_uid_names_a_file_in_the_folder_and_nothing_else(store: DraftStore, uid: str) -> None:
    with pytest.raises(ValueError, match="uid"):
        store.save(uid, SECRET, [])


def test_a_megabyte_and_lone_surrogates_as_escapes_come_back(
    store: DraftStore, operator: str
) -> None:
    text = "長" * 350_000 + "\\ud800"
    store.save(UID, text, [age.recipient_of(operator)])
    assert store.open(UID, operator) == text


def test_on_a_full_disk_the_previous_version_stays(
    store: DraftStore, tmp_path: Path, operator: str
) -> None:
    store.save(UID, "before", [age.recipient_of(operator)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # A limit on the size of files stops a write half-way, as a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(Fault) as fault:
            store.save(UID, "after " * 1000, [age.recipient_of(operator)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert fault.value.code == "calls.draft_not_saved"
    cause = fault.value.__cause__
    assert isinstance(cause, Fault)
    assert cause.code == "files.disk_full"
    assert store.open(UID, operator) == "before"
    assert list(files(tmp_path)) == [f"{UID}.draft.age"]


_TYPING = """
import sys
from pathlib import Path
from desk_app.calls.drafts import DraftStore
store = DraftStore(Path(sys.argv[1]))
version = 0
while True:
    version += 1
    store.save(sys.argv[3], f"{version:08d} " + "x" * 200_000, [sys.argv[2]])
    print(version, flush=True)
"""


def test_after_kill_9_a_whole_version_is_there(
    store: DraftStore, tmp_path: Path, operator: str
) -> None:
    for _ in range(3):
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _TYPING,
                str(tmp_path / "drafts"),
                age.recipient_of(operator),
                UID,
            ],
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        with child.stdout as saved:
            for _ in range(5):
                heard = int(saved.readline())
            os.kill(child.pid, signal.SIGKILL)
            heard = max([heard, *map(int, saved.read().split())])
        child.wait()
        recovered = dict(store.recover(operator).drafts)
        version, _, rest = recovered[UID].partition(" ")
        assert int(version) >= heard, "what the desk was told is safe, is safe"
        assert rest == "x" * 200_000
        assert list(files(tmp_path)) == [f"{UID}.draft.age"], "half-written remains are gone"
