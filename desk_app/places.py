"""Where an office's keyring and database are: two files in its folder, or a server.

A place is built beside what is there and made ready in one step, so that an office either is
whole or is not there at all. Opening takes a person's keys; nothing else opens it.
"""

import shutil
from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.schema import CreateSchema, DropSchema

from desk_app import founding as first
from desk_app import settings as desk_settings
from desk_app.clock import Clock
from desk_app.errors import Fault, Refused
from desk_app.files import fault_of, whole_file
from desk_app.founding import Founding
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind, GrantName, ServerCredential
from desk_app.keys.held import HeldKeys, new_database_key, new_shared_secrets
from desk_app.keys.keyring import SCHEMA as KEYRING_SCHEMA
from desk_app.keys.keyring import FileKeyring, Keyring, ServerKeyring
from desk_app.keys.recovery import RecoveryKey
from desk_app.schema import metadata
from desk_app.settings import Server, Settings
from desk_app.storage.engines import ServerAddress, encrypted_file, server
from desk_app.storage.members import drop_roles, install
from desk_app.storage.rekey import rekey_file
from desk_app.storage.schema import check_current, prepare

OFFICE_FOLDER = "office"
FOUNDING_FOLDER = "office.founding"
DATABASE_FILE = "office.db"
KEYRING_FILE = "office.keyring"
CREDENTIAL_FILE = "server.credential"
READY = "ready_since"
"""The setting of a server's office that counts: without it, a founding was broken off."""


class Place(ABC):
    """Where an office's keyring and database are. Any thread."""

    @property
    @abstractmethod
    def keyring(self) -> Keyring:
        """The keyring; reading it needs nobody's password."""

    @abstractmethod
    def check_there(self) -> None:
        """`Refused` ``office.none`` if there is no office, `Fault` if half of one is missing."""

    @abstractmethod
    def open(self, keys: HeldKeys) -> Engine:
        """An engine with a person's keys; `Fault` if they don't open it, `Refused` if the
        database is newer than the program."""

    @abstractmethod
    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        """Make the keyring and the database of a new office, not ready yet."""

    @abstractmethod
    def make_ready(self) -> None:
        """From now on the office is there."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections, and of what was built and not made ready."""


class FilePlace(Place):
    """Two files in the data folder. The database's key has versions: two during a rekey."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self._inside = folder / OFFICE_FOLDER
        self._beside = folder / FOUNDING_FOLDER
        self._building = False

    @property
    def path(self) -> Path:
        """The database file."""
        return (self._beside if self._building else self._inside) / DATABASE_FILE

    @property
    def keyring(self) -> FileKeyring:
        return FileKeyring(self.path.with_name(KEYRING_FILE))

    def check_there(self) -> None:
        if not self._inside.exists():
            raise Refused("office.none")
        if not self.path.exists():
            raise Fault("office.database_missing")
        if not self.keyring.path.exists():
            raise Fault("office.keyring_missing")
        self.keyring.read()

    def open(self, keys: HeldKeys) -> Engine:
        return self._prepared(keys.database_keys[self._version(keys)])

    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        if self._inside.exists():
            raise Refused("office.exists")
        self._building = True
        self._discard()  # what a founding left that was broken off
        try:
            self._beside.mkdir(mode=0o700)
        except OSError as error:
            raise fault_of(error) from error
        shared = new_shared_secrets()
        keyring = FileKeyring.create(self.keyring.path)
        engine = self._prepared(bytes.fromhex(shared[GrantName(GrantKind.DATABASE)]))
        try:
            first.build(
                engine, keyring, shared, founding, recovery, clock=self._clock, desk_id=desk_id
            )
        finally:
            engine.dispose()

    def make_ready(self) -> None:
        try:
            self._beside.rename(self._inside)
        except OSError as error:
            raise fault_of(error) from error
        self._building = False

    def close(self) -> None:
        if self._building:
            self._discard()

    def renew_key(
        self, keys: HeldKeys, *, recipients: dict[str, str], recovery_recipient: str
    ) -> None:
        """Encrypt the file under a new key, granted to ``recipients`` (by account) only.

        Nobody may have the file open. The new key is granted before it comes into use and the
        old one taken away afterwards, so that a crash in between locks nobody out.
        """
        version = self._version(keys)
        key = new_database_key()
        name = GrantName(GrantKind.DATABASE, version + 1)
        accounts.stage(
            self.keyring, name, key, recipients=recipients, recovery_recipient=recovery_recipient
        )
        rekey_file(self.path, keys.database_keys[version], bytes.fromhex(key))
        accounts.settle(self.keyring, name)

    def _prepared(self, key: bytes) -> Engine:
        engine = encrypted_file(self.path, key)
        try:
            prepare(engine, metadata(), now=self._clock.now())
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _version(self, keys: HeldKeys) -> int:
        """The newest of the person's keys that opens the file."""
        failed = Fault("keys.no_database_key")
        for version in sorted(keys.database_keys, reverse=True):
            engine = encrypted_file(self.path, keys.database_keys[version])
            try:
                engine.connect().close()
            except Fault as error:
                failed = error
            else:
                return version
            finally:
                engine.dispose()
        raise failed

    def _discard(self) -> None:
        """Remove what was built; it holds nothing that anybody could need."""
        if self._beside.exists():
            shutil.rmtree(self._beside, ignore_errors=True)


