"""Changing the key of an encrypted file, so that a key somebody knew opens it no more."""

from contextlib import closing
from pathlib import Path

from desk_app.errors import Fault
from desk_app.storage.engines import KEY_BYTES, connect_file
from desk_app.storage.faults import translated


def rekey_file(path: Path, old: bytes, new: bytes) -> None:
    """Encrypt the whole file anew with ``new`` (32 raw bytes), while nobody else has it open.

    After a crash the file opens with the old key or with the new one, never with neither: the
    rollback journal is kept under the old key. Raises `Fault` if the file is in use, and
    leaves it as it was when it fails.
    """
    if len(new) != KEY_BYTES:
        raise ValueError("a raw SQLCipher key has 32 bytes")
    with closing(connect_file(path, old)) as connection, translated():
        # Out of the write-ahead log first: it would keep pages under the old key beside the file.
        (mode,) = connection.execute("pragma journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise Fault("storage.busy")
        connection.execute(f"pragma rekey = \"x'{new.hex()}'\"")
    connect_file(path, new).close()
