"""The columns that hold personal data, as the tables themselves mark them."""

from dataclasses import dataclass
from functools import cache

from desk_app.privacy.data_map.handling import HANDLED
from desk_app.privacy.data_map.rules import Handled
from desk_app.storage.base import Base, DataClass


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column that holds personal data."""

    table: str
    column: str
    data_class: DataClass
    handled: Handled


@cache
def mapped_columns() -> tuple[MappedColumn, ...]:
    """Every marked column of every table. `KeyError` for one without a line in `handling`: a test
    finds it."""
    return tuple(
        MappedColumn(table.name, column.name, data, HANDLED[f"{table.name}.{column.name}"])
        for _, table in sorted(Base.metadata.tables.items())
        for column in table.columns
        if (data := column.info.get("data")) is not None
    )
