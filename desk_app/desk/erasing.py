"""What a desk does for an erasure: the steps in their order, and its own files.

Each step is one act and one commit, or may be repeated, so that a run that is cut off goes on from
where it was. What waits for other desks, stores or destinations ends the run; the next one looks
again. The rows are gone after the first two steps, whatever the others wait for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine

from desk_app.calls.drafts import DraftStore
from desk_app.cases import drafts as case_drafts
from desk_app.desk.copies import Copies
from desk_app.desk.holder import Holder
from desk_app.errors import Fault, Refused
from desk_app.files import fault_of, sync_folder
from desk_app.keys.grants import GrantKind
from desk_app.places import FilePlace, ServerPlace
from desk_app.privacy.erasure import proof, service, views
from desk_app.privacy.erasure.emptying import tables_with_words
from desk_app.privacy.erasure.rules import STEPS, ErasureState, Step
from desk_app.privacy.erasure.views import LocalWork, Probing
from desk_app.recordings.files import RecordingFiles, destroy, is_anything_left, uid_of
from desk_app.recordings.stores.rules import ErrandKind
from desk_app.recordings.stores.uploading import upload_next
from desk_app.recordings.stores.views import Errand, next_errand
from desk_app.storage.loading import settle_file
from desk_app.storage.pages import found_in_pages
from desk_app.storage.rewriting import rewrite

WAITS = frozenset(
    {
        "privacy.erasure_waits_desks",
        "privacy.erasure_waits_lists",
        "privacy.erasure_waits_stores",
    }
)
"""What ends a run without being an error: the erasure goes on once that is done."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: the step that is being done, and its place among all of them."""

    step: Step | None
    number: int
    of: int = len(STEPS) + 1


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: with a certificate, or with the code of what it waits for."""

    certificate: str | None
    waits: str | None = None


class Erasing:
    """Carries erasures out as the person who is signed in; ``perform`` and ``read`` are
    `Desk.perform` and `Desk.read`. Takes as long as the database is large: never on the Qt
    thread."""

    def __init__(
        self, holder: Holder, copies: Copies, perform: Callable[..., Any], read: Callable[..., Any]
    ) -> None:
        self._holder, self._copies = holder, copies
        self._perform, self._read = perform, read
        self._here = Lock()

    def run(
        self,
        erasure_id: int,
        *,
        tell: Callable[[Progress], object] = lambda _progress: None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> Ran:
        """Do every step that isn't done yet; the signed certificate at the end.

        `Refused` with what keeps it: a hold that was placed meanwhile, a step that wants the
        owner's key (``privacy.erasure_needs_owner``), something that was found after all
        (``privacy.erasure_remnant``).
        """
        probing: Probing = self._perform(views.probing, erasure_id)
        if probing.certificate is not None:
            return Ran(probing.certificate)
        done = set(probing.done)
        for number, step in enumerate(STEPS, start=1):
            if step in done:
                continue
            if is_stopped():
                return Ran(None)
            tell(Progress(step, number))
            try:
                self._step(erasure_id, step, probing)
            except Refused as refused:
                if refused.code in WAITS:
                    return Ran(None, refused.code)
                raise
        tell(Progress(None, len(STEPS) + 1))
        return Ran(self._certify(erasure_id))

    def do_local(self) -> int:
        """Remove what lies at this desk alone of what was erased: drafts, recordings, what was
        fetched; how many files. For any sign-in, and whenever something was erased."""
        removed = 0
        with self._here:
            works: tuple[LocalWork, ...] = self._read(views.local_work)
            for one in works:
                here = self._remove(one)
                self._perform(service.desk_done, one.erasure_id, removed=here)
                removed += here
        return removed

    def _step(self, erasure_id: int, step: Step, probing: Probing) -> None:
        match step:
            case Step.FOUND:
                self._begin(erasure_id, probing)
            case Step.ROWS:
                self._perform(service.erase_all_rows, erasure_id)
            case Step.PAGES:
                self._pages(erasure_id)
            case Step.DESKS:
                self.do_local()
                self._perform(service.step_done, erasure_id, step)
            case Step.COPIES:
                self._perform(service.try_stores, erasure_id)
                self._forget_copies()
                self._perform(service.step_done, erasure_id, step)
            case Step.LISTS:
                self._copies.hand_out_tombstones()
                self._perform(service.step_done, erasure_id, step)
            case Step.PROOF:
                self._prove(erasure_id)

    def _begin(self, erasure_id: int, probing: Probing) -> None:
        """The control: what will have to be gone is there, and is found by the same means."""
        if probing.state is not ErasureState.APPROVED:
            raise Refused("privacy.erasure_state")
        values = probing.values
        found: dict[str, Any] = {
            "values": len(values),
            "search": self._read(views.searchable, erasure_id, values),
        }
        wanted = proof.needles(values)
        in_pages = self._in_pages(wanted.pieces)
        if in_pages is not None:
            found |= {
                "looked_for": wanted.values,
                "pieces": len(wanted.pieces),
                "pages": len(in_pages),
            }
        sealed = proof.seal(values, {*probing.recipients, self._holder.keys.recipient})
        self._perform(service.begin_erasure, erasure_id, probes=sealed, found=found)

    def _pages(self, erasure_id: int) -> None:
        self._perform(service.purge_index, erasure_id)
        place = self._holder.office.place
        if isinstance(place, FilePlace):
            with self._holder.store.engine() as engine:
                settle_file(engine, anew=True)
            done: dict[str, Any] = {"engine": "file"}
        else:
            done = {"engine": "server", "rewritten": self._rewrite(place)}
        self._perform(service.step_done, erasure_id, Step.PAGES, **done)

    def _forget_copies(self) -> None:
        """Delete what this desk has in stores of recordings that were destroyed; what can't be
        reached is put off, and other desks delete theirs."""
        while True:
            due: Errand | None = self._read(next_errand)
            if due is None or due.kind is not ErrandKind.FORGET:
                return
            upload_next(self._perform, self._read, self._holder.office.recordings)

    def _rewrite(self, place: Any) -> int:
        """By the owner: nobody else may."""
        keys = self._holder.keys
        if not isinstance(place, ServerPlace) or not keys.holds(GrantKind.OWNER):
            raise Refused("privacy.erasure_needs_owner")
        owner: Engine = place.as_owner(keys)
        try:
            return rewrite(owner, tables_with_words())
        finally:
            owner.dispose()

    def _prove(self, erasure_id: int) -> None:
        """Look where it was found before, by the same means."""
        probing: Probing = self._perform(views.probing, erasure_id)
        if probing.sealed is None:
            raise Fault("privacy.erasure_probes")
        values = proof.unseal(probing.sealed, self._holder.keys.identity)
        looked = self._look(erasure_id, values)
        if looked is None:  # written since, and freed again: by a call of theirs, for instance
            self._pages(erasure_id)
            looked = self._look(erasure_id, values)
        if looked is None:
            raise Refused("privacy.erasure_remnant")
        self._perform(service.step_done, erasure_id, Step.PROOF, **looked)

    def _look(self, erasure_id: int, values: frozenset[str]) -> dict[str, Any] | None:
        """What was looked for, as the certificate says it; None where something was found that
        stands in nobody's row."""
        if self._read(views.searchable, erasure_id, values):
            return None
        wanted = proof.needles(values)
        in_pages = self._in_pages(wanted.pieces)
        asked = wanted.pieces if in_pages is None else in_pages
        elsewhere: frozenset[bytes] = self._read(views.still_there, asked)
        if in_pages is not None and in_pages - elsewhere:
            return None
        return {
            "values": len(values),
            "looked_for": wanted.values,
            "search": 0,
            "pieces": len(wanted.pieces),
            "elsewhere": len(elsewhere),
        } | ({} if in_pages is None else {"pages": 0})

    def _in_pages(self, pieces: frozenset[bytes]) -> frozenset[bytes] | None:
        """Those that the file's pages hold; None on a server, whose files nobody here reads."""
        place, keys = self._holder.office.place, self._holder.keys
        if not isinstance(place, FilePlace):
            return None
        with self._holder.store.engine() as engine:
            settle_file(engine, anew=False)  # a page that is only in the log would be read torn
            for key in keys.database_keys.values():
                with engine.connect():
                    found = found_in_pages(place.path, key, pieces)
                if found or len(keys.database_keys) == 1:
                    return found
        return frozenset()

    def _certify(self, erasure_id: int) -> str:
        keys = self._holder.keys
        text: str = self._perform(
            service.certify, erasure_id, verify_key=keys.verify_key, sign=keys.sign
        )
        return text

    def _remove(self, one: LocalWork) -> int:
        office = self._holder.office
        removed = _remove_drafts(office.drafts, one)
        for uid in one.recordings:
            files = RecordingFiles(office.recordings, uid)
            removed += sum(1 for path in office.recordings.iterdir() if uid_of(path) == uid)
            destroy(files)
        removed += _remove_fetched(office.fetched, set(one.recordings))
        if any(is_anything_left(RecordingFiles(office.recordings, uid)) for uid in one.recordings):
            raise Fault("recordings.not_destroyed")
        return removed


def _remove_drafts(folder: Path, one: LocalWork) -> int:
    """Drafts of the contacts, and everybody's of the cases; damaged ones too."""
    named = [folder / f"{uid}{end}" for uid in one.contacts for end in DraftStore.ENDS]
    inside = folder / case_drafts.FOLDER
    cases = {f"case-{id}" for id in one.cases}
    try:
        if inside.is_dir():
            named += [path for path in inside.iterdir() if path.name.rpartition("-")[0] in cases]
        there = [path for path in named if path.exists()]
        for path in there:
            with path.open("r+b") as file:  # where a disk writes in place, no key opens it
                file.write(bytes(path.stat().st_size))
            path.unlink()
        for each in {path.parent for path in there}:
            sync_folder(each)
    except OSError as error:
        raise fault_of(error) from error
    return len(there)


def _remove_fetched(folder: Path, uids: set[str]) -> int:
    removed = 0
    try:
        for own in folder.iterdir():
            names = {uid_of(path) for path in own.iterdir()} if own.is_dir() else set()
            for uid in names & uids:
                removed += sum(1 for path in own.iterdir() if uid_of(path) == uid)
                destroy(RecordingFiles(own, uid))
    except OSError as error:
        raise fault_of(error) from error
    return removed
