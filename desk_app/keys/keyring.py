"""Where accounts' keys are kept, outside the encrypted store: a file, or a table on the server.

Both keep the same `Document`, read it whole and replace it whole under a lock, so that every
change is made entirely or not at all, also between desks. A keyring that can't be read is never
written: nothing is lost by trying.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Self

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    inspect,
    select,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateSchema

from desk_app.errors import Fault, Refused
from desk_app.files import fault_of, whole_file
from desk_app.keys.document import Document


class Keyring(ABC):
    """A keyring on some store. Any thread; `changing` doesn't nest."""

    @abstractmethod
    def read(self) -> Document:
        """The content as it is now; what is done to it isn't kept."""

    @abstractmethod
    def changing(self) -> AbstractContextManager[Document]:
        """``with keyring.changing() as document:`` keeps what the block did to the document, in
        one step when it ends, or nothing if it raises. Others that change wait meanwhile, so the
        block shall not hash a password."""


class FileKeyring(Keyring):
    """A keyring in one file beside the database, readable by its owner only.

    Replaced as a whole and synced: after a power cut it is the old one or the new one. A
    neighbour with the suffix ``.lock`` keeps two processes apart and holds nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty keyring; `Refused` if there is one already."""
        keyring = cls(path)
        with keyring._locked():
            if path.exists():
                raise Refused("keys.keyring_exists")
            keyring._write(Document())
        return keyring

    def read(self) -> Document:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            raise Fault("keys.keyring_missing") from None
        except OSError as error:
            raise Fault("keys.keyring_unreadable") from error
        return Document.from_bytes(data)

    @contextmanager
    def changing(self) -> Iterator[Document]:
        with self._locked():
            document = self.read()
            yield document
            self._write(document)

    def _write(self, document: Document) -> None:
        with whole_file(self.path) as sink:
            sink.write(document.to_bytes())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = self.path.with_name(self.path.name + ".lock").open("ab")
        except OSError as error:
            raise fault_of(error) from error
        with lock:
            try:
                _wait_for(lock)
            except OSError as error:
                raise Fault("keys.keyring_busy") from error
            yield


if sys.platform == "win32":
    import msvcrt

    def _wait_for(lock: IO[bytes]) -> None:
        lock.seek(0)
        msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # gives up after ten seconds
else:
    import fcntl

    def _wait_for(lock: IO[bytes]) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX)


SCHEMA = "keyring"

_DOCUMENT = Table(
    "document",
    MetaData(schema=SCHEMA),
    Column("id", Integer, CheckConstraint("id = 1", name="only_one"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)


class ServerKeyring(Keyring):
    """A keyring in one row of a table in a schema of its own, for a desk's own server role.

    The role needs nothing but this schema; who signs in goes on with the role of their grant.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def create(cls, engine: Engine) -> Self:
        """The schema, the table and an empty keyring; `Refused` if there is one already."""
        with engine.begin() as connection:
            cls.put(connection, Document())
        return cls(engine)

    @staticmethod
    def put(connection: Connection, document: Document) -> None:
        """The schema, the table and this keyring, in a transaction that is under way;
        `Refused` if there is one already."""
        if inspect(connection).has_table(_DOCUMENT.name, schema=SCHEMA):
            raise Refused("keys.keyring_exists")
        connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
        _DOCUMENT.create(connection)
        connection.execute(_DOCUMENT.insert().values(id=1, body=document.to_bytes()))

    @staticmethod
    def replace(connection: Connection, document: Document) -> None:
        """Another keyring in its place, in a transaction that is under way."""
        connection.execute(_DOCUMENT.update().values(body=document.to_bytes()))

    def read(self) -> Document:
        with self._engine.connect() as connection:
            return self._read(connection, for_update=False)

    @contextmanager
    def changing(self) -> Iterator[Document]:
        with self._engine.begin() as connection:
            document = self._read(connection, for_update=True)
            yield document
            connection.execute(_DOCUMENT.update().values(body=document.to_bytes()))

    def _read(self, connection: Connection, *, for_update: bool) -> Document:
        query = select(_DOCUMENT.c.body)
        try:
            body = connection.scalar(query.with_for_update() if for_update else query)
        except ProgrammingError as error:
            if inspect(self._engine).has_table(_DOCUMENT.name, schema=SCHEMA):
                raise
            raise Fault("keys.keyring_missing") from error
        if body is None:
            raise Fault("keys.keyring_missing")
        return Document.from_bytes(body)
