"""A database made out of a backup: to see that it can be, and to restore an office.

What comes out is an encrypted file, wherever the backup was made. Each table is compared with the
sum that was taken when it was read, once as it comes in and once as it then stands in the file,
and the audit log's links are followed to the end that the backup names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect

from desk_app.audit.heads import end_of_log
from desk_app.audit.verify import keys_given, verify
from desk_app.backup.format import FileReader, Header, Reader, TableReader
from desk_app.clock import Clock
from desk_app.errors import Fault
from desk_app.files import whole_file
from desk_app.storage import loading
from desk_app.storage.engines import encrypted_file
from desk_app.storage.rows import (
    Row,
    Shape,
    Summing,
    rows_at_once,
    shape_of,
    sum_of,
    table_names,
)
from desk_app.storage.schema import is_current, make_at
from desk_app.storage.unit_of_work import open_work

Check = Callable[[int], None]
"""Is told how many rows were done so far; raises to give up."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came out of a backup."""

    header: Header
    keyring: bytes
    tables: int
    rows: int
    files: int


def rebuild(
    reader: Reader,
    path: Path,
    key: bytes,
    tables: MetaData,
    *,
    clock: Clock,
    check: Check,
    files: Path | None = None,
) -> Rebuilt:
    """Make the database of ``reader`` at ``path``, encrypted with ``key``, as its version was.

    Sealed files go to their folders below ``files``, those that are there already stay as they
    are; None: they are only read. `Fault` ``backup.damaged`` unless everything is as it was when
    the backup was made; what is at ``path`` then is worth nothing. `Refused` for a backup of a
    newer program.
    """
    engine = encrypted_file(path, key)
    try:
        make_at(engine, tables, reader.header.revision)
        done = _Counting(check)
        sums, kept = _fill(engine, reader, done, files)
        _compare(engine, sums, tables, done)
        _follow_log(engine, reader, clock)
        return Rebuilt(reader.header, reader.keyring, len(sums), done.rows, kept)
    finally:
        engine.dispose()


class _Counting:
    def __init__(self, check: Check) -> None:
        self.rows, self._check = 0, check

    def __call__(self, rows: int = 0) -> None:
        self.rows += rows
        self._check(self.rows)


def _fill(
    engine: Engine, reader: Reader, done: _Counting, files: Path | None
) -> tuple[dict[str, tuple[Shape, Summing]], int]:
    filled: dict[str, tuple[Shape, Summing]] = {}
    kept = 0
    with loading.filling(engine) as connection:
        names = inspect(connection).get_table_names()
        back = loading.begin(connection)
        for part in reader.parts():
            if isinstance(part, FileReader):
                kept += 1
                _keep(part, files, done)
                continue
            if part.name in filled or part.name not in names:
                raise Fault("backup.damaged")
            shape = _shape(connection, part)
            loading.empty(connection, part.name)
            summing = Summing()
            batch: list[Row] = []
            for row, line in part.rows():
                summing.add(line)
                batch.append(row)
                if len(batch) == rows_at_once(shape):
                    loading.load(connection, shape, batch)
                    done(len(batch))
                    batch = []
            if batch:
                loading.load(connection, shape, batch)
                done(len(batch))
            if part.sum != summing.sum:
                raise Fault("backup.damaged")
            filled[part.name] = (shape, summing)
        loading.put_back(connection, back)
    return filled, kept


def _shape(connection: Connection, part: TableReader) -> Shape:
    try:
        return shape_of(connection, part.name, part.columns)
    except KeyError:
        raise Fault("backup.damaged") from None


def _keep(part: FileReader, files: Path | None, done: _Counting) -> None:
    target = None if files is None else files / part.folder / part.name
    if target is None or target.exists():
        for _ in part.blocks():
            done()
        return
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with whole_file(target) as sink:
        for block in part.blocks():
            sink.write(block)
            done()


def _compare(
    engine: Engine,
    filled: dict[str, tuple[Shape, Summing]],
    tables: MetaData,
    done: _Counting,
) -> None:
    """What stands in the file now, against what came in."""
    if is_current(engine) and set(filled) != set(table_names(tables)):
        raise Fault("backup.damaged")
    with engine.connect().execution_options(reading=True) as connection:
        for shape, summing in filled.values():
            done()
            if sum_of(connection, shape) != summing.sum:
                raise Fault("backup.damaged")


def _follow_log(engine: Engine, reader: Reader, clock: Clock) -> None:
    """The audit log's chain from its beginning to the end that the backup names, and the
    signature of who made it, by a key that this log gave them."""
    with open_work(engine, clock, reading=True) as work:
        header, seal = reader.header, reader.seal
        if verify(work).first_bad is not None or end_of_log(work) != (header.seq, header.hash):
            raise Fault("backup.log_damaged")
        if seal is None or not any(seal.is_by(key) for key in keys_given(work).get(seal.by, ())):
            raise Fault("backup.not_signed")
