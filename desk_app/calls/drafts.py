"""Drafts of contacts on disk: encrypted from the first keystroke, whole at every moment.

One file a draft, ``<uid>.draft.age``, a standard age file for the operator and the supervisors.
A save writes a new file beside it, syncs it and renames it over the old one: after a crash or
on a full disk the previous version is still there. What can't be read any more is set aside as
``<uid>.draft.damaged`` and never deleted by the desk. File names hold no personal data.
"""

import contextlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk_app.errors import Fault, Refused
from desk_app.files import sync_folder, whole_file
from desk_app.keys import age

_SUFFIX = ".draft.age"
_DAMAGED = ".draft.damaged"
_UID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """A draft that lies in the store; whose it is shows on opening it."""

    uid: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came back: readable drafts as (uid, JSON text), and the uids of those that can't be
    read, of which the damaged ones have been set aside."""

    drafts: tuple[tuple[str, str], ...]
    unreadable: tuple[str, ...]


class DraftStore:
    """The drafts of one desk, in a folder of their own, made if missing.

    Used on any one thread at a time for each draft. Errors of the disk are `Fault`.
    """

    ENDS = (_SUFFIX, _DAMAGED)
    """How the names of a draft's files end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, uid: str, form_json: str, recipients: Sequence[str]) -> None:
        """Replace the draft's file; if this raises, the previous version is untouched."""
        path = self._path(uid)
        sealed = io.BytesIO()
        with age.encrypt(sealed, recipients) as sink:
            sink.write(form_json.encode())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with whole_file(path) as file:
                file.write(sealed.getvalue())
        except (Fault, OSError) as error:
            raise Fault("calls.draft_not_saved") from error

    def open(self, uid: str, identity: str) -> str:
        """The draft's JSON text.

        `Refused("calls.no_draft")` if there is none, `Refused("calls.draft_not_yours")` if it
        is addressed to others. A damaged one is set aside: `Fault("calls.draft_damaged")`.
        """
        path = self._path(uid)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError as error:
            raise Refused("calls.no_draft") from error
        except OSError as error:
            raise Fault("calls.draft_not_readable") from error
        try:
            with age.decrypt(io.BytesIO(sealed), [identity]) as source:
                return source.read().decode()
        except age.NoMatch as error:
            raise Refused("calls.draft_not_yours") from error
        except age.InvalidKey:
            raise  # the identity's fault, not the draft's
        except (age.AgeError, UnicodeDecodeError) as error:
            self._set_aside(path)
            raise Fault("calls.draft_damaged") from error

    def list(self) -> tuple[DraftEntry, ...]:
        """The drafts there are, the oldest first."""
        entries = []
        try:
            for path in self._folder.glob(f"*{_SUFFIX}"):
                saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                entries.append(DraftEntry(path.name.removesuffix(_SUFFIX), saved_at))
        except OSError as error:
            raise Fault("calls.draft_not_readable") from error
        return tuple(sorted(entries, key=lambda entry: (entry.saved_at, entry.uid)))

    def recover(self, identity: str) -> Recovered:
        """Everything that this person may read, at sign-in. Remains of a save that a crash cut
        short are removed: the version before them is whole."""
        drafts, unreadable = [], []
        with contextlib.suppress(OSError):
            for part in self._folder.glob("*.part"):
                part.unlink()
        for entry in self.list():
            try:
                drafts.append((entry.uid, self.open(entry.uid, identity)))
            except Refused:
                continue  # somebody else's
            except Fault:
                unreadable.append(entry.uid)
        return Recovered(tuple(drafts), tuple(unreadable))

    def drop(self, uid: str) -> None:
        """Forget a draft whose contact has been saved; nothing happens if there is none."""
        try:
            self._path(uid).unlink(missing_ok=True)
            if self._folder.is_dir():
                sync_folder(self._folder)
        except OSError as error:
            raise Fault("calls.draft_not_saved") from error

    def _path(self, uid: str) -> Path:
        if not _UID.fullmatch(uid):
            raise ValueError("a draft's uid is letters, digits and hyphens")
        return self._folder / f"{uid}{_SUFFIX}"

    def _set_aside(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.replace(path.with_name(path.name.removesuffix(_SUFFIX) + _DAMAGED))
