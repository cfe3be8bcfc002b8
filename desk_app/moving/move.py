"""An office moved from its file to a server, or back: one command, to be given again if cut off.

1. The office stands still: nobody signs in any more, and on a server no desk that is signed in
   changes anything (`moving.quiet`).
2. Every table is copied, compared, and indexed (`moving.copying`); the audit log's chain goes along
   link by link and is followed to its end.
3. The keyring is made for the other kind of place: what opens the database is granted anew to
   everybody, by their public recipients.
4. The desk's settings are switched last. The old store stays where it was, registered as a copy
   that is deleted after 35 days, and says to whoever comes that the office has moved.

Each step sees whether this move has done it before; what another move left in its place is never
taken for it. `give_up` goes back to the beginning until step 4.
"""

import json
import shutil
from collections.abc import Callable, Iterator
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
from desk_app.backup.registry import keep_copy, left_copies
from desk_app.backup.rules import CopyKind
from desk_app.backup.service import removed
from desk_app.calls.reading import unsaved_elsewhere
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
from desk_app.people.settings import MOVED_BY, MOVING, MOVING_TO, set_setting, setting
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
from desk_app.places.checking import READY, address_of, check_server, read_authority
from desk_app.places.left import Target, empty_database, move_of, name_left
from desk_app.places.moved import MOVED_TO_FILE
from desk_app.places.server import enter_desk
from desk_app.recordings.stores.queue import only_elsewhere
from desk_app.schema import metadata
from desk_app.settings import Server
from desk_app.shares import refuse_share
from desk_app.storage.engines import encrypted_file, server
from desk_app.storage.loading import settle_file
from desk_app.storage.members import admit, install
from desk_app.storage.rows import table_names
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import UnitOfWork, open_work

