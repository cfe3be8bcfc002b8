"""Running numbers without gaps or doubles, under any number of desks.

A counter is a row (period, last). Its update is meant to be among the last statements of a
transaction: PostgreSQL holds the row's lock until the commit, and a rollback gives the numbers
back. A sequence would leave gaps.
"""

from functools import cache
from typing import cast

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from desk_app.storage.base import Base
from desk_app.storage.members import wait_for_turn
from desk_app.storage.unit_of_work import UnitOfWork


def take_numbers(work: UnitOfWork, counter: type[Base], period: str, count: int) -> range:
    """The next ``count`` numbers of a period, beginning at 1 with its first.

    ``counter`` is an entity with the columns ``period`` (the key) and ``last``.
    """
    dialect = work.session.get_bind().dialect.name
    if dialect == "postgresql":
        # Whoever waits for a row is woken with everybody else at each commit, and the slow starve:
        # an advisory lock has a queue.
        wait_for_turn(work.session.connection(), f"{counter.__tablename__}:{period}")
    counted_up = _counted_up(counter, dialect)
    taken = work.session.execute(counted_up, {"period": period, "count": count})
    last: int = taken.scalar_one()
    return range(last - count + 1, last + 1)


@cache
def _counted_up(counter: type[Base], dialect: str) -> ReturningInsert[int]:
    table = cast(Table, counter.__table__)
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    count = bindparam("count", type_=table.c.last.type)
    return (
        insert(table)
        .values(period=bindparam("period"), last=count)
        .on_conflict_do_update(index_elements=[table.c.period], set_={"last": table.c.last + count})
        .returning(table.c.last)
    )
