"""After a crash: what is left of recordings on this desk, and what can be made of it.

The desk itself can't read its own remains: they are sealed for the recordings key and the
recovery key. What only needs its name is finished at once; the rest waits until somebody signs in
who may listen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from io import BytesIO
from pathlib import Path
from typing import Any

from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.files import sync_folder
from desk_app.keys import age
from desk_app.people.access import Permission
from desk_app.people.views import OwnAccount, own_account
from desk_app.recordings import service, views
from desk_app.recordings.decoder import decode_blocks
from desk_app.recordings.files import (
    HEADER_BYTES,
    RecordingFiles,
    Sealed,
    destroy,
    is_anything_left,
    leftovers,
    lock,
    read_note,
    settling,
    uid_of,
    write_note,
)
from desk_app.recordings.pages import DoomedRecording, UnsettledRecording
from desk_app.recordings.peaks import WINDOW_MS, Meter, Sidecar, read_sidecar, sidecar_of
from desk_app.recordings.remains import Remains, read_remains
from desk_app.recordings.rules import DiscardReason, RecordingState
from desk_app.recordings.sealing import TAIL_MARK, give_name, seal_file
from desk_app.recordings.timeline import kept
from desk_app.recordings.voice import VoiceActivity, total_ms

LOST_AT_MOST_MS = 500
"""How much of the end is missing of a recording whose recorder and window died together, at
most: a page, what encoder and mixer hold, and what the inputs had not handed over yet."""


class Left(Enum):
    """What a recording left on the disk."""

    NOTHING = auto()
    RUNNING = auto()  # a recorder is still at it
    WHOLE = auto()  # sealed, with a note that says what it is
    REMAINS = auto()  # needs a key


def look(files: RecordingFiles) -> Left:
    """What there is. A part that only lacks its name is given it here; what a whole recording
    doesn't need any more is removed."""
    if files.tail.exists():
        with files.tail.open("r+b", buffering=0) as tail:
            if not lock(tail):
                return Left.RUNNING
    note = read_note(files)
    if note is not None:
        if not files.sealed.exists() and _is(files.part, note):
            give_name(files)
        if _is(files.sealed, note):
            _tidy(files)
            return Left.WHOLE
    if files.sealed.exists() or files.damaged.exists() or _is_begun(files):
        return Left.REMAINS
    return Left.NOTHING


def _is(path: Path, note: Sealed) -> bool:
    """Whether the file is the recording that the note is about, to its last byte."""
    try:
        with path.open("rb") as source:
            return age.payload_digest(source).hex() == note.digest
    except (FileNotFoundError, age.AgeError):
        return False


def _is_begun(files: RecordingFiles) -> bool:
    """Whether a part was begun: its header is synced before anything is recorded. One whose header
    is damaged was, too, if it or its journal holds more."""
    try:
        with files.part.open("rb") as source:
            age.payload_digest(source)
    except FileNotFoundError:
        return False
    except age.AgeError:
        tail_bytes = files.tail.stat().st_size if files.tail.exists() else 0
        return files.part.stat().st_size > HEADER_BYTES or tail_bytes > len(TAIL_MARK)
    return True


def _tidy(files: RecordingFiles) -> None:
    """Remove what a sealed recording doesn't need, or one of which nothing can be made."""
    for leftover in leftovers(files):
        leftover.unlink(missing_ok=True)


