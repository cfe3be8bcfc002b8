"""A person's keys in use: how accounts are given keys, and how keys are taken back.

The keyring lies outside the database, so it can't share its transaction. What gives is done
before the commit and undone if that fails; what takes is done after it. A crash between the
two is mended at the next sign-in by `reconcile`.
"""

from collections.abc import Callable, Mapping
from typing import Self

from desk_app.audit.log import record
from desk_app.errors import DeskError, Fault, Refused
from desk_app.keys import accounts, age
from desk_app.keys.accounts import Enrolled
from desk_app.keys.grants import (
    OPENS_DATABASE,
    SHARED,
    GrantKind,
    GrantName,
    Secrets,
    ServerCredential,
)
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.keys.recovery import RecoveryKey, open_escrow
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import User
from desk_app.people.rules import PersonId
from desk_app.people.settings import (
    ESCROW_DUE,
    RECOVERY_RECIPIENT,
    REKEY_DUE,
    ROTATION_DUE,
    set_setting,
    setting,
    setting_or_made,
)
from desk_app.people.standing import accounts_in_use, current_appointments, listeners, roles_of
from desk_app.storage import members
from desk_app.storage.unit_of_work import UnitOfWork

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.DPO})
"""Who holds the password of the server's owner, to upgrade the database."""


class Custody:
    """What its holder can hand on: their own shared secrets, and with the recovery key all."""

    def __init__(
        self, keys: HeldKeys, keyring: Keyring, recovery: RecoveryKey | None = None
    ) -> None:
        self._keys = keys
        self._keyring = keyring
        self._recovery = recovery

    def with_recovery(self, key: RecoveryKey) -> Self:
        """The same custody, helped by the recovery key out of the safe."""
        return type(self)(self._keys, self._keyring, key)

    @property
    def with_recovery_key(self) -> bool:
        return self._recovery is not None

    @property
    def keyring(self) -> Keyring:
        return self._keyring

    @property
    def holds_recordings(self) -> bool:
        return bool(self._shared(GrantKind.RECORDINGS))

    def issue(
        self, work: UnitOfWork, *, login: str, name: str, password: str
    ) -> tuple[Enrolled, str | None]:
        """A new account in the keyring, with a key to the database and to nothing else, and the
        name of its own role if the database is on a server."""
        take_turn(work)
        credential = admit_to_server(work)
        enrolled = accounts.enrol(
            self._keyring,
            login=login,
            name=name,
            password=password,
            shared=self._shared(GrantKind.DATABASE),
            server=credential,
        )
        work.if_rolled_back(lambda: _drop(self._keyring, enrolled.account))
        return enrolled, None if credential is None else credential.role

    def reissue(self, work: UnitOfWork, user: User, *, name: str, password: str) -> Enrolled:
        """A new identity for an account, granted what it had as far as this custody holds it."""
        keyring_id = user.keyring_id
        before = self._keyring.read().accounts[keyring_id]
        enrolled = accounts.reset_identity(
            self._keyring,
            keyring_id,
            login=user.login,
            name=name,
            password=password,
            shared=self._shared(*GrantKind),
            server=_renewed(work, user),
        )

        def put_back() -> None:
            with self._keyring.changing() as document:
                document.accounts[keyring_id] = before

        work.if_rolled_back(put_back)
        return enrolled

    def withdraw(self, work: UnitOfWork, user: User) -> None:
        """Take an account out of the keyring once its removal is certain, and its server role.

        What the person knew that opens the database for others is due to be changed: the file's
        key, or the password of the server's owner.
        """
        keyring_id = user.keyring_id
        if any(
            name.kind in OPENS_DATABASE for name in accounts.grants_of(self._keyring, keyring_id)
        ):
            set_setting(work, REKEY_DUE, "yes")
        if user.server_role is not None:
            members.expel(work.session, user.server_role)
            user.server_role = None
        _once_committed(work, lambda: _drop(self._keyring, keyring_id))

    def give_recordings(self, work: UnitOfWork, user: User) -> None:
        """Hand on the recordings' key in all its versions; `Refused` to who doesn't hold it."""
        shared = self._shared(GrantKind.RECORDINGS)
        if not shared:
            raise Refused("people.no_recordings_key")
        take_turn(work)
        keyring_id = user.keyring_id
        accounts.grant(self._keyring, keyring_id, shared, recipient=user.recipient)
        work.if_rolled_back(
            lambda: accounts.revoke(self._keyring, keyring_id, [GrantKind.RECORDINGS])
        )

    def take_recordings(self, work: UnitOfWork, user: User) -> None:
        """Take the recordings' key back; what was copied before can't be."""
        revoke_recordings(work, self._keyring, user)

    def renew_recordings(
        self, work: UnitOfWork, version: int, *, holders: Mapping[str, str], recovery_recipient: str
    ) -> str:
        """A new identity for recordings, granted to ``holders`` (recipients by account) and put
        into escrow before it comes into use; its recipient. `Refused` to who doesn't hold the
        one before."""
        if not self.holds_recordings:
            raise Refused("people.no_recordings_key")
        name, identity = GrantName(GrantKind.RECORDINGS, version), age.generate_identity()
        work.if_rolled_back(lambda: accounts.unstage(self._keyring, name))
        accounts.stage(
            self._keyring,
            name,
            identity,
            recipients=holders,
            recovery_recipient=recovery_recipient,
        )
        return age.recipient_of(identity)

    def readdress_escrow(self, work: UnitOfWork, *recovery_recipients: str) -> None:
        """Address all that is in escrow to other recovery keys.

        ``Refused("people.escrow_incomplete")`` if this custody doesn't have all of it.
        """
        before = self._keyring.read().escrow
        shared = {name: one for name, one in self._shared(*SHARED).items() if name in before}
        if shared.keys() != before.keys():
            raise Refused("people.escrow_incomplete")

        def put_back() -> None:
            with self._keyring.changing() as document:
                document.escrow = before

        work.if_rolled_back(put_back)
        accounts.put_escrow(self._keyring, shared, *recovery_recipients)

    @property
    def holds_escrow(self) -> bool:
        """Whether this custody has all that the recovery key opens."""
        return self._keyring.read().escrow.keys() <= self._shared(*SHARED).keys()

    def change_password(
        self, work: UnitOfWork, user: User, *, name: str, current: str, new: str
    ) -> None:
        """Wrap the holder's own identity under another password."""
        keyring_id = user.keyring_id
        before = self._keyring.read().accounts[keyring_id].identity

        def put_back() -> None:
            with self._keyring.changing() as document:
                document.accounts[keyring_id].identity = before

        accounts.change_password(
            self._keyring,
            keyring_id,
            login=user.login,
            name=name,
            old=current,
            new=new,
            now=work.now,
        )
        work.if_rolled_back(put_back)

    def _shared(self, *kinds: GrantKind) -> Secrets:
        shared = self._keys.shared_secrets()
        granted = accounts.granted_now(self._keyring, self._keys)
        shared |= {name: secret for name, secret in granted.items() if name.kind in SHARED}
        if self._recovery is not None:
            shared |= recovered(self._keyring, self._recovery)
        return {name: secret for name, secret in shared.items() if name.kind in kinds}


