"""Case numbers: by year, without gaps or doubles under concurrent desks.

The finisher `number_cases` runs as one of the last things before the commit: the counter's row
is locked for that short while only, and a transaction that fails gives no number away.
"""

from sqlalchemy import select

from desk_app.cases.model import Case, CaseCounter
from desk_app.hours.calendar import open_calendar
from desk_app.storage.counters import take_numbers
from desk_app.storage.unit_of_work import UnitOfWork


def case_number(year: str, position: int) -> str:
    """Numbers of a year sort as text up to a million cases."""
    return f"{year}-{position:06d}"


def number_cases(work: UnitOfWork) -> None:
    """Number the cases that were opened in this unit of work, by the office's year."""
    ids = [change.id for change in work.changes if change.kind == "case"]
    if not ids:
        return
    opened = list(
        work.session.scalars(
            select(Case).where(Case.id.in_(ids), Case.number.is_(None)).order_by(Case.id)
        )
    )
    if not opened:
        return
    year = open_calendar(work).local(work.now).strftime("%Y")
    positions = take_numbers(work, CaseCounter, year, len(opened))
    for position, case in zip(positions, opened, strict=True):
        case.number = case_number(year, position)
    work.session.flush()
