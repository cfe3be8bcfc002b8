"""The hours that a new office begins with."""

from collections.abc import Sequence

from desk_app.hours.model import CalendarRevision
from desk_app.storage.unit_of_work import UnitOfWork


def enter_first_calendar(
    work: UnitOfWork,
    *,
    made_by: int,
    zone: str,
    shifts: Sequence[tuple[str, str]],
    closed_weekdays: frozenset[int],
) -> None:
    """Enter the first revision: shifts as local "HH:MM" pairs, Monday is weekday 0."""
    work.session.add(
        CalendarRevision(
            zone=zone,
            shifts=[list(shift) for shift in shifts],
            closed_weekdays=sorted(closed_weekdays),
            made_at=work.now,
            made_by=made_by,
        )
    )
