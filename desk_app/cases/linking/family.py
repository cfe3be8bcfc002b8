"""A case and those that were merged into it. Not a use case."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from desk_app.cases.model import Case
from desk_app.storage.unit_of_work import UnitOfWork

_INTO = select(Case.merged_into_id).where(Case.id == bindparam("case"))
_BELOW = select(Case.id, Case.merged_into_id).where(
    Case.merged_into_id.in_(bindparam("heads", expanding=True))
)


def survivor(work: UnitOfWork, case_id: int) -> int:
    """The case in which this one goes on: itself, unless it was merged."""
    while (into := work.session.scalar(_INTO, {"case": case_id})) is not None:
        case_id = into
    return case_id


def merged_into(work: UnitOfWork, ids: Collection[int]) -> dict[int, int]:
    """Every case that was merged into one of these, itself or through others: its id, and the
    one of ``ids`` in which it goes on."""
    found: dict[int, int] = {}
    heads = {id: id for id in ids}
    while heads:
        rows = work.session.execute(_BELOW, {"heads": list(heads)})
        below = {case_id: heads[into] for case_id, into in rows if into is not None}
        found |= below
        heads = below
    return found


def closers(work: UnitOfWork, case: Case) -> set[int | None]:
    """Who closed a case, and those merged into it of which nobody has had a second look."""
    merged = select(Case.closed_by).where(
        Case.id.in_(merged_into(work, [case.id])), Case.spot_check, Case.closed_by.is_not(None)
    )
    return {case.closed_by, *work.session.scalars(merged)}
