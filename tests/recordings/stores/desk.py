"""A desk with sealed recordings on its disk and a queue to work off."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.recordings import service
from desk_app.recordings.files import RecordingFiles, Sealed
from desk_app.recordings.founding import enter_first_key
from desk_app.recordings.model import Recording, RecordingCopy
from desk_app.recordings.sealing import seal_file
from desk_app.recordings.stores import service as stores
from desk_app.recordings.stores.base import Store, StoreTerms
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.uploading import Done, Progress, upload_next
from tests.day import OfficeDay

IDENTITY = age.generate_identity()
RECIPIENTS = (age.recipient_of(IDENTITY), age.recipient_of(age.generate_identity()))


class UploadingDesk:
    """One desk of an office; several may share a `day`."""

    def __init__(self, day: OfficeDay, folder: Path, *, actor: Actor | None = None) -> None:
        self.day, self.folder = day, folder
        self.actor = actor or day.operator
        folder.mkdir()

    def perform(self, use_case: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return self.day.perform(self.actor, use_case, *args, **named)

    def read(self, view: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return self.day.read(self.actor, view, *args, **named)

    def record(self, size: int = 50_000, *, waveform: bool = True) -> RecordingFiles:
        """A call was recorded and sealed: its files lie here."""
        contact_id = self.day.ring(self.actor)
        self.day.announce(contact_id, self.actor)
        order = self.perform(service.begin, contact_id)
        files = RecordingFiles(self.folder, order.uid)
        seal_file(files.sealed, RECIPIENTS, [secrets.token_bytes(size)])
        if waveform:
            seal_file(files.peaks, RECIPIENTS, [b"peaks"])
        with files.sealed.open("rb") as source:
            digest = age.payload_digest(source).hex()
        sealed = Sealed(61_000, files.sealed.stat().st_size, digest)
        self.perform(service.seal, order.recording_id, sealed)
        self.day.hang_up(contact_id, self.actor)
        return files

    def upload(
        self,
        *,
        opening: Callable[[StoreTerms], Store] = open_store,
        report: Callable[[Progress], None] = lambda _progress: None,
    ) -> list[Done]:
        """Work off whatever is due now."""
        done = []
        while (
            one := upload_next(self.perform, self.read, self.folder, opening=opening, report=report)
        ) is not None:
            done.append(one)
            assert len(done) < 200
        return done

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def id_of(self, files: RecordingFiles) -> int:
        with self.day.work(reading=True) as w:
            found: int = w.session.scalars(
                select(Recording.id).where(Recording.uid == files.uid)
            ).one()
            return found

    def is_known_to_be_gone(self, files: RecordingFiles) -> bool:
        """The row says that nothing is left of a discarded recording."""
        with self.day.work(reading=True) as w:
            at = w.session.scalar(select(Recording.discarded_at).where(Recording.uid == files.uid))
            return at is not None

    def discard(self, files: RecordingFiles) -> None:
        """As the recordings room does it: the row first, then the files."""
        with self.day.work() as w:
            one = w.session.scalars(select(Recording).where(Recording.uid == files.uid)).one()
            one.state = "discarded"
            w.commit()
        for path in (files.sealed, files.peaks):
            path.unlink(missing_ok=True)


def open_office(day: OfficeDay) -> Actor:
    """Recordings can be made; the administrator, who enters stores."""
    with day.work() as w:
        enter_first_key(w, recipient="age1recordings", recovery_recipient="age1recovery")
        w.commit()
    return day.person(Role.ADMINISTRATOR, appointed=False)


def enter(day: OfficeDay, administrator: Actor, terms: StoreTerms, **change: str) -> None:
    day.perform(administrator, stores.enter_store, replace(terms, **change))


def copies(day: OfficeDay) -> list[RecordingCopy]:
    with day.work(reading=True) as w:
        found = list(w.session.scalars(select(RecordingCopy).order_by(RecordingCopy.id)))
        w.session.expunge_all()
        return found


def acts(day: OfficeDay, action: str) -> list[AuditEntry]:
    with day.work(reading=True) as w:
        found = list(
            w.session.scalars(
                select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
            )
        )
        w.session.expunge_all()
        return found
