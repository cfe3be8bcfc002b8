"""Inserting what may be there already, also when two desks do it at once."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork


def insert_if_missing(work: UnitOfWork, entity: type[Base], **values: Any) -> None:
    """Insert a row, or leave the one that is there with the same key as it is."""
    on_server = work.session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_server else sqlite.insert
    work.session.execute(insert(entity).values(**values).on_conflict_do_nothing())
