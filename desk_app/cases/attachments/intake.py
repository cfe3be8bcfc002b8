"""Taking a file in: its bytes are read once, and everything is decided on what was read.

Runs outside of any transaction, on a worker: the viewer's process takes its time.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from desk_app.cases.attachments.names import clean_name
from desk_app.cases.attachments.rules import (
    FILE_LIMIT_BYTES,
    MEGABYTE,
    SHOWN,
    FileKind,
    Remark,
    kind_of,
    trailing,
)
from desk_app.cases.attachments.viewing import look
from desk_app.errors import Refused

_CHECKED_PX = 64


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that may be attached: checked, decoded once, and not kept anywhere yet."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    kind: FileKind
    pages: int
    width_px: int | None
    height_px: int | None
    remarks: tuple[Remark, ...]


def take_file(path: Path, *, is_stopped: Callable[[], bool] = lambda: False) -> Taken:
    """The file at ``path``, read once and to its limit; it is never opened again."""
    return take(read_once(path), path.name, is_stopped=is_stopped)


def take(content: bytes, name: str, *, is_stopped: Callable[[], bool] = lambda: False) -> Taken:
    """What was dropped, pasted or read; `Refused` with what it is if it isn't accepted."""
    kind = kind_of(content, name)
    remarks = {Remark.TRAILING} if trailing(kind, content) else set()
    pages, width, height = 1, None, None
    if kind in SHOWN and kind is not FileKind.TEXT:
        seen = look(kind, content, longest_px=_CHECKED_PX, is_stopped=is_stopped)
        pages, width, height = seen.pages, seen.full_width_px, seen.full_height_px
        remarks |= seen.remarks
    return Taken(
        name=clean_name(name),
        content=content,
        kind=kind,
        pages=pages,
        width_px=width,
        height_px=height,
        remarks=tuple(sorted(remarks)),
    )


def read_once(path: Path) -> bytes:
    """The bytes of a regular file; what is no file, can't be read or is too large is `Refused`."""
    # Without O_NONBLOCK the opening of a pipe waits for somebody at its other end.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refused("attachments.no_file")
            if status.st_size > FILE_LIMIT_BYTES:
                raise Refused("attachments.too_large", limit=FILE_LIMIT_BYTES // MEGABYTE)
            return file.read(FILE_LIMIT_BYTES + 1)
    except IsADirectoryError:
        raise Refused("attachments.no_file") from None
    except (OSError, ValueError):  # a name with a NUL is a ValueError
        raise Refused("attachments.not_readable") from None  # from None: the cause has the path
