"""A person's keys in use: how accounts are given keys, and how keys are taken back.

The keyring lies outside the database, so it can't share its transaction. What gives is done
before the commit and undone if that fails; what takes is done after it. A crash between the
two is mended at the next sign-in by `reconcile`.
"""

from typing import Self

from desk_app.audit.log import record
from desk_app.errors import Fault, Refused
from desk_app.keys import accounts
from desk_app.keys.accounts import Enrolled
from desk_app.keys.grants import OPENS_DATABASE, GrantKind, Secrets, ServerCredential
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.keys.recovery import RecoveryKey, open_escrow
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.model import User
from desk_app.people.rules import PersonId
from desk_app.people.settings import REKEY_DUE, set_setting
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
        work.once_committed(lambda: _drop(self._keyring, keyring_id))

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
    work.once_committed(lambda: accounts.revoke(keyring, keyring_id, [GrantKind.RECORDINGS]))


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
