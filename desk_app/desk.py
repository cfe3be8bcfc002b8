"""One signed-in person at a desk: use cases carried out, keys held, locked, handed back."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from sqlalchemy import Engine

from desk_app.audit.heads import not_in_log, remember, remembered, sign_head
from desk_app.audit.log import record
from desk_app.backup.expiring import remove_expired
from desk_app.backup.making import Made, Source, Watching, back_up, hand_out_list
from desk_app.backup.registry import office_and_destinations
from desk_app.backup.tombstones import version_of
from desk_app.calls.numbering import number_contacts
from desk_app.cases.attachments import keys as attachment_keys
from desk_app.cases.numbering import number_cases
from desk_app.cases.presence.here import leave as leave_cases
from desk_app.clock import Clock
from desk_app.errors import SERVER_GONE, DeskError, Fault, NotPermitted, Refused
from desk_app.keys import accounts
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys, open_held
from desk_app.keys.keyring import Keyring
from desk_app.people import service as people_service
from desk_app.people import views as people_views
from desk_app.people.access import Actor, Permission, authority
from desk_app.people.custody import (
    Custody,
    finish_escrow,
    hand_on_owner,
    holders_of,
    reconcile,
    take_back_lapsed,
)
from desk_app.people.idle import IdleWatch
from desk_app.people.login import first_password
from desk_app.people.sessions import Notice, enter_sign_in
from desk_app.people.settings import MOVING, RECOVERY_RECIPIENT, REKEY_DUE, set_setting, setting
from desk_app.places import FilePlace, Place, ServerPlace
from desk_app.places.left import drop_left_server
from desk_app.places.moved import drop_begun
from desk_app.recordings.reconciliation.running import check_copies
from desk_app.recordings.reconciliation.running import reconcile as reconcile_recordings
from desk_app.recordings.recovery import settle
from desk_app.recordings.rotation.copies import rewrap_all
from desk_app.recordings.rotation.rewrapping import Rewrapped
from desk_app.recordings.rotation.versions import drop_unborn, enter_foreign
from desk_app.recordings.stores.fetching import clear as clear_fetched
from desk_app.schema import metadata
from desk_app.search.index import gather, refresh
from desk_app.settings import Settings
from desk_app.storage.announcing import Announcer
from desk_app.storage.listening import Listener, Pace
from desk_app.storage.unit_of_work import Change, Finisher, UnitOfWork, open_work
from desk_app.store import Store
from desk_app.words import Language

P = ParamSpec("P")
R = TypeVar("R")

FINISHERS: tuple[Finisher, ...] = (gather, number_contacts, number_cases, refresh)
"""What runs as the last statements of every commit, in this order: numbers between what the index
reads and what it writes, so that their counters are locked shortly."""

_LISTENER_ENDS_SECONDS = 2.0

_BEFORE_OWN_PASSWORD: frozenset[Callable[..., Any]] = frozenset(
    {people_service.change_password, people_service.choose_language, people_views.own_account}
)
"""What a person may do while they still have the first password they were given."""


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
        self.keys = keys
        self.on_changes: list[Callable[[tuple[Change, ...]], None]] = []
        self.idle = IdleWatch(office.clock, timedelta(minutes=office.settings.idle_minutes))
        self.on_others: list[Callable[[tuple[Change, ...]], None]] = []
        """Told what other desks of the server have changed, on another thread."""
        self.on_server: list[Callable[[bool], None]] = []
        """Told when the server is away (True) and when it is back, on another thread."""
        self.away_since: datetime | None = None
        self._origin = secrets.token_hex(8)
        self._listener: Listener | None = None
        self._pace: Pace | None = None
        self._login = login
        self._store = store
        with store.engine() as engine, open_work(engine, office.clock) as work:
            if setting(work, MOVING) is not None:
                raise Refused("office.moving")
            signed_in = enter_sign_in(
                work, keys.account, desk_id=office.settings.desk_id, failures=failures
            )
            reconcile(work, office.keyring)
            take_back_lapsed(work, office.keyring)
            drop_unborn(work, office.keyring)
            hand_on_owner(signed_in.actor, work, office.keyring, keys)
            finish_escrow(signed_in.actor, work, self.custody)
            attachment_keys.hand_on_key(signed_in.actor, work, office.keyring, keys)
            attachment_keys.readdress_some(signed_in.actor, work, office.keyring, keys)
            is_foreign = enter_foreign(signed_in.actor, work, keys.recordings)
            work.commit()
        if office.settings.server is not None:
            drop_begun(office.folder)
        self._take_up_new_keys()
        self.actor: Actor = signed_in.actor
        self.language: Language = signed_in.language
        self.notices: tuple[Notice, ...] = signed_in.notices
        if is_foreign:
            self.notices += (Notice("recordings.notice.key_foreign"),)
        self._must_change_password = signed_in.must_change_password
        self._sign_head()
        self._renew_key_if_due()

    @property
    def custody(self) -> Custody:
        """This person's keys, for the use cases that hand keys on."""
        return Custody(self.keys, self.office.keyring)

    @property
    def is_locked(self) -> bool:
        return self.keys.is_forgotten

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
        self._check_server()
        with self._store.engine() as engine, self._watching():
            try:
                with open_work(engine, self.office.clock, finishers=self._finishers) as work:
                    result = use_case(self.actor, work, *args, **kwargs)
                    changes = work.commit()
            except NotPermitted as error:
                self._record_refusal(engine, use_case, error)
                raise
        if any(change.kind == "user" for change in changes):
            self._must_change_password = self.read(people_views.own_account).must_change_password
        if any(change.kind == "recording_key" for change in changes):
            self._finish_escrow()
        if any(change.kind in ("user", "recording_key") for change in changes):
            self._hand_on_attachments_key()
        if any(change.kind in ("user", "recording_key") for change in changes):
            self._renew_key_if_due()
        if any(change.kind == "tombstone" for change in changes):
            self.hand_out_tombstones()
        self._tell(changes)
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
        self._check_server()
        with self._store.engine() as engine, self._watching():
            try:
                with open_work(engine, self.office.clock, reading=True) as work:
                    return view(self.actor, work, *args, **kwargs)
            except NotPermitted as error:
                self._record_refusal(engine, view, error)
                raise

    def second_person(self, login: str, password: str) -> "Desk":
        """Sign a second person in beside the first, to approve; sign them out afterwards.

        They act as themselves, and the first person's pages hear of what changed.
        """
        shared = self._store if isinstance(self.office.place, FilePlace) else None
        second = self.office.admit(login, password, store=shared)
        second.on_changes = self.on_changes
        second._origin = self._origin  # told here already
        return second

    @property
    def is_among_others(self) -> bool:
        """Other desks may work in this office now: it is on a server."""
        return not isinstance(self.office.place, FilePlace)

    def hear_others(self, pace: Pace | None = None) -> None:
        """From now on ``on_others`` is told what other desks change, and ``on_server`` whether the
        server is there, until this person signs out. Nothing happens on a file."""
        if self.is_among_others:
            self._pace = pace or Pace()
            self._listen()

    def settle_recordings(self) -> None:
        """Enter or salvage what a crash left of recordings here; once after signing in.

        Takes seconds for each hour of remains. `Fault` for a disk that takes no more.
        """
        clear_fetched(self.office.fetched)
        settle(
            self.office.recordings,
            self.recording_identities(),
            perform=self.perform,
            read=self.read,
        )

    def rewrap_recordings(self) -> Rewrapped:
        """Hand the recordings that lie here or in a store on to the key in use; once after
        signing in, and after each rotation. Takes as long as copying them. `Fault` for a full
        disk."""
        return rewrap_all(
            self.office.recordings,
            self.office.fetched,
            self.recording_identities(),
            perform=self.perform,
            read=self.read,
        )

    def recording_identities(self) -> dict[int, str]:
        """The identities that recordings are addressed to, by version, as the keyring grants them
        now: also what was rotated, given or taken back since this person signed in."""
        keys = self.keys
        try:
            granted = accounts.granted_now(self.office.keyring, keys)
        except Refused:  # forgotten meanwhile: locked, or taken up anew
            if keys is self.keys:
                raise
            return self.recording_identities()
        return {
            name.version: secret
            for name, secret in granted.items()
            if name.kind is GrantKind.RECORDINGS
        }

    def attachment_identities(self) -> dict[int, str]:
        """The identities that attachments are addressed to, by version, as the keyring grants
        them now; empty for who doesn't work on cases."""
        keys = self.keys
        try:
            return attachment_keys.identities(self.office.keyring, keys)
        except Refused:  # forgotten meanwhile: locked, or taken up anew
            if keys is self.keys:
                raise
            return self.attachment_identities()

    def compare_recordings(
        self,
        *,
        tell: Callable[[float], object] = lambda _share: None,
        is_stopped: Callable[[], bool] = lambda: False,
        again: bool = False,
    ) -> None:
        """Check this desk's recordings, compare calls and recordings of the days due if this
        person may, and read back what is due of the copies in stores. Nothing for those who have
        nothing to do with calls. `reconciliation.running`.
        """
        permissions = self.read(people_views.own_account).permissions
        if Permission.FINISH_CALL in permissions:
            reconcile_recordings(
                self.office.recordings,
                perform=self.perform,
                read=self.read,
                tell=tell,
                is_stopped=is_stopped,
                with_rows=Permission.RECONCILE_RECORDINGS in permissions,
                again=again,
            )
            check_copies(
                self.office.fetched,
                perform=self.perform,
                read=self.read,
                is_stopped=is_stopped,
                again=again,
            )

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

    def back_up(self, *, recordings: bool = False, watching: Watching | None = None) -> Made:
        """Make a backup while the office is open and bring it to its destinations; minutes for
        a large office. Ends with `Interrupted` when the desk is locked. ``recordings``: with the
        sealed sound that lies at this desk. `backup.making`."""
        given = watching or Watching()
        watching = Watching(given.tell, lambda: given.is_stopped() or self.is_locked)
        with self.office.one_backup(), self._readable() as source:
            return back_up(source, recordings=recordings, watching=watching)

    @property
    def reads_all(self) -> bool:
        """Whether the person's keys read the whole office, as a backup does: on a server it takes
        the owner's."""
        return isinstance(self.office.place, FilePlace) or self.keys.holds(GrantKind.OWNER)

    def hand_out_tombstones(self) -> None:
        """Bring the list of what was erased to every destination that has an older one. What can't
        be reached is told of there, and tried again by the next call.

        Done when something was erased and after signing in. Only the signature of who may make
        backups counts under a list; whoever may not leaves it to the next who does.
        """
        with self._store.engine() as engine, open_work(engine, self.office.clock) as work:
            if not authority(self.actor, work).allows(Permission.BACK_UP):
                return
            office, destinations = office_and_destinations(work, list_older_than=version_of(work))
            work.commit()
        if destinations:
            with self._store.engine() as engine:
                hand_out_list(self._source(engine), office, destinations)

    def remove_expired_copies(self, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Delete copies of the office whose time is over, and what a restore or a backup left
        that was cut off; after signing in."""
        self.office.clear_left()
        keys, place = self.keys, self.office.place

        def drop_server(name: str) -> None:
            if not isinstance(place, FilePlace):
                raise Refused("backup.needs_owner")
            drop_left_server(keys, name)

        remove_expired(
            self.office.folder, self.perform, drop_server=drop_server, is_stopped=is_stopped
        )

    @contextmanager
    def _readable(self) -> Iterator[Source]:
        """The office for who may read all of it: on a server the owner."""
        place = self.office.place
        with self._store.engine() as engine:
            own = place.as_owner(self.keys) if isinstance(place, ServerPlace) else None
            try:
                yield self._source(own or engine)
            finally:
                if own is not None:
                    own.dispose()

    def _source(self, engine: Engine) -> Source:
        return Source(
            folder=self.office.folder,
            engine=engine,
            keyring=self.office.keyring,
            tables=metadata(),
            clock=self.office.clock,
            actor=self.actor,
            sign=self.keys.sign,
            perform=self.perform,
        )

    def lock(self) -> None:
        """Drop the keys and close the database; returns when running use cases have ended.

        A recorder that runs goes on: it holds public recipients only. `unlock` or `sign_out`.
        """
        if self.is_locked:
            return
        self._stop_listening()
        try:
            self._record("people.locked")
        finally:  # a disk that is full must not keep the desk open
            self.keys.forget()
            self._store.shut()

    def unlock(self, password: str) -> None:
        """Sign the same person in again where they left off; wrong passwords count.

        What fails leaves the desk locked: an open desk would take any password.
        """
        if not self.is_locked:
            return
        office = self.office
        keys = accounts.unlock(office.keyring, self._login, password, now=office.clock.now())
        try:
            self._store.reopen(office.place.open(keys))
            self._record("people.unlocked")
            account = self.read(people_views.own_account)
        except BaseException:
            keys.forget()
            self._store.shut()
            raise
        self.keys = keys
        self._must_change_password = account.must_change_password
        self.idle.touch()
        self._listen()

    def sign_out(self) -> None:
        """Sign the log's head, drop the keys, close the database. Doing it again does nothing.

        A locked desk is left without a trace in the log: nobody is there to write it.
        """
        if self not in self.office.desks:
            return
        self.office.desks.remove(self)
        self._stop_listening()
        self._pace = None
        try:
            if self._store.is_open and not self.is_locked:
                self._record("people.signed_out")
                self._sign_head()
        finally:
            self.keys.forget()
            if all(desk._store is not self._store for desk in self.office.desks):
                self._store.shut()

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
        return (*FINISHERS, Announcer(self._origin))

    def _listen(self) -> None:
        """Begin to listen, or begin anew on another engine; nothing if nobody wants to hear."""
        if self._pace is None:
            return
        self._stop_listening()
        with self._store.engine() as engine:
            listener = Listener(
                engine,
                self._origin,
                on_changes=self._tell_of_others,
                on_away=lambda away: self._on_away(away, told_by=listener),
                pace=self._pace,
            )
        self._listener = listener
        listener.start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop(_LISTENER_ENDS_SECONDS)
        self.away_since = None

    def _on_away(self, away: bool, *, told_by: Listener) -> None:
        if told_by is not self._listener:
            return  # nobody listens to it any more
        self.away_since = self.office.clock.now() if away else None
        for tell in tuple(self.on_server):
            tell(away)

    def _tell(self, changes: tuple[Change, ...]) -> None:
        for tell in tuple(self.on_changes):
            tell(changes)

    def _tell_of_others(self, changes: tuple[Change, ...]) -> None:
        for tell in tuple(self.on_others):
            tell(changes)

    def _check_server(self) -> None:
        if self.away_since is not None:
            raise Fault("storage.server_away")

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Have the listener look after the server as soon as something has failed."""
        try:
            yield
        except Fault as fault:
            if fault.code in SERVER_GONE and self._listener is not None:
                self._listener.look()
            raise

    def _check_own_password(self, use_case: Callable[..., Any]) -> None:
        if self._must_change_password and use_case not in _BEFORE_OWN_PASSWORD:
            raise Refused("people.must_change_password")

    def _record_refusal(
        self, engine: Engine, use_case: Callable[..., Any], error: NotPermitted
    ) -> None:
        name = f"{use_case.__module__}.{use_case.__name__}".removeprefix("desk_app.")
        with open_work(engine, self.office.clock) as work:
            record(
                self.actor,
                work,
                "people.refused",
                use_case=name.replace(".", "_"),
                reason=error.code.rpartition(".")[2],
            )
            work.commit()

    def _record(self, action: str) -> None:
        with (
            self._store.engine() as engine,
            open_work(engine, self.office.clock, finishers=(Announcer(self._origin),)) as work,
        ):
            record(self.actor, work, action)
            leave_cases(self.actor, work)  # whoever locks, comes back or goes has none open
            work.commit()

    def _sign_head(self) -> None:
        """In a unit of work of its own: on a server entries are linked when they are committed."""
        folder = self.office.folder
        try:
            kept = remembered(folder)
        except Fault:  # left as it is for whoever looks into it
            self.notices += (Notice("audit.notice.memory_unreadable"),)
            return
        with self._store.engine() as engine, open_work(engine, self.office.clock) as work:
            missing = not_in_log(work, kept)
            if missing:
                record(
                    self.actor, work, "audit.head_missing", seq=min(each.seq for each in missing)
                )
                self.notices += (Notice("audit.notice.log_damaged"),)
            head = sign_head(self.actor, work, self.keys.sign)
            work.commit()
        if head is not None:
            remember(folder, head, evidence=missing)
            backup = self.office.settings.backup
            try:
                if backup:
                    remember(Path(backup), head, evidence=missing)
            except Fault:  # not connected today: nobody is kept from working
                self.notices += (Notice("audit.notice.not_copied"),)

    def _finish_escrow(self) -> None:
        with self._store.engine() as engine, open_work(engine, self.office.clock) as work:
            finish_escrow(self.actor, work, self.custody)
            work.commit()

    def _hand_on_attachments_key(self) -> None:
        """After somebody's account, role or appointment has changed, or the recovery key."""
        if self.is_locked:
            return  # left to the next sign-in
        with self._store.engine() as engine, open_work(engine, self.office.clock) as work:
            attachment_keys.hand_on_key(self.actor, work, self.office.keyring, self.keys)
            work.commit()

    def _renew_key_if_due(self) -> None:
        """Change what opens the database if somebody left who may still know it."""
        office, place = self.office, self.office.place
        if not self.keys.holds(place.renews):
            return  # left to the next who does
        with (
            self._store.engine() as engine,
            open_work(engine, office.clock, reading=True) as work,
        ):
            if setting(work, REKEY_DUE) is None:
                return
            recipients = holders_of(work, office.keyring, place.renews)
            recovery_recipient = setting(work, RECOVERY_RECIPIENT) or ""

        failures: list[DeskError] = []

        def renew() -> Engine:
            try:
                place.renew_key(
                    self.keys, recipients=recipients, recovery_recipient=recovery_recipient
                )
            except DeskError as error:  # the desk goes on; the next sign-in tries again
                failures.append(error)
            for desk in {self, *office.desks}:
                desk._take_up_new_keys()
            return office.place.open(self.keys)

        self._store.exchange(renew)
        self._listen()
        for failure in failures:
            raise failure
        with self._store.engine() as engine, open_work(engine, office.clock) as work:
            set_setting(work, REKEY_DUE, None)
            record(self.actor, work, "people.database_rekeyed", recipients=len(recipients))
            work.commit()

    def _take_up_new_keys(self) -> None:
        if self.is_locked:
            return
        account = self.office.keyring.read().accounts[self.keys.account]
        before, self.keys = self.keys, open_held(account, self.keys.identity)
        before.forget()
