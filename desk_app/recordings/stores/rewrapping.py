"""Stored copies are handed on to the key in use: a new header, the same sealed sound.

A copy is fetched, still sealed, re-wrapped beside, compared with the digest in its recording's
row, put in its place and read back there; then its row follows. Killed at any moment, the copy
opens with the identity of the old version or of the new one, and the next run does the rest.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from desk_app.errors import DeskError, Fault
from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles, create
from desk_app.recordings.stores import service, views
from desk_app.recordings.stores.base import STORE_TROUBLES, Store, content_of
from desk_app.recordings.stores.fetching import own_folder
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.uploading import OpenStore
from desk_app.recordings.stores.views import CopyBehind


def rewrap_stored(
    perform: Callable[..., Any],
    read: Callable[..., Any],
    *,
    version: int,
    recipients: Sequence[str],
    identities: Mapping[int, str],
    cache: Path,
    opening: OpenStore = open_store,
) -> list[str]:
    """Re-wrap every stored copy that is sealed for another version; the codes of what failed.

    ``identities`` are those of who is signed in, who may manage keys and listen. Takes as long as
    fetching and storing each copy does. A copy that fails is left as it was; a store that doesn't
    answer ends the run.
    """
    troubles: list[str] = []
    after = 0
    while batch := read(views.copies_behind, version, after=after):
        for copy in batch:
            after = copy.copy_id
            try:
                _rewrap(copy, recipients, identities, cache, opening)
            except DeskError as error:
                troubles.append(error.code)
                if error.code in STORE_TROUBLES:
                    return troubles
                continue
            perform(service.rewrapped, copy.copy_id, version=version)
    return troubles


def _rewrap(
    copy: CopyBehind,
    recipients: Sequence[str],
    identities: Mapping[int, str],
    cache: Path,
    opening: OpenStore,
) -> None:
    folder = own_folder(cache)
    files = RecordingFiles(folder, copy.uid)
    try:
        with opening(copy.terms) as store:
            try:
                _hand_on(store, files.peaks, recipients, identities)
            except Fault as error:
                if error.code != "recordings.store_missing":  # it never had a waveform
                    raise
            _hand_on(store, files.sealed, recipients, identities, digest=copy.digest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _hand_on(
    store: Store,
    path: Path,
    recipients: Sequence[str],
    identities: Mapping[int, str],
    *,
    digest: str = "",
) -> None:
    store.fetch(path.name, path)
    renewed = path.with_name(f"{path.name}.new")
    with path.open("rb") as source, create(renewed) as sink:
        found = age.payload_digest(source).hex()
        if digest and found != digest:
            raise Fault("recordings.store_rotten")
        source.seek(0)
        age.rewrap(source, sink, list(identities.values()), recipients)
    with renewed.open("rb") as written:
        if age.payload_digest(written).hex() != found:
            raise Fault("recordings.store_rotten")
    store.put(path.name, renewed, content_of(renewed), replace=True)
