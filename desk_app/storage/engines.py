"""Engines: one encrypted SQLite file, or a PostgreSQL server over TLS.

Both give the same sessions: a transaction that writes sees what others committed, and a
transaction opened for reading (execution option ``reading=True``) sees one snapshot and can't
write. Only this package and the search index know which engine it is.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from desk_app.errors import Fault, Refused
from desk_app.storage.connections import track
from desk_app.storage.faults import translate_errors

KEY_BYTES = 32
BUSY_SECONDS = 10.0
SQLITE_NOTADB = 26
POOL_SIZE = 8
STATEMENTS = 3_000
"""How many statements are kept compiled; the product has more than the default of 500."""
CONNECT_SECONDS = 10
RECYCLE_SECONDS = 600
APPLICATION_NAME = "inquiry-desk"
_KEEPALIVES = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds until what was sent and not received is given up
}
"""A server whose machine is gone is noticed also by who only waits for it."""

LEAKS = """
    SELECT string_agg(name, ', ' ORDER BY name) FROM (VALUES
        ('log_statement', '^none$'),
        ('log_min_duration_statement', '^-1$'),
        ('log_min_duration_sample', '^-1$'),
        ('log_transaction_sample_rate', '^0$'),
        ('log_parameter_max_length_on_error', '^0$'),
        ('log_min_messages', '^(?!debug)'),
        ('debug_print_parse', '^off$'),
        ('debug_print_rewritten', '^off$'),
        ('debug_print_plan', '^off$'),
        ('auto_explain.log_min_duration', '^-1$'),
        ('pgaudit.log', '^(none)?$'),
        ('pgaudit.role', '^$')
    ) AS wanted(name, value)
    WHERE current_setting(name, true) !~ value
"""
"""The settings of a server that let what people say into its log: statements with the values in
them, parameters, plans. A role for audits logs whatever ``pgaudit.log`` says. A failing statement
stands there with its parameters left out, and of rows under a policy the server quotes nothing
(`rights`)."""

SAFE_HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}", re.ASCII)
"""One name or number: libpq takes a path for a socket without TLS, and commas for more hosts."""


def encrypted_file(path: Path, key: bytes) -> Engine:
    """An engine on a SQLCipher file, created if missing.

    ``key`` is 32 raw bytes; another length would silently be taken as a passphrase and is a
    `ValueError`. A wrong key or a file that is no database raises `Fault` on first use.
    Connections may be used on any thread, one at a time; writers begin with BEGIN IMMEDIATE.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a raw SQLCipher key has 32 bytes")

    # A creator alone would get SingletonThreadPool, which crashed with 16 threads.
    engine = create_engine(
        "sqlite://",
        module=sqlcipher3,
        creator=lambda: connect_file(path, key),
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        query_cache_size=STATEMENTS,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    translate_errors(engine)
    return engine


def connect_file(path: Path, key: bytes) -> Any:
    """A raw connection in autocommit to the file, its key checked and its settings made."""
    connection = sqlcipher3.connect(
        str(path), check_same_thread=False, isolation_level=None, timeout=BUSY_SECONDS
    )
    try:
        connection.execute("pragma cipher_log_level = NONE")  # else a wrong key writes to stderr
        connection.execute(f"pragma key = \"x'{key.hex()}'\"")
        try:
            connection.execute("select count(*) from sqlite_master")
        except sqlcipher3.DatabaseError as error:
            if error.sqlite_errorcode != SQLITE_NOTADB:
                raise
            raise Fault("storage.wrong_key") from error  # or no database: it looks the same
        connection.execute("pragma journal_mode = WAL")
        connection.execute("pragma foreign_keys = ON")
        connection.execute("pragma secure_delete = ON")
        connection.execute("pragma synchronous = FULL")
        connection.execute("pragma cache_size = -32768")
        connection.execute("pragma temp_store = MEMORY")  # a temporary file would be readable
    except BaseException:
        connection.close()
        raise
    return connection


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where the office's PostgreSQL database is, and who vouches for the server's certificate.

    ``authority`` is a PEM file of certificate authorities; None trusts those of the system.
    """

    host: str
    port: int
    database: str
    authority: Path | None = None


def server(address: ServerAddress, *, role: str, password: str) -> Engine:
    """An engine on a PostgreSQL database, signed in as ``role``.

    TLS with a verified certificate and host name always (policy section 11), on the loopback as
    well: there is no setting that allows less, none of the desk's and none of libpq's environment
    or service file. Writers are READ COMMITTED, which the audit chain needs. A server that is set
    to log statements or their parameters is refused, because they hold personal data; connections
    are made anew after a while, so that a change of its settings is noticed.
    """
    if not SAFE_HOST.fullmatch(address.host):
        raise Refused("storage.server_host")
    engine = create_engine(
        URL.create(
            "postgresql+psycopg",
            username=role,
            password=password,
            host=address.host,
            port=address.port,
            database=address.database,
        ),
        connect_args={
            "sslmode": "verify-full",
            "sslrootcert": "system" if address.authority is None else str(address.authority),
            "ssl_min_protocol_version": "TLSv1.2",
            "gssencmode": "disable",  # its encryption would stand in for TLS, unverified
            "channel_binding": "require",
            "application_name": APPLICATION_NAME,
            "connect_timeout": CONNECT_SECONDS,
            "options": "-c timezone=UTC",
            **_KEEPALIVES,
        },
        isolation_level="READ COMMITTED",
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        query_cache_size=STATEMENTS,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def refuse_logging(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LEAKS)
            (leaks,) = cursor.fetchone()
        connection.rollback()
        if leaks:
            raise Refused("storage.server_logs", settings=leaks)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    track(engine)
    translate_errors(engine)
    return engine
