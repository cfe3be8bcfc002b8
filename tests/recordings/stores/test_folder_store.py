"""A store on a share: not mounted, full, refused, shared by two desks at once."""

import errno
import os
import secrets
import shutil
import threading
from pathlib import Path

import pytest

from desk_app.errors import Fault, Refused
from desk_app.recordings.stores import folder_store
from desk_app.recordings.stores.base import StoreKind, StoreTerms, content_of
from desk_app.recordings.stores.folder_store import MARKER, FolderStore, mark
from desk_app.recordings.stores.opening import checked, open_store, try_out
from tests.surroundings import no_room_beyond, without_root

NAME = "ab" * 16 + ".age"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one"
    path.write_bytes(secrets.token_bytes(2_000_000))
    return path


def everything(share: Path) -> list[str]:
    return sorted(path.name for path in share.rglob("*") if path.is_file())


def test_an_empty_mount_point_is_never_written_to(
    folder_terms: StoreTerms, share: Path, file: Path, tmp_path: Path
) -> None:
    mounted = share.rename(tmp_path / "elsewhere")
    share.mkdir()
    with open_store(folder_terms) as store:
        for act in (
            lambda: store.put(NAME, file, content_of(file)),
            lambda: store.fetch(NAME, tmp_path / "back"),
            lambda: store.delete(NAME),
            store.names,
        ):
            with pytest.raises(Fault, match=r"recordings\.store_away"):
                act()
        assert everything(share) == []
        share.rmdir()
        with pytest.raises(Fault, match=r"recordings\.store_away"):
            store.put(NAME, file, content_of(file))
        mounted.rename(share)
        store.put(NAME, file, content_of(file))
        assert store.names() == [NAME]


def test_another_share_in_its_place_is_not_written_to(
    folder_terms: StoreTerms, share: Path, file: Path
) -> None:
    (share / MARKER).unlink()
    mark(share)
    with (
        open_store(folder_terms) as store,
        pytest.raises(Fault, match=r"recordings\.store_not_that"),
    ):
        store.put(NAME, file, content_of(file))
    assert everything(share) == [MARKER]


def test_a_share_that_goes_away_on_the_way_gets_no_name(
    folder_terms: StoreTerms, share: Path, file: Path
) -> None:
    def unmount(moved: int) -> None:
        (share / MARKER).unlink(missing_ok=True)

    with open_store(folder_terms) as store, pytest.raises(Fault, match="store_away"):
        store.put(NAME, file, content_of(file), watch=unmount)
    assert everything(share) == []


def test_a_full_share_is_said_and_left_as_it_was(
    folder_terms: StoreTerms, share: Path, file: Path
) -> None:
    with open_store(folder_terms) as store:
        with no_room_beyond(500_000), pytest.raises(Fault, match=r"recordings\.store_full"):
            store.put(NAME, file, content_of(file))
        assert everything(share) == [MARKER]
        store.put(NAME, file, content_of(file))


def test_a_share_that_is_not_ours_to_write_is_said(
    folder_terms: StoreTerms, share: Path, file: Path, tmp_path: Path
) -> None:
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    share.chmod(0o555)
    content = content_of(file)
    file.chmod(0o644)
    with (
        without_root(),
        open_store(folder_terms) as store,
        pytest.raises(Refused, match=r"recordings\.store_refused"),
    ):
        store.put(NAME, file, content)


def test_what_was_left_half_done_is_cleared_away(
    folder_terms: StoreTerms, share: Path, file: Path
) -> None:
    shelf = share / NAME[:2]
    shelf.mkdir()
    half, others = shelf / f".{NAME}.0a0b0c0d.part", shelf / ".abcd.age.0a0b0c0d.part"
    half.write_bytes(b"half")
    others.write_bytes(b"another desk is at it")
    with open_store(folder_terms) as store:
        assert store.names() == []
        store.put(NAME, file, content_of(file))
        assert not half.exists()
        half.write_bytes(b"half")
        store.delete(NAME)
    assert everything(share) == sorted([MARKER, others.name])


