"""Hands copies in stores on to the key in use: fetched, re-wrapped, put in place, read back.

Whoever may listen does it, at any desk that reaches the store. The store replaces a file as a
whole, the waveform first, and the row follows: killed anywhere, each file opens with an identity
that is held, and the next run does the rest. Where a store then has neither what it had before
nor what was sent, the re-wrapped pair stays at this desk and waits to be uploaded.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from desk_app.errors import DeskError, Fault
from desk_app.people.access import Permission
from desk_app.people.views import own_account
from desk_app.recordings.files import RecordingFiles
from desk_app.recordings.reconciliation.checking import damage_of
from desk_app.recordings.reconciliation.kinds import Reason
from desk_app.recordings.reconciliation.pages import CheckedCopy
from desk_app.recordings.rotation import service, views
from desk_app.recordings.rotation.rewrapping import (
    COUNTED_EVERY,
    DAMAGED,
    Rewrapped,
    Unfit,
    make_beside,
    put_in_place,
    rewrap_here,
)
from desk_app.recordings.rotation.service import CLAIM
from desk_app.recordings.rotation.views import RewrapTerms, StaleCopy
from desk_app.recordings.stores.base import STORE_TROUBLES, Interrupted, Store, content_of
from desk_app.recordings.stores.fetching import own_folder
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.uploading import OpenStore


def rewrap_all(
    folder: Path,
    cache: Path,
    identities: Mapping[int, str],
    *,
    perform: Callable[..., Any],
    read: Callable[..., Any],
    opening: OpenStore = open_store,
) -> Rewrapped:
    """What lies in ``folder``, then what lies in stores; ``cache`` is for what is fetched.

    Nothing for who may not. A store that is away is left to the next run, which its own page
    speaks of. Not for the window's thread. `Fault` for a disk that takes no more.
    """
    if Permission.MANAGE_KEYS not in read(own_account).permissions:
        return Rewrapped()
    here = rewrap_here(folder, identities, perform=perform, read=read)
    terms: RewrapTerms | None = read(views.rewrap_terms)
    if terms is None or terms.version not in identities:
        return here
    stored = _Run(folder, cache, identities, terms, perform, read, opening).through()
    return Rewrapped(here.count + stored.count, here.damaged + stored.damaged)


class _Run:
    def __init__(
        self,
        folder: Path,
        cache: Path,
        identities: Mapping[int, str],
        terms: RewrapTerms,
        perform: Callable[..., Any],
        read: Callable[..., Any],
        opening: OpenStore,
    ) -> None:
        self._folder, self._cache, self._terms = folder, cache, terms
        self._keys = [identities[version] for version in sorted(identities, reverse=True)]
        self._perform, self._read, self._opening = perform, read, opening
        self._count = self._uncounted = self._damaged = 0
        self._away: set[int] = set()

    def through(self) -> Rewrapped:
        after = 0
        try:
            while batch := self._read(views.stale_copies, self._terms.version, after=after):
                for one in batch:
                    if one.store_id not in self._away:
                        self._do(one)
                    after = one.id
        finally:
            self._tell_count()
        return Rewrapped(self._count, self._damaged)

    def _do(self, one: StaleCopy) -> None:
        own = own_folder(self._cache)
        try:
            self._replace(one, RecordingFiles(own, one.uid))
        except Unfit as unfit:
            self._damaged += 1
            self._perform(service.not_rewrapped, one.recording_id, trouble=str(unfit))
            if str(unfit) == DAMAGED:
                damage = damage_of(RecordingFiles(own, one.uid), one.expected) or Reason.CHANGED
                self._say(one, is_there=True, damage=damage)
        except DeskError as error:
            if error.code == "recordings.store_missing":
                self._damaged += 1
                self._say(one, is_there=False)
            elif error.code in STORE_TROUBLES:
                self._away.add(one.store_id)
            elif not error.code.startswith("recordings.store_"):
                raise
        finally:
            shutil.rmtree(own, ignore_errors=True)

    def _say(self, one: StaleCopy, *, is_there: bool, damage: Reason | None = None) -> None:
        """What the daily check of copies would say."""
        checked = CheckedCopy(one.expected, is_there, damage)
        self._perform(service.copy_unfit, one.store_id, checked)

    def _replace(self, one: StaleCopy, files: RecordingFiles) -> None:
        with self._opening(one.terms) as store:
            store.fetch(files.sealed.name, files.sealed)
            try:
                store.fetch(files.peaks.name, files.peaks)
            except Fault as error:
                if error.code != "recordings.store_missing":  # it never had a waveform
                    raise
            made = make_beside(files, one.digest, self._keys, self._terms.recipients)
            if not self._perform(service.claim_copy, one.id, version=self._terms.version):
                return
            until = time.monotonic() + CLAIM.total_seconds() / 2

            def watch(_moved: int) -> None:
                if time.monotonic() > until:
                    raise Interrupted

            try:
                for beside, path in made:
                    store.put(path.name, beside, content_of(beside), replace=True, watch=watch)
            except Interrupted:  # before the store had all of it: what it had is still there
                self._perform(service.copy_left, one.id)
                return
            except Exception:
                self._save(one, store, made)
                raise
            if not self._perform(service.copy_rewrapped, one.id, version=self._terms.version):
                for _, path in made:
                    store.delete(path.name)
                return
        self._count += 1
        self._uncounted += 1
        if self._uncounted >= COUNTED_EVERY:
            self._tell_count()

    def _save(self, one: StaleCopy, store: Store, made: list[tuple[Path, Path]]) -> None:
        """Keep the pair at this desk, unless the store is seen to have it or the one before."""
        try:
            is_whole = all(
                store.content(path.name) in (content_of(path), content_of(beside))
                for beside, path in made
            )
        except DeskError:
            is_whole = False
        if is_whole:
            self._perform(service.copy_left, one.id)
            return
        kept = [(beside, self._folder / path.name) for beside, path in made]
        try:
            self._perform(
                service.copy_kept_here,
                one.id,
                version=self._terms.version,
                place=lambda: put_in_place(kept),
            )
        except Exception:  # locked, say: it lies here all the same, and is found here when played
            if kept[-1][0].exists():
                put_in_place(kept)
            raise

    def _tell_count(self) -> None:
        if self._uncounted:
            count, self._uncounted = self._uncounted, 0
            self._perform(service.count_rewrapped, self._terms.version, count=count)
