"""An office moved from its file to a server, or back: one command, to be given again if cut off.

1. The office stands still: nobody signs in any more, and on a server no desk that is signed in
   changes anything (`moving.quiet`).
2. Every table is copied, compared, and indexed (`moving.copying`); the audit log's chain goes along
   link by link and is followed to its end.
3. The keyring is made for the other kind of place: what opens the database is granted anew to
   everybody, by their public recipients.
4. The desk's settings are switched last. The old store stays where it was, registered as a copy
   that is deleted after 35 days, and says to whoever comes that the office has moved.

Each step sees whether it was done before. `give_up` goes back to the beginning until step 4.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

from desk_app import settings as desk_settings
from desk_app.audit.heads import end_of_log
from desk_app.audit.log import record
from desk_app.audit.verify import verify
from desk_app.backup.making import Watching
from desk_app.backup.registry import keep_copy
from desk_app.backup.rules import CopyKind
from desk_app.clock import Clock
from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import fault_of, sync_folder, whole_file
from desk_app.folder import FolderLock, open_folder
from desk_app.keys import accounts
from desk_app.keys.document import Document
from desk_app.keys.grants import GrantKind, ServerCredential
from desk_app.keys.held import HeldKeys, new_database_key, open_held
from desk_app.keys.keyring import FileKeyring, ServerKeyring
from desk_app.moving import quiet, service
from desk_app.moving.copying import STATE, Copied, Copying, forget_state
from desk_app.moving.keyrings import for_file, for_server
from desk_app.moving.restoring import recipients_of
from desk_app.people.access import Actor, Permission, Role, UserId, require
from desk_app.people.custody import KEEPERS
from desk_app.people.settings import MOVED_BY, MOVING, set_setting, setting
from desk_app.people.standing import account_of, accounts_in_use, roles_of
from desk_app.places import (
    CREDENTIAL_FILE,
    DATABASE_FILE,
    KEYRING_FILE,
    OFFICE_FOLDER,
    RESTORED_FOLDER,
    FilePlace,
    Place,
    ServerPlace,
    place_of,
)
from desk_app.places.checking import READY, address_of
from desk_app.places.left import name_left
from desk_app.places.moved import MOVED_TO_FILE
from desk_app.schema import metadata
from desk_app.settings import Server
from desk_app.storage.engines import encrypted_file, server
from desk_app.storage.loading import settle_file
from desk_app.storage.members import admit, install
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import UnitOfWork, open_work

MOVING_FOLDER = "office.moving"
_MAY_MAKE_ROLES = "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
_READ_WRITE_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Moved:
    """An office that is somewhere else now."""

    tables: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Source:
    """The office where it is, opened by whoever moves it."""

    folder: Path
    place: Place
    engine: Engine
    keys: HeldKeys
    actor: Actor
    clock: Clock
    id: str
    where: Server | None


def to_server(
    folder: Path,
    login: str,
    password: str,
    where: Server,
    owner: ServerCredential,
    *,
    clock: Clock,
    watching: Watching | None = None,
) -> Moved:
    """Move the office of a data folder into an empty database of ``owner``'s on a server.

    `Refused`: a wrong password, no administrator, ``moving.on_server``, ``moving.not_empty``,
    ``moving.owner_rights``. Whatever stops it, the same command goes on.
    """
    with _opened(folder, login, password, "server", clock) as source:
        target = server(address_of(where), role=owner.role, password=owner.password)
        try:
            if not _has_arrived(target, source):
                _prepare_server(target, source)
                copied = _copy(source, target, watching)
                _enter_on_server(source, target, where, owner)
            else:
                copied = _counted(target)
        finally:
            target.dispose()
        _switch_to_server(source, where)
        return Moved(copied.tables, copied.rows)


def to_file(
    folder: Path, login: str, password: str, *, clock: Clock, watching: Watching | None = None
) -> Moved:
    """Move the office from its server into a file in this desk's data folder.

    `Refused`: a wrong password, no administrator, ``moving.in_file``. Whatever stops it, the same
    command goes on.
    """
    with _opened(folder, login, password, "file", clock) as source:
        ready = source.folder / RESTORED_FOLDER
        copied = Copied(0, 0)
        if not ready.exists():
            building, key = _prepare_file(source)
            target = encrypted_file(building / DATABASE_FILE, key)
            try:
                if not _is_begun(target):
                    prepare(target, metadata(), now=clock.now())
                if not _has_arrived(target, source):
                    copied = _copy(source, target, watching)
                    _enter_in_file(source, target)
                settle_file(target, anew=False)
            finally:
                target.dispose()
            try:
                building.rename(ready)
                sync_folder(source.folder)
            except OSError as error:
                raise fault_of(error) from error
        _switch_to_file(source)
        return Moved(copied.tables, copied.rows)


def give_up(folder: Path, login: str, password: str, *, clock: Clock) -> None:
    """Let the office stay where it is: everybody may sign in again. What was copied to a file is
    removed; a server's database that was begun is emptied by its owner.

    `Refused` ``moving.none`` if it isn't being moved.
    """
    with _opened(folder, login, password, None, clock) as source:
        shutil.rmtree(source.folder / MOVING_FOLDER, ignore_errors=True)
        if source.where is not None:
            with source.engine.begin() as connection:
                quiet.go_on(connection)
        with open_work(source.engine, clock) as work:
            service.give_up_move(source.actor, work)
            work.commit()


@contextmanager
def _opened(
    folder: Path, login: str, password: str, target: str | None, clock: Clock
) -> Iterator[_Source]:
    """The office for a move to ``target`` (None: to give one up), standing still."""
    with ExitStack() as undo:
        folder = open_folder(folder)
        undo.enter_context(FolderLock(folder))
        settings = desk_settings.load(folder)
        is_in_file = settings.server is None
        if target == "file" and is_in_file:
            raise Refused("moving.in_file")
        if target == "server" and not is_in_file:
            raise Refused("moving.on_server")
        place = place_of(folder, settings, clock)
        undo.callback(place.close)
        place.check_there()
        keys = accounts.unlock(place.keyring, login, password, now=clock.now())
        undo.callback(keys.forget)
        if isinstance(place, ServerPlace):
            place.open(keys).dispose()  # upgraded, if it was of an older version
            engine = place.as_owner(keys)
        else:
            engine = place.open(keys)
        undo.callback(engine.dispose)
        with open_work(engine, clock) as work:
            actor = Actor(UserId(account_of(work, keys.account).id), settings.desk_id)
            id = "" if target is None else service.begin_move(actor, work, target)
            require(actor, work, Permission.MOVE_OFFICE)
            work.commit()
        if isinstance(place, ServerPlace) and target is not None:
            with engine.begin() as connection:
                quiet.stand_still(connection)
        yield _Source(folder, place, engine, keys, actor, clock, id, settings.server)


def _copy(source: _Source, target: Engine, watching: Watching | None) -> Copied:
    given = watching or Watching()

    def check(share: float) -> None:
        given.check()
        given.tell(_READ_WRITE_SHARE * share)

    copying = Copying(source.engine, target, metadata(), source.id, clock=source.clock, check=check)
    copied = copying.run()
    with open_work(source.engine, source.clock, reading=True) as work:
        end = end_of_log(work)
    with open_work(target, source.clock, reading=True) as work:
        if verify(work).first_bad is not None or end_of_log(work) != end:
            raise Fault("moving.log_damaged")
    return copied


def _counted(target: Engine) -> Copied:
    """What is there, where an earlier run has brought all of it."""
    from desk_app.storage.rows import table_names

    names = table_names(metadata())
    with target.connect() as connection:
        quote = connection.dialect.identifier_preparer.quote
        counts = [
            connection.exec_driver_sql(f"SELECT COUNT(*) FROM {quote(name)}").scalar_one()  # noqa: S608 -- names of the schema
            for name in names
        ]
    return Copied(len(names), sum(counts))


def _has_arrived(target: Engine, source: _Source) -> bool:
    """An earlier run of this move has done everything there."""
    with target.connect() as connection:
        if not inspect(connection).has_table("office_setting"):
            return False
    with open_work(target, source.clock, reading=True) as work:
        return setting(work, MOVED_BY) == source.id and setting(work, MOVING) is None


def _prepare_server(target: Engine, source: _Source) -> None:
    with target.connect() as connection:
        if not connection.exec_driver_sql(_MAY_MAKE_ROLES).scalar_one():
            raise Refused("moving.owner_rights")
        there = set(inspect(connection).get_table_names())
        if there and STATE not in there and not _is_bare(connection, there):
            raise Refused("moving.not_empty")
    prepare(target, metadata(), now=source.clock.now())


def _is_begun(target: Engine) -> bool:
    """Rows are being copied there, so that no reference holds yet."""
    with target.connect() as connection:
        return inspect(connection).has_table(STATE)


def _is_bare(connection: Any, there: set[str]) -> bool:
    """Our own tables without a row of anybody: an earlier run was cut off right after making
    them."""
    if not there >= {"office_setting", "user_account", "alembic_version"}:
        return False
    rows = "SELECT EXISTS (SELECT FROM user_account) OR EXISTS (SELECT FROM office_setting)"
    return not connection.exec_driver_sql(rows).scalar_one()


def _enter_on_server(
    source: _Source, target: Engine, where: Server, owner: ServerCredential
) -> None:
    """Roles, keyring and the office's own settings, in one transaction, and before its end this
    desk's way to the keyring and the name that the old files will have."""
    left = f"office.moved-{source.id}"
    document = source.place.keyring.read()
    with open_work(target, source.clock) as work:
        connection = work.session.connection()
        users = accounts_in_use(work)
        ServerKeyring.put(connection, Document())  # its schema has to be there first
        desk = install(connection)
        roles: dict[str, ServerCredential] = {}
        keepers = set()
        for user in users:
            login = admit(work.session)
            user.server_role = login.role
            roles[user.keyring_id] = ServerCredential(login.role, login.password)
            if any(Role(held.role) in KEEPERS for held in roles_of(work, user.id)):
                keepers.add(user.keyring_id)
        changed = for_server(
            document,
            recipients_of(work),
            roles=roles,
            owner=owner.to_secret(),
            keepers=keepers,
        )
        ServerKeyring.replace(connection, changed)
        set_setting(work, READY, source.clock.now().isoformat())
        _enter(source, work, "server")
        keep_copy(
            work, left, CopyKind.MOVED, desk_id=source.actor.desk_id, made_at=source.clock.now()
        )
        forget_state(connection)
        work.session.flush()
        with whole_file(source.folder / OFFICE_FOLDER / MOVED_TO_FILE) as sink:
            sink.write(left.encode())
        with whole_file(source.folder / CREDENTIAL_FILE) as sink:
            sink.write(ServerCredential(desk.role, desk.password).to_secret().encode())
        work.commit()