class ServerPlace(Place):
    """A database on a server, reached with a role of everybody's own.

    ``desk`` is the desks' role: it reads the keyring, and nothing else.
    """

    def __init__(self, address: ServerAddress, desk: ServerCredential) -> None:
        self._address = address
        self._engine = server(address, role=desk.role, password=desk.password)

    @classmethod
    def of(cls, folder: Path, settings: Server) -> "ServerPlace":
        """The place that a desk's settings name."""
        try:
            secret = (folder / CREDENTIAL_FILE).read_text("utf-8")
            desk = ServerCredential.from_secret(secret)
        except OSError as error:
            raise Fault("office.credential_missing") from error
        except (ValueError, KeyError, TypeError):
            raise Fault("office.credential_missing") from None  # the cause might show a password
        return cls(_address(settings), desk)

    @property
    def keyring(self) -> ServerKeyring:
        return ServerKeyring(self._engine)

    def check_there(self) -> None:
        self.keyring.read()

    def open(self, keys: HeldKeys) -> Engine:
        credential = keys.database
        if not isinstance(credential, ServerCredential):
            raise Fault("keys.no_database_key")
        engine = server(self._address, role=credential.role, password=credential.password)
        try:
            check_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        raise Refused("office.exists")

    def make_ready(self) -> None:
        """It is: a server's office is founded by `ServerFounding`."""

    def close(self) -> None:
        self._engine.dispose()


class ServerFounding(Place):
    """The empty database of a server in its owner's hands, until the office is ready.

    The owner may make roles and the extension pg_trgm. The owner's password is kept nowhere.
    """

    def __init__(self, folder: Path, clock: Clock, where: Server, owner: ServerCredential) -> None:
        self._folder, self._clock, self._server = folder, clock, where
        self._owner = server(_address(where), role=owner.role, password=owner.password)
        self._desk: ServerCredential | None = None

    @property
    def keyring(self) -> ServerKeyring:
        return ServerKeyring(self._owner)

    def check_there(self) -> None:
        raise Refused("office.none")

    def open(self, keys: HeldKeys) -> Engine:
        raise Refused("office.recovery_unconfirmed")

    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        self._clear()
        prepare(self._owner, metadata(), now=self._clock.now())
        keyring = ServerKeyring.create(self._owner)
        with self._owner.begin() as connection:
            login = install(connection)
        self._desk = ServerCredential(login.role, login.password)
        shared = {
            name: secret
            for name, secret in new_shared_secrets().items()
            if name.kind is not GrantKind.DATABASE  # everybody has a role instead
        }
        first.build(
            self._owner, keyring, shared, founding, recovery, clock=self._clock, desk_id=desk_id
        )

    def make_ready(self) -> None:
        if self._desk is None:
            raise Refused("office.none")
        with self._owner.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO office_setting (name, value) VALUES (%s, %s)",
                (READY, self._clock.now().isoformat()),
            )
        with whole_file(self._folder / CREDENTIAL_FILE) as sink:
            sink.write(self._desk.to_secret().encode())
        settings = desk_settings.load(self._folder)
        desk_settings.save(self._folder, replace(settings, server=self._server))

    def close(self) -> None:
        self._owner.dispose()

    def _clear(self) -> None:
        """Drop what a founding left that was broken off; `Refused` if there is an office."""
        with self._owner.begin() as connection:
            if "office_setting" not in inspect(connection).get_table_names():
                return
            ready = "SELECT 1 FROM office_setting WHERE name = %s"
            if connection.exec_driver_sql(ready, (READY,)).first() is not None:
                raise Refused("office.exists")
            drop_roles(connection)
            for schema in ("public", KEYRING_SCHEMA):
                connection.execute(DropSchema(schema, cascade=True, if_exists=True))
            connection.execute(CreateSchema("public"))


def place_of(folder: Path, settings: Settings, clock: Clock) -> Place:
    """Where the office of a data folder is."""
    if settings.server is None:
        return FilePlace(folder, clock)
    return ServerPlace.of(folder, settings.server)


def _address(settings: Server) -> ServerAddress:
    authority = Path(settings.authority) if settings.authority else None
    return ServerAddress(settings.host, settings.port, settings.database, authority)
