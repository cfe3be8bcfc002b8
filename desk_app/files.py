"""Writing a file so that it is there as a whole or not at all.

Drafts, settings and exports go through here: a full disk, a crash or a read-only folder leaves
the old file, or none, and never half of a new one.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from desk_app.errors import Fault

_FAULTS = {
    errno.ENOSPC: "files.disk_full",
    errno.EDQUOT: "files.disk_full",
    errno.EFBIG: "files.disk_full",  # what the file system or this process may hold at most
    errno.EACCES: "files.read_only",
    errno.EPERM: "files.read_only",
    errno.EROFS: "files.read_only",
    errno.ENOENT: "files.no_folder",
    errno.ENOTDIR: "files.no_folder",
}


def fault_of(error: OSError) -> Fault:
    """The desk's error for an error of the file system; never names the file."""
    return Fault(_FAULTS.get(error.errno or 0, "files.cannot_write"))


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write ``path`` through a temporary neighbour, readable by its owner only (0600).

    Left without an error, what was written is on the disk and has replaced the file; left with
    one, the old file is untouched and nothing of the new one remains. Errors of the file system
    are raised as `Fault`; any other error passes through.
    """
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as sink:
                yield sink
                sink.flush()
                os.fsync(sink.fileno())
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise fault_of(error) from error


def sync_folder(folder: Path) -> None:
    """Bring the new name to the disk as well, where folders can be opened (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
