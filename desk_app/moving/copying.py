"""Every table's rows from one database into another, so that it can be cut off anywhere.

What was copied stands in the target itself (``moving_state``), in the transaction that copied it:
batch by batch in the order of each table's key. At the end each table's count and digest are
compared on both sides; one that differs is copied anew, once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, inspect

from desk_app.clock import Clock
from desk_app.errors import Fault, Refused
from desk_app.moving.erasing import count_behind_erased
from desk_app.places.left import MOVING_STATE
from desk_app.search.index import index_after
from desk_app.storage import loading
from desk_app.storage.rows import (
    Row,
    Shape,
    key_of,
    read_rows,
    rows_at_once,
    shape_of,
    sum_of,
    table_names,
)
from desk_app.storage.unit_of_work import open_work

ROWS_A_BATCH = 1_000
CASES_A_BATCH = 1_000
_COPYING, _COMPARING = 0.6, 0.2  # shares of the whole


@dataclass(frozen=True, slots=True)
class Copied:
    """What is in the target now, the same as in the source."""

    tables: int
    rows: int


class Copying:
    """One copying into an empty ``target``; the same ``id`` goes on with it."""

    def __init__(
        self,
        source: Engine,
        target: Engine,
        tables: MetaData,
        id: str,
        *,
        clock: Clock,
        check: Callable[[float], None],
    ) -> None:
        self._source, self._target, self._clock = source, target, clock
        self._names, self._id, self._check = table_names(tables), id, check

    def run(self) -> Copied:
        """Copy what is left, compare, put everything back, index. Doing it again does nothing."""
        self._begin()
        if self._state("filled") is None:
            shapes = self._shapes()
            rows = self._copy(shapes)
            self._compare(shapes)
            self._fill(rows)
        self._index()
        self._check(1.0)
        return Copied(len(self._names), int(self._state("filled")))

    def _begin(self) -> None:
        with loading.filling(self._target, part=True) as connection:
            if inspect(connection).has_table(MOVING_STATE):
                if _read(connection, "id") != self._id:
                    raise Refused("moving.not_empty")
                return
            connection.exec_driver_sql(
                f"CREATE TABLE {MOVING_STATE} (name text PRIMARY KEY, value text NOT NULL)"
            )
            back = loading.begin(connection)
            for name in self._names:
                loading.empty(connection, name)
            _write(connection, "id", self._id)
            _write(connection, "back", back)

    def _shapes(self) -> list[Shape]:
        with self._source.connect() as connection:
            return [shape_of(connection, name) for name in self._names]

    def _copy(self, shapes: list[Shape]) -> int:
        with self._source.connect() as connection:
            expected = max(1, sum(_count(connection, shape) for shape in shapes))
        done = 0
        for shape in shapes:
            done = self._copy_table(
                shape, done, lambda rows: self._check(_COPYING * min(1.0, rows / expected))
            )
        return done

    def _copy_table(self, shape: Shape, done: int, check: Callable[[int], None]) -> int:
        state: dict[str, Any] = self._state(shape.name) or {"after": None, "rows": 0, "done": False}
        done += state["rows"]
        while not state["done"]:
            check(done)
            rows = self._batch(shape, state["after"])
            state["done"] = len(rows) < _most(shape)
            if rows:
                state["after"] = key_of(shape, rows[-1])
                state["rows"] += len(rows)
            with loading.filling(self._target, part=True) as connection:
                if rows:
                    loading.load(connection, shape, rows)
                _write(connection, shape.name, state)
            done += len(rows)
        return done

    def _batch(self, shape: Shape, after: Row | None) -> list[Row]:
        with self._source.connect().execution_options(reading=True) as connection:
            return list(read_rows(connection, shape, after=after, limit=_most(shape)))

    def _compare(self, shapes: list[Shape]) -> None:
        for number, shape in enumerate(shapes):
            self._check(_COPYING + _COMPARING * number / len(shapes))
            if self._is_same(shape):
                continue
            with loading.filling(self._target, part=True) as connection:
                loading.empty(connection, shape.name)
                _write(connection, shape.name, {"after": None, "rows": 0, "done": False})
            self._copy_table(shape, 0, lambda _rows: self._check(_COPYING))
            if not self._is_same(shape):
                raise Fault("moving.differs")

    def _is_same(self, shape: Shape) -> bool:
        with self._source.connect().execution_options(reading=True) as connection:
            there = sum_of(connection, shape)
        with self._target.connect().execution_options(reading=True) as connection:
            return sum_of(connection, shape_of(connection, shape.name, shape.columns)) == there

    def _fill(self, rows: int) -> None:
        with loading.filling(self._target) as connection:
            loading.put_back(connection, _read(connection, "back"))
            count_behind_erased(connection)
            _write(connection, "filled", rows)

    def _index(self) -> None:
        last: int | None = self._state("indexed") or 0
        while last is not None:
            self._check(_COPYING + _COMPARING)
            with open_work(self._target, self._clock) as work:
                last = index_after(work, last, CASES_A_BATCH)
                if last is not None:
                    _write(work.session.connection(), "indexed", last)
                work.commit()

    def _state(self, name: str) -> Any:
        with self._target.connect().execution_options(reading=True) as connection:
            return _read(connection, name)


def _most(shape: Shape) -> int:
    return min(ROWS_A_BATCH, rows_at_once(shape))


def forget_state(connection: Connection) -> None:
    """The target is an office of its own now."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {MOVING_STATE}")


def _count(connection: Connection, shape: Shape) -> int:
    quote = connection.dialect.identifier_preparer.quote
    statement = f"SELECT COUNT(*) FROM {quote(shape.name)}"  # noqa: S608 -- a name of the schema
    return int(connection.exec_driver_sql(statement).scalar_one())


def _mark(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"


def _read(connection: Connection, name: str) -> Any:
    found = connection.exec_driver_sql(
        f"SELECT value FROM {MOVING_STATE} WHERE name = {_mark(connection)}",  # noqa: S608 -- two constants
        (name,),
    ).scalar()
    return None if found is None else json.loads(found)


def _write(connection: Connection, name: str, value: object) -> None:
    mark = _mark(connection)
    connection.exec_driver_sql(
        f"INSERT INTO {MOVING_STATE} (name, value) VALUES ({mark}, {mark})"  # noqa: S608 -- two constants
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(value)),
    )
