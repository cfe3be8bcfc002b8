"""The sample of an inspection as the officer sees it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.controls.reading import names_of_staff
from desk_app.privacy.controls.report import SampleFacts
from desk_app.privacy.controls.rules import Verdict
from desk_app.privacy.inspections.model import InspectionItem, InspectionSample
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AccessRow:
    """An access that was drawn; ids only, as the log has them."""

    entry_id: int
    place: int
    at: datetime
    who: str
    action: str
    subject_kind: str
    subject_id: int | None
    purpose: str
    verdict: Verdict | None
    note: str


@dataclass(frozen=True, slots=True)
class SamplePage:
    """How it was drawn, and what was drawn."""

    facts: SampleFacts
    rows: tuple[AccessRow, ...]


@needs(Permission.OVERSEE)
def sample(actor: Actor, work: UnitOfWork, /, control_id: int) -> SamplePage | None:
    """The sample of an inspection; None before it is drawn."""
    drawn = work.session.get(InspectionSample, control_id)
    if drawn is None:
        return None
    names = names_of_staff(work)
    found = work.session.execute(
        select(InspectionItem, AuditEntry)
        .join(AuditEntry, AuditEntry.id == InspectionItem.entry_id)
        .where(InspectionItem.control_id == control_id)
        .order_by(InspectionItem.place)
    )
    return SamplePage(
        SampleFacts(
            drawn.seed,
            drawn.from_at,
            drawn.to_at,
            drawn.last_entry_id,
            drawn.wanted,
            drawn.population,
        ),
        tuple(
            AccessRow(
                entry_id=entry.id,
                place=item.place,
                at=entry.at,
                who=names.get(entry.user_id or 0, ""),
                action=entry.action,
                subject_kind=entry.subject_kind or "",
                subject_id=entry.subject_id,
                purpose=entry.purpose or "",
                verdict=None if item.verdict is None else Verdict(item.verdict),
                note=item.note,
            )
            for item, entry in found
        ),
    )
