"""Announcements as pages and other rooms read them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from desk_app.errors import Fault, Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.model import Announcement, PolicyVersion
from desk_app.purposes.rules import RecordingUse
from desk_app.purposes.versions import APPROVED
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """What a caller hears, and what their recording may be used for."""

    id: int
    label: str
    outbound: bool
    effective_on: date
    scripts: dict[str, str]  # language -> text to read aloud
    uses: frozenset[RecordingUse]


@needs(Permission.TAKE_CALLS)
def current_announcement(
    actor: Actor, work: UnitOfWork, /, *, outbound: bool = False
) -> AnnouncementView:
    """The announcement in force today, as the office counts its days."""
    today = office_day(work)
    found = work.session.scalar(
        select(Announcement)
        .join(PolicyVersion)
        .where(
            Announcement.outbound == outbound,
            Announcement.effective_on <= today,
            PolicyVersion.decision == APPROVED,
        )
        .order_by(Announcement.effective_on.desc(), Announcement.id.desc())
        .limit(1)
    )
    if found is None:
        raise Fault("purposes.no_announcement")
    return _view(found)


@needs(Permission.READ_CONTACTS)
def announcement(actor: Actor, work: UnitOfWork, /, announcement_id: int) -> AnnouncementView:
    """The version that a caller heard, whether or not it is still in force."""
    found = work.session.get(Announcement, announcement_id)
    if found is None:
        raise Refused("purposes.announcement_not_found")
    return _view(found)


def _view(found: Announcement) -> AnnouncementView:
    known = {use.value for use in RecordingUse}
    return AnnouncementView(
        id=found.id,
        label=found.label,
        outbound=found.outbound,
        effective_on=found.effective_on,
        scripts=dict(found.scripts),
        # A use that this version of the desk doesn't know allows nothing.
        uses=frozenset(RecordingUse(use) for use in found.uses if use in known),
    )