def test_a_name_that_was_given_and_not_synced_is_synced_by_the_next_try(
    folder_terms: StoreTerms, share: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in between; the desk's own file goes once this try has succeeded."""
    with open_store(folder_terms) as store:
        store.put(NAME, file, content_of(file))
        synced: list[Path] = []
        monkeypatch.setattr(folder_store, "sync_folder", synced.append)
        store.put(NAME, file, content_of(file))
    assert synced == [share / NAME[:2], share]


def test_what_differs_when_read_back_is_not_kept(
    folder_terms: StoreTerms, share: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that writes something else than it was given."""
    write = os.fdatasync

    def rot(handle: int) -> None:
        os.pwrite(handle, b"rot", 1_000_000)
        write(handle)

    content = content_of(file)
    with open_store(folder_terms) as store:
        monkeypatch.setattr(os, "fdatasync", rot)
        with pytest.raises(Fault, match=r"recordings\.store_damaged"):
            store.put(NAME, file, content)
        assert everything(share) == [MARKER]
        monkeypatch.undo()
        store.put(NAME, file, content)


def test_a_disk_that_fails_in_reading_is_away(
    folder_terms: StoreTerms, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise OSError(errno.EIO, "input/output error")

    with open_store(folder_terms) as store:
        monkeypatch.setattr(Path, "open", fail)
        with pytest.raises(Fault, match=r"recordings\.store_away"):
            store.content(NAME)


def test_two_desks_at_once_on_a_share_do_not_disturb_each_other(
    folder_terms: StoreTerms, share: Path, tmp_path: Path
) -> None:
    """Each has files of its own on the same shelves; one of them both have."""
    files: dict[str, Path] = {}
    for number in range(12):
        name = f"ab{number:030x}.age"
        files[name] = tmp_path / name
        files[name].write_bytes(secrets.token_bytes(300_000))
    names = sorted(files)
    failures: list[BaseException] = []
    together = threading.Barrier(2)

    def work(mine: list[str]) -> None:
        try:
            with open_store(folder_terms) as store:
                together.wait(timeout=20)
                for name in mine:
                    store.put(name, files[name], content_of(files[name]))
                    assert store.content(name) == content_of(files[name])
        except BaseException as error:
            failures.append(error)

    desks = [threading.Thread(target=work, args=(mine,)) for mine in (names[:6], names[6:])]
    for one in desks:
        one.start()
    for one in desks:
        one.join(timeout=60)
    assert failures == []
    assert everything(share) == sorted([MARKER, *names])


def test_two_desks_that_enter_a_share_at_once_agree_on_what_it_is(share: Path) -> None:
    together = threading.Barrier(8)
    seen: list[str] = []

    def enter() -> None:
        together.wait(timeout=20)
        seen.append(mark(share))

    desks = [threading.Thread(target=enter) for _ in range(8)]
    for one in desks:
        one.start()
    for one in desks:
        one.join(timeout=20)
    assert len(seen) == 8
    assert set(seen) == {(share / MARKER).read_text()}
    assert everything(share) == [MARKER]


def test_a_copied_share_is_the_same_store(
    folder_terms: StoreTerms, share: Path, file: Path, tmp_path: Path
) -> None:
    with open_store(folder_terms) as store:
        store.put(NAME, file, content_of(file))
    copied = Path(shutil.copytree(share, tmp_path / "copied"))
    with FolderStore(copied, folder_terms.marker) as moved:
        assert moved.content(NAME) == content_of(file)


@pytest.mark.parametrize("folder", ["", "relative/folder"])
def test_a_folder_is_named_in_full(folder: str) -> None:
    with pytest.raises(Refused, match=r"recordings\.store_folder"):
        checked(StoreTerms(StoreKind.FOLDER, folder=folder))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"recordings\.store_away"):
        try_out(StoreTerms(StoreKind.FOLDER, folder=str(tmp_path / "none")))


def test_a_folder_with_a_japanese_name_and_wide_space_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "録音\u3000保存"
    folder.mkdir()
    assert try_out(StoreTerms(StoreKind.FOLDER, folder=str(folder))).folder == str(folder)
