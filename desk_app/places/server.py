"""An office on a server: found anew by the owner, opened by everybody with a role of their own."""

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, inspect, text
from sqlalchemy.schema import CreateSchema, DropSchema

from desk_app import founding as first
from desk_app import settings as desk_settings
from desk_app.clock import Clock
from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import whole_file
from desk_app.founding import Founding
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind, GrantName, ServerCredential
from desk_app.keys.held import HeldKeys, new_shared_secrets
from desk_app.keys.keyring import SCHEMA as KEYRING_SCHEMA
from desk_app.keys.keyring import ServerKeyring
from desk_app.keys.recovery import RecoveryKey
from desk_app.places.checking import (
    OURS,
    READY,
    address_of,
    is_ready,
    read_authority,
    trust_of,
)
from desk_app.places.joining import DeskFile
from desk_app.places.place import Place
from desk_app.schema import metadata
from desk_app.search.index import renew
from desk_app.settings import Server
from desk_app.storage.engines import ServerAddress, server
from desk_app.storage.members import (
    Login,
    authorise,
    drop_roles,
    install,
    is_authorised,
    renew_own,
    wait_for_turn,
)
from desk_app.storage.schema import Prepared, check_current, prepare

CREDENTIAL_FILE = "server.credential"
AUTHORITY_FILE = "server.authority.pem"


class ServerPlace(Place):
    """A database on a server, reached with a role of everybody's own.

    Before anybody has signed in, ``desk`` reads the keyring and may do nothing else. It is the
    same role at every desk of the office, kept in a file of the data folder that only the desk's
    user can read (`CREDENTIAL_FILE`): what it gives away is no more than a copied keyring does.
    The owner's password is granted to administrators and officers, and lies in escrow.
    """

    def __init__(self, address: ServerAddress, desk: ServerCredential, clock: Clock) -> None:
        self._address = address
        self._desk = desk
        self._clock = clock
        self._engine = server(address, role=desk.role, password=desk.password)

    @classmethod
    def of(cls, folder: Path, settings: Server, clock: Clock) -> "ServerPlace":
        """The place that a desk's settings name."""
        try:
            secret = (folder / CREDENTIAL_FILE).read_text("utf-8")
            desk = ServerCredential.from_secret(secret)
        except OSError as error:
            raise Fault("office.credential_missing") from error
        except (ValueError, KeyError, TypeError):
            raise Fault("office.credential_missing") from None  # the cause might show a password
        return cls(address_of(settings), desk, clock)

    def desk_file(self) -> DeskFile:
        """What a further desk needs to come here."""
        address = self._address
        try:
            authority = "" if address.authority is None else address.authority.read_text("ascii")
        except (OSError, ValueError) as error:
            raise Fault("server.authority_unreadable") from error
        return DeskFile(address.host, address.port, address.database, authority, self._desk)

    @property
    def keyring(self) -> ServerKeyring:
        return ServerKeyring(self._engine)

    def check_there(self) -> None:
        self.keyring.read()

    def help_waits(self) -> datetime | None:
        with self._engine.connect() as connection:
            since: datetime | None = connection.scalar(text("SELECT desk_help_waits()"))
            return since

    def open(self, keys: HeldKeys) -> Engine:
        """With the person's own role; with the owner's only if there is none, which is so for
        the recovery key. Whoever holds the owner's password upgrades an older database first."""
        if not keys.holds(GrantKind.SERVER):
            return self._prepared_by_owner(keys)
        credential = keys.database
        assert isinstance(credential, ServerCredential)  # noqa: S101 -- as just seen
        engine = server(self._address, role=credential.role, password=credential.password)
        try:
            try:
                _check_current(engine)
            except Refused as refused:
                if refused.code != "storage.upgrade_by_owner" or not keys.holds(GrantKind.OWNER):
                    raise
                self._prepared_by_owner(keys).dispose()
        except BaseException:
            engine.dispose()
            raise
        return engine

    @property
    def renews(self) -> GrantKind:
        return GrantKind.OWNER

    def renew_key(
        self, keys: HeldKeys, *, recipients: dict[str, str], recovery_recipient: str
    ) -> None:
        engine = self._owner(keys)
        try:
            with engine.begin() as connection:
                wait_for_turn(connection, "owner")
                newest = max(keys.owners)
                if max(name.version for name in self._owner_versions()) > newest:
                    return  # another desk was faster
                role, password = keys.owners[newest].role, secrets.token_urlsafe(24)
                name = GrantName(GrantKind.OWNER, newest + 1)
                accounts.stage(
                    self.keyring,
                    name,
                    ServerCredential(role, password).to_secret(),
                    recipients=recipients,
                    recovery_recipient=recovery_recipient,
                )
                renew_own(connection, Login(role, password))
        finally:
            engine.dispose()
        accounts.settle(self.keyring, name)

    def as_owner(self, keys: HeldKeys) -> Engine:
        """An engine that reads every row, for who holds the owner's password; `Refused`
        ``backup.needs_owner`` for others."""
        if not keys.holds(GrantKind.OWNER):
            raise Refused("backup.needs_owner")
        return self._owner(keys)

    def _owner_versions(self) -> list[GrantName]:
        return [name for name in self.keyring.read().escrow if name.kind is GrantKind.OWNER]

    def _prepared_by_owner(self, keys: HeldKeys) -> Engine:
        """The owner's engine, once the database is of this version."""
        engine = self._owner(keys)
        try:
            upgraded = prepare(engine, metadata(), now=self._clock.now()) is Prepared.UPGRADED
            with engine.begin() as connection:
                if upgraded or not is_authorised(connection):
                    authorise(connection)
            renew(engine, self._clock)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _owner(self, keys: HeldKeys) -> Engine:
        """The owner's engine, by the newest password that opens it."""
        failed = Fault("keys.no_database_key")
        for _, owner in sorted(keys.owners.items(), reverse=True):
            engine = server(self._address, role=owner.role, password=owner.password)
            try:
                engine.connect().close()
            except Fault as error:
                failed = error
                engine.dispose()
            except BaseException:
                engine.dispose()
                raise
            else:
                return engine
        raise failed

    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        raise Refused("office.exists")

    def make_ready(self) -> None:
        """It is: a server's office is founded by `ServerFounding`."""

    def close(self) -> None:
        self._engine.dispose()


