"""Making a backup while the office is open: read, seal, restore it to see, bring it away.

0. Each destination is looked at first: what can't be reached costs no work, and backups that lie
   there unknown are registered.
1. One snapshot of the database goes, row by row, into a file sealed for the recovery key; nothing
   readable touches the disk. The file is made in a folder of its own in the data folder.
2. It is restored from that file into a scratch database under a key that is never written down.
   For this the file is addressed to a second identity, which only this run holds in memory and
   forgets.
3. The copy is registered, the list of tombstones and the copy go to each destination, and what
   arrived is read back.

Whatever interrupts it leaves a folder that the next run clears, and a registered copy that may lie
half at a destination and is deleted there by the next run.
"""

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData

from desk_app.audit.heads import end_of_log
from desk_app.backup import service
from desk_app.backup.destinations import Destination, try_out
from desk_app.backup.format import FOLDERS, Header, Reader, Writer
from desk_app.backup.rebuilding import rebuild
from desk_app.backup.registry import place_name
from desk_app.backup.rules import BACKUP_PREFIX, BackupName
from desk_app.backup.tombstones import LIST_FILE, TombstoneList, signed_list, version_of
from desk_app.clock import Clock
from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import fault_of, whole_file
from desk_app.keys import age
from desk_app.keys.keyring import Keyring
from desk_app.people.access import Actor
from desk_app.recordings.stores.base import Interrupted, StoreKind, StoreTerms
from desk_app.storage.rows import Shape, Summing, line_of, read_rows, shape_of, table_names
from desk_app.storage.schema import revision_of
from desk_app.storage.unit_of_work import UnitOfWork, open_work

SCRATCH_FOLDER = "backup.part"
_SEALED, _RESTORED = "backup.age", "restored.db"
_LOOK_EVERY = 500  # rows
_WRITING, _VERIFYING, _SENDING = 0.45, 0.35, 0.2  # shares of the whole, about as they take


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The office that a backup is made of, for whoever may read all of it."""

    folder: Path
    engine: Engine
    keyring: Keyring
    tables: MetaData
    clock: Clock
    actor: Actor
    sign: Callable[[bytes], bytes]
    perform: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class NotArrived:
    """A destination that has no copy of a backup, and why; ``place`` as `place_name` says it."""

    kind: StoreKind
    place: str
    error: DeskError


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, restored and brought away."""

    name: BackupName
    made_at: datetime
    rows: int
    size_bytes: int
    arrived: int
    """At how many destinations."""
    failed: tuple[NotArrived, ...] = ()


@dataclass(frozen=True, slots=True)
class Watching:
    """Told the share that is done, 0 to 1; asked whether to give up."""

    tell: Callable[[float], object] = lambda _share: None
    is_stopped: Callable[[], bool] = lambda: False

    def check(self) -> None:
        if self.is_stopped():
            raise Interrupted


def back_up(
    source: Source,
    *,
    recordings: bool = False,
    watching: Watching | None = None,
) -> Made:
    """Make a backup and bring it to every destination that can be reached.

    `Refused` ``backup.no_destination`` without any, ``backup.running`` while another desk of a
    server makes one; `Interrupted` if it was given up; whatever
    failed at one destination keeps it from no other, and is raised if it arrived at none.
    """
    with _alone(source.engine):
        return _back_up(source, recordings=recordings, watching=watching or Watching())


def _back_up(source: Source, *, recordings: bool, watching: Watching) -> Made:
    plan: service.Plan = source.perform(service.plan)
    if not plan.destinations:
        raise Refused("backup.no_destination")
    plan, failures = _look(source, plan)
    scratch = _cleared(source.folder)
    try:
        sealed = scratch / _SEALED
        run = age.generate_identity()
        header = _write(source, plan, sealed, run, recordings=recordings, watching=watching)
        rows = _restore(source, sealed, scratch / _RESTORED, run, watching)
        name = BackupName(header.made_at, secrets.token_hex(4), header.tombstones)
        return _bring(source, plan, sealed, name, rows, watching, failures)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def enter_destination(perform: Callable[..., Any], terms: StoreTerms, *, own: Path) -> StoreTerms:
    """Try a place out and let backups go there; the terms that were kept.

    Raises what `try_out` says, and ``Refused("backup.place_taken")`` for a place that another
    office's backups go to.
    """
    office = perform(service.plan).office
    terms = try_out(terms, own=own)
    with Destination(terms) as place:
        place.check_ours(office)
    perform(service.enter_destination, terms)
    return terms


def hand_out_list(
    source: Source, office: str, destinations: Sequence[tuple[int, StoreTerms]]
) -> list[DeskError]:
    """Bring the list of tombstones as it is now to each destination; what failed is noted there."""
    failures = []
    current = _signed(source, office)
    for id, terms in destinations:
        trouble = None
        try:
            with Destination(terms) as place:
                _put_list(source.folder, place, current)
        except DeskError as error:
            failures.append(error)
            trouble = error.code
        source.perform(service.list_arrived, id, version=current.version, trouble=trouble)
    return failures