MOVING_FOLDER = "office.moving"
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

    `Refused`: a wrong password, no administrator, ``moving.on_server``, ``moving.elsewhere``,
    ``moving.not_empty``, and what is wrong with the server as its check says it
    (`places.checking`), before anything has begun. Whatever stops it, the same command goes on.
    """
    to = Target(where, owner.role)

    def check(work: UnitOfWork) -> None:
        _check_target(work, to, owner)

    with _opened(folder, login, password, "server", clock, to=to, check=check) as source:
        target = server(address_of(where), role=owner.role, password=owner.password)
        try:
            if not _has_arrived(target, source):
                _prepare_server(target, source, to)
                copied = _copy(source, target, watching)
                _enter_on_server(source, target, where, owner)
            else:
                copied = _counted(target)
        finally:
            target.dispose()
        _switch_to_server(source, where)
        return Moved(copied.tables, copied.rows)


def to_file(
    folder: Path,
    login: str,
    password: str,
    *,
    clock: Clock,
    watching: Watching | None = None,
    leave_behind: bool = False,
) -> Moved:
    """Move the office from its server into a file in this desk's data folder.

    `Refused`: a wrong password, no administrator, ``moving.in_file``, ``folder.on_share``, and
    ``moving.left_behind`` while other desks, where nobody will sign in any more, hold the only
    copy of a recording or of what was written down; unless ``leave_behind``. Whatever stops it,
    the same command goes on.
    """

    def check(work: UnitOfWork) -> None:
        refuse_share(folder)
        if not leave_behind:
            _check_nothing_elsewhere(work, folder)

    with _opened(folder, login, password, "file", clock, check=check) as source:
        copied = _ready_in_file(source)
        if copied is None:
            copied = _fill_file(source, watching)
        _switch_to_file(source)
        return Moved(copied.tables, copied.rows)


def give_up(
    folder: Path,
    login: str,
    password: str,
    *,
    clock: Clock,
    owner_password: Callable[[], str] = str,
) -> Server | None:
    """Let the office stay where it is: everybody may sign in again. What was copied is removed.

    On a server that takes the password of the role that owns the database there, which
    ``owner_password`` asks for. Without it what was copied stays there, registered as a copy: where
    that is, or None. `Refused` ``moving.none`` if the office isn't being moved; what keeps the
    server from being emptied is raised, and the move isn't given up.
    """
    with _opened(folder, login, password, None, clock) as source:
        left = _empty_target(source, owner_password)
        if source.where is not None:
            for name in (MOVING_FOLDER, RESTORED_FOLDER):
                _remove(source.folder / name)
            with source.engine.begin() as connection:
                quiet.go_on(connection)
        with open_work(source.engine, clock) as work:
            service.give_up_move(source.actor, work)
            if left is not None:
                keep_copy(
                    work,
                    name_left(left, source.id),
                    CopyKind.MOVED_SERVER,
                    desk_id=source.actor.desk_id,
                    made_at=work.now,
                )
            work.commit()
        if source.where is None:
            (source.folder / OFFICE_FOLDER / MOVED_TO_FILE).unlink(missing_ok=True)
            (source.folder / CREDENTIAL_FILE).unlink(missing_ok=True)
        return left


@contextmanager
def _opened(
    folder: Path,
    login: str,
    password: str,
    target: str | None,
    clock: Clock,
    *,
    to: Target | None = None,
    check: Callable[[UnitOfWork], object] | None = None,
) -> Iterator[_Source]:
    """The office for a move to ``target`` (None: to give one up), standing still. ``check`` comes
    before anything is changed."""
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
        with open_work(engine, clock, reading=True) as work:
            actor = Actor(UserId(account_of(work, keys.account).id), settings.desk_id)
            require(actor, work, Permission.MOVE_OFFICE)
            begun = setting(work, MOVING)
            if check is not None:
                check(work)
        if target is not None:
            with open_work(engine, clock) as work:
                id = service.begin_move(actor, work, target, to=to)
                work.commit()
        elif begun is None:
            raise Refused("moving.none")
        else:
            id = begun.partition(" ")[2]
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


def _was_begun(target: Engine, id: str) -> bool:
    """What is there was brought by this move, whole or in part."""
    with target.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        for table, name, value in (
            (STATE, "id", json.dumps(id)),
            ("office_setting", MOVED_BY, id),
        ):
            statement = f"SELECT value FROM {table} WHERE name = {mark}"  # noqa: S608 -- constants
            if table in tables and connection.exec_driver_sql(statement, (name,)).scalar() == value:
                return True
    return False


def _check_target(work: UnitOfWork, to: Target, owner: ServerCredential) -> None:
    """Refuse a server that no office could be founded on, but for what moves of this office have
    brought there."""
    try:
        check_server(to.where, owner)
    except Refused as refused:
        if refused.code != "server.office_there":
            raise
        target = server(address_of(to.where), role=owner.role, password=owner.password)
        try:
            ids = [id for _, id in _left_there(work, to)]
            ids += (setting(work, MOVING) or "").split(" ")[1:]
            if not any(_was_begun(target, id) for id in ids):
                raise
        finally:
            target.dispose()


def _left_there(work: UnitOfWork, to: Target) -> list[tuple[int, str]]:
    """What is registered as left in this database: the copy's id, and the move's."""
    named = [(copy, *move_of(name)) for copy, name in left_copies(work, CopyKind.MOVED_SERVER)]
    return [(copy, id) for copy, where, id in named if to.is_at(where)]


def _clear_left(target: Engine, source: _Source, to: Target) -> None:
    """Empty the database of what an earlier move has left that was given up."""
    with open_work(source.engine, source.clock) as work:
        for copy, id in _left_there(work, to):
            if _was_begun(target, id):
                empty_database(target)
                removed(source.actor, work, copy)
        work.commit()


def _empty_target(source: _Source, owner_password: Callable[[], str]) -> Server | None:
    """Empty the server's database that this move has begun; where it is, if it can't be."""
    with open_work(source.engine, source.clock, reading=True) as work:
        known = setting(work, MOVING_TO)
    if known is None:
        return None
    to = Target.of(known)
    password = owner_password()
    if not password:
        return to.where
    owner = ServerCredential(to.role, password)
    with open_work(source.engine, source.clock, reading=True) as work:
        _check_target(work, to, owner)
    target = server(address_of(to.where), role=to.role, password=password)
    try:
        if _was_begun(target, source.id):
            empty_database(target)
    finally:
        target.dispose()
    return None


def _check_nothing_elsewhere(work: UnitOfWork, folder: Path) -> None:
    here = desk_settings.load(folder).desk_id
    recordings, contacts = only_elsewhere(work, here), unsaved_elsewhere(work, here)
    if recordings or contacts:
        raise Refused("moving.left_behind", recordings=recordings, contacts=contacts)


def _prepare_server(target: Engine, source: _Source, to: Target) -> None:
    _clear_left(target, source, to)
    with target.connect() as connection:
        there = set(inspect(connection).get_table_names())
        if there and STATE not in there and not _is_bare(connection, there):
            raise Refused("moving.not_empty")
    prepare(target, metadata(), now=source.clock.now())


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
    try:
        secret = (source.folder / CREDENTIAL_FILE).read_text("utf-8")
    except OSError as error:
        raise Fault("office.credential_missing") from error
    pem = read_authority(where.authority) if where.authority else b""
    enter_desk(source.folder, where, pem, ServerCredential.from_secret(secret))
    place_of(source.folder, desk_settings.load(source.folder), source.clock).close()


@contextmanager
def _brought(source: _Source, folder: Path) -> Iterator[Engine | None]:
    """The file in a folder that this move has begun to fill. What another move left there is
    removed: the office has gone on since."""
    key = None
    with suppress(DeskError, KeyError):
        account = FileKeyring(folder / KEYRING_FILE).read().accounts[source.keys.account]
        key = open_held(account, source.keys.identity).database_keys[1]
    engine = None
    if key is not None and (folder / DATABASE_FILE).exists():
        engine = encrypted_file(folder / DATABASE_FILE, key)
    try:
        if engine is not None and _was_begun(engine, source.id):
            yield engine
            return
    finally:
        if engine is not None:
            engine.dispose()
    _remove(folder)
    yield None


def _ready_in_file(source: _Source) -> Copied | None:
    """What an earlier run of this move has put beside its place, whole; None if it hasn't."""
    with _brought(source, source.folder / RESTORED_FOLDER) as target:
        return None if target is None else _counted(target)