def admit_to_server(work: UnitOfWork) -> ServerCredential | None:
    """A role of one's own on the database's server; None for a file, which has a key instead."""
    if not on_server(work):
        return None
    login = members.admit(work.session)
    return ServerCredential(login.role, login.password)


def on_server(work: UnitOfWork) -> bool:
    return work.session.get_bind().dialect.name == "postgresql"


def take_turn(work: UnitOfWork) -> None:
    """Be the only desk that gives keys before the commit; a file has one desk anyway."""
    if on_server(work):
        members.wait_for_turn(work.session.connection(), "keyring")


def _once_committed(work: UnitOfWork, take: Callable[[], None]) -> None:
    """Take from the keyring what the database has taken: that is certain by then, so a keyring
    that can't be written now is told as such, and the next sign-in does it (`reconcile`)."""

    def act() -> None:
        try:
            take()
        except DeskError as error:
            raise Fault("people.keyring_behind") from error

    work.once_committed(act)


def _drop(keyring: Keyring, keyring_id: str) -> None:
    """Remove an account, unless another desk's `reconcile` was faster."""
    with keyring.changing() as document:
        document.accounts.pop(keyring_id, None)


def _renewed(work: UnitOfWork, user: User) -> ServerCredential | None:
    if user.server_role is None:
        return None
    login = members.renew(work.session, user.server_role)
    return ServerCredential(login.role, login.password)


def recovered(keyring: Keyring, key: RecoveryKey) -> Secrets:
    """Every shared secret of the office; `Refused` if the key is that of another one."""
    try:
        return open_escrow(keyring.read().escrow, key)
    except Fault as error:
        raise Refused("people.recovery_unfit") from error


def take_back_lapsed(work: UnitOfWork, keyring: Keyring) -> None:
    """Take the recordings' key from those whose appointment to listen has run out.

    The last who holds it keeps it, though without an appointment the services open nothing.
    """
    current = current_appointments(work)
    for user in accounts_in_use(work):
        appointment = current.get(UserId(user.id))
        lapsed = appointment is None or not appointment.may_listen
        if user.holds_recordings and lapsed and listeners(work) - {PersonId(user.person_id)}:
            revoke_recordings(work, keyring, user)
            record(None, work, "people.listening_lapsed", subject=("user", user.id))