class ServerFounding(Place):
    """The empty database of a server in its owner's hands, until the office is ready.

    The owner owns the database and may make roles; a superuser isn't needed. The owner's
    password goes to the first administrator and officer, and into escrow.
    """

    def __init__(self, folder: Path, clock: Clock, where: Server, owner: ServerCredential) -> None:
        self._folder, self._clock, self._server = folder, clock, where
        self._owner = server(address_of(where), role=owner.role, password=owner.password)
        self._owner_secret = owner.to_secret()
        self._desk: ServerCredential | None = None

    @property
    def keyring(self) -> ServerKeyring:
        return ServerKeyring(self._owner)

    def check_there(self) -> None:
        raise Refused("office.none")

    def open(self, keys: HeldKeys) -> Engine:
        raise Refused("office.recovery_unconfirmed")

    @property
    def renews(self) -> GrantKind:
        return GrantKind.OWNER

    def renew_key(
        self, keys: HeldKeys, *, recipients: dict[str, str], recovery_recipient: str
    ) -> None:
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
        shared[GrantName(GrantKind.OWNER)] = self._owner_secret
        first.build(
            self._owner, keyring, shared, founding, recovery, clock=self._clock, desk_id=desk_id
        )

    def make_ready(self) -> None:
        if self._desk is None:
            raise Refused("office.none")
        with self._owner.begin() as connection:  # undone if this desk can't keep its part
            connection.exec_driver_sql(
                "INSERT INTO office_setting (name, value) VALUES (%s, %s)",
                (READY, self._clock.now().isoformat()),
            )
            authority = self._server.authority
            pem = read_authority(authority) if authority else b""
            enter_desk(self._folder, self._server, pem, self._desk)

    def close(self) -> None:
        try:
            with suppress(DeskError):  # there is an office, or the next founding clears up
                self._clear()
        finally:
            self._owner.dispose()

    def _clear(self) -> None:
        """Drop what a founding left that was broken off; `Refused` if there is an office."""
        with self._owner.begin() as connection:
            if not set(inspect(connection).get_table_names()) >= OURS:
                return
            if is_ready(connection):
                raise Refused("server.office_there")
            for schema in ("public", KEYRING_SCHEMA):
                connection.execute(DropSchema(schema, cascade=True, if_exists=True))
            connection.execute(CreateSchema("public"))
            drop_roles(connection)


def _check_current(engine: Engine) -> None:
    """Refuse a database of another version, or one whose rights are those of another."""
    check_current(engine)
    with engine.connect() as connection:
        if not is_authorised(connection):
            raise Refused("storage.upgrade_by_owner")


def join(folder: Path, desk_file: DeskFile, clock: Clock) -> ServerPlace:
    """Make a data folder that of a further desk of an office on a server.

    The folder's own settings stay, and with them its desk's own id. The office has to be there:
    nothing is written before its keyring was read.
    """
    if desk_settings.load(folder).server is not None:
        raise Refused("office.exists")
    pem = desk_file.authority.encode("ascii")
    with TemporaryDirectory(dir=folder) as scratch:
        authority = Path(scratch) / AUTHORITY_FILE
        authority.write_bytes(pem)
        if pem:
            trust_of(pem)
        trial = desk_file.server(str(authority))
        place = ServerPlace(address_of(trial), desk_file.desk, clock)
        try:
            place.check_there()
        finally:
            place.close()
    settings = enter_desk(folder, desk_file.server(AUTHORITY_FILE), pem, desk_file.desk)
    return ServerPlace.of(folder, settings, clock)


def enter_desk(folder: Path, where: Server, pem: bytes, desk: ServerCredential) -> Server:
    """Keep in a desk's folder how it reaches its office; the settings last, because they count.

    The certificates are copied: the file that somebody chose may lie on a stick.
    """
    if pem:
        with whole_file(folder / AUTHORITY_FILE) as sink:
            sink.write(pem)
        where = replace(where, authority=str(folder / AUTHORITY_FILE))
    with whole_file(folder / CREDENTIAL_FILE) as sink:
        sink.write(desk.to_secret().encode())
    desk_settings.save(folder, replace(desk_settings.load(folder), server=where))
    return where
