"""One signed-in person at a desk: use cases carried out, keys held, locked, handed back."""

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from desk_app.calls.numbering import number_contacts
from desk_app.cases.attachments import keys as attachment_keys
from desk_app.cases.numbering import number_cases
from desk_app.desk import handing_on, log
from desk_app.desk.authority import AuthorityWatch, Reading
from desk_app.desk.copies import Copies
from desk_app.desk.erasing import Erasing
from desk_app.desk.holder import Holder, Premises
from desk_app.desk.others import Others
from desk_app.desk.recordings import Recordings
from desk_app.desk.retaining import Retaining
from desk_app.errors import Fault, NotPermitted, Refused
from desk_app.keys import accounts
from desk_app.keys.held import HeldKeys
from desk_app.people import service as people_service
from desk_app.people import views as people_views
from desk_app.people.access import Actor, authority
from desk_app.people.custody import Custody
from desk_app.people.idle import IdleWatch
from desk_app.people.login import first_password
from desk_app.people.sessions import Notice, enter_sign_in
from desk_app.people.settings import MOVING, setting
from desk_app.places import FilePlace, ServerPlace
from desk_app.places.moved import drop_begun
from desk_app.sealed import keys as sealed_keys
from desk_app.search.index import gather, refresh
from desk_app.storage.announcing import Announcer
from desk_app.storage.unit_of_work import Change, Finisher, UnitOfWork, open_work
from desk_app.store import Store
from desk_app.words import Language

P = ParamSpec("P")
R = TypeVar("R")

FINISHERS: tuple[Finisher, ...] = (gather, number_contacts, number_cases, refresh)
"""What runs as the last statements of every commit, in this order: numbers between what the index
reads and what it writes, so that their counters are locked shortly."""

_BEFORE_OWN_PASSWORD: frozenset[Callable[..., Any]] = frozenset(
    {people_service.change_password, people_service.choose_language, people_views.own_account}
)
"""What a person may do while they still have the first password they were given."""


