"""The files of one recording, and how they become durable.

    <uid>.age.part    an age file that still grows
    <uid>.age.tail    journal of what the part doesn't hold yet (`sealing`)
    <uid>.timeline    what has happened to the sound so far, while the part grows: JSON, kinds
                      and times only (`timeline`)
    <uid>.age.reserve room kept free, so that a full disk still lets the recording be sealed
    <uid>.age         the sealed recording: a standard age v1 file holding Opus in Ogg
    <uid>.peaks.age   its waveform and voices (`peaks`), sealed alike
    <uid>.age.damaged, <uid>.age.tail.damaged
                      part and journal of which only the sound before a damage could be salvaged:
                      kept as they were, for as long as the recording is
    <uid>.note        what the recorder found at sealing, until the database has it: JSON, counts
                      and a digest only
    .<uid>.….part     any of these while it is written (`desk_app.files.whole_file`)
    settling          locked by whoever looks after what a crash has left

Names say nothing about the call. Everything is readable by its owner only.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from desk_app.errors import Fault
from desk_app.files import sync_folder, whole_file

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_VOICE_WINDOW_MS = 1000
"""By how much a voice may seem to outlast the recording: windows are measured whole."""
HEADER_BYTES = 4096
"""More than any header of a recording has: without it nothing can be opened."""
_DIGEST = re.compile("[0-9a-f]{64}")
_LOCKED_BYTE = 1 << 40  # beyond anything written: Windows keeps others from reading locked bytes

VoiceMs = tuple[int | None, int | None]
"""How long the operator and the caller spoke; None: not measured."""


@dataclass(frozen=True, slots=True)
class RecordingFiles:
    """Where the files of recording ``uid`` are."""

    folder: Path
    uid: str

    @property
    def part(self) -> Path:
        return self.folder / f"{self.uid}.age.part"

    @property
    def tail(self) -> Path:
        return self.folder / f"{self.uid}.age.tail"

    @property
    def reserve(self) -> Path:
        return self.folder / f"{self.uid}.age.reserve"

    @property
    def timeline(self) -> Path:
        return self.folder / f"{self.uid}.timeline"

    @property
    def sealed(self) -> Path:
        return self.folder / f"{self.uid}.age"

    @property
    def peaks(self) -> Path:
        return self.folder / f"{self.uid}.peaks.age"

    @property
    def damaged(self) -> Path:
        return self.folder / f"{self.uid}.age.damaged"

    @property
    def damaged_tail(self) -> Path:
        return self.folder / f"{self.uid}.age.tail.damaged"

    @property
    def note(self) -> Path:
        return self.folder / f"{self.uid}.note"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A recording that is sealed. ``timeline`` holds gaps and events in ms."""

    duration_ms: int
    size_bytes: int
    digest: str
    timeline: list[dict[str, Any]] = field(default_factory=list)
    operator_voice_ms: int | None = None
    """How long the operator spoke; None: not measured."""
    caller_voice_ms: int | None = None
    lost_ms: int | None = None
    """For one made of remains, how much of its end is missing at most; None: it is whole."""

    @property
    def is_salvaged(self) -> bool:
        return self.lost_ms is not None

    @property
    def voice_ms(self) -> VoiceMs:
        return self.operator_voice_ms, self.caller_voice_ms

    @property
    def is_plausible(self) -> bool:
        """Whether a recording can be like this at all."""
        voices = [one for one in self.voice_ms if one is not None]
        return (
            self.duration_ms >= 0
            and self.size_bytes > 0
            and _DIGEST.fullmatch(self.digest) is not None
            and all(0 <= one <= self.duration_ms + _VOICE_WINDOW_MS for one in voices)
            and (self.lost_ms is None or self.lost_ms >= 0)
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Sealed":
        """`ValueError` or `TypeError` if ``fields`` aren't what `to_json` gave, now or before
        voices were measured."""
        sealed = cls(**fields)
        if not (
            isinstance(sealed.duration_ms, int)
            and isinstance(sealed.size_bytes, int)
            and isinstance(sealed.digest, str)
            and isinstance(sealed.timeline, list)
            and all(one is None or isinstance(one, int) for one in sealed.voice_ms)
            and (sealed.lost_ms is None or isinstance(sealed.lost_ms, int))
        ):
            raise ValueError("not a sealed recording")
        return sealed


def create(path: Path) -> BinaryIO:
    """Open a new file for writing, unbuffered, for its owner only; it may not exist yet."""
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)


def sync(file: BinaryIO) -> None:
    """Make what was written to ``file`` survive a power cut."""
    if sys.platform == "darwin":  # its fsync leaves the bytes in the drive's cache
        fcntl.fcntl(file.fileno(), fcntl.F_FULLFSYNC)
    elif hasattr(os, "fdatasync"):
        os.fdatasync(file.fileno())
    else:
        os.fsync(file.fileno())


def lock(file: BinaryIO, *, wait: bool = False) -> bool:
    """Take ``file`` for this process until it is closed; False if another has it and this one
    isn't to ``wait``."""
    try:
        if sys.platform == "win32":
            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return wait and lock(file, wait=True)  # Windows waits for ten seconds at a time
    return True


def write_note(files: RecordingFiles, sealed: Sealed) -> None:
    """Keep what the database is to be told, in case nobody is there to tell it."""
    with whole_file(files.note) as note:
        note.write(json.dumps(sealed.to_json()).encode("ascii"))


def read_note(files: RecordingFiles) -> Sealed | None:
    """The note beside a recording; None if there is none, or only a torn one."""
    try:
        return Sealed.from_json(json.loads(files.note.read_text("ascii")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def leftovers(files: RecordingFiles) -> Iterator[Path]:
    """What lies here of a recording beside what is kept: the sealed file, its waveform, its note
    and what was damaged."""
    kept = {files.sealed, files.peaks, files.note, files.damaged, files.damaged_tail}
    return (path for path in _everything(files) if path not in kept)


def destroy(files: RecordingFiles) -> None:
    """Remove everything of a recording from this disk, and look again.

    The headers are overwritten first, so that where the disk writes in place not even the key's
    holder can open what lies in free blocks. May be repeated. ``Fault("recordings.not_destroyed")``
    if anything is left.
    """
    try:
        for path in _everything(files):
            with suppress(FileNotFoundError):
                with path.open("r+b", buffering=0) as file:
                    file.write(bytes(min(HEADER_BYTES, os.fstat(file.fileno()).st_size)))
                    sync(file)
                path.unlink()
        if files.folder.exists():
            sync_folder(files.folder)
    except OSError as error:
        raise Fault("recordings.not_destroyed") from error
    if is_anything_left(files):
        raise Fault("recordings.not_destroyed")


def is_anything_left(files: RecordingFiles) -> bool:
    return any(True for _ in _everything(files))


def uid_of(path: Path) -> str:
    """Whose file this is; empty for one that belongs to no recording."""
    uid, dot, _ = path.name.removeprefix(".").partition(".")
    return uid if dot else ""


def _everything(files: RecordingFiles) -> Iterator[Path]:
    if not files.folder.exists():
        return iter(())
    return (path for path in files.folder.iterdir() if uid_of(path) == files.uid)


@contextmanager
def settling(folder: Path) -> Iterator[None]:
    """Wait for the only leave to settle what a crash has left in ``folder``, of all processes."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "settling", os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as mark:
        lock(mark, wait=True)
        yield
