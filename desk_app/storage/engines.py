"""Engines: one encrypted SQLite file, or a PostgreSQL server over TLS.

Both give the same sessions; only this module and the migrations know which one it is.
"""

from pathlib import Path
from typing import Any

import sqlcipher3
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from desk_app.errors import Fault

KEY_BYTES = 32


def encrypted_file(path: Path, key: bytes) -> Engine:
    """An engine on a SQLCipher file, created if missing.

    ``key`` is 32 raw bytes; another length would silently be taken as a passphrase and is a
    `ValueError`. A wrong key or a file that is no database raises `Fault` on first use.
    Connections may be used on any thread, one at a time; writers begin with BEGIN IMMEDIATE.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("a raw SQLCipher key has 32 bytes")
    secret = key.hex()

    def connect() -> Any:
        connection = sqlcipher3.connect(
            str(path), check_same_thread=False, isolation_level=None, timeout=10.0
        )
        try:
            connection.execute("pragma cipher_log_level = NONE")
            connection.execute(f"pragma key = \"x'{secret}'\"")
            connection.execute("select count(*) from sqlite_master")
        except sqlcipher3.DatabaseError as error:
            connection.close()
            raise Fault("storage.cannot_open") from error
        connection.execute("pragma journal_mode = WAL")
        connection.execute("pragma foreign_keys = ON")
        connection.execute("pragma secure_delete = ON")
        connection.execute("pragma synchronous = FULL")
        connection.execute("pragma cache_size = -32768")
        return connection

    # A creator alone would get SingletonThreadPool, which crashed with 16 threads.
    engine = create_engine(
        "sqlite://", module=sqlcipher3, creator=connect, poolclass=QueuePool, pool_size=8
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