class Desk:
    """One signed-in person at this desk.

    `perform` and `read` run a use case in one unit of work; they are safe on any thread and
    take as long as the database does, so never call them on the Qt thread. Subscribers in
    ``on_changes`` are called on the thread that performed, after the commit. Use it as a
    context manager, or call `sign_out`.
    """

    def __init__(
        self, office: Premises, keys: HeldKeys, store: Store, *, login: str, failures: int
    ) -> None:
        """For `Office.sign_in`: enters the sign-in and signs the log's head."""
        self.office = office
        self.on_changes: list[Callable[[tuple[Change, ...]], None]] = []
        self.idle = IdleWatch(office.clock, timedelta(minutes=office.settings.idle_minutes))
        self._login = login
        with store.engine() as engine, open_work(engine, office.clock) as work:
            if setting(work, MOVING) is not None:
                raise Refused("office.moving")
            signed_in = enter_sign_in(
                work, keys.account, desk_id=office.settings.desk_id, failures=failures
            )
            self.holder = Holder(office, keys, store, signed_in.actor)
            is_foreign = handing_on.take_stock(self.holder, work)
            held = authority(signed_in.actor, work)
            work.commit()
        if office.settings.server is not None:
            drop_begun(office.folder)
        self.holder.take_up_new_keys()
        self.others = Others(self.holder)
        self.copies = Copies(self.holder, self.perform)
        self.recordings = Recordings(self.holder, self.perform, self.read)
        self.authority = AuthorityWatch(self.holder, held)
        self.erasing = Erasing(self.holder, self.copies, self.perform, self.read)
        self.retaining = Retaining(self.holder, self.erasing, self.perform, self.read)
        self.actor: Actor = signed_in.actor
        self.language: Language = signed_in.language
        self.notices: tuple[Notice, ...] = signed_in.notices
        if is_foreign:
            self.notices += (Notice("recordings.notice.key_foreign"),)
        self._must_change_password = signed_in.must_change_password
        self.notices += log.sign_head(self.holder)
        handing_on.renew_key_if_due(self.holder, self.others)

    @property
    def keys(self) -> HeldKeys:
        """This person's keys as they are now."""
        return self.holder.keys

    @property
    def custody(self) -> Custody:
        """This person's keys, for the use cases that hand keys on."""
        return self.holder.custody

    @property
    def is_locked(self) -> bool:
        return self.holder.is_locked

    @property
    def is_signed_out(self) -> bool:
        """Nobody comes back to this one, unlike to a locked desk."""
        return self not in self.office.desks

    def perform(
        self,
        use_case: Callable[Concatenate[Actor, UnitOfWork, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a use case, commit once, tell ``on_changes`` what changed.

        Nothing is kept if it raises, but that somebody tried what they may not is. While the
        server is known to be away it is `Fault` ``storage.server_away`` at once.
        """
        self._check_own_password(use_case)
        self.others.check_server()
        with self.holder.store.engine() as engine, self.others.watching():
            try:
                with open_work(engine, self.office.clock, finishers=self._finishers) as work:
                    result = use_case(self.actor, work, *args, **kwargs)
                    changes = work.commit()
            except NotPermitted as error:
                log.enter_refusal(self.holder, engine, use_case, error)
                raise
        changed = {change.kind for change in changes}
        if "user" in changed:
            self._must_change_password = self.read(people_views.own_account).must_change_password
        if "recording_key" in changed:
            handing_on.finish_escrow(self.holder)
        if "user" in changed:
            self.authority.check()
        if not changed.isdisjoint({"user", "recording_key"}):
            handing_on.hand_on_keys(self.holder)
            handing_on.renew_key_if_due(self.holder, self.others)
        if "tombstone" in changed:
            self.copies.hand_out_tombstones()
        for tell in tuple(self.on_changes):
            tell(changes)
        return result

    def read(
        self,
        view: Callable[Concatenate[Actor, UnitOfWork, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a view on one snapshot of the database; it can't change anything."""
        self._check_own_password(view)
        self._check_reading()
        with self.holder.store.engine() as engine, self.others.watching():
            try:
                with open_work(engine, self.office.clock, reading=True) as work:
                    return view(self.actor, work, *args, **kwargs)
            except NotPermitted as error:
                log.enter_refusal(self.holder, engine, view, error)
                raise

    def second_person(self, login: str, password: str) -> "Desk":
        """Sign a second person in beside the first, to approve; sign them out afterwards.

        They act as themselves, and the first person's pages hear of what changed.
        """
        shared = self.holder.store if isinstance(self.office.place, FilePlace) else None
        second = self.office.admit(login, password, store=shared)
        second.on_changes = self.on_changes
        second.others.origin = self.others.origin  # told here already
        return second

    def attachment_identities(self) -> dict[int, str]:
        """The identities that attachments are addressed to, by version, as the keyring grants
        them now; empty for who doesn't work on cases."""
        return self.holder.granted_now(attachment_keys.identities)

    def sealed_identities(self) -> dict[int, str]:
        """The identities that sealed records are addressed to, by version, as granted now; empty
        for who isn't appointed to see them."""
        return self.holder.granted_now(sealed_keys.identities)

    def desk_file(self) -> tuple[bytes, str]:
        """A file for a further desk of this office, and the passphrase that opens it: for an
        administrator, told apart from the file, kept nowhere. Takes as long as a sign-in.
        `Refused` for an office that isn't on a server."""
        place = self.office.place
        if not isinstance(place, ServerPlace):
            raise Refused("server.one_desk")
        passphrase = first_password()
        self.perform(people_service.enter_desk_file)
        return place.desk_file().sealed(passphrase), passphrase

    def lock(self) -> None:
        """Drop the keys and close the database; returns when running use cases have ended.

        A recorder that runs goes on: it holds public recipients only. `unlock` or `sign_out`.
        """
        if self.is_locked:
            return
        self.others.stop()
        try:
            self._enter("people.locked")
        finally:  # a disk that is full must not keep the desk open
            self.keys.forget()
            self.holder.store.shut()

    def unlock(self, password: str) -> None:
        """Sign the same person in again where they left off; wrong passwords count.

        What fails leaves the desk locked: an open desk would take any password.
        """
        if not self.is_locked:
            return
        office = self.office
        keys = accounts.unlock(office.keyring, self._login, password, now=office.clock.now())
        try:
            self.holder.store.reopen(office.place.open(keys))
            self._enter("people.unlocked")
            account = self.read(people_views.own_account)
        except BaseException:
            keys.forget()
            self.holder.store.shut()
            raise
        self.holder.keys = keys
        self._must_change_password = account.must_change_password
        self.authority.check()
        self.idle.touch()
        self.others.listen()

    def sign_out(self) -> None:
        """Sign the log's head, drop the keys, close the database. Doing it again does nothing.

        A locked desk is left without a trace in the log: nobody is there to write it.
        """
        if self not in self.office.desks:
            return
        self.office.desks.remove(self)
        self.others.leave()
        store = self.holder.store
        try:
            if store.is_open and not self.is_locked:
                self._enter("people.signed_out")
                log.sign_head(self.holder)
        finally:
            self.keys.forget()
            if all(desk.holder.store is not store for desk in self.office.desks):
                store.shut()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sign_out()

    @property
    def _finishers(self) -> tuple[Finisher, ...]:
        return (*FINISHERS, Announcer(self.others.origin))

    def _check_reading(self) -> None:
        """While the server is away nothing is read; after a minute because nobody could confirm
        that it may be."""
        if self.others.away_since is not None and self.authority.state is Reading.UNCONFIRMED:
            raise Fault("people.unconfirmed")
        self.others.check_server()

    def _enter(self, action: str) -> None:
        log.enter(self.holder, action, origin=self.others.origin)

    def _check_own_password(self, use_case: Callable[..., Any]) -> None:
        if self._must_change_password and use_case not in _BEFORE_OWN_PASSWORD:
            raise Refused("people.must_change_password")
