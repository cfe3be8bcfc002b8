"""Brings a database to the program's schema: made fresh, upgraded with a copy kept, or refused.

The version stands in Alembic's own table. Making and upgrading are one transaction each, also
on SQLite, so whatever interrupts them leaves the database as it was.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, insert, inspect, select, update

from desk_app.errors import Fault, Refused
from desk_app.files import fault_of
from desk_app.storage.faults import translated
from desk_app.storage.model import StoredCopy

SCRIPTS = Path(__file__).parent / "migrations"
COPY_LIFETIME = timedelta(days=28)
UPGRADE = "upgrade"
"""The kind of copy that is made here; the others are the backup room's."""

_UPGRADES_COPY = re.compile(r"[a-z]+\.before-\w+-[0-9]{8}T[0-9]{6}Z\.db", re.ASCII)


class Prepared(StrEnum):
    """What had to be done."""

    MADE = "made"
    CURRENT = "current"
    UPGRADED = "upgraded"


def prepare(
    engine: Engine, metadata: MetaData, *, now: datetime, scripts: Path = SCRIPTS
) -> Prepared:
    """Make the schema in an empty database, or upgrade an older one; call before all else.

    Before an upgrade the encrypted file is copied to ``<name>.before-<revision>-<time>.db``
    beside it, under the same key; the copy is removed by the first call after 28 days. A server's
    database is backed up by its administrator. Raises `Refused` for a schema that is newer than
    the program, `Fault` if the copy fails; then nothing was changed. Two desks may call it at
    once: the second waits.
    """
    known, newest = _versions(scripts)
    with engine.connect() as connection:
        found = _revision(connection)
        if found is None and inspect(connection).get_table_names():
            raise Refused("storage.foreign_database")
    if found is not None and found not in known:
        raise Refused("storage.newer_schema")
    if found == newest:  # as at nearly every sign-in: no reference needs looking at
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                _remove_expired_copies(connection, now)
        return Prepared.CURRENT
    copy = _copy_of_file(engine, f"before-{found}", now) if found is not None else None
    with engine.connect() as connection, _foreign_keys_checked_at_the_end(connection):
        done = _bring_to_head(connection, metadata, scripts)
        if copy is not None:
            expires = now + COPY_LIFETIME
            row = {"name": copy.name, "kind": UPGRADE, "made_at": now, "expires_at": expires}
            connection.execute(insert(StoredCopy).values(row))
        if connection.dialect.name == "sqlite":
            _remove_expired_copies(connection, now)
    return done


def check_current(engine: Engine, *, scripts: Path = SCRIPTS) -> None:
    """Refuse a database of another version: for who may use a server but not upgrade it."""
    known, newest = _versions(scripts)
    found = revision_of(engine)
    if found not in known:
        raise Refused("storage.newer_schema")
    if found != newest:
        raise Refused("storage.upgrade_by_owner")


def revision_of(engine: Engine) -> str | None:
    """The version of the schema that a database has; None for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def is_current(engine: Engine, *, scripts: Path = SCRIPTS) -> bool:
    """Whether a database is of the program's own version."""
    return revision_of(engine) == _versions(scripts)[1]


def make_at(engine: Engine, metadata: MetaData, revision: str, *, scripts: Path = SCRIPTS) -> None:
    """Make the schema of one version in an empty file, to take rows that were kept by it.

    `Refused` for a version that this program doesn't know.
    """
    known, newest = _versions(scripts)
    if revision not in known:
        raise Refused("storage.newer_schema")
    with engine.connect() as connection, _foreign_keys_checked_at_the_end(connection):
        config = configuration(connection, scripts)
        if revision == newest:
            metadata.create_all(connection)
            command.stamp(config, "head")
        else:
            command.upgrade(config, revision)


def configuration(connection: Connection | None = None, scripts: Path = SCRIPTS) -> Config:
    """What Alembic's commands take, on a connection that is in a transaction."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache  # reading them all takes longer than the rest of a sign-in's preparation
def _versions(scripts: Path) -> tuple[frozenset[str], str | None]:
    """All versions that the program knows, and the newest."""
    known = ScriptDirectory.from_config(configuration(scripts=scripts))
    return frozenset(one.revision for one in known.walk_revisions()), known.get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _bring_to_head(connection: Connection, metadata: MetaData, scripts: Path) -> Prepared:
    """Look again, now that no other desk can be doing the same, and do what is left."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('schema'))")
    config = configuration(connection, scripts)
    found = _revision(connection)
    if found is None:
        metadata.create_all(connection)
        command.stamp(config, "head")
        return Prepared.MADE
    if found == _versions(scripts)[1]:
        return Prepared.CURRENT
    command.upgrade(config, "head")
    return Prepared.UPGRADED


@contextmanager
def _foreign_keys_checked_at_the_end(connection: Connection) -> Iterator[None]:
    """One transaction in which SQLite may rebuild tables, as Alembic does to change a column."""
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    raw = _raw(connection)
    raw.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
    try:
        with connection.begin():
            yield
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise RuntimeError("an upgrade broke a reference")
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def _raw(connection: Connection) -> Any:
    """The driver's own connection, in autocommit until the first statement through the engine."""
    return connection.connection.driver_connection


def _file(connection: Connection) -> Path:
    (_, _, name) = _raw(connection).execute("PRAGMA database_list").fetchone()
    return Path(name)


def _copy_of_file(engine: Engine, why: str, now: datetime) -> Path | None:
    """Copy the encrypted file, whole and readable, or raise; None on a server.

    The copy is encrypted with the same key: SQLCipher's VACUUM INTO and ATTACH take it over.
    """
    if engine.dialect.name != "sqlite":
        return None
    with engine.connect() as connection:
        path = _file(connection)
        copy = path.with_name(f"{path.stem}.{why}-{now:%Y%m%dT%H%M%SZ}.db")
        part = copy.with_suffix(".part")
        raw = _raw(connection)
        try:
            with translated():
                raw.execute("PRAGMA query_only = OFF")
                part.unlink(missing_ok=True)  # of an attempt that was interrupted
                raw.execute("VACUUM INTO ?", (str(part),))
                raw.execute("ATTACH ? AS copied", (str(part),))
                try:
                    (sound,) = raw.execute("PRAGMA copied.quick_check(1)").fetchone()
                finally:
                    raw.execute("DETACH copied")
            if sound != "ok":
                raise Fault("storage.copy_failed")
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(copy)
        except OSError as error:
            raise fault_of(error) from error
        except Fault:
            part.unlink(missing_ok=True)
            raise
    return copy


def _remove_expired_copies(connection: Connection, now: datetime) -> None:
    folder = _file(connection).parent
    expired = connection.execute(
        select(StoredCopy.id, StoredCopy.name).where(
            StoredCopy.expires_at <= now,
            StoredCopy.removed_at.is_(None),
            StoredCopy.kind == UPGRADE,
        )
    ).all()
    for id, name in expired:
        if _UPGRADES_COPY.fullmatch(name) is None:
            continue  # nobody's copy: see `_copy_of_file`
        with suppress(OSError):  # tried again by the next call
            (folder / name).unlink(missing_ok=True)
            connection.execute(update(StoredCopy).where(StoredCopy.id == id).values(removed_at=now))
