"""A server's tables written into new files, so that no page of them holds what was deleted.

A plain VACUUM only frees the room of a dead row; its bytes stay in the page. VACUUM FULL writes a
table and its indexes anew, trigrams and their pending lists included, and ANALYZE lets the planner
forget the values that it had sampled. The old files are unlinked, not overwritten; what the
write-ahead log and its archive hold is the server's administrator's to recycle.
"""

from collections.abc import Sequence

from sqlalchemy import Engine

from desk_app.storage.faults import translated

_WAIT = "SET lock_timeout = '15s'"
_STATISTICS = "pg_catalog.pg_statistic"
"""Holds samples of values, as dead rows too. The database's owner may have it written anew."""


def rewrite(owner: Engine, tables: Sequence[str]) -> int:
    """Write the tables anew, as the owner; how many have new files.

    Locks one table after another for as long as it takes. ``Fault("storage.busy")`` where one
    isn't free in time: what was done stays done, and all of it is done again.
    """
    quote = owner.dialect.identifier_preparer.quote
    files = (
        "SELECT relname, pg_relation_filenode(oid) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    autocommit = owner.execution_options(isolation_level="AUTOCOMMIT")
    with autocommit.connect() as connection, translated():
        connection.exec_driver_sql(_WAIT)
        before = {str(name): int(file) for name, file in connection.exec_driver_sql(files)}
        for table in tables:
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {quote(table)}")
        connection.exec_driver_sql(f"VACUUM (FULL) {_STATISTICS}")
        after = {str(name): int(file) for name, file in connection.exec_driver_sql(files)}
    return len([table for table in tables if before.get(table) != after.get(table)])
