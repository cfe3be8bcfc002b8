"""Who is signed in, and what they hold: the office's open database and their keys."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from desk_app.clock import Clock
from desk_app.errors import Refused
from desk_app.keys.held import HeldKeys, open_held
from desk_app.keys.keyring import Keyring
from desk_app.people.access import Actor
from desk_app.people.custody import Custody
from desk_app.places import Place
from desk_app.settings import Settings
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from desk_app.store import Store

if TYPE_CHECKING:
    from desk_app.desk.desk import Desk

R = TypeVar("R")


class Premises(Protocol):
    """What a desk needs of the office that it stands in."""

    folder: Path
    clock: Clock
    place: Place
    settings: Settings
    desks: "list[Desk]"
    """Those who are signed in, in the order in which they came."""

    @property
    def keyring(self) -> Keyring: ...

    @property
    def recordings(self) -> Path: ...

    @property
    def fetched(self) -> Path: ...

    @property
    def drafts(self) -> Path: ...

    def admit(self, login: str, password: str, *, store: Store | None = None) -> "Desk":
        """Sign somebody in, on a store of their own or on one that is open already."""

    def one_backup(self) -> AbstractContextManager[None]:
        """Keep others at this desk from making a backup meanwhile."""

    def clear_left(self) -> None:
        """Remove what was cut off in the data folder."""


class Holder:
    """What every part of a desk works with. ``keys`` are other ones after they were renewed, and
    after coming back from a lock: ask for them anew each time. Any thread."""

    def __init__(self, office: Premises, keys: HeldKeys, store: Store, actor: Actor) -> None:
        self.office = office
        self.keys = keys
        self.store = store
        self.actor = actor

    @property
    def custody(self) -> Custody:
        """This person's keys, for the use cases that hand keys on."""
        return Custody(self.keys, self.office.keyring)

    @property
    def is_locked(self) -> bool:
        return self.keys.is_forgotten

    @contextmanager
    def work(self, *, reading: bool = False) -> Iterator[UnitOfWork]:
        """A unit of work of the desk's own: no finishers, and nobody is told what it changed."""
        with (
            self.store.engine() as engine,
            open_work(engine, self.office.clock, reading=reading) as work,
        ):
            yield work

    def granted_now(self, identities: Callable[[Keyring, HeldKeys], R]) -> R:
        """What the keyring grants this person now: also what was rotated, given or taken back
        since they signed in. `Refused` for a desk that is locked."""
        keys = self.keys
        try:
            return identities(self.office.keyring, keys)
        except Refused:  # forgotten meanwhile: locked, or taken up anew
            if keys is self.keys:
                raise
            return self.granted_now(identities)

    def take_up_new_keys(self) -> None:
        """Hold what the keyring grants by now, and drop what was held; nothing if locked."""
        if self.is_locked:
            return
        account = self.office.keyring.read().accounts[self.keys.account]
        before, self.keys = self.keys, open_held(account, self.keys.identity)
        before.forget()