def salvage(files: RecordingFiles, identity: str, recipients: tuple[str, ...]) -> Sealed | None:
    """Seal what is left, as an exact prefix of what was recorded; None if there is no sound.

    The remains go only when the sealed file is on the disk, so that this may be interrupted and
    repeated; only under `settling`. Remains that hold more than the prefix, behind a damage, are
    kept beside it. ``Fault("recordings.start_damaged")`` if nothing can be read from the beginning
    and something lies behind: everything stays as it is then. `age.NoMatch` if ``identity`` isn't
    theirs, `Fault` if the disk takes no more.
    """
    note = read_note(files)
    try:
        found = read_remains(files, identity)
    except (age.HeaderError, age.MacError) as error:
        raise Fault("recordings.start_damaged") from error
    pages = found.pages
    if not pages.duration_ms:
        if found.behind_ms:
            raise Fault("recordings.start_damaged")
        return None
    plain = found.plain[: pages.length]
    if found.behind_ms:
        _set_aside(files)
        seal_file(files.sealed, recipients, [plain])
    elif files.part.exists() or not found.is_complete:
        if not files.part.exists():
            files.sealed.replace(files.part)  # cut off afterwards: it is a part again
        seal_file(files.sealed, recipients, [plain])
    sidecar = _read_sidecar(files, identity)
    if sidecar is None or abs(len(sidecar.peaks) * WINDOW_MS - pages.duration_ms) > WINDOW_MS:
        content = _measure(plain)
        seal_file(files.peaks, recipients, [content])
        sidecar = read_sidecar(content)
    sealed = _describe(files, found, sidecar, note)
    write_note(files, sealed)
    _tidy(files)
    return sealed


def _set_aside(files: RecordingFiles) -> None:
    """Keep what is damaged as it is, under a name of its own; from now on it is read there."""
    if not files.damaged.exists():
        (files.part if files.part.exists() else files.sealed).replace(files.damaged)
    if files.tail.exists():
        files.tail.replace(files.damaged_tail)
    sync_folder(files.folder)


def _read_sidecar(files: RecordingFiles, identity: str) -> Sidecar | None:
    """The sidecar that the recorder, or an earlier attempt, has left; None if none is whole."""
    try:
        with files.peaks.open("rb") as source:
            return read_sidecar(age.decrypt(source, [identity]).read())
    except (FileNotFoundError, age.AgeError, Fault):
        return None


def _measure(ogg: bytes) -> bytes:
    meter, activity = Meter(), VoiceActivity()
    for samples in decode_blocks(BytesIO(ogg)):
        meter.feed(samples)
        activity.feed(samples)
    activity.close()
    return sidecar_of(meter, activity)


def _describe(
    files: RecordingFiles, found: Remains, sidecar: Sidecar, note: Sealed | None
) -> Sealed:
    """What was made; ``note`` is an earlier one, and knows how much there had been."""
    pages = found.pages
    with files.sealed.open("rb") as source:
        digest = age.payload_digest(source).hex()
    if note is not None and note.lost_ms is not None:
        lost_ms = note.lost_ms + max(note.duration_ms - pages.duration_ms, 0)
    elif note is not None:
        lost_ms = max(note.duration_ms - pages.duration_ms, 0)
    else:
        lost_ms = 0 if found.is_complete else found.behind_ms + LOST_AT_MOST_MS
    operator_ms, caller_ms = map(total_ms, sidecar.voices) if sidecar.voices else (None, None)
    return Sealed(
        duration_ms=pages.duration_ms,
        size_bytes=files.sealed.stat().st_size,
        digest=digest,
        timeline=note.timeline if note is not None else kept(files, pages.duration_ms),
        operator_voice_ms=operator_ms,
        caller_voice_ms=caller_ms,
        lost_ms=lost_ms,
    )


def traces(folder: Path) -> set[str]:
    """The uids of recordings in the folder that aren't simply sealed and known."""
    found = set()
    for path in folder.iterdir() if folder.exists() else ():
        files = RecordingFiles(folder, uid_of(path))
        if files.uid and path not in (files.sealed, files.peaks):
            found.add(files.uid)
    return found


