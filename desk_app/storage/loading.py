"""Filling an empty database with rows of another one, past triggers and references.

`begin` takes away what would act on each row: triggers (they would link the audit log anew) and
references (rows come table by table). What it returns puts all of it back (`put_back`), where the
database itself then finds a reference to what isn't there. Between the two nobody works here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, inspect

from desk_app.errors import Fault
from desk_app.storage.faults import translated
from desk_app.storage.rows import Row, Shape


@contextmanager
def filling(engine: Engine, *, part: bool = False) -> Iterator[Connection]:
    """One transaction in which references of a file aren't checked before its end, and not then
    if only a ``part`` of the rows is there.

    ``Fault("storage.corrupt")``, and nothing is kept, if one is broken.
    """
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
        try:
            with connection.begin():
                yield connection
                broken = "PRAGMA foreign_key_check"
                if not part and connection.exec_driver_sql(broken).first() is not None:
                    raise Fault("storage.corrupt")
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def settle_file(engine: Engine, *, anew: bool) -> None:
    """Bring everything of a file into the file itself; ``anew``: written anew, so that no page
    of it holds what was deleted. `Fault` ``storage.busy`` while somebody still reads it."""
    with engine.connect() as connection, translated():
        raw: Any = connection.connection.driver_connection
        if anew:
            raw.execute("PRAGMA query_only = OFF")
            raw.execute("VACUUM")
        ((busy, *_),) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:
            raise Fault("storage.busy")


def begin(connection: Connection) -> list[str]:
    """Let tables be filled; statements that put back what acts on rows."""
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "postgresql":
        back = _references(connection)
        for table, name, _ in back:
            connection.exec_driver_sql(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
        everywhere = [quote(one) for one in inspect(connection).get_table_names()]
        for table in everywhere:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        statements = [
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} {what}"
            for table, name, what in back
        ]
        statements += [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in everywhere]
    else:
        made = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        ).all()
        for name, _ in made:
            connection.exec_driver_sql(f"DROP TRIGGER {quote(name)}")
        statements = [str(sql) for _, sql in made]
    return statements


def empty(connection: Connection, table: str) -> None:
    """Remove the rows that making the schema has put there."""
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(f"DELETE FROM {quote(table)}")  # noqa: S608 -- a name of the schema


def load(connection: Connection, shape: Shape, rows: Sequence[Row]) -> None:
    """Add rows in their one form (`storage.rows`)."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(one) for one in shape.columns)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {quote(shape.name)} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(shape.columns))
    connection.exec_driver_sql(
        f"INSERT INTO {quote(shape.name)} ({columns}) VALUES ({marks})",  # noqa: S608 -- names of the schema
        [tuple(row) for row in rows],
    )


def put_back(connection: Connection, statements: Sequence[str]) -> None:
    """Have the database work as before, its counters behind what was loaded."""
    if connection.dialect.name == "postgresql":
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))
        _count_on(connection)
        return
    for statement in statements:
        connection.exec_driver_sql(statement)


def count_behind(connection: Connection, table: str, id: int) -> None:
    """Never give an id of ``table`` again up to this one; its counters may be behind it already."""
    if connection.dialect.name == "postgresql":
        sequence = connection.exec_driver_sql(
            "SELECT pg_get_serial_sequence(%s, 'id')", (table,)
        ).scalar_one()
        connection.exec_driver_sql(
            f"SELECT setval('{sequence}', GREATEST(last_value, %s)) FROM {sequence}",  # noqa: S608 -- a name of the schema
            (id,),
        )
        return
    moved = connection.exec_driver_sql(
        "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (id, table)
    )
    if not moved.rowcount:
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, id))


def _references(connection: Connection) -> list[tuple[str, str, str]]:
    rows = connection.exec_driver_sql(
        "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
        " JOIN pg_class c ON c.oid = k.conrelid"
        " WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace"
        " ORDER BY c.relname, k.conname"
    )
    return [(str(table), str(name), str(what)) for table, name, what in rows]


def _count_on(connection: Connection) -> None:
    """Let each sequence go on behind the highest id there is."""
    owned = connection.exec_driver_sql(
        "SELECT s.oid::regclass::text, t.relname, a.attname FROM pg_class s"
        " JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass"
        " AND d.deptype IN ('a', 'i')"
        " JOIN pg_class t ON t.oid = d.refobjid"
        " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
        " WHERE s.relkind = 'S' AND t.relnamespace = 'public'::regnamespace"
    ).all()
    quote = connection.dialect.identifier_preparer.quote
    for sequence, table, column in owned:
        connection.exec_driver_sql(
            f"SELECT setval('{sequence}', COALESCE(MAX({quote(column)}), 1),"  # noqa: S608 -- names of the schema
            f" MAX({quote(column)}) IS NOT NULL) FROM {quote(table)}"
        )
