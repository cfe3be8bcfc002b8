"""The rows of every table in one form that is the same on both engines, and their digests.

A row is a JSON array of its columns' values as SQLite keeps them: numbers, texts, null; a boolean
is 0 or 1, an instant ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC, a day ``YYYY-MM-DD``, a JSON column
its text, bytes ``{"b64": "…"}``. Rows stand in the order of their key, texts by their bytes, each
on a line of UTF-8. A table's digest is the SHA-256 over these lines, so that equal tables have
equal digests wherever they are kept.

What can be made again out of other rows (`DERIVED`) has no place here.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON as JsonType
from sqlalchemy import Boolean, Connection, Date, DateTime, LargeBinary, MetaData, inspect
from sqlalchemy.types import String, TypeEngine

from desk_app.storage.base import DERIVED

ROWS_AT_ONCE = 1_000
FILES_AT_ONCE = 16
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as a database has it: its columns, and which of them are its key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    types: tuple[TypeEngine[Any], ...]

    def type_of(self, column: str) -> TypeEngine[Any]:
        return self.types[self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and their digest."""

    rows: int
    sha256: str


def table_names(tables: MetaData) -> list[str]:
    """The tables whose rows are an office's, in the alphabet's order."""
    return sorted(one.name for one in tables.tables.values() if not one.info.get(DERIVED))


def shape_of(connection: Connection, name: str, columns: Sequence[str] = ()) -> Shape:
    """The table as it is there; ``columns`` in this order if any are named.

    `KeyError` if it has no such columns, or the table isn't there or has no key.
    """
    looking = inspect(connection)
    if not looking.has_table(name):
        raise KeyError(name)
    types = {one["name"]: one["type"] for one in looking.get_columns(name)}
    key = tuple(looking.get_pk_constraint(name)["constrained_columns"])
    chosen = tuple(columns) or tuple(types)
    if not key or not set(key) <= set(chosen):
        raise KeyError(name)
    return Shape(name, chosen, key, tuple(types[one] for one in chosen))


def rows_at_once(shape: Shape) -> int:
    """How many rows may be in memory: few of a table that keeps pieces of files."""
    has_bytes = any(isinstance(kind, LargeBinary) for kind in shape.types)
    return FILES_AT_ONCE if has_bytes else ROWS_AT_ONCE


def read_rows(
    connection: Connection, shape: Shape, *, after: Row | None = None, limit: int | None = None
) -> Iterator[list[Any]]:
    """Rows in the order of their key, those behind the key ``after`` if it is given.

    Close it when it isn't read to its end.
    """
    on_server = connection.dialect.name == "postgresql"
    quote = connection.dialect.identifier_preparer.quote
    key = ", ".join(_in_order(quote(one), shape.type_of(one), on_server) for one in shape.key)
    values = [
        _value(quote(one), kind, on_server)
        for one, kind in zip(shape.columns, shape.types, strict=True)
    ]
    statement = f"SELECT {', '.join(values)} FROM {quote(shape.name)}"  # noqa: S608 -- names of the schema
    if after is not None:
        marks = (
            f"CAST(%s AS {shape.type_of(one).compile(connection.dialect)})" if on_server else "?"
            for one in shape.key
        )
        statement += f" WHERE ({key}) > ({', '.join(marks)})"
    statement += f" ORDER BY {key}"
    if limit is not None:
        statement += f" LIMIT {limit:d}"
    result = connection.exec_driver_sql(
        statement,
        () if after is None else tuple(after),
        execution_options={"yield_per": rows_at_once(shape)},
    )
    with closing(result):
        for row in result:
            yield list(row)


def key_of(shape: Shape, row: Row) -> list[Any]:
    """The values of the key, for ``after``."""
    return [row[shape.columns.index(one)] for one in shape.key]


def line_of(row: Row) -> bytes:
    """A row's one line, its end included."""
    return _encode(row).encode() + b"\n"


def row_of(values: Iterable[Any]) -> list[Any]:
    """The values that a line was made of, as `load` takes them; `ValueError` for no such value."""
    return [_bytes_of(one) if isinstance(one, dict) else one for one in values]


class Summing:
    """A table's sum, row by row."""

    def __init__(self) -> None:
        self._rows, self._digest = 0, sha256()

    def add(self, line: bytes) -> None:
        self._rows += 1
        self._digest.update(line)

    @property
    def sum(self) -> Sum:
        return Sum(self._rows, self._digest.hexdigest())


def sum_of(connection: Connection, shape: Shape) -> Sum:
    """The whole table, read once."""
    summing = Summing()
    for row in read_rows(connection, shape):
        summing.add(line_of(row))
    return summing.sum


def _value(column: str, kind: TypeEngine[Any], on_server: bool) -> str:
    """SQL that gives the column in its one form."""
    if on_server:
        match kind:
            case DateTime():
                return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
            case Date():
                return f"to_char({column}, 'YYYY-MM-DD')"
            case Boolean():
                return f"CAST({column} AS integer)"
            case JsonType():
                return f"CAST({column} AS text)"
        return column
    match kind:
        case DateTime():  # whole seconds, as SQL wrote them in an upgrade
            return f"CASE length({column}) WHEN 19 THEN {column} || '.000000' ELSE {column} END"
        case JsonType():  # or a bare number would be one
            return f"CAST({column} AS text)"
    return column


def _in_order(column: str, kind: TypeEngine[Any], on_server: bool) -> str:
    """SQL that orders texts by their bytes, as SQLite does, whatever the server's locale is."""
    return f'{column} COLLATE "C"' if on_server and isinstance(kind, String) else column


def _json(value: object) -> dict[str, str]:
    if isinstance(value, bytes | memoryview):
        return {"b64": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"no column holds a {type(value).__name__}")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_json).encode


def _bytes_of(value: dict[str, Any]) -> bytes:
    if value.keys() != {"b64"} or not isinstance(value["b64"], str):
        raise ValueError("not a value of a column")
    return base64.b64decode(value["b64"], validate=True)
