"""Case numbers: by year, without gaps or doubles under concurrent desks.

The finisher `number_cases` runs as one of the last things before the commit: the counter's row
is locked for that short while only, and a transaction that fails gives no number away.
"""

from typing import cast

from sqlalchemy import Table, bindparam, select, update

from desk_app.cases.model import Case, CaseCounter
from desk_app.hours.calendar import open_calendar
from desk_app.storage.counters import take_numbers
from desk_app.storage.unit_of_work import Change, UnitOfWork

_CASES = cast(Table, Case.__table__)
_UNNUMBERED = (
    select(Case.id)
    .where(Case.id.in_(bindparam("ids", expanding=True)), Case.number.is_(None))
    .order_by(Case.id)
)
_NUMBER = update(_CASES).where(_CASES.c.id == bindparam("case")).values(number=bindparam("given"))
# Past the entity: nobody has seen the new row yet, so that its version needn't tell of this.


def case_number(year: str, position: int) -> str:
    """Numbers of a year sort as text up to a million cases."""
    return f"{year}-{position:06d}"


def number_cases(work: UnitOfWork) -> None:
    """Number the cases that were opened in this unit of work, by the office's year."""
    ids = [change.id for change in work.changes if change.kind == "case"]
    if not ids:
        return
    opened = work.session.scalars(_UNNUMBERED, {"ids": ids}).all()
    if not opened:
        return
    year = open_calendar(work).local(work.now).strftime("%Y")
    positions = take_numbers(work, CaseCounter, year, len(opened))
    numbers = [case_number(year, position) for position in positions]
    for case_id, number in zip(opened, numbers, strict=True):
        work.session.connection().execute(_NUMBER, {"case": case_id, "given": number})
        work.numbered[Change("case", case_id)] = number