def clear(folder: Path) -> None:
    """Remove what a run left that was cut off."""
    shutil.rmtree(folder / SCRATCH_FOLDER, ignore_errors=True)


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """On a server one at a time, and no upgrade meanwhile. The lock is one that only the owner can
    take, who reads there: nobody keeps an office from its backups by holding it."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection, connection.begin():
        try:
            connection.exec_driver_sql("LOCK TABLE alembic_version IN EXCLUSIVE MODE NOWAIT")
        except Fault as fault:
            if fault.code != "storage.busy":
                raise
            raise Refused("backup.running") from None
        yield


def _look(source: Source, plan: service.Plan) -> tuple[service.Plan, list[NotArrived]]:
    """The plan with the destinations that can be reached, before anything is written, and what the
    others said; raised if none can. What lies there unknown is registered."""
    reached, failures = [], []
    for id, terms in plan.destinations:
        try:
            with Destination(terms) as place:
                place.check_ours(plan.office)
                source.perform(service.found_there, id, place.names(BACKUP_PREFIX))
        except DeskError as error:
            failures.append(NotArrived(terms.kind, place_name(terms), error))
            source.perform(service.failed, id, copy_id=None, trouble=error.code)
        else:
            reached.append((id, terms))
    if not reached:
        raise failures[0].error
    return replace(plan, destinations=tuple(reached)), failures


def _cleared(folder: Path) -> Path:
    clear(folder)
    scratch = folder / SCRATCH_FOLDER
    try:
        scratch.mkdir(mode=0o700)
    except OSError as error:
        raise fault_of(error) from error
    return scratch


def _write(
    source: Source,
    plan: service.Plan,
    sealed: Path,
    run: str,
    *,
    recordings: bool,
    watching: Watching,
) -> Header:
    recipients = (plan.recovery_recipient, age.recipient_of(run))
    keyring = source.keyring.read().to_bytes()
    revision = revision_of(source.engine) or ""
    with (
        open_work(source.engine, source.clock, reading=True) as work,
        whole_file(sealed) as sink,
        Writer(sink, recipients) as writer,
    ):
        connection = work.session.connection()
        seq, hash = end_of_log(work)
        header = Header(
            office=plan.office,
            made_at=plan.now,
            revision=revision,
            engine="server" if connection.dialect.name == "postgresql" else "file",
            desk=source.actor.desk_id,
            seq=seq,
            hash=hash,
            tombstones=version_of(work),
            by=source.actor.user_id,
            recordings=recordings,
        )
        writer.header(header, keyring)
        shapes = [shape_of(connection, name) for name in table_names(source.tables)]
        expected = max(1, sum(_count(connection, shape) for shape in shapes))
        done = 0
        for shape in shapes:
            writer.begin_table(shape)
            summing = Summing()
            for row in read_rows(connection, shape):
                line = line_of(row)
                writer.row(line)
                summing.add(line)
                done += 1
                if done % _LOOK_EVERY == 0:
                    watching.check()
                    watching.tell(_WRITING * min(1.0, done / expected))
            writer.end_table(summing.sum)
        for folder in FOLDERS:
            if folder != "recordings" or recordings:
                for path in sorted((source.folder / folder).glob("*.age")):
                    watching.check()
                    writer.file(folder, path, check=watching.check)
        writer.seal(source.actor.user_id, source.sign)
    return header


def _count(connection: Connection, shape: Shape) -> int:
    """About how many rows; exact where that costs nothing worth speaking of."""
    quote = connection.dialect.identifier_preparer.quote
    statement = f"SELECT COUNT(*) FROM {quote(shape.name)}"  # noqa: S608 -- a name of the schema
    return int(connection.exec_driver_sql(statement).scalar_one())


def _restore(source: Source, sealed: Path, path: Path, run: str, watching: Watching) -> int:
    """See that the file gives an office back; how many rows it has."""
    expected = max(1, sealed.stat().st_size)

    with sealed.open("rb") as file:

        def check(_rows: int) -> None:
            watching.check()
            watching.tell(_WRITING + _VERIFYING * min(1.0, file.tell() / expected))

        try:
            rebuilt = rebuild(
                Reader(file, run),
                path,
                secrets.token_bytes(32),
                source.tables,
                clock=source.clock,
                check=check,
            )
        except DeskError as error:
            if error.code.startswith("backup."):
                raise Fault("backup.not_verified") from error
            raise
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    return rebuilt.rows


def _bring(
    source: Source,
    plan: service.Plan,
    sealed: Path,
    name: BackupName,
    rows: int,
    watching: Watching,
    failed: Sequence[NotArrived],
) -> Made:
    size = sealed.stat().st_size
    current = _signed(source, plan.office)
    arrived, failures = 0, list(failed)
    for number, (id, terms) in enumerate(plan.destinations):

        def watch(moved: int, number: int = number) -> None:
            watching.check()
            share = (number + min(1.0, moved / max(1, size))) / len(plan.destinations)
            watching.tell(_WRITING + _VERIFYING + _SENDING * share)

        copy_id = None
        try:
            with Destination(terms) as place:
                copy_id = source.perform(service.register, name, destination_id=id, size_bytes=size)
                _put_list(source.folder, place, current)
                place.put(str(name), sealed, watch=watch)
                source.perform(service.arrived, copy_id, tombstones=current.version)
                arrived += 1
        except DeskError as error:
            failures.append(NotArrived(terms.kind, place_name(terms), error))
            source.perform(service.failed, id, copy_id=copy_id, trouble=error.code)
        except Interrupted:
            if copy_id is not None:
                source.perform(service.failed, id, copy_id=copy_id, trouble="backup.given_up")
            raise
    if not arrived:
        raise failures[0].error
    watching.tell(1.0)
    return Made(name, plan.now, rows, size, arrived, tuple(failures))


def _signed(source: Source, office: str) -> TombstoneList:
    def read(actor: Actor, work: UnitOfWork) -> TombstoneList:
        return signed_list(work, office=office, by=actor.user_id, sign=source.sign)

    with open_work(source.engine, source.clock, reading=True) as work:
        current = read(source.actor, work)
    with whole_file(source.folder / LIST_FILE) as sink:  # beside the office as well
        sink.write(current.to_bytes())
    return current


def _put_list(folder: Path, place: Destination, current: TombstoneList) -> None:
    place.check_ours(current.office)
    place.put(LIST_FILE, folder / LIST_FILE, replace=True)
