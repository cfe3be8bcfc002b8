"""How an office's database is opened with a person's keys, and its key changed."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from desk_app.clock import Clock
from desk_app.errors import Fault
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.held import HeldKeys, new_database_key
from desk_app.keys.keyring import Keyring
from desk_app.schema import metadata
from desk_app.storage.engines import encrypted_file
from desk_app.storage.rekey import rekey_file
from desk_app.storage.schema import prepare


@dataclass(frozen=True, slots=True)
class FileDatabase:
    """One encrypted file. Its keys have versions: two while it is being rekeyed."""

    path: Path
    keyring: Keyring
    clock: Clock

    def create(self, key: str) -> Engine:
        """A new database with the schema of this version."""
        return self._prepared(bytes.fromhex(key))

    def open(self, keys: HeldKeys) -> Engine:
        """An engine on the file, upgraded if it is older than the program.

        `Fault` if none of the person's keys opens it, `Refused` if it is newer than the program.
        """
        return self._prepared(keys.database_keys[self._version(keys)])

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
            prepare(engine, metadata(), now=self.clock.now())
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
