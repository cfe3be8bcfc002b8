"""Rows in their one form: the same lines and digests on both engines, whatever they hold."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Float,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)
from sqlalchemy.types import Date

from desk_app.schema import metadata
from desk_app.storage import loading
from desk_app.storage.base import BigId, UtcDateTime
from desk_app.storage.rows import (
    Summing,
    key_of,
    line_of,
    read_rows,
    row_of,
    shape_of,
    sum_of,
    table_names,
)

TABLES = MetaData()
THINGS = Table(
    "things",
    TABLES,
    Column("name", String(), primary_key=True),
    Column("number", BigId, primary_key=True),
    Column("at", UtcDateTime()),
    Column("day", Date()),
    Column("is_so", Boolean()),
    Column("share", Float()),
    Column("facts", JSON()),
    Column("raw", LargeBinary()),
)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
facts = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
things = st.fixed_dictionaries(
    {
        "name": words,
        "number": st.integers(-(2**62), 2**62),
        "at": st.none() | st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        "day": st.none() | st.dates(date(1000, 1, 1)),
        "is_so": st.none() | st.booleans(),
        "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "facts": facts.filter(lambda value: value is not None),
        "raw": st.none() | st.binary(max_size=5),
    }
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(things, unique_by=lambda row: (row["name"], row["number"]), max_size=6))
def test_a_table_that_goes_there_and_back_is_the_same(
    empty_server_db: Engine, rows: list[dict[str, Any]]
) -> None:
    file = create_engine("sqlite://")
    TABLES.drop_all(empty_server_db)
    for engine in (file, empty_server_db):
        TABLES.create_all(engine)
    with file.begin() as here, empty_server_db.begin() as there:
        if rows:
            here.execute(insert(THINGS), rows)
        shape = shape_of(here, "things")
        lines = [line_of(row) for row in read_rows(here, shape)]
        copied = list(read_rows(here, shape))
        if copied:
            loading.load(there, shape, copied)
        assert [line_of(row) for row in read_rows(there, shape_of(there, "things"))] == lines
        assert sum_of(there, shape_of(there, "things")) == sum_of(here, shape)
        assert sorted(map(repr, there.execute(select(THINGS)))) == sorted(
            map(repr, here.execute(select(THINGS)))
        )
        assert _batched(there) == _batched(here) == lines
        summing = Summing()
        for line in lines:
            summing.add(line)
        assert summing.sum == sum_of(here, shape)
    file.dispose()


def _batched(connection: Any) -> list[bytes]:
    """The lines, read two at a time behind the last key."""
    shape, found, after = shape_of(connection, "things"), [], None
    while batch := list(read_rows(connection, shape, after=after, limit=2)):
        found += [line_of(row) for row in batch]
        after = key_of(shape, batch[-1])
    return found


def test_a_line_is_read_as_it_was_written() -> None:
    assert line_of([1, "佐藤", None, 0.5, b"\x00"]) == (
        '[1,"佐藤",null,0.5,{"b64":"AA=="}]\n'.encode()
    )
    assert row_of([1, {"b64": "AA=="}]) == [1, b"\x00"]


def test_every_table_of_an_office_has_a_key_and_what_is_made_again_stays_out(
    office_db: Engine,
) -> None:
    names = table_names(metadata())
    assert {"case_text", "frequent_gram", "gram_sample"}.isdisjoint(names)
    with office_db.connect() as connection:
        for name in names:
            assert shape_of(connection, name).key
