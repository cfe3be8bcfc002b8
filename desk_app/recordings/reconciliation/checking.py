"""Whether files and copies of recordings are what was sealed. Needs no key and no database.

Reads every byte of what it is given: for a worker, some ten milliseconds a call, and for a copy
as long as its way from the store takes.
"""

import hashlib
import re
from pathlib import Path

from desk_app.errors import DeskError
from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.reconciliation.kinds import Reason
from desk_app.recordings.reconciliation.pages import (
    CheckedCopy,
    CheckedFile,
    ExpectedCopy,
    ExpectedFile,
)
from desk_app.recordings.stores.base import Store, Watch, unwatched

_UID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def check(folder: Path, expected: ExpectedFile) -> CheckedFile:
    """Compare one file with what its row says. A header may have been renewed with the keys."""
    files = RecordingFiles(folder, expected.uid)
    try:
        damage = damage_of(files, expected)
    except FileNotFoundError:
        return CheckedFile(expected, is_there=False)
    return CheckedFile(expected, True, damage, has_waveform=files.peaks.exists())


def check_copy(
    store: Store, folder: Path, expected: ExpectedCopy, *, watch: Watch = unwatched
) -> CheckedCopy:
    """Read one copy back, through a file in ``folder`` that is removed again.

    Raises what the store says if it is away. A store that is there and twice doesn't hand a copy
    over has one that can't be read.
    """
    files = RecordingFiles(folder, expected.uid)
    for _ in range(2):
        try:
            store.fetch(files.sealed.name, files.sealed, watch=watch)
            return CheckedCopy(expected, True, damage_of(files, expected))
        except DeskError as error:
            if error.code == "recordings.store_missing":
                return CheckedCopy(expected, is_there=False)
            if not error.code.startswith("recordings.store_"):
                raise
            store.names(expected.uid)
        finally:
            files.sealed.unlink(missing_ok=True)
    return CheckedCopy(expected, is_there=True, damage=Reason.UNREADABLE)


def sealed_here(folder: Path) -> tuple[str, ...]:
    """The uids of the sealed files in a folder, in order."""
    names = (path.name.removesuffix(".age") for path in folder.glob("*.age"))
    return tuple(sorted(name for name in names if not name.endswith(".peaks")))


def damage_of(files: RecordingFiles, expected: ExpectedFile | ExpectedCopy) -> Reason | None:
    """Why the sealed file isn't what its row says; `FileNotFoundError` if it isn't there."""
    try:
        with files.sealed.open("rb") as source:
            digest = age.payload_digest(source).hex()
            size = source.seek(0, 2)
    except FileNotFoundError:
        raise
    except (OSError, age.AgeError):
        return Reason.UNREADABLE
    if digest == expected.digest:
        return None
    return Reason.CUT if size < expected.size_bytes else Reason.CHANGED


def known_as(uid: str) -> str:
    """What a file is called in a finding: a name that isn't ours may say anything."""
    return uid if _UID.fullmatch(uid) else hashlib.sha256(uid.encode()).hexdigest()[:32]
