"""Which rows follow a case into another, and back. One line for each column that names a case.

A room whose table points to ``desk_case`` enters it here: among `MOVERS`, if its rows belong to
whichever case goes on; or in `STAY`, with the reason. A test finds a column that is in neither.
Tables are named, not imported: their rooms need not be known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Mover:
    """A column whose rows follow their case. ``counted`` is a column that numbers the rows within
    their case: they are numbered on in the other, and get their old numbers back."""

    table: str
    column: str
    counted: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


MOVERS = (
    Mover("case_contact", "case_id"),
    Mover("inquiry", "case_id"),
    Mover("attachment", "case_id", counted="number"),
    Mover("case_field_value", "case_id"),
    Mover("case_task", "case_id"),
    Mover("case_tag", "case_id"),
    Mover("case_article", "case_id"),
    Mover("case_link", "from_id"),
    Mover("case_link", "to_id"),
    Mover("sealed_record", "case_id"),
    Mover("use_block", "case_id"),
    Mover("paper_original", "case_id"),
    Mover("provision", "case_id"),
    Mover("receipt", "case_id"),
)

STAY: Mapping[str, str] = {
    "desk_case.merged_into_id": "a chain of merges is followed, not shortened",
    "timeline_entry.case_id": "is never changed; shown with the case that stays, with its origin",
    "case_text.case_id": "made anew by the index",
    "case_deadline.case_id": "ends, or goes on with the other: see deadlines.taking_over, clocks",
    "case_pause.case_id": "a pause of that case's own deadlines",
    "privacy_request.case_id": "an open one keeps its case apart; a closed one was answered there",
    "case_presence.case_id": "who has it open now; over in a moment",
    "case_approval.case_id": "approves how that case was resolved",
    "bulk_item.case_id": "tells what an act on many cases did to this one",
    "case_merge.into_id": "tells of the merge",
    "case_merge.merged_id": "tells of the merge",
    "legal_hold.case_id": "holds whatever was merged with it as well",
    "cases_apart.first_id": "what was judged was the case as it stood",
    "cases_apart.second_id": "what was judged was the case as it stood",
}
"""Columns whose rows stay with the case that was merged, and why."""

Keys = list[list[Any]]
"""Rows by their primary keys, without the moving column where that is part of it."""


def move(work: UnitOfWork, from_id: int, to_id: int) -> dict[str, Keys]:
    """Let all rows of a case follow into another; which they were, by column.

    A row that the other case has already (the same contact, the same link) stays where it is,
    and so does one that would point to its own case.
    """
    work.session.flush()
    moved: dict[str, Keys] = {}
    for mover in MOVERS:
        table, column, key = _parts(mover)
        if mover.counted:
            keys = _count_on(work, mover, from_id=from_id, to_id=to_id)
            if keys:
                moved[mover.name] = keys
            continue
        chosen = select(*key).where(
            column == from_id, ~_is_there(table, column, to_id), *_others(table, column, to_id)
        )
        keys = [list(row) for row in work.session.execute(chosen.order_by(*key))]
        _give(work, mover, keys, from_id=from_id, to_id=to_id)
        if keys:
            moved[mover.name] = keys
    return moved


def move_back(
    work: UnitOfWork, moved: Mapping[str, Sequence[Sequence[Any]]], from_id: int, to_id: int
) -> None:
    """Give these rows back, as far as they are still with the case that got them."""
    work.session.flush()
    for mover in MOVERS:
        keys = [list(key) for key in moved.get(mover.name, ())]
        if mover.counted:
            _count_back(work, mover, keys, from_id=from_id, to_id=to_id)
            continue
        _give(work, mover, keys, from_id=from_id, to_id=to_id)


def columns_to(name: str = "desk_case") -> Iterator[str]:
    """Every column of the schema that points to a case."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == name for key in column.foreign_keys):
                yield f"{table.name}.{column.name}"


def _parts(mover: Mover) -> tuple[Table, Column[Any], list[Column[Any]]]:
    table = Base.metadata.tables[mover.table]
    column = table.columns[mover.column]
    return table, column, [part for part in table.primary_key if part is not column]


def _give(work: UnitOfWork, mover: Mover, keys: Keys, *, from_id: int, to_id: int) -> None:
    if not keys:
        return
    table, column, key = _parts(mover)
    same = (part == bindparam(f"key_{at}") for at, part in enumerate(key))
    statement = (
        update(table)
        .where(column == bindparam("here"), *same, ~_is_there(table, column, to_id))
        .values({column: bindparam("there")})
    )
    work.session.connection().execute(
        statement,
        [
            {"here": from_id, "there": to_id}
            | {f"key_{at}": value for at, value in enumerate(values)}
            for values in keys
        ],
    )
    work.session.expire_all()


def _count_on(work: UnitOfWork, mover: Mover, *, from_id: int, to_id: int) -> Keys:
    table, column, key = _parts(mover)
    counted = table.columns[mover.counted]
    last = work.session.scalar(select(func.max(counted)).where(column == to_id)) or 0
    rows = work.session.execute(
        select(*key, counted).where(column == from_id).order_by(counted)
    ).all()
    for at, (*values, _) in enumerate(rows, start=last + 1):
        same = (part == value for part, value in zip(key, values, strict=True))
        work.session.execute(update(table).where(*same).values({column: to_id, counted: at}))
    work.session.expire_all()
    return [list(row) for row in rows]


def _count_back(work: UnitOfWork, mover: Mover, keys: Keys, *, from_id: int, to_id: int) -> None:
    table, column, key = _parts(mover)
    counted = table.columns[mover.counted]
    for *values, number in keys:
        same = (part == value for part, value in zip(key, values, strict=True))
        work.session.execute(
            update(table).where(column == from_id, *same).values({column: to_id, counted: number})
        )
    work.session.expire_all()


def _is_there(table: Table, column: Column[Any], case_id: int) -> ColumnElement[bool]:
    """Whether the case has a row that this one would double."""
    twin = table.alias()
    doubles = [
        and_(*(twin.columns[part.name] == part for part in unique if part is not column))
        for unique in _uniques(table)
        if column in unique and len(unique) > 1
    ]
    return or_(
        false(),
        *(exists(select(1).where(twin.columns[column.name] == case_id, same)) for same in doubles),
    )


def _uniques(table: Table) -> Iterator[list[Column[Any]]]:
    yield list(table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns)
    for index in table.indexes:
        if index.unique:
            yield list(index.columns)


def _others(table: Table, column: Column[Any], case_id: int) -> list[ColumnElement[bool]]:
    return [
        other != case_id
        for other in table.columns
        if other is not column
        and any(key.column.table.name == "desk_case" for key in other.foreign_keys)
    ]
