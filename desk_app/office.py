"""An office's data folder, and the desks of those who are signed in to it.

The only place where all parts meet: settings, keyring, database, use cases. An office either
is there and ready or is not there at all: founding builds it beside its place and moves it
there once the recovery key has been typed back.

The folder holds ``settings.toml`` and what else is this desk's own, and in ``office`` the
database and the keyring.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from desk_app import founding as first
from desk_app import settings as desk_settings
from desk_app.backup.making import clear as clear_backup
from desk_app.clock import Clock
from desk_app.desk import Desk
from desk_app.errors import Refused
from desk_app.files import fault_of
from desk_app.folder import FolderLock, open_folder
from desk_app.founding import Founding
from desk_app.keys import accounts
from desk_app.keys.grants import ServerCredential
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.keys.recovery import RecoveryKey, TypedBack
from desk_app.people.custody import Custody, recovered
from desk_app.people.emergency import NewPassword, recover_two
from desk_app.people.sessions import Notice
from desk_app.people.settings import MOVING, setting
from desk_app.places import (
    OFFICE_FOLDER,
    DeskFile,
    FilePlace,
    Place,
    ServerFounding,
    clear_restoring,
    join,
    place_of,
)
from desk_app.settings import Server
from desk_app.storage.unit_of_work import open_work
from desk_app.store import Store

__all__ = ["Desk", "Founding", "NewPassword", "Notice", "Office"]

RECORDINGS_FOLDER = "recordings"
DRAFTS_FOLDER = "drafts"
FETCHED_FOLDER = "fetched"


class Office:
    """An office before anybody has signed in; it holds the folder for this process.

    Use it as a context manager, or call `close`. Any thread, but not two at once.
    """

    def __init__(
        self,
        folder: Path,
        lock: FolderLock,
        place: Place,
        *,
        clock: Clock,
        typed_back: TypedBack | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.place = place
        self.settings = desk_settings.load(folder)
        self.typed_back = typed_back
        """Which groups of the recovery key to type back; None once the office is ready."""
        self._lock = lock
        self._backing_up = Lock()
        self.desks: list[Desk] = []

    @classmethod
    def at(cls, folder: Path, *, clock: Clock) -> Self:
        """The office of a folder, for this desk alone until `close`.

        `Refused` ``office.none`` if there is none and ``folder.in_use`` if another desk has it;
        `Fault` if the folder can't be written, or half of the office is missing or damaged.
        """
        folder = open_folder(folder)
        with ExitStack() as undo:
            lock = undo.enter_context(FolderLock(folder))
            place = place_of(folder, desk_settings.load(folder), clock)
            undo.callback(place.close)
            place.check_there()
            undo.pop_all()
        return cls(folder, lock, place, clock=clock)

    @classmethod
    def found(
        cls,
        folder: Path,
        founding: Founding,
        *,
        clock: Clock,
        server: Server | None = None,
        owner: ServerCredential | None = None,
    ) -> tuple[Self, RecoveryKey]:
        """Make a new office in a folder, made itself if missing. Takes some seconds.

        The recovery key is shown once and kept nowhere; nobody can sign in before it was typed
        back (`confirm_recovery`), and without that nothing is left of the office. With
        ``server`` the database is made there, in an empty one of ``owner``'s.
        """
        first.check(founding)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise fault_of(error) from error
        folder = open_folder(folder)
        with ExitStack() as undo:
            lock = undo.enter_context(FolderLock(folder))
            settings = desk_settings.load(folder)
            place: Place = FilePlace(folder, clock)
            if settings.server is not None:
                raise Refused("office.exists")
            if server is not None and owner is not None:
                place = ServerFounding(folder, clock, server, owner)
            undo.callback(place.close)
            recovery = RecoveryKey.generate()
            place.build(founding, recovery, desk_id=settings.desk_id)
            undo.pop_all()
        return cls(folder, lock, place, clock=clock, typed_back=TypedBack(recovery)), recovery

    @classmethod
    def join(cls, folder: Path, made: Path, passphrase: str, *, clock: Clock) -> Self:
        """Make a folder, made itself if missing, that of a further desk of an office on a server.

        ``made`` is the file that an administrator made at another desk (`Desk.desk_file`). The
        desk has an id of its own. `Refused` for a wrong passphrase, another file, and a folder
        that has an office already.
        """
        try:
            sealed = made.read_bytes()
        except OSError as error:
            raise Refused("keys.not_sealed") from error
        desk_file = DeskFile.opened(sealed, passphrase)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise fault_of(error) from error
        folder = open_folder(folder)
        with ExitStack() as undo:
            lock = undo.enter_context(FolderLock(folder))
            if (folder / OFFICE_FOLDER).exists():
                raise Refused("office.exists")
            place = join(folder, desk_file, clock)
            undo.pop_all()
        return cls(folder, lock, place, clock=clock)

    def confirm_recovery(self, typed: str) -> None:
        """Make the office ready, once the groups in ``typed_back.asked`` were typed, in order."""
        if self.typed_back is None:
            return
        self.typed_back.check_line(typed)
        self.place.make_ready()
        self.typed_back = None
        self.settings = desk_settings.load(self.folder)
        if self.settings.server is not None:  # from the owner's hands into the desk's
            self.place.close()
            self.place = place_of(self.folder, self.settings, self.clock)

    @contextmanager
    def one_backup(self) -> Iterator[None]:
        """``Refused("backup.running")`` while another person at this desk makes a backup."""
        if not self._backing_up.acquire(blocking=False):
            raise Refused("backup.running")
        try:
            yield
        finally:
            self._backing_up.release()

    def clear_left(self) -> None:
        """Remove what a backup or a restore left in the data folder that was cut off: copies of
        the office that nobody has registered."""
        with suppress(Refused), self.one_backup():
            clear_backup(self.folder)
        clear_restoring(self.folder)

    def sign_in(self, login: str, password: str) -> Desk:
        """Sign in. Takes a fifth of a second, and longer when the database is upgraded.

        `Refused` for a wrong password, a locked account, a removed user; `Fault` for what is
        wrong with the keyring or the database.
        """
        if self.typed_back is not None:
            raise Refused("office.recovery_unconfirmed")
        return self.admit(login, password)

    def recover(self, typed_key: str, first: NewPassword, second: NewPassword) -> None:
        """Give two persons new passwords with the recovery key, when nobody can sign in who
        could approve a reset. Recorded, and told to everybody at their next sign-in.

        `Refused` for a mistyped key and for the key of another office.
        """
        recovery = RecoveryKey.parse(typed_key)
        keys = HeldKeys(
            account="", identity=recovery.identity, secrets=recovered(self.keyring, recovery)
        )
        engine = self.place.open(keys)
        try:
            with open_work(engine, self.clock) as work:
                if setting(work, MOVING) is not None:
                    raise Refused("office.moving")
                recover_two(
                    work,
                    (first, second),
                    Custody(keys, self.keyring, recovery),
                    desk_id=self.settings.desk_id,
                )
                work.commit()
        finally:
            engine.dispose()
            keys.forget()

    def close(self) -> None:
        """Sign everybody out and let another desk have the folder."""
        with ExitStack() as closing:  # each of it, whatever fails
            closing.callback(self._lock.release)
            closing.callback(self.place.close)
            for desk in self.desks:
                closing.callback(desk.sign_out)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def keyring(self) -> Keyring:
        return self.place.keyring

    @property
    def recordings(self) -> Path:
        """The folder of this desk's recordings, sealed or being made."""
        return self._own_folder(RECORDINGS_FOLDER)

    @property
    def fetched(self) -> Path:
        """The folder of sealed recordings brought back from a store, while they are played."""
        return self._own_folder(FETCHED_FOLDER)

    @property
    def drafts(self) -> Path:
        """The folder of what is being written down at this desk, encrypted."""
        return self._own_folder(DRAFTS_FOLDER)

    def _own_folder(self, name: str) -> Path:
        folder = self.folder / name
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise fault_of(error) from error
        return folder

    def admit(self, login: str, password: str, *, store: Store | None = None) -> Desk:
        """For `sign_in`, and for a second person on the store of the first."""
        failures = self._failures(login)
        keys = accounts.unlock(self.keyring, login, password, now=self.clock.now())
        shared = store is not None
        try:
            store = store or Store(self.place.open(keys))
            desk = Desk(self, keys, store, login=login, failures=failures)
        except BaseException:
            keys.forget()
            if store is not None and not shared:
                store.shut()
            raise
        self.desks.append(desk)
        return desk

    def _failures(self, login: str) -> int:
        known = self.keyring.read().find(login)
        return 0 if known is None else known.lockout.failures
