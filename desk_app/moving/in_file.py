"""What a move does in the data folder that an office goes to."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, text

from desk_app import settings as desk_settings
from desk_app.backup.making import Watching
from desk_app.backup.registry import keep_copy
from desk_app.backup.rules import CopyKind
from desk_app.calls.reading import unsaved_elsewhere
from desk_app.errors import DeskError, Fault, Refused
from desk_app.files import fault_of, sync_folder, whole_file
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import new_database_key, open_held
from desk_app.keys.keyring import FileKeyring
from desk_app.moving.copying import Copied, forget_state
from desk_app.moving.keyrings import for_file
from desk_app.moving.restoring import recipients_of
from desk_app.moving.source import Source, copy_over, counted, enter_arrival, has_arrived
from desk_app.people.settings import set_setting
from desk_app.places import (
    CREDENTIAL_FILE,
    DATABASE_FILE,
    KEYRING_FILE,
    RESTORED_FOLDER,
    FilePlace,
)
from desk_app.places.checking import READY
from desk_app.places.left import name_left, was_begun
from desk_app.places.moved import MOVING_FOLDER
from desk_app.recordings.stores.queue import only_elsewhere
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.loading import settle_file
from desk_app.storage.schema import prepare
from desk_app.storage.unit_of_work import UnitOfWork, open_work


def check_nothing_elsewhere(work: UnitOfWork, folder: Path) -> None:
    """`Refused` ``moving.left_behind`` for what lies at desks that will have no office any more."""
    here = desk_settings.load(folder).desk_id
    recordings, contacts = only_elsewhere(work, here), unsaved_elsewhere(work, here)
    if recordings or contacts:
        raise Refused("moving.left_behind", recordings=recordings, contacts=contacts)


def ready(source: Source) -> Copied | None:
    """What an earlier run of this move has put beside its place, whole; None if it hasn't."""
    with _brought(source, source.folder / RESTORED_FOLDER) as target:
        return None if target is None else counted(target)


def fill(source: Source, watching: Watching | None) -> Copied:
    """Fill a file, or go on with it, and put it beside its place."""
    building = source.folder / MOVING_FOLDER
    with _brought(source, building) as begun:
        if begun is not None:
            copied = _fill_in(source, begun, watching)
    if begun is None:
        target = encrypted_file(building / DATABASE_FILE, _prepare_file(source, building))
        try:
            prepare(target, metadata(), now=source.clock.now())
            copied = _fill_in(source, target, watching)
        finally:
            target.dispose()
    try:
        building.rename(source.folder / RESTORED_FOLDER)
        sync_folder(source.folder)
    except OSError as error:
        raise fault_of(error) from error
    return copied


@contextmanager
def _brought(source: Source, folder: Path) -> Iterator[Engine | None]:
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
        if engine is not None and was_begun(engine, source.id):
            yield engine
            return
    finally:
        if engine is not None:
            engine.dispose()
    _remove(folder)
    yield None


def _fill_in(source: Source, target: Engine, watching: Watching | None) -> Copied:
    if has_arrived(target, source):
        copied = counted(target)
    else:
        copied = copy_over(source, target, watching)
        _enter_in_file(source, target)
    settle_file(target, anew=False)
    return copied


def _prepare_file(source: Source, building: Path) -> bytes:
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


def _enter_in_file(source: Source, target: Engine) -> None:
    if source.where is None:
        raise Refused("moving.in_file")
    with open_work(target, source.clock) as work:
        work.session.execute(text("UPDATE user_account SET server_role = NULL"))
        set_setting(work, READY, None)
        enter_arrival(source, work, "file")
        keep_copy(
            work,
            name_left(source.where, source.id),
            CopyKind.MOVED_SERVER,
            desk_id=source.actor.desk_id,
            made_at=source.clock.now(),
        )
        forget_state(work.session.connection())
        work.commit()


def switch(source: Source) -> None:
    """From now on the desk's office is the file."""
    folder = source.folder
    settings = desk_settings.load(folder)
    desk_settings.save(folder, replace(settings, server=None))
    FilePlace(folder, source.clock).check_there()
    (folder / CREDENTIAL_FILE).unlink(missing_ok=True)


def clear(source: Source) -> None:
    """Remove what was copied, whole or in part."""
    for name in (MOVING_FOLDER, RESTORED_FOLDER):
        _remove(source.folder / name)


def _remove(folder: Path) -> None:
    """Remove a folder with an office's copy, all of it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise Fault("moving.not_removed", folder=folder)