def _fill_file(source: _Source, watching: Watching | None) -> Copied:
    """Fill a file, or go on with it, and put it beside its place."""
    building = source.folder / MOVING_FOLDER
    with _brought(source, building) as begun:
        if begun is not None:
            copied = _fill(source, begun, watching)
    if begun is None:
        target = encrypted_file(building / DATABASE_FILE, _prepare_file(source, building))
        try:
            prepare(target, metadata(), now=source.clock.now())
            copied = _fill(source, target, watching)
        finally:
            target.dispose()
    try:
        building.rename(source.folder / RESTORED_FOLDER)
        sync_folder(source.folder)
    except OSError as error:
        raise fault_of(error) from error
    return copied


def _fill(source: _Source, target: Engine, watching: Watching | None) -> Copied:
    if _has_arrived(target, source):
        copied = _counted(target)
    else:
        copied = _copy(source, target, watching)
        _enter_in_file(source, target)
    settle_file(target, anew=False)
    return copied


def _remove(folder: Path) -> None:
    """Remove a folder with an office's copy, all of it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise Fault("moving.not_removed", folder=folder)


def _prepare_file(source: _Source, building: Path) -> bytes:
    """The key of the file that is to be filled: granted to everybody before the first row, so
    that anybody who may can go on with it."""
    keyring = FileKeyring(building / KEYRING_FILE)
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
    return bytes.fromhex(key)


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
    set_setting(work, MOVING_TO, None)
    set_setting(work, MOVED_BY, source.id)
    record(source.actor, work, "office.moved", target=target)
