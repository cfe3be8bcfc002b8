"""The office that moves, where it is: opened, standing still, and what every target takes of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, inspect

from desk_app import settings as desk_settings
from desk_app.audit.heads import end_of_log
from desk_app.audit.log import record
from desk_app.audit.verify import verify
from desk_app.backup.making import Watching
from desk_app.clock import Clock
from desk_app.errors import Fault, Refused
from desk_app.folder import FolderLock, open_folder
from desk_app.keys import accounts
from desk_app.keys.held import HeldKeys
from desk_app.moving import quiet, service
from desk_app.moving.copying import Copied, Copying
from desk_app.people.access import Actor, Permission, UserId, require
from desk_app.people.settings import MOVED_BY, MOVING, MOVING_TO, set_setting, setting
from desk_app.people.standing import account_of
from desk_app.places import (
    Place,
    ServerPlace,
    place_of,
)
from desk_app.places.left import Target
from desk_app.schema import metadata
from desk_app.settings import Server
from desk_app.storage.rows import table_names
from desk_app.storage.unit_of_work import UnitOfWork, open_work

_READ_WRITE_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Source:
    """The office where it is, opened by whoever moves it."""

    folder: Path
    place: Place
    engine: Engine
    keys: HeldKeys
    actor: Actor
    clock: Clock
    id: str
    where: Server | None


@contextmanager
def opened(
    folder: Path,
    login: str,
    password: str,
    target: str | None,
    clock: Clock,
    *,
    to: Target | None = None,
    check: Callable[[UnitOfWork], object] | None = None,
) -> Iterator[Source]:
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
        yield Source(folder, place, engine, keys, actor, clock, id, settings.server)


def copy_over(source: Source, target: Engine, watching: Watching | None) -> Copied:
    """All rows, compared; the log followed to its end."""
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


def counted(target: Engine) -> Copied:
    """What is there, where an earlier run has brought all of it."""
    names = table_names(metadata())
    with target.connect() as connection:
        quote = connection.dialect.identifier_preparer.quote
        counts = [
            connection.exec_driver_sql(f"SELECT COUNT(*) FROM {quote(name)}").scalar_one()  # noqa: S608 -- names of the schema
            for name in names
        ]
    return Copied(len(names), sum(counts))


def has_arrived(target: Engine, source: Source) -> bool:
    """An earlier run of this move has done everything there."""
    with target.connect() as connection:
        if not inspect(connection).has_table("office_setting"):
            return False
    with open_work(target, source.clock, reading=True) as work:
        return setting(work, MOVED_BY) == source.id and setting(work, MOVING) is None


def enter_arrival(source: Source, work: UnitOfWork, target: str) -> None:
    """In the target: it is the office from the commit on."""
    set_setting(work, MOVING, None)
    set_setting(work, MOVING_TO, None)
    set_setting(work, MOVED_BY, source.id)
    record(source.actor, work, "office.moved", target=target)