def settle(
    folder: Path,
    identities: Mapping[int, str],
    *,
    perform: Callable[..., Any],
    read: Callable[..., Any],
) -> None:
    """Settle every recording of this desk that a crash left open; at sign-in, off the window.

    ``identities`` are `HeldKeys.recordings` of who signs in; ``perform`` and ``read`` run a use
    case as the desk does. What needs a key that isn't there is left to be salvaged, and a user
    who has nothing to do with calls leaves everything. Interrupted, it does the rest next time;
    a second one, of whatever process, waits for the first. One recording that can't be settled
    doesn't keep the others: its error is raised at the end.
    """
    mine: OwnAccount = read(own_account)
    if Permission.FINISH_CALL not in mine.permissions:
        return
    if Permission.PLAY_RECORDINGS not in mine.permissions or not mine.may_listen:
        identities = {}
    with settling(folder):
        failures = list(_Settling(folder, identities, perform, read).run())
    if failures:
        raise failures[0]


@dataclass(frozen=True, slots=True)
class _Settling:
    folder: Path
    identities: Mapping[int, str]
    perform: Callable[..., Any]
    read: Callable[..., Any]

    def run(self) -> Iterator[Fault]:
        """Settle what there is; the errors of what couldn't be."""
        here = traces(self.folder)
        doomed: tuple[DoomedRecording, ...] = self.read(views.undestroyed, here)
        for one in doomed:
            yield from self._try(self._destroy, one)
        unsettled: tuple[UnsettledRecording, ...] = self.read(views.unsettled, here)
        for recording in unsettled:
            yield from self._try(self._settle, recording)
        for uid in self.read(views.settled, here):
            files = RecordingFiles(self.folder, uid)
            files.note.unlink(missing_ok=True)
            if files.sealed.exists():
                _tidy(files)

    def _try(self, step: Callable[[Any], None], one: Any) -> Iterator[Fault]:
        try:
            step(one)
        except Refused as refusal:
            if isinstance(refusal, NotPermitted):
                raise  # an appointment has ended meanwhile
        except Fault as fault:
            yield fault

    def _destroy(self, one: DoomedRecording) -> None:
        """Finish what was ordered before the crash. A copy in a store is still in the way."""
        files = RecordingFiles(self.folder, one.uid)
        if not one.is_of_this_desk and not is_anything_left(files):
            return
        if look(files) is not Left.RUNNING:
            destroy(files)
            self.perform(service.discarded, one.id, uid=one.uid)

    def _settle(self, one: UnsettledRecording) -> None:
        files = RecordingFiles(self.folder, one.uid)
        left = look(files)
        if left is Left.RUNNING:
            return
        if one.is_surplus:  # nobody said that the call went on
            self.perform(service.discard, one.id, reason=DiscardReason.SURPLUS, uid=one.uid)
            self._destroy(DoomedRecording(one.id, one.uid, is_of_this_desk=True))
        elif left is Left.WHOLE:
            self.perform(service.seal, one.id, read_note(files), uid=one.uid)
        elif left is Left.NOTHING:
            if not one.is_young and one.state is not RecordingState.FAILED:
                self._fail(one, files)
        elif one.key_version in self.identities:
            self._salvage(one, files)
        elif one.state is RecordingState.RECORDING:
            self.perform(service.leave_to_salvage, one.id, uid=one.uid)

    def _salvage(self, one: UnsettledRecording, files: RecordingFiles) -> None:
        identity = self.identities[one.key_version]
        recipients = self.perform(service.begin_salvage, one.id, uid=one.uid)
        try:
            sealed = salvage(files, identity, recipients)
        except Fault:
            if one.state is RecordingState.RECORDING:
                self.perform(service.leave_to_salvage, one.id, uid=one.uid)
            raise
        if sealed is None:
            self._fail(one, files)
        else:
            self.perform(service.finish_salvage, one.id, sealed, uid=one.uid)

    def _fail(self, one: UnsettledRecording, files: RecordingFiles) -> None:
        if one.state is not RecordingState.FAILED:
            self.perform(service.fail, one.id, code="recordings.nothing_left", uid=one.uid)
        _tidy(files)
