"""Changing the key of an encrypted file, so that a key somebody knew opens it no more."""

from pathlib import Path

from desk_app.errors import Fault
from desk_app.storage.engines import KEY_BYTES, connect_file


def rekey_file(path: Path, old: bytes, new: bytes) -> None:
    """Encrypt the whole file anew with ``new`` (32 raw bytes), while nobody else has it open.

    After a crash the file opens with the old key or with the new one, never with neither: the
    rollback journal is kept under the old key. Raises `Fault` if the file is in use.
    """
    if len(new) != KEY_BYTES:
        raise ValueError("a raw SQLCipher key has 32 bytes")
    connection = connect_file(path, old)
    try:
        # Out of the write-ahead log first: it would keep pages under the old key beside the file.
        (mode,) = connection.execute("pragma journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise Fault("storage.busy")
        connection.execute(f"pragma rekey = \"x'{new.hex()}'\"")
    finally:
        connection.close()
    connect_file(path, new).close()
