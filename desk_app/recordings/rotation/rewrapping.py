"""Hands the recordings that lie at this desk on to the key in use, one after another.

Only headers are made anew. A file is written beside, brought to the disk and compared with the
digest in the recording's row before it takes the place of the one before; the row follows. Killed
at any moment, each file opens with the identity of the old version or of the new one, and the
next run does the rest. A damaged file is left as it is, and said.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk_app.errors import Fault
from desk_app.files import fault_of, sync_folder
from desk_app.keys import age
from desk_app.recordings.files import RecordingFiles, create, lock, sync
from desk_app.recordings.rotation import service, views
from desk_app.recordings.rotation.views import RewrapTerms, StaleRecording

COUNTED_EVERY = 50
"""Recordings after which progress is recorded and shown."""
LOCK_FILE = "rewrapping.lock"
DAMAGED, FOREIGN = "damaged", "foreign"


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What one run did."""

    count: int = 0
    damaged: int = 0


class Unfit(Exception):
    """A file that can't be re-wrapped; its text is the reason."""


def rewrap_here(
    folder: Path,
    identities: Mapping[int, str],
    *,
    perform: Callable[..., Any],
    read: Callable[..., Any],
) -> Rewrapped:
    """Re-wrap every recording in the folder that is sealed for an earlier key.

    ``identities`` are those of who is signed in; ``perform`` and ``read`` run a use case as the
    desk does. Takes as long as copying the files does; not for the window's thread. Nothing
    happens while another run is at it, and for who may not listen. `Fault` for a disk that takes
    no more; what is done stays done.
    """
    terms: RewrapTerms | None = read(views.rewrap_terms)
    if terms is None or terms.version not in identities:
        return Rewrapped()
    with (folder / LOCK_FILE).open("ab") as held:
        if not lock(held):
            return Rewrapped()
        return _Run(folder, identities, terms, perform, read).through()


class _Run:
    def __init__(
        self,
        folder: Path,
        identities: Mapping[int, str],
        terms: RewrapTerms,
        perform: Callable[..., Any],
        read: Callable[..., Any],
    ) -> None:
        self._folder, self._terms = folder, terms
        self._keys = [identities[version] for version in sorted(identities, reverse=True)]
        self._perform, self._read = perform, read
        self._count = self._uncounted = self._damaged = 0

    def through(self) -> Rewrapped:
        after = 0
        for left in self._folder.glob("*.age.new"):  # by a run that was killed
            left.unlink(missing_ok=True)
        try:
            while batch := self._read(views.stale, self._terms.version, after=after):
                for one in batch:
                    self._do(one)
                    after = one.id
        finally:
            self._tell_count()
        return Rewrapped(self._count, self._damaged)

    def _do(self, one: StaleRecording) -> None:
        files = RecordingFiles(self._folder, one.uid)
        if not files.sealed.exists():
            return  # at another desk, or in a store
        try:
            made = make_beside(files, one.digest, self._keys, self._terms.recipients)
        except Unfit as unfit:
            self._damaged += 1
            self._perform(service.not_rewrapped, one.id, trouble=str(unfit))
            return
        done = self._perform(
            service.rewrapped,
            one.id,
            version=self._terms.version,
            replace=lambda: put_in_place(made),
        )
        if not done:
            for beside, _ in made:
                beside.unlink(missing_ok=True)
            return
        self._count += 1
        self._uncounted += 1
        if self._uncounted >= COUNTED_EVERY:
            self._tell_count()

    def _tell_count(self) -> None:
        if self._uncounted:
            count, self._uncounted = self._uncounted, 0
            self._perform(service.count_rewrapped, self._terms.version, count=count)


def make_beside(
    files: RecordingFiles, digest: str, identities: list[str], recipients: tuple[str, ...]
) -> list[tuple[Path, Path]]:
    """The recording's files re-wrapped beside their places, durably; the sound last.

    `Unfit`, and nothing left, for a recording that can't be; `Fault` for a disk that takes no
    more.
    """
    made = []
    if files.peaks.exists():
        with suppress(Unfit):  # a waveform is a comfort: the player says that it is damaged
            made.append((_beside(files.peaks, "", identities, recipients), files.peaks))
    try:
        made.append((_beside(files.sealed, digest, identities, recipients), files.sealed))
    except BaseException:
        for beside, _ in made:
            beside.unlink(missing_ok=True)
        raise
    return made


def _beside(path: Path, digest: str, identities: list[str], recipients: tuple[str, ...]) -> Path:
    """``path`` re-wrapped and on the disk; without a digest it has to be the source's own."""
    beside = path.with_name(f"{path.name}.new")
    try:
        try:
            write_beside(path, beside, identities, recipients, digest)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except age.NoMatch as error:
        raise Unfit(FOREIGN) from error
    except age.AgeError as error:
        raise Unfit(DAMAGED) from error
    except OSError as error:
        raise fault_of(error) from error
    return beside


def write_beside(
    path: Path, beside: Path, identities: list[str], recipients: tuple[str, ...], digest: str
) -> None:
    """Write the file with a new header, and read it back; `Unfit` if its payload isn't the one
    that was sealed."""
    with path.open("rb") as source, create(beside) as sink:
        wanted = digest or age.payload_digest(source).hex()
        source.seek(0)
        age.rewrap(source, sink, identities, recipients)
        sync(sink)
    with beside.open("rb") as written:
        if age.payload_digest(written).hex() != wanted:
            raise Unfit(DAMAGED)


def put_in_place(made: list[tuple[Path, Path]]) -> None:
    """Give the re-wrapped files their names; ``Fault`` ``recordings.rewrap_busy`` where the
    system doesn't let a file go that is being played."""
    try:
        for beside, path in made:
            beside.replace(path)
        sync_folder(made[-1][1].parent)
    except OSError as error:
        raise Fault("recordings.rewrap_busy") from error
