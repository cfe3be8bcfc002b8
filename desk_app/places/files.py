"""An office in its data folder: an encrypted file, and the keyring beside it."""

import shutil
from pathlib import Path

from sqlalchemy import Engine

from desk_app import founding as first
from desk_app.clock import Clock
from desk_app.errors import Fault, Refused
from desk_app.files import fault_of
from desk_app.founding import Founding
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.held import HeldKeys, new_database_key, new_shared_secrets
from desk_app.keys.keyring import FileKeyring
from desk_app.keys.recovery import RecoveryKey
from desk_app.places.place import Place
from desk_app.schema import metadata
from desk_app.search.index import renew
from desk_app.shares import refuse_share
from desk_app.storage.engines import encrypted_file
from desk_app.storage.rekey import rekey_file
from desk_app.storage.schema import prepare

OFFICE_FOLDER = "office"
FOUNDING_FOLDER = "office.founding"
RESTORED_FOLDER = "office.restored"
"""A whole office that is about to take its place."""

RESTORING_FOLDER = "office.restoring"
"""One that is being restored."""

DATABASE_FILE = "office.db"
KEYRING_FILE = "office.keyring"


def clear_restoring(folder: Path) -> None:
    """Remove what a restore left that was cut off, for who holds the folder."""
    shutil.rmtree(folder / RESTORING_FOLDER, ignore_errors=True)
    if (folder / OFFICE_FOLDER).exists():  # else it takes its place: `FilePlace.check_there`
        shutil.rmtree(folder / RESTORED_FOLDER, ignore_errors=True)


class FilePlace(Place):
    """Two files in the data folder, on a drive of this machine (`shares`). The database's key has
    versions: two during a rekey."""

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
        refuse_share(self._inside)
        try:
            ready = self._inside.with_name(RESTORED_FOLDER)
            if not self._inside.exists() and ready.exists():  # cut off between two renames
                ready.rename(self._inside)
            if not self._inside.exists():
                raise Refused("office.none")
            if not self.path.exists():
                raise Fault("office.database_missing")
            if not self.keyring.path.exists():
                raise Fault("office.keyring_missing")
        except OSError as error:  # a folder that isn't ours to look into
            raise fault_of(error) from error
        self.keyring.read()

    def open(self, keys: HeldKeys) -> Engine:
        refuse_share(self._inside)
        self._check_not_empty()
        return self._prepared(keys.database_keys[self._version(keys)])

    def build(self, founding: Founding, recovery: RecoveryKey, *, desk_id: str) -> None:
        refuse_share(self._beside)
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

    @property
    def renews(self) -> GrantKind:
        return GrantKind.DATABASE

    def renew_key(
        self, keys: HeldKeys, *, recipients: dict[str, str], recovery_recipient: str
    ) -> None:
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
            renew(engine, self._clock)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _check_not_empty(self) -> None:
        """SQLite takes a missing or emptied file for a new one, and any key for its key."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            raise Fault("office.database_missing") from None
        except OSError as error:
            raise Fault("storage.cannot_open") from error
        if not size:
            raise Fault("storage.corrupt")

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
