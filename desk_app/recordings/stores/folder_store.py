"""A store in a folder: a second disk, or a share that several desks write to.

``<folder>/<first two of the name>/<name>``, and a marker file with an id of the store's own. A
share that isn't mounted leaves an empty folder in its place; without the marker nothing is written
there. A file is copied beside its place, brought to the disk, read back and only then named, so
that nobody ever meets half of it. Files are readable as the folder's own rights say: they are
sealed.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from desk_app.errors import Fault, Refused
from desk_app.files import sync_folder, whole_file
from desk_app.recordings.files import sync
from desk_app.recordings.stores.base import Content, Watch, blocks, measure, unwatched, watched

MARKER = ".inquiry-desk-store"
_MARKER_BYTES = 32
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def store_faults() -> Iterator[None]:
    """What the file system says, in the store's words."""
    try:
        yield
    except OSError as error:
        if error.errno in _REFUSED:
            raise Refused("recordings.store_refused") from None
        if error.errno in _FULL:
            raise Fault("recordings.store_full") from None
        raise Fault("recordings.store_away") from None


def mark(folder: Path) -> str:
    """The id of the store in a folder, made if there is none yet: only when it is entered."""
    path = folder / MARKER
    with store_faults():
        with suppress(FileNotFoundError):
            return _read_marker(path)
        if not folder.is_dir():
            raise Fault("recordings.store_away")
        made = secrets.token_hex(_MARKER_BYTES // 2)
        beside = folder / f"{MARKER}.{made}"
        beside.write_text(made, "ascii")
        try:
            with suppress(FileExistsError):  # another desk was faster: its id is the store's
                _name_once(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(folder)
        return _read_marker(path)


def _name_once(beside: Path, path: Path) -> None:
    """Give the marker its name, unless there is one."""
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:  # shares without hard links
        with path.open("x", encoding="ascii") as sink:
            sink.write(beside.read_text("ascii"))


def _read_marker(path: Path) -> str:
    with path.open("rb") as source:
        found = source.read(_MARKER_BYTES + 1)
    if len(found) != _MARKER_BYTES or not found.isalnum():
        raise Fault("recordings.store_away")
    return found.decode("ascii")


class FolderStore:
    """`Store` in a folder that was marked with ``marker`` when it was entered."""

    def __init__(self, folder: Path, marker: str) -> None:
        self._folder, self._marker = folder, marker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing stays open between two calls."""

    def put(
        self,
        name: str,
        source: Path,
        content: Content,
        *,
        replace: bool = False,
        watch: Watch = unwatched,
    ) -> None:
        there = self.content(name)
        if there == content:
            with (
                store_faults()
            ):  # whoever named it may have been cut off before the name was durable
                self._keep_names(name)
            return
        if there is not None and not replace:
            raise Refused("recordings.store_other")
        place = self._path(name)
        with store_faults():
            place.parent.mkdir(exist_ok=True)
            self._clear(name)
            beside = place.with_name(f".{name}.{secrets.token_hex(4)}.part")
            try:
                with source.open("rb") as origin, beside.open("xb", buffering=0) as sink:
                    for block in watched(blocks(origin), watch):
                        _write_all(sink, block)
                    sync(sink)
                    _drop_cache(sink)
                if _content(beside) != content:
                    raise Fault("recordings.store_damaged")
                self._check_there()
                beside.replace(place)
            except BaseException:
                with suppress(OSError):
                    beside.unlink()
                raise
            self._keep_names(name)

    def fetch(self, name: str, target: Path, *, watch: Watch = unwatched) -> None:
        self._check_there()
        try:
            with store_faults(), self._open(name) as source, whole_file(target) as sink:
                for block in watched(_translated(blocks(source)), watch):
                    sink.write(block)
        except _Missing:
            raise Fault("recordings.store_missing") from None

    def content(self, name: str) -> Content | None:
        self._check_there()
        try:
            with store_faults(), self._open(name) as source:
                return measure(blocks(source))
        except _Missing:
            return None

    def delete(self, name: str) -> None:
        self._check_there()
        place = self._path(name)
        with store_faults():
            place.unlink(missing_ok=True)
            self._clear(name)
            if place.parent.is_dir():
                sync_folder(place.parent)
            if place.exists():
                raise Fault("recordings.store_not_gone")

    def names(self, prefix: str = "") -> list[str]:
        self._check_there()
        with store_faults():
            shelves = self._folder.glob(f"{prefix[:2]}*" if len(prefix) < 2 else prefix[:2])
            return sorted(
                path.name
                for shelf in shelves
                if shelf.is_dir()
                for path in shelf.iterdir()
                if path.name.startswith(prefix) and not path.name.startswith(".")
            )

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            raise _Missing from None

    def _check_there(self) -> None:
        """The share is mounted, and it is the one that was entered."""
        with store_faults():
            if _read_marker(self._folder / MARKER) != self._marker:
                raise Fault("recordings.store_not_that")

    def _keep_names(self, name: str) -> None:
        """Have a file's name, and its shelf's, survive a power cut."""
        sync_folder(self._path(name).parent)
        sync_folder(self._folder)

    def _clear(self, name: str) -> None:
        """Remove what earlier tries left half of."""
        shelf = self._path(name).parent
        for left in shelf.glob(f".{name}.*.part"):
            left.unlink(missing_ok=True)


def _translated(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same parts; what goes wrong while they are read is the store's trouble, no sink's."""
    with store_faults():
        yield from parts


class _Missing(Exception):
    """There is no file of that name."""


def _content(path: Path) -> Content:
    with path.open("rb") as source:
        return measure(blocks(source))


def _write_all(sink: BinaryIO, block: bytes) -> None:
    """Raw writes may be short on a disk that fills up."""
    view = memoryview(block)
    while view:
        view = view[sink.write(view) :]


def _drop_cache(file: BinaryIO) -> None:
    """Let it be read back from where it lies, not from this machine's memory."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
