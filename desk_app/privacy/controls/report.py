"""What a report on controls says: of one of them, or of all of a time for the committee. It is
set on paper by `controls.paper`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.people.settings import OFFICE_NAME, setting
from desk_app.people.views import own_account
from desk_app.privacy.controls import reading
from desk_app.privacy.controls.model import Control
from desk_app.privacy.controls.pages import ControlPage
from desk_app.privacy.inspections.model import InspectionSample
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """What it takes to draw a sample again."""

    seed: str
    from_at: datetime
    to_at: datetime
    last_entry_id: int
    wanted: int
    population: int


@dataclass(frozen=True, slots=True)
class ControlReport:
    """What a report shows, who had it made and when. ``days``: of a committee's report."""

    office: str
    made_by: str
    made_at: datetime
    controls: tuple[tuple[ControlPage, SampleFacts | None], ...]
    days: tuple[date, date] | None = None

    @property
    def zone(self) -> ZoneInfo:
        zone = self.made_at.tzinfo
        assert isinstance(zone, ZoneInfo)  # noqa: S101 -- made by `report_of`
        return zone


def report_of(
    actor: Actor,
    work: UnitOfWork,
    controls: Sequence[Control],
    *,
    days: tuple[date, date] | None = None,
) -> ControlReport:
    """The report of these controls as they stand now."""
    made_at = open_calendar(work).local(work.now)
    samples = {
        one.control_id: SampleFacts(
            one.seed, one.from_at, one.to_at, one.last_entry_id, one.wanted, one.population
        )
        for one in work.session.scalars(
            select(InspectionSample).where(
                InspectionSample.control_id.in_([control.id for control in controls])
            )
        )
    }
    return ControlReport(
        office=setting(work, OFFICE_NAME) or "",
        made_by=own_account(actor, work).name,
        made_at=made_at,
        controls=tuple(
            (reading.page_of(work, one, made_at.date()), samples.get(one.id)) for one in controls
        ),
        days=days,
    )
