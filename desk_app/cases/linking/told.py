"""The timeline of a case with those of the cases merged into it. Not a use case."""

from typing import Any

from sqlalchemy import bindparam, select

from desk_app.cases.linking.family import merged_into
from desk_app.cases.model import Case, TimelineEntry
from desk_app.cases.pages import TimelineRow
from desk_app.cases.rules import EntryKind
from desk_app.storage.unit_of_work import UnitOfWork

_ENTRIES = (
    select(TimelineEntry)
    .where(TimelineEntry.case_id.in_(bindparam("cases", expanding=True)))
    .order_by(TimelineEntry.id)
)


def timeline_rows(work: UnitOfWork, case_id: int, names: dict[int, str]) -> tuple[TimelineRow, ...]:
    """Oldest first. What came with a merged case says so by that case's number; what only tells
    there that it was merged stands in the other's words already."""
    merged = merged_into(work, [case_id])
    entries = work.session.scalars(_ENTRIES, {"cases": [case_id, *merged]}).all()
    told = [
        entry
        for entry in entries
        if entry.case_id == case_id or entry.kind != EntryKind.MERGED_INTO
    ]
    wanted = {*merged} | {
        other for entry in told if isinstance(other := entry.particulars.get("other_id"), int)
    }
    numbers = _numbers(work, wanted) if wanted else {}
    return tuple(
        TimelineRow(
            at=entry.at,
            user=names[entry.user_id],
            kind=EntryKind(entry.kind),
            text=entry.text,
            particulars=_particulars(entry, numbers),
            origin=numbers.get(entry.case_id) if entry.case_id != case_id else None,
        )
        for entry in told
    )


def _numbers(work: UnitOfWork, ids: set[int]) -> dict[int, str | None]:
    rows = work.session.execute(select(Case.id, Case.number).where(Case.id.in_(ids)))
    return dict(rows.all())


def _particulars(entry: TimelineEntry, numbers: dict[int, str | None]) -> dict[str, Any]:
    """With the number of the other case, which wasn't known yet when the entry was written."""
    told = dict(entry.particulars)
    other = numbers.get(told.get("other_id", 0))
    return told | {"number": other} if other else told
