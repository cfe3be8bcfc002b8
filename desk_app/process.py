"""What every process of the desk does first, to keep what it holds to itself."""

import ctypes
import os
import sys

_PR_SET_DUMPABLE = 4


def keep_to_oneself() -> None:
    """Files for this user only, whoever makes them (SQLite asks nobody), and no core dumps."""
    os.umask(0o077)
    _forbid_core_dumps()


def _forbid_core_dumps() -> None:
    """No core dumps: they would put keys, personal data and sound on the disk.

    On Linux other programs of the same user can't look into the memory either. Windows and
    macOS write none by themselves; there the limit is set as far as there is one.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # the limit doesn't bind a core_pattern that is a pipe
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
