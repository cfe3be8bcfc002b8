"""Days of calls with real rows and real sealed files, healthy until somebody breaks them."""

import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk_app.calls import service as calls
from desk_app.calls.endings import Answered, CallOnly
from desk_app.calls.form import ContactForm
from desk_app.calls.rules import Disposition
from desk_app.keys import age
from desk_app.people.access import Actor, Role
from desk_app.recordings import service
from desk_app.recordings.files import RecordingFiles, Sealed
from desk_app.recordings.founding import enter_first_key
from desk_app.recordings.model import Recording, RecordingFinding
from desk_app.recordings.reconciliation import service as reconciling
from desk_app.recordings.reconciliation.pages import FindingRow
from desk_app.recordings.reconciliation.running import reconcile
from desk_app.recordings.sealing import seal_file
from tests.day import QUESTION, OfficeDay

TOKYO = ZoneInfo("Asia/Tokyo")
RECIPIENTS = (
    age.recipient_of(age.generate_identity()),
    age.recipient_of(age.generate_identity()),
)


class Archive:
    """An office that records, the folder of its one desk, and a supervisor."""

    def __init__(self, day: OfficeDay, folder: Path) -> None:
        self.day, self.folder = day, folder
        folder.mkdir(exist_ok=True)
        self.operator = day.operator
        self.supervisor: Actor = day.person(Role.SUPERVISOR)
        with day.work() as w:
            enter_first_key(w, recipient=RECIPIENTS[0], recovery_recipient=RECIPIENTS[1])
            w.commit()

    @property
    def today(self) -> date:
        return self.day.clock.now().astimezone(TOKYO).date()

    def call(
        self,
        seconds: float = 90,
        *,
        recorded: float | None = None,
        disposition: Disposition = Disposition.ANSWERED,
        **row: Any,
    ) -> int:
        """A call that was announced, recorded (for as long, or ``recorded``) and saved; its
        contact's id. ``row`` sets columns of the recording."""
        contact_id = self.day.ring()
        self.day.later(seconds=3)
        self.day.announce(contact_id)
        recording_id, uid = self.begin(contact_id)
        self.day.later(seconds=seconds)
        self.day.hang_up(contact_id)
        self.seal(recording_id, uid, seconds if recorded is None else recorded, **row)
        self.save(contact_id, disposition)
        return contact_id

    def begin(self, contact_id: int) -> tuple[int, str]:
        order = self.day.perform(self.operator, service.begin, contact_id)
        return order.recording_id, order.uid

    def seal(self, recording_id: int, uid: str, seconds: float, **row: Any) -> None:
        """Seal a recording with a file of its own; both parties speak for a third of it."""
        files = RecordingFiles(self.folder, uid)
        seal_file(files.sealed, RECIPIENTS, [secrets.token_bytes(3_000)])
        seal_file(files.peaks, RECIPIENTS, [b"peaks"])
        with files.sealed.open("rb") as source:
            digest = age.payload_digest(source).hex()
        duration_ms = round(seconds * 1000)
        sealed = Sealed(duration_ms, files.sealed.stat().st_size, digest)
        self.day.perform(self.operator, service.seal, recording_id, sealed)
        voice = {"operator_voice_ms": duration_ms // 3, "caller_voice_ms": duration_ms // 3}
        self.change(recording_id, **(voice | row))

    def change(self, recording_id: int, **columns: Any) -> None:
        with self.day.work() as w:
            row = w.session.get_one(Recording, recording_id)
            for name, value in columns.items():
                setattr(row, name, value)
            w.commit()

    def save(self, contact_id: int, disposition: Disposition = Disposition.WRONG_NUMBER) -> None:
        if disposition is Disposition.ANSWERED:
            self.day.save(contact_id, QUESTION, Answered())
        else:
            form = ContactForm(inquiries=(), disposition=disposition)
            self.day.save(contact_id, form, CallOnly())

    def unrecorded(
        self,
        seconds: float = 90,
        *,
        announced: bool = True,
        objected: bool = False,
        disposition: Disposition = Disposition.ANSWERED,
    ) -> int:
        """A call without a row of any recording."""
        contact_id = self.day.ring()
        if announced:
            self.day.announce(contact_id)
        if objected:
            self.day.perform(self.operator, calls.object_to_recording, contact_id)
        self.day.later(seconds=seconds)
        self.day.hang_up(contact_id)
        self.save(contact_id, disposition)
        return contact_id

    def begun(self, seconds: float = 90) -> tuple[int, int]:
        """A call whose recording was begun and never ended: contact and recording."""
        contact_id = self.day.ring()
        self.day.announce(contact_id)
        recording_id, _ = self.begin(contact_id)
        self.day.later(seconds=seconds)
        self.day.hang_up(contact_id)
        self.save(contact_id, Disposition.ANSWERED)
        return contact_id, recording_id

    def row(self, contact_id: int) -> Recording:
        """The last recording of a contact."""
        with self.day.work(reading=True) as w:
            rows = w.session.scalars(
                select(Recording).where(Recording.contact_id == contact_id).order_by(Recording.id)
            ).all()
            w.session.expunge_all()
            return rows[-1]

    def files(self, contact_id: int) -> RecordingFiles:
        return RecordingFiles(self.folder, self.row(contact_id).uid)

    def next_day(self) -> None:
        """The next morning at ten, an open day if this is a Monday to Thursday."""
        now = self.day.clock.now().astimezone(TOKYO)
        tomorrow = (now + timedelta(days=1)).replace(hour=10, minute=5, second=0)
        self.day.clock.move_to(tomorrow)

    def reconcile(self, actor: Actor | None = None, **options: Any) -> None:
        """What the desk does each day."""
        who = actor or self.supervisor
        reconcile(
            self.folder,
            perform=lambda case, *args, **named: self.day.perform(who, case, *args, **named),
            read=lambda view, *args, **named: self.day.read(who, view, *args, **named),
            **options,
        )

    def listed(self, *, settled: bool = False) -> tuple[FindingRow, ...]:
        page = self.day.perform(self.supervisor, reconciling.list_findings, settled=settled)
        return page.rows

    def found(self, *, settled: bool = False) -> set[tuple[str, str, int | None]]:
        """Kind, reason and contact of each finding."""
        return {
            (row.kind.value, row.reason.value, row.contact_id)
            for row in self.listed(settled=settled)
        }

    def count(self) -> int:
        with self.day.work(reading=True) as w:
            return len(w.session.scalars(select(RecordingFinding.id)).all())
