"""Keys that follow appointments by themselves: given to who is entitled, taken from who isn't.

Nobody has to ask for such a key. Whoever holds it hands it on at their sign-in, and whenever a
person's account, role or appointment changes at their desk; what is taken leads to a new version.
Which rooms have one, and who is entitled, they say themselves.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from desk_app.audit.log import record
from desk_app.keys import accounts, age
from desk_app.keys.grants import GrantKind, GrantName
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.people.access import Actor
from desk_app.people.model import User
from desk_app.people.standing import accounts_in_use
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Handed:
    """A kind of key that is handed on; ``entries`` begins the names of its entries in the log."""

    kind: GrantKind
    entries: str

    def identities(self, keyring: Keyring, keys: HeldKeys) -> dict[int, str]:
        """What the holder of ``keys`` holds of it, by version, as the keyring grants it now: also
        what was given or taken since they signed in."""
        granted = accounts.granted_now(keyring, keys, (self.kind,))
        return {name.version: secret for name, secret in granted.items()}

    def is_held(self, keyring: Keyring, version: int) -> bool:
        """Whether anybody holds this version."""
        name = GrantName(self.kind, version)
        return any(name in account.grants for account in keyring.read().accounts.values())

    def drop_unborn(self, work: UnitOfWork, keyring: Keyring, known: Collection[int]) -> None:
        """Take versions out of the keyring that a crash kept from coming into use."""
        document = keyring.read()
        held = (name for one in document.accounts.values() for name in one.grants)
        for name in sorted({*document.escrow, *held}):
            if name.kind is self.kind and name.version not in known:
                accounts.unstage(keyring, name)
                record(None, work, f"{self.entries}.unborn", version=name.version)

    def give_and_take(
        self,
        actor: Actor,
        work: UnitOfWork,
        keyring: Keyring,
        own: Mapping[int, str],
        *,
        entitled: Iterable[User],
    ) -> bool:
        """Give every version of ``own`` to the entitled, take all from everybody else; whether any
        was taken."""
        shared = {GrantName(self.kind, version): secret for version, secret in own.items()}
        given = {user.keyring_id for user in entitled}
        kept, taken = keyring.read().accounts, False
        for user in accounts_in_use(work):
            account = kept.get(user.keyring_id)
            if account is None or account.recipient != user.recipient:
                continue  # edited, or half-done: not to be trusted with anything
            if user.keyring_id in given:
                if not shared.keys() <= account.grants.keys():
                    accounts.grant(keyring, user.keyring_id, shared, recipient=user.recipient)
                    record(actor, work, f"{self.entries}.given", subject=("user", user.id))
            elif any(name.kind is self.kind for name in account.grants):
                accounts.revoke(keyring, user.keyring_id, [self.kind])
                record(actor, work, f"{self.entries}.taken", subject=("user", user.id))
                taken = True
        return taken

    def stage(
        self,
        work: UnitOfWork,
        keyring: Keyring,
        version: int,
        *,
        entitled: Iterable[User],
        recovery_recipient: str,
    ) -> tuple[str, int]:
        """A new version, granted and put in escrow before it comes into use; its public recipient,
        and how many hold it."""
        kept = keyring.read().accounts
        name, identity = GrantName(self.kind, version), age.generate_identity()
        recipients = {
            user.keyring_id: user.recipient
            for user in entitled
            if user.keyring_id in kept and kept[user.keyring_id].recipient == user.recipient
        }
        work.if_rolled_back(lambda: accounts.unstage(keyring, name))
        accounts.stage(
            keyring, name, identity, recipients=recipients, recovery_recipient=recovery_recipient
        )
        return age.recipient_of(identity), len(recipients)
