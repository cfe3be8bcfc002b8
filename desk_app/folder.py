"""The data folder of an office on this machine: found, checked, and used by one desk at a time."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from desk_app.errors import Fault, Refused
from desk_app.files import fault_of

LOCK_FILE = "desk.lock"


def default_folder() -> Path:
    """Where this user's desk keeps its data unless told otherwise."""
    import platformdirs  # the window of a named folder starts without it

    return platformdirs.user_data_path("inquiry-desk", appauthor=False)


def open_folder(path: Path | None = None) -> Path:
    """The data folder, ready to be written to; the default one is made where it is missing.

    A folder that the user named has to exist, so that a share that is not mounted or a slip of
    the keyboard does not begin an empty office: `Fault` says which.
    """
    folder = path or default_folder()
    try:
        if path is None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not folder.is_dir():
            raise Fault("folder.missing", folder=folder)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=_EFFECTIVE):
            raise Fault("folder.read_only", folder=folder)
    except ValueError as error:  # a path that no file system takes, e.g. with a NUL in it
        raise Refused("folder.no_path") from error
    except OSError as error:
        raise Fault("folder.missing", folder=folder) from error
    return folder.resolve()


_EFFECTIVE = os.access in os.supports_effective_ids


class FolderLock:
    """Holds a data folder for this process; the system lets go of it when the process ends.

    Raises `Refused` where another desk holds it and `Fault` where the folder can't be written.
    Use it as a context manager, or call `release`.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._file: IO[bytes] = (folder / LOCK_FILE).open("ab")
        except OSError as error:
            raise fault_of(error) from error
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise Refused("folder.in_use", folder=folder) from error

    def release(self) -> None:
        """Let another desk have the folder. The lock file stays: removing it would race."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_held(folder: Path) -> bool:
    """Whether another process holds this folder now."""
    try:
        with FolderLock(folder):
            return False
    except Refused:
        return True
    except Fault:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
