"""What was erased is erased again in an office that comes out of a backup.

The row that a tombstone names goes, with every row that can't be without it, and what refers to
one of these otherwise forgets it; a recording's sealed files go with its row. The audit log stays:
it holds ids only.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    delete,
    literal_column,
    select,
    update,
)

from desk_app.backup.rules import ErasedKind
from desk_app.backup.tombstones import Tombstone
from desk_app.storage.loading import count_behind

TABLES = {
    ErasedKind.CUSTOMER: "customer",
    ErasedKind.CONTACT: "contact",
    ErasedKind.CASE: "desk_case",
    ErasedKind.RECORDING: "recording",
}
_AT_ONCE = 500
_ROW = literal_column("rowid", Integer)


def erase_again(
    connection: Connection, tables: MetaData, stones: Sequence[Tombstone], desks: Sequence[Path]
) -> int:
    """Erase what the tombstones name and what hangs on it, in a file; how many of the named rows
    were there. Whatever goes beside them has tombstones of its own."""
    gone: dict[Table, set[int]] = {}
    named = 0
    for kind, name in TABLES.items():
        table = tables.tables[name]
        ids = {one.subject_id for one in stones if one.kind is kind}
        there = _rows(connection, table, table.c.id, ids)
        named += len(there)
        _mark(connection, tables, table, there, gone)
    uids: list[str] = []
    recording = tables.tables["recording"]
    for batch in _batches(gone.get(recording, set())):
        uids += connection.scalars(select(recording.c.uid).where(_ROW.in_(batch)))
    for table, rows in gone.items():  # references are checked when all of them are gone
        for batch in _batches(rows):
            connection.execute(delete(table).where(_ROW.in_(batch)))
    for uid in uids:
        for desk in desks:
            for left in (desk / "recordings").glob(f"{uid}.*"):
                left.unlink()
    return named


def count_behind_erased(connection: Connection) -> None:
    """Let no id be given again that a tombstone names, also where its row came along with
    nothing."""
    stones = "SELECT kind, MAX(subject_id) FROM erasure_tombstone GROUP BY kind"
    for kind, last in connection.exec_driver_sql(stones).all():
        count_behind(connection, TABLES[ErasedKind(kind)], last)


def _mark(
    connection: Connection,
    tables: MetaData,
    table: Table,
    rows: set[int],
    gone: dict[Table, set[int]],
) -> None:
    """Mark rows and whatever can't be without them; have the others forget them."""
    new = rows - gone.get(table, set())
    if not new:
        return
    gone.setdefault(table, set()).update(new)
    for other in tables.tables.values():
        for column in other.columns:
            if not any(key.column.table is table for key in column.foreign_keys):
                continue
            if not column.nullable:
                _mark(connection, tables, other, _rows(connection, other, column, new), gone)
                continue
            for batch in _batches(new):
                forget = update(other).where(column.in_(batch)).values({column.name: None})
                connection.execute(forget)


def _rows(
    connection: Connection, table: Table, column: ColumnElement[int], values: set[int]
) -> set[int]:
    """SQLite's own numbers of the rows that have one of the values; a whole-number key is one."""
    found: set[int] = set()
    for batch in _batches(values):
        query = select(_ROW).select_from(table).where(column.in_(batch))
        found.update(connection.scalars(query))
    return found


def _batches(values: set[int]) -> Iterator[list[int]]:
    ordered = sorted(values)
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))
