"""A recording that has gone to a store, brought back to be listened to: sealed, for a while.

It lies in a folder of its own below the desk's, is removed after playing, and whatever a crash
left there when somebody signs in.
"""

import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desk_app.errors import DeskError, Fault, NotPermitted
from desk_app.files import fault_of
from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.playback import PlaybackTicket
from desk_app.recordings.stores import service, views
from desk_app.recordings.stores.base import Watch, unwatched
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.uploading import OpenStore


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording can be opened, and with which ticket."""

    ticket: PlaybackTicket
    folder: Path
    is_fetched: bool = False

    def leave(self) -> None:
        """After playing: remove what was fetched. Doing it again does nothing."""
        if self.is_fetched:
            shutil.rmtree(self.folder, ignore_errors=True)


def fetch(
    perform: Callable[..., Any],
    read: Callable[..., Any],
    ticket: PlaybackTicket,
    *,
    folder: Path,
    cache: Path,
    identities: Mapping[int, str],
    opening: OpenStore = open_store,
    watch: Watch = unwatched,
    where: Callable[..., Any] = views.where_stored,
    enter: Callable[..., Any] = service.fetched,
) -> Place:
    """Where ``ticket`` can be played: the desk's own file, or one fetched from a store.

    ``where`` and ``enter`` are the use cases that tell of copies and enter the fetching.
    ``identities`` are `HeldKeys.recordings`. Of several copies the first that is the one sealed;
    if none is, the last is handed to `Playback`, which plays it as far as it is sound and refuses
    what was put in its place. Raises what the store says.
    """
    here = Place(ticket, folder)
    if RecordingFiles(folder, ticket.uid).sealed.exists():
        return here
    copies: tuple[views.StoredCopy, ...] = read(where, ticket.recording_id)
    if not copies:
        return here  # `Playback` says that it is missing
    trouble: DeskError | None = None
    found: Place | None = None
    for copy in copies:
        if copy.key_version not in identities:
            trouble = NotPermitted("recordings.no_key")
            continue
        theirs = replace(ticket, identity=identities[copy.key_version], others=ticket.identities)
        place = Place(theirs, own_folder(cache), is_fetched=True)
        try:
            _bring(copy, RecordingFiles(place.folder, ticket.uid), opening, watch)
        except BaseException as error:
            place.leave()
            if not isinstance(error, DeskError):
                raise
            trouble = error
            continue
        perform(enter, ticket.recording_id, store_id=copy.store_id)
        if found is not None:
            found.leave()
        found = place
        if _is_the_one(RecordingFiles(place.folder, ticket.uid), ticket.digest):
            break
    if found is None:
        raise trouble or Fault("recordings.store_missing")
    return found


def clear(cache: Path) -> None:
    """Remove what a crash left; nothing may be playing."""
    for left in cache.iterdir():
        shutil.rmtree(left, ignore_errors=True)


def own_folder(cache: Path) -> Path:
    """A new folder in the cache, for its owner only."""
    folder = cache / secrets.token_hex(8)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise fault_of(error) from error
    return folder


def _bring(copy: views.StoredCopy, files: RecordingFiles, opening: OpenStore, watch: Watch) -> None:
    with opening(copy.terms) as store:
        store.fetch(files.sealed.name, files.sealed, watch=watch)
        try:
            store.fetch(files.peaks.name, files.peaks)
        except Fault as error:
            if error.code != "recordings.store_missing":  # it never had a waveform
                raise


def _is_the_one(files: RecordingFiles, digest: str) -> bool:
    try:
        with files.sealed.open("rb") as source:
            return age.payload_digest(source).hex() == digest
    except age.AgeError:
        return False
