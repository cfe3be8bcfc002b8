"""What a move does on the server that an office goes to, and what giving it up leaves there."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, inspect

from desk_app import settings as desk_settings
from desk_app.backup.registry import keep_copy, left_copies
from desk_app.backup.rules import CopyKind
from desk_app.backup.service import removed
from desk_app.errors import Fault, Refused
from desk_app.files import whole_file
from desk_app.keys.document import Document
from desk_app.keys.grants import ServerCredential
from desk_app.keys.keyring import ServerKeyring
from desk_app.moving.copying import forget_state
from desk_app.moving.keyrings import for_server
from desk_app.moving.restoring import recipients_of
from desk_app.moving.source import Source, enter_arrival
from desk_app.people.access import Role
from desk_app.people.custody import KEEPERS
from desk_app.people.settings import MOVING, MOVING_TO, set_setting, setting
from desk_app.people.standing import accounts_in_use, roles_of
from desk_app.places import CREDENTIAL_FILE, OFFICE_FOLDER, place_of
from desk_app.places.checking import READY, address_of, check_server, read_authority
from desk_app.places.left import MOVING_STATE, Target, empty_database, move_of, was_begun
from desk_app.places.moved import MOVED_TO_FILE
from desk_app.places.server import enter_desk
from desk_app.schema import metadata
from desk_app.settings import Server
from desk_app.storage.engines import server
from desk_app.storage.members import admit, install
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import UnitOfWork, open_work


def check(work: UnitOfWork, to: Target, owner: ServerCredential) -> None:
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
            if not any(was_begun(target, id) for id in ids):
                raise
        finally:
            target.dispose()


def _left_there(work: UnitOfWork, to: Target) -> list[tuple[int, str]]:
    """What is registered as left in this database: the copy's id, and the move's."""
    named = [(copy, *move_of(name)) for copy, name in left_copies(work, CopyKind.MOVED_SERVER)]
    return [(copy, id) for copy, where, id in named if to.is_at(where)]


def _clear_left(target: Engine, source: Source, to: Target) -> None:
    """Empty the database of what an earlier move has left that was given up."""
    with open_work(source.engine, source.clock) as work:
        for copy, id in _left_there(work, to):
            if was_begun(target, id):
                empty_database(target)
                removed(source.actor, work, copy)
        work.commit()


def empty(source: Source, owner_password: Callable[[], str]) -> Server | None:
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
        check(work, to, owner)
    target = server(address_of(to.where), role=to.role, password=password)
    try:
        if was_begun(target, source.id):
            empty_database(target)
    finally:
        target.dispose()
    return None


def prepare_target(target: Engine, source: Source, to: Target) -> None:
    """Our empty tables there; `Refused` ``moving.not_empty`` for what isn't this move's."""
    _clear_left(target, source, to)
    with target.connect() as connection:
        there = set(inspect(connection).get_table_names())
        if there and MOVING_STATE not in there and not _is_bare(connection, there):
            raise Refused("moving.not_empty")
    prepare(target, metadata(), now=source.clock.now())


def _is_bare(connection: Any, there: set[str]) -> bool:
    """Our own tables without a row of anybody: an earlier run was cut off right after making
    them."""
    if not there >= {"office_setting", "user_account", "alembic_version"}:
        return False
    rows = "SELECT EXISTS (SELECT FROM user_account) OR EXISTS (SELECT FROM office_setting)"
    return not connection.exec_driver_sql(rows).scalar_one()


def enter(source: Source, target: Engine, where: Server, owner: ServerCredential) -> None:
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
        enter_arrival(source, work, "server")
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


def switch(source: Source, where: Server) -> None:
    """From now on the desk's office is there, and its certificates with the desk."""
    source.engine.dispose()
    try:
        secret = (source.folder / CREDENTIAL_FILE).read_text("utf-8")
    except OSError as error:
        raise Fault("office.credential_missing") from error
    pem = read_authority(where.authority) if where.authority else b""
    enter_desk(source.folder, where, pem, ServerCredential.from_secret(secret))
    place_of(source.folder, desk_settings.load(source.folder), source.clock).close()