def _switch_to_server(source: _Source, where: Server) -> None:
    source.engine.dispose()
    settings = desk_settings.load(source.folder)
    desk_settings.save(source.folder, replace(settings, server=where))
    place_of(source.folder, desk_settings.load(source.folder), source.clock).close()


def _prepare_file(source: _Source) -> tuple[Path, bytes]:
    """The folder of the file that is being filled, and its key: granted to everybody before the
    first row, so that anybody who may can go on with it."""
    building = source.folder / MOVING_FOLDER
    keyring = FileKeyring(building / KEYRING_FILE)
    with suppress(DeskError, KeyError):
        account = keyring.read().accounts[source.keys.account]
        held = open_held(account, source.keys.identity)
        return building, held.database_keys[1]
    shutil.rmtree(building, ignore_errors=True)
    key = new_database_key()
    with open_work(source.engine, source.clock, reading=True) as work:
        to = recipients_of(work)
    owners = {
        name: secret
        for name, secret in source.keys.shared_secrets().items()
        if name.kind is GrantKind.OWNER
    }
    changed = for_file(source.place.keyring.read(), to, key, owners=owners)
    try:
        building.mkdir(mode=0o700)
    except OSError as error:
        raise fault_of(error) from error
    with whole_file(keyring.path) as sink:
        sink.write(changed.to_bytes())
    return building, bytes.fromhex(key)


def _enter_in_file(source: _Source, target: Engine) -> None:
    if source.where is None:
        raise Refused("moving.in_file")
    with open_work(target, source.clock) as work:
        work.session.execute(text("UPDATE user_account SET server_role = NULL"))
        set_setting(work, READY, None)
        _enter(source, work, "file")
        keep_copy(
            work,
            name_left(source.where, source.id),
            CopyKind.MOVED_SERVER,
            desk_id=source.actor.desk_id,
            made_at=source.clock.now(),
        )
        forget_state(work.session.connection())
        work.commit()


def _switch_to_file(source: _Source) -> None:
    folder = source.folder
    settings = desk_settings.load(folder)
    desk_settings.save(folder, replace(settings, server=None))
    FilePlace(folder, source.clock).check_there()
    (folder / CREDENTIAL_FILE).unlink(missing_ok=True)


def _enter(source: _Source, work: UnitOfWork, target: str) -> None:
    set_setting(work, MOVING, None)
    set_setting(work, MOVED_BY, source.id)
    record(source.actor, work, "office.moved", target=target)
