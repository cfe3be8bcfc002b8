"""Whether the files of recordings are what was sealed. Needs no key and no database.

Reads every byte of the files it is given: for a worker, some ten milliseconds a call.
"""

import hashlib
import re
from pathlib import Path

from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.reconciliation.kinds import Reason
from desk_app.recordings.reconciliation.pages import CheckedFile, ExpectedFile

_UID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def check(folder: Path, expected: ExpectedFile) -> CheckedFile:
    """Compare one file with what its row says. A header may have been renewed with the keys."""
    files = RecordingFiles(folder, expected.uid)
    try:
        with files.sealed.open("rb") as source:
            digest = age.payload_digest(source).hex()
            size = source.seek(0, 2)
    except FileNotFoundError:
        return CheckedFile(expected, is_there=False)
    except (OSError, age.AgeError):
        return CheckedFile(expected, is_there=True, damage=Reason.UNREADABLE)
    damage = None
    if digest != expected.digest:
        damage = Reason.CUT if size < expected.size_bytes else Reason.CHANGED
    return CheckedFile(expected, True, damage, has_waveform=files.peaks.exists())


def sealed_here(folder: Path) -> tuple[str, ...]:
    """The uids of the sealed files in a folder, in order."""
    names = (path.name.removesuffix(".age") for path in folder.glob("*.age"))
    return tuple(sorted(name for name in names if not name.endswith(".peaks")))


def known_as(uid: str) -> str:
    """What a file is called in a finding: a name that isn't ours may say anything."""
    return uid if _UID.fullmatch(uid) else hashlib.sha256(uid.encode()).hexdigest()[:32]
