"""A disk whose power may fail: what the real files would be like afterwards.

Between real calls of the operating system this watches what a program creates, syncs, renames
and unlinks in one folder, and can say at any of these moments what a power cut might leave:
only what was synced is sure. What was written since may be there wholly, up to any byte, in some
of its sectors or not at all, each file for itself; a file may have grown without its bytes
(zeros); names that were made, changed or removed since the folder was synced may or may not be.
"""

import os
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECTOR = 512


@dataclass
class _File:
    synced: bytes = b""
    last: bytes = b""
    """Its bytes when its last name went; until then they are read where they lie."""


@dataclass
class PowerCut:
    """The folder that is watched; ``moment`` is called before and after each step."""

    folder: Path
    moment: Callable[[], None] = lambda: None
    _files: dict[int, _File] = field(default_factory=dict)
    _synced_names: dict[str, int] = field(default_factory=dict)
    _steps: list[tuple[str, ...]] = field(default_factory=list)
    _inodes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path in self.folder.iterdir():
            inode = path.stat().st_ino
            self._files[inode] = _File(path.read_bytes())
            self._synced_names[path.name] = inode

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch what this process does in the folder."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("open", "fsync", "fdatasync", "replace", "unlink"):
                patch.setattr(os, name, self._wrap(getattr(os, name), getattr(self, f"_{name}")))
            yield

    def _wrap(self, real: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def wrapped(*args: Any, **named: Any) -> Any:
            self.moment()
            if real.__name__ == "unlink":
                note(None, *args)
            result = real(*args, **named)
            if real.__name__ != "unlink":
                note(result, *args)
            self.moment()
            return result

        return wrapped

    def _is_here(self, path: Any) -> bool:
        return Path(path).parent == self.folder

    def _open(self, handle: int, path: Any, flags: int, *_: Any) -> None:
        inode = os.fstat(handle).st_ino
        if flags & os.O_CREAT and self._is_here(path) and inode not in self._files:
            self._files[inode] = _File()
            self._step("link", Path(path).name, inode)

    def _fsync(self, _: None, handle: int) -> None:
        about = os.fstat(handle)
        if stat.S_ISDIR(about.st_mode):
            if about.st_ino == self.folder.stat().st_ino:
                self._synced_names = self._names(self._steps)
                self._steps = []
        elif about.st_ino in self._files:
            self._files[about.st_ino].synced = self._now(about.st_ino)

    _fdatasync = _fsync

    def _replace(self, _: None, source: Any, target: Any) -> None:
        if self._is_here(source):
            self._step("rename", Path(source).name, Path(target).name)

    def _unlink(self, _: None, path: Any, *__: Any) -> None:
        if self._is_here(path) and Path(path).exists():
            inode = Path(path).stat().st_ino
            self._files[inode].last = Path(path).read_bytes()
            self._step("unlink", Path(path).name)

    def _step(self, *step: Any) -> None:
        self._steps.append(step)

    def _now(self, inode: int) -> bytes:
        for path in self.folder.iterdir():
            if path.stat().st_ino == inode:
                return path.read_bytes()
        return self._files[inode].last

    def _names(self, steps: list[Any]) -> dict[str, int]:
        """The names after some of the steps; one whose file isn't there does nothing."""
        names = dict(self._synced_names)
        for kind, name, *to in steps:
            if kind == "link":
                names[name] = to[0]
            elif name in names:
                inode = names.pop(name)
                if kind == "rename":
                    names[to[0]] = inode
        return names

    def kill(self, into: Path) -> None:
        """What is there if only the process ends now."""
        into.mkdir()
        for path in self.folder.iterdir():
            (into / path.name).write_bytes(path.read_bytes())

    def cut(self, into: Path, chance: random.Random) -> None:
        """What a power cut might leave now."""
        into.mkdir()
        if chance.random() < 0.5:  # a file system that keeps the order of names
            steps = self._steps[: chance.randint(0, len(self._steps))]
        else:
            steps = [step for step in self._steps if chance.random() < 0.5]
        for name, inode in self._names(steps).items():
            content = _torn(self._files[inode].synced, self._now(inode), chance)
            (into / name).write_bytes(content)


def _torn(synced: bytes, written: bytes, chance: random.Random) -> bytes:
    """What may be left of a file that was ``synced`` and then ``written``."""
    if synced == written:
        return synced
    way = chance.choice(("old", "new", "byte", "sectors", "zeros"))
    if way == "old":
        return synced
    if way == "new":
        return written
    if way == "zeros":  # the length is there, the bytes aren't
        return synced + bytes(max(len(written) - len(synced), 0))
    if way == "byte":
        first = next(
            (
                at
                for at, pair in enumerate(zip(synced, written, strict=False))
                if pair[0] != pair[1]
            ),
            min(len(synced), len(written)),
        )
        at = chance.randint(first, len(written))
        return written[:at] + (synced[at:] if chance.random() < 0.5 else b"")
    size = chance.choice((len(synced), len(written)))
    left = b""
    for at in range(0, size, SECTOR):
        sector = chance.choice((synced, written))[at : at + SECTOR]
        left += sector.ljust(SECTOR, b"\0")
    return left[:size]
