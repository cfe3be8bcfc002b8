"""Places for backups: a folder of one's own kind, or a bucket; tried out before they are taken.

They are reached as recordings' stores are. A folder keeps its files side by side, because
somebody may have to find them by hand one day. A place that doesn't let go of a file is refused:
what was erased would come back out of it.
"""

import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from desk_app.backup.rules import BackupName
from desk_app.backup.tombstones import LIST_FILE, read_list
from desk_app.errors import DeskError, Fault, Refused
from desk_app.recordings.stores.base import (
    Store,
    StoreKind,
    StoreTerms,
    Watch,
    content_of,
    unwatched,
)
from desk_app.recordings.stores.folder_store import FolderStore, mark, store_faults
from desk_app.recordings.stores.opening import checked
from desk_app.recordings.stores.s3_store import S3Store

_PROBE_BYTES = 4096
_PROBE = re.compile(r"probe-[0-9a-f]{32}", re.ASCII)
_NOT_LET_GO = frozenset({"backup.place_refused", "backup.not_removed"})


class BackupFolder(FolderStore):
    """`Store` in a folder, its files side by side."""

    def _path(self, name: str) -> Path:
        return self._folder / name

    def names(self, prefix: str = "") -> list[str]:
        self._check_there()
        with store_faults():
            return sorted(
                path.name
                for path in self._folder.iterdir()
                if path.name.startswith(prefix) and path.name[:1] != "." and path.is_file()
            )


_SAID = {
    "refused": "backup.place_refused",
    "full": "backup.place_full",
    "damaged": "backup.place_damaged",
    "other": "backup.place_damaged",
    "not_that": "backup.place_not_that",
    "no_bucket": "backup.place_incomplete",
    "incomplete": "backup.place_incomplete",
    "address": "backup.place_incomplete",
    "folder": "backup.place_incomplete",
    "authority": "backup.place_untrusted",
    "insecure": "backup.place_untrusted",
    "expired": "backup.place_untrusted",
    "unknown": "backup.place_untrusted",
    "misnamed": "backup.place_untrusted",
    "clock": "backup.place_untrusted",
    "not_gone": "backup.not_removed",
    "away": "backup.place_away",
    "missing": "backup.place_away",
}
"""What a store of recordings says, as it is said of a place for backups."""


@contextmanager
def in_own_words() -> Iterator[None]:
    """Have a place's troubles speak of backups, not of recordings."""
    try:
        yield
    except DeskError as error:
        room, _, what = error.code.partition(".store_")
        if room != "recordings" or what not in _SAID:
            raise
        raise type(error)(_SAID[what]) from None


class Destination:
    """A place for backups, open; a context manager. One thread at a time."""

    def __init__(self, terms: StoreTerms) -> None:
        with in_own_words():
            self._store: Store = (
                BackupFolder(Path(terms.folder), terms.marker)
                if terms.kind is StoreKind.FOLDER
                else S3Store(terms)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.__exit__(kind, error, trace)

    def put(
        self, name: str, source: Path, *, replace: bool = False, watch: Watch = unwatched
    ) -> None:
        """Afterwards the place has the file under this name, read back and found the same."""
        with in_own_words():
            self._store.put(name, source, content_of(source), replace=replace, watch=watch)

    def delete(self, name: str) -> None:
        """Afterwards nothing is left under the name, old versions included, or it is a `Fault`.

        Of a backup or a probe: nothing else is ever deleted at a place.
        """
        if BackupName.parse(name) is None and _PROBE.fullmatch(name) is None:
            raise Refused("backup.copy_misnamed")
        with in_own_words():
            self._store.delete(name)
            if name in self._store.names(name):
                raise Fault("recordings.store_not_gone")

    def names(self, prefix: str = "") -> list[str]:
        """The names that begin so, in order."""
        with in_own_words():
            return self._store.names(prefix)

    def check_ours(self, office: str) -> None:
        """``Refused("backup.place_taken")`` if another office's list of tombstones lies here: it
        would be lost under this office's, and none of its backups could be restored any more.

        One that can't be read is nobody's.
        """
        if LIST_FILE not in self.names(LIST_FILE):
            return
        with tempfile.TemporaryDirectory() as folder, in_own_words():
            found = Path(folder, LIST_FILE)
            self._store.fetch(LIST_FILE, found)
            try:
                lying = read_list(found)
            except Refused:
                return
        if lying is not None and lying.office != office:
            raise Refused("backup.place_taken")


def try_out(terms: StoreTerms, *, own: Path) -> StoreTerms:
    """Write a file there, read it back, delete it with all its versions; the terms to keep.

    ``Refused("backup.own_folder")`` for a folder inside the desk's ``own``, and
    ``Refused("backup.not_erasable")`` for a place that keeps what is deleted: a bucket whose
    versions can't be, or are locked. Raises what the place says besides.
    """
    with in_own_words():
        terms = checked(terms)
        if terms.kind is StoreKind.FOLDER:
            if Path(terms.folder).resolve().is_relative_to(own.resolve()):
                raise Refused("backup.own_folder")
            terms = replace(terms, marker=mark(Path(terms.folder)))
    name = f"probe-{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory() as folder, Destination(terms) as place:
        probe = Path(folder, "probe")
        probe.write_bytes(secrets.token_bytes(_PROBE_BYTES))
        place.put(name, probe)
        try:
            place.delete(name)
        except DeskError as error:
            if error.code in _NOT_LET_GO:
                raise Refused("backup.not_erasable") from error
            raise
    return terms
