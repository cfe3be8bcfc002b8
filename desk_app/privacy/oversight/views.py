"""The officer's list of what is due."""

from dataclasses import dataclass
from datetime import date

from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.oversight.due import Due, in_order
from desk_app.privacy.oversight.gatherers import GATHERERS
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DuePage:
    today: date
    rows: tuple[Due, ...]


@needs(Permission.OVERSEE)
def due(actor: Actor, work: UnitOfWork, /) -> DuePage:
    """What is due, late, or needs a decision, of all rooms."""
    today = office_day(work)
    found = (one for gather in GATHERERS for one in gather(actor, work, today))
    return DuePage(today, in_order(found, today))
