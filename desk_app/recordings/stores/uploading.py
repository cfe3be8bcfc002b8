"""What the desk does about its recordings' copies, one act and one commit at a time.

Killed anywhere, it does the rest the next time: what was put without being entered is found there
and found the same; what was entered without the desk's own file being removed is removed then. The
desk's own file goes only after the copy was read back and that was committed.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import sync_folder
from desk_app.keys import age
from desk_app.recordings import service as recordings
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.stores import service, views
from desk_app.recordings.stores.base import (
    Content,
    Interrupted,
    Store,
    StoreTerms,
    Watch,
    content_of,
    unwatched,
)
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.rules import ErrandKind
from desk_app.recordings.stores.views import Errand

OpenStore = Callable[[StoreTerms], Store]
UNFORESEEN = "recordings.store_unforeseen"
_AT_ONCE = 500  # names in one query


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the file that is on its way was sent."""

    moved: int
    size: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, or with ``trouble`` what couldn't be."""

    kind: ErrandKind
    trouble: str | None = None


def adopt_strays(perform: Callable[..., Any], folder: Path) -> None:
    """Once after signing in: what lies in this desk's folder is this desk's to upload."""
    here = sorted(path.name.removesuffix(".age") for path in folder.glob("*.age"))
    for start in range(0, len(here), _AT_ONCE):
        perform(service.adopt, here[start : start + _AT_ONCE])


def upload_next(
    perform: Callable[..., Any],
    read: Callable[..., Any],
    folder: Path,
    *,
    opening: OpenStore = open_store,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Done | None:
    """Do the one thing that is due about a copy; None if nothing is. Off the window's thread: it
    waits for what another thread is doing about a copy, or one that is on its way to the store
    would arrive behind its being deleted there.

    ``perform`` and ``read`` run a use case as the desk does; ``report`` may raise
    `base.Interrupted`, which passes through. What fails is put off and told in the result.
    """
    with _one_after_another(folder):
        return _do_next(perform, read, folder, opening, report)


@cache
def _one_after_another(folder: Path) -> Lock:
    """For all threads that do something about the copies of a desk's folder."""
    return Lock()


def _do_next(
    perform: Callable[..., Any],
    read: Callable[..., Any],
    folder: Path,
    opening: OpenStore,
    report: Callable[[Progress], None],
) -> Done | None:
    errand: Errand | None = read(views.next_errand)
    if errand is None:
        return None
    files = RecordingFiles(folder, errand.uid)
    replaced = False
    if errand.kind is ErrandKind.UPLOAD and not perform(
        service.begin_upload, errand.copy_id, key_version=errand.key_version
    ):
        return Done(errand.kind)  # another store was entered just now
    try:
        if errand.kind is ErrandKind.UPLOAD:
            replaced = _upload(errand, files, opening, report)
        elif errand.kind is ErrandKind.REMOVE_LOCAL:
            _remove_local(files)
        else:
            _forget(errand.terms, files, opening)
    except DeskError as error:
        perform(service.put_off, errand.copy_id, trouble=error.code)
        return Done(errand.kind, error.code)
    except Interrupted:
        raise
    except Exception:  # a bug, which is shown as one; others don't wait behind it
        perform(service.put_off, errand.copy_id, trouble=UNFORESEEN)
        raise
    if errand.kind is ErrandKind.UPLOAD:
        perform(service.arrived, errand.copy_id, key_version=errand.key_version, replaced=replaced)
    elif errand.kind is ErrandKind.REMOVE_LOCAL:
        perform(service.local_removed, errand.copy_id)
    else:
        perform(service.forgotten, errand.copy_id)
        _say_it_is_gone(errand, files, perform)
    return Done(errand.kind)


def _upload(
    errand: Errand, files: RecordingFiles, opening: OpenStore, report: Callable[[Progress], None]
) -> bool:
    """The waveform first: where the recording is, everything is. True if something else lay
    there under the recording's name."""
    try:
        with files.sealed.open("rb") as source:
            digest = age.payload_digest(source).hex()
        content = content_of(files.sealed)
        waveform = content_of(files.peaks) if files.peaks.exists() else None
    except FileNotFoundError:
        raise Fault("recordings.file_missing") from None
    except age.AgeError:
        raise Fault("recordings.file_differs") from None
    except OSError:
        raise Fault("recordings.file_unreadable") from None
    if digest != errand.digest:
        raise Fault("recordings.file_differs")
    with opening(errand.terms) as store:
        if waveform is not None:
            _put(store, files.peaks, waveform, unwatched)
        return _put(
            store,
            files.sealed,
            content,
            lambda moved: report(Progress(moved, content.size)),
        )


def _put(store: Store, path: Path, content: Content, watch: Watch) -> bool:
    """What lies there and is something else gives way: the desk's own was just found to be the
    one that was sealed, so that was damaged there, or has the header of an older key."""
    try:
        store.put(path.name, path, content, watch=watch)
    except Refused as error:
        if error.code != "recordings.store_other":
            raise
        store.put(path.name, path, content, replace=True, watch=watch)
        return True
    return False


def _remove_local(files: RecordingFiles) -> None:
    try:
        for path in (files.peaks, files.sealed):
            path.unlink(missing_ok=True)
        sync_folder(files.folder)
    except OSError:
        raise Fault("recordings.file_in_use") from None


def _forget(terms: StoreTerms, files: RecordingFiles, opening: OpenStore) -> None:
    with opening(terms) as store:
        for name in (files.sealed.name, files.peaks.name):
            store.delete(name)


def _say_it_is_gone(errand: Errand, files: RecordingFiles, perform: Callable[..., Any]) -> None:
    """If that was the last of a discarded recording; otherwise who removes the rest says so."""
    if not any(files.folder.glob(f"{errand.uid}.*")):
        with suppress(Refused):  # another store has it still, or another desk has to look
            perform(recordings.discarded, errand.recording_id)
