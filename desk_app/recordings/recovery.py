"""After a crash: what is left of recordings on this desk, and what can be made of it.

The desk itself can't read its own remains: they are sealed for the recordings key and the
recovery key. What only needs its name is finished at once; the rest waits until somebody signs in
who may listen.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from io import BytesIO
from pathlib import Path
from typing import Any

from desk_app.errors import Fault
from desk_app.keys import age
from desk_app.people.access import Permission
from desk_app.people.views import OwnAccount, own_account
from desk_app.recordings import service, views
from desk_app.recordings.decoder import decode_blocks
from desk_app.recordings.files import RecordingFiles, Sealed, lock, read_note, write_note
from desk_app.recordings.ogg import WholePages, whole_pages
from desk_app.recordings.pages import UnsettledRecording
from desk_app.recordings.peaks import Meter, Sidecar, read_sidecar, sidecar_of
from desk_app.recordings.sealing import TAIL_KEY, conclude, read_tail, seal_file
from desk_app.recordings.voice import VoiceActivity, total_ms


class Left(Enum):
    """What a recording left on the disk."""

    NOTHING = auto()
    RUNNING = auto()  # a recorder is still at it
    WHOLE = auto()  # sealed, with a note that says what it is
    REMAINS = auto()  # needs a key


def look(files: RecordingFiles) -> Left:
    """What there is. A part that only lacks its name is given it here."""
    if files.tail.exists():
        with files.tail.open("r+b", buffering=0) as tail:
            if not lock(tail):
                return Left.RUNNING
    note = read_note(files)
    if note is not None and not files.sealed.exists() and _is_whole(files, note):
        conclude(
            files, duration_ms=note.duration_ms, timeline=note.timeline, voice_ms=note.voice_ms
        )
    if files.sealed.exists() and note is not None:
        files.tail.unlink(missing_ok=True)
        files.reserve.unlink(missing_ok=True)
        return Left.WHOLE
    return Left.REMAINS if files.sealed.exists() or files.part.exists() else Left.NOTHING


def _is_whole(files: RecordingFiles, note: Sealed) -> bool:
    try:
        with files.part.open("rb") as part:
            return age.payload_digest(part).hex() == note.digest
    except (FileNotFoundError, age.AgeError):
        return False


def salvage(files: RecordingFiles, identity: str, recipients: tuple[str, ...]) -> Sealed | None:
    """Seal what is left, as an exact prefix of what was recorded; None if there is no sound.

    The remains go only when the sealed file is on the disk. `age.NoMatch` if ``identity`` isn't
    theirs, `Fault` if the disk takes no more.
    """
    if files.sealed.exists():
        with files.sealed.open("rb") as source:
            plain = b"".join(age.remains(source, [identity]).chunks())
    else:
        plain = _read_remains(files, identity)
    pages = whole_pages(plain)
    if not pages.duration_ms:
        return None
    plain = plain[: pages.length]
    if not files.sealed.exists():
        seal_file(files.sealed, recipients, [plain])
    sidecar = _read_sidecar(files, identity)
    if sidecar is None:
        content = _measure(plain)
        seal_file(files.peaks, recipients, [content])
        sidecar = read_sidecar(content)
    sealed = _describe(files, pages, sidecar)
    write_note(files, sealed)
    for leftover in (files.part, files.tail, files.reserve):
        leftover.unlink(missing_ok=True)
    return sealed


def _read_remains(files: RecordingFiles, identity: str) -> bytes:
    """The whole chunks of the part, and what the journal has beyond them."""
    with files.part.open("rb") as source:
        try:
            remains = age.remains(source, [identity])
        except age.HeaderError:
            return b""  # killed before its first sync: nothing was recorded yet
        plain = bytearray().join(remains.chunks())
        if remains.is_complete or not files.tail.exists():
            return bytes(plain)
        with files.tail.open("rb") as tail:
            for offset, data in read_tail(tail, remains.derive_key(TAIL_KEY)):
                if offset > len(plain):
                    break
                plain += data[len(plain) - offset :]
        return bytes(plain)


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


def _describe(files: RecordingFiles, pages: WholePages, sidecar: Sidecar) -> Sealed:
    with files.sealed.open("rb") as source:
        digest = age.payload_digest(source).hex()
    spoken = (None, None) if sidecar.voices is None else map(total_ms, sidecar.voices)
    return Sealed(pages.duration_ms, files.sealed.stat().st_size, digest, [], *spoken)


def unsettled_here(folder: Path) -> set[str]:
    """The uids of recordings in the folder that aren't simply sealed and known."""
    traces = (path for kind in ("*.age.part", "*.age.tail", "*.note") for path in folder.glob(kind))
    return {path.name.partition(".")[0] for path in traces}


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
    who has nothing to do with calls leaves everything. Interrupted, it does the rest next time.
    """
    mine: OwnAccount = read(own_account)
    if Permission.FINISH_CALL not in mine.permissions:
        return
    if Permission.PLAY_RECORDINGS not in mine.permissions or not mine.may_listen:
        identities = {}
    here = unsettled_here(folder)
    open_ones: tuple[UnsettledRecording, ...] = read(views.unsettled, here)
    for one in open_ones:
        files = RecordingFiles(folder, one.uid)
        left = look(files)
        if left is Left.WHOLE:
            perform(service.seal, one.id, read_note(files), uid=one.uid)
        elif left is Left.NOTHING:
            perform(service.fail, one.id, code="recordings.nothing_left", uid=one.uid)
        elif left is Left.REMAINS and one.key_version in identities:
            _salvage(files, one, identities[one.key_version], perform)
        elif left is Left.REMAINS:
            perform(service.leave_to_salvage, one.id, uid=one.uid)
    still_open = {one.uid for one in read(views.unsettled, here)}
    for note in folder.glob("*.note"):
        if note.stem not in still_open:
            note.unlink(missing_ok=True)


def _salvage(
    files: RecordingFiles, one: UnsettledRecording, identity: str, perform: Callable[..., Any]
) -> None:
    recipients = perform(service.begin_salvage, one.id, uid=one.uid)
    sealed = salvage(files, identity, recipients)
    if sealed is None:
        perform(service.fail, one.id, code="recordings.nothing_left", uid=one.uid)
    else:
        perform(service.finish_salvage, one.id, sealed, uid=one.uid)