def revoke_recordings(work: UnitOfWork, keyring: Keyring, user: User) -> None:
    """Take the recordings' key away from a user, in the keyring once that is certain."""
    keyring_id, user.holds_recordings = user.keyring_id, False
    work.session.flush()
    setting_or_made(work, ROTATION_DUE, lambda: f"{work.now.isoformat()} {user.id}")
    _once_committed(work, lambda: _revoke(keyring, keyring_id))


def recordings_holders(work: UnitOfWork, keyring: Keyring) -> tuple[dict[str, str], list[User]]:
    """Who is given the recordings' next key, as in `holders_of`: who holds the present one and
    may listen. And who may and is left out."""
    current, granted = current_appointments(work), holders_of(work, keyring, GrantKind.RECORDINGS)
    holders: dict[str, str] = {}
    left_out: list[User] = []
    for user in accounts_in_use(work):
        appointment = current.get(UserId(user.id))
        if not user.holds_recordings or appointment is None or not appointment.may_listen:
            continue
        if user.keyring_id in granted:
            holders[user.keyring_id] = granted[user.keyring_id]
        else:
            left_out.append(user)
    return holders, left_out


def holders_of(work: UnitOfWork, keyring: Keyring, kind: GrantKind) -> dict[str, str]:
    """Who holds a kind of secret and is given its next version: recipients by keyring account, as
    the database knows them.

    Whoever the keyring knows by another recipient is left out: that entry was edited, or a crash
    left it, and a reset puts it right.
    """
    kept = keyring.read().accounts
    return {
        user.keyring_id: user.recipient
        for user in accounts_in_use(work)
        if user.keyring_id in kept
        and kept[user.keyring_id].recipient == user.recipient
        and any(name.kind is kind for name in kept[user.keyring_id].grants)
    }


def finish_escrow(actor: Actor, work: UnitOfWork, custody: Custody) -> None:
    """Let the recovery key before the present one open nothing more, if that is still to be done.

    For any sign-in of a person who holds all that is in escrow. Until then both keys open it.
    """
    if setting(work, ESCROW_DUE) is None or not custody.holds_escrow:
        return
    take_turn(work)
    custody.readdress_escrow(work, setting(work, RECOVERY_RECIPIENT) or "")
    set_setting(work, ESCROW_DUE, None)
    record(actor, work, "recovery_key.escrow_readdressed")


def _revoke(keyring: Keyring, keyring_id: str) -> None:
    """Take the recordings' key away, unless the account went in the same step."""
    if keyring_id in keyring.read().accounts:
        accounts.revoke(keyring, keyring_id, [GrantKind.RECORDINGS])


def reconcile(work: UnitOfWork, keyring: Keyring) -> None:
    """Finish in the keyring what a crash left half-done: accounts and grants that are no more.

    Waits for another desk that is handing out keys: its account isn't committed yet.
    """
    take_turn(work)
    users = {user.keyring_id: user for user in accounts_in_use(work)}
    document = keyring.read()
    for keyring_id, account in document.accounts.items():
        user = users.get(keyring_id)
        if user is None:
            accounts.remove(keyring, keyring_id)
            record(None, work, "people.keyring_mended")
        elif not user.holds_recordings and any(
            name.kind is GrantKind.RECORDINGS for name in account.grants
        ):
            accounts.revoke(keyring, keyring_id, [GrantKind.RECORDINGS])
            record(None, work, "people.keyring_mended", subject=("user", user.id))


def hand_on_owner(actor: Actor, work: UnitOfWork, keyring: Keyring, keys: HeldKeys) -> None:
    """Have every keeper hold the password of the server's owner, and nobody else.

    For any sign-in of a person who holds it: so it reaches who became a keeper since, and who
    was one once loses it, whereupon the password is due to be changed.
    """
    owner = {n: s for n, s in keys.shared_secrets().items() if n.kind is GrantKind.OWNER}
    if not owner:
        return
    take_turn(work)
    kept = keyring.read().accounts
    for user in accounts_in_use(work):
        account = kept.get(user.keyring_id)
        if account is None or account.recipient != user.recipient:
            continue  # edited, or half-done: not to be trusted with anything
        keeper = any(Role(held.role) in KEEPERS for held in roles_of(work, user.id))
        holds = any(name.kind is GrantKind.OWNER for name in account.grants)
        if keeper and not holds:
            accounts.grant(keyring, user.keyring_id, owner, recipient=user.recipient)
            record(actor, work, "people.owner_given", subject=("user", user.id))
        elif holds and not keeper:
            accounts.revoke(keyring, user.keyring_id, [GrantKind.OWNER])
            set_setting(work, REKEY_DUE, "yes")
            record(actor, work, "people.owner_taken", subject=("user", user.id))
