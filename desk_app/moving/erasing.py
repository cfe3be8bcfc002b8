"""What was erased is erased again in an office that comes out of a backup.

The same routine empties it as emptied it then (`privacy.erasure.emptying`): what the tombstones
name is what was the erasure's. A recording's sealed files go with its row, and what lies in a
store is deleted by the first desk. The audit log stays: it holds ids only.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select

from desk_app.backup.rules import ErasedKind
from desk_app.backup.tombstones import Tombstone
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure.emptying import STANDS_FOR, erase_rows, is_anything_left
from desk_app.privacy.erasure.rooted import batches
from desk_app.privacy.retention.removing import delete_records
from desk_app.recordings.erasing import uids
from desk_app.recordings.files import RecordingFiles, destroy
from desk_app.storage.base import Base
from desk_app.storage.loading import count_behind
from desk_app.storage.unit_of_work import UnitOfWork


def erase_again(work: UnitOfWork, stones: Sequence[Tombstone], desks: Sequence[Path]) -> int:
    """Erase what the tombstones name, in a file; how many of the named rows were there."""
    named = {
        kind: sorted({one.subject_id for one in stones if one.kind is kind}) for kind in ErasedKind
    }
    there = sum(_there(work, kind, ids) for kind, ids in named.items())
    delete_records(work, named)
    for roots in _all_roots(named):
        erase_rows(work, roots, None, cases_gone=named[ErasedKind.CASE])
        if is_anything_left(work, roots):
            raise RuntimeError("an erased row came back")
    files = [
        RecordingFiles(desk / "recordings", uid)
        for uid in uids(work, named[ErasedKind.RECORDING])
        for desk in desks
    ]

    def destroy_files() -> None:
        for one in files:
            destroy(one)

    work.once_committed(destroy_files)
    return there


def count_behind_erased(connection: Connection) -> None:
    """Let no id be given again that a tombstone names, also where its row came along with
    nothing."""
    stones = "SELECT kind, MAX(subject_id) FROM erasure_tombstone GROUP BY kind"
    for kind, last in connection.exec_driver_sql(stones).all():
        count_behind(connection, STANDS_FOR[ErasedKind(kind)], last)


def _all_roots(named: dict[ErasedKind, list[int]]) -> Sequence[Roots]:
    """A customer at a time, because a part of the rows is told by the customer alone; the rest
    with all of it, because a case's merges and filters are told by ids."""
    customers = [Roots(id, (), (), ()) for id in named[ErasedKind.CUSTOMER]]
    rest = Roots(
        None,
        tuple(named[ErasedKind.CONTACT]),
        tuple(named[ErasedKind.RECORDING]),
        tuple(named[ErasedKind.CASE]),
    )
    return [*customers, rest]


def _there(work: UnitOfWork, kind: ErasedKind, ids: Sequence[int]) -> int:
    table = Base.metadata.tables[STANDS_FOR[kind]]
    return sum(
        work.session.scalar(select(func.count()).where(table.c.id.in_(batch))) or 0
        for batch in batches(ids)
    )
