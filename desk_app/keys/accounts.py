"""What happens to accounts in the keyring: made, unlocked, reset, granted, removed.

Whether the one who acts may do it, and whether a second person agreed, is decided and audited by
the caller. This module sees to it that nobody can hand on what they don't hold.

Recipients come from the caller, who has them from the encrypted store, and are compared with
the keyring's: otherwise whoever can edit the keyring could have secrets sealed to themselves.
"""

import math
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desk_app.errors import Fault, Refused
from desk_app.keys import age
from desk_app.keys.document import Account, Document
from desk_app.keys.grants import (
    OPENS_DATABASE,
    SHARED,
    GrantKind,
    GrantName,
    Secrets,
    ServerCredential,
    open_grants,
    seal_grant,
    seal_grants,
)
from desk_app.keys.held import HeldKeys, new_signing_key, open_held
from desk_app.keys.keyring import Keyring
from desk_app.keys.lockout import NEVER_FAILED
from desk_app.keys.passwords import check_password
from desk_app.keys.wrapping import HARDNESS, Hardness, WrappedIdentity, spend_one_try

NO_SECRETS: Secrets = {}
_SIGNING = GrantName(GrantKind.SIGNING)
_SERVER = GrantName(GrantKind.SERVER)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the encrypted store keeps of an account; all of it public."""

    account: str
    recipient: str
    verify_key: str
    missing: frozenset[GrantName] = frozenset()
    """After a reset: what the account had and nobody granted anew."""


def enrol(
    keyring: Keyring,
    *,
    login: str,
    name: str,
    password: str,
    shared: Secrets = NO_SECRETS,
    server: ServerCredential | None = None,
    words: Iterable[str] = (),
    hardness: Hardness = HARDNESS,
) -> Enrolled:
    """Make an account with a new identity and a signing key of its own, granted ``shared``.

    ``name`` and ``words`` are for judging the password and are not kept. `Refused` if the login
    is taken or the password won't do. Takes a fifth of a second.
    """
    check_password(password, login=login, name=name, words=words)
    account, enrolled = _new_account(secrets.token_hex(16), password, shared, server, hardness)
    with keyring.changing() as document:
        if document.find(login) is not None:
            raise Refused("keys.login_taken")
        account.tag = document.tag(login)
        document.accounts[account.id] = account
    return enrolled


def unlock(keyring: Keyring, login: str, password: str, *, now: datetime) -> HeldKeys:
    """Sign in: everything granted to the person, opened. Takes a fifth of a second.

    An unknown login and a wrong password are the same `Refused` ``keys.wrong_password`` after the
    same time. The attempt is counted before the password is tried, so that ending the program
    saves none; from the fifth failure on the account is locked (``keys.locked``, ``minutes``).
    """
    known = keyring.read().find(login)
    if known is None:
        spend_one_try(password)
        raise Refused("keys.wrong_password")
    account, identity = _try_password(keyring, known.id, password, now)
    return open_held(account, identity)


def change_password(
    keyring: Keyring,
    account_id: str,
    *,
    login: str,
    name: str,
    old: str,
    new: str,
    now: datetime,
    words: Iterable[str] = (),
) -> None:
    """Wrap the same identity under a new password; a wrong old one counts as a failure."""
    check_password(new, login=login, name=name, words=words)
    account, identity = _try_password(keyring, account_id, old, now)
    if old == new:
        raise Refused("keys.password_unchanged")
    wrapped = WrappedIdentity.wrap(
        identity, new, account=account.id, recipient=account.recipient, hardness=HARDNESS
    )
    with keyring.changing() as document:
        # Not if the identity was reset meanwhile: the wrapped one would open nothing.
        _checked_account(document, account_id, account.recipient).identity = wrapped


def reset_identity(
    keyring: Keyring,
    account_id: str,
    *,
    login: str,
    name: str,
    password: str,
    shared: Secrets,
    server: ServerCredential | None = None,
    words: Iterable[str] = (),
) -> Enrolled:
    """Give a person who lost their password a new identity, and what they were granted before
    as far as ``shared`` has it (a holder's `HeldKeys.shared_secrets`, or the opened escrow).

    What is missing is named, not guessed: who holds that can grant it. The old identity opens
    nothing new; a copy of its grants and of the old password stays what it was.
    """
    check_password(password, login=login, name=name, words=words)
    had = grants_of(keyring, account_id)
    again = {one: secret for one, secret in shared.items() if one in had}
    account, enrolled = _new_account(account_id, password, again, server, HARDNESS)
    with keyring.changing() as document:
        account.tag = _account(document, account_id).tag
        document.accounts[account_id] = account
    return replace(enrolled, missing=had - account.grants.keys())


def grant(keyring: Keyring, account_id: str, shared: Secrets, *, recipient: str) -> None:
    """Grant further secrets to a person; one they have already is sealed anew."""
    sealed = seal_grants(shared, recipient)
    with keyring.changing() as document:
        _checked_account(document, account_id, recipient).grants.update(sealed)


def revoke(keyring: Keyring, account_id: str, kinds: Iterable[GrantKind]) -> None:
    """Take every version of these kinds away. What was copied before can't be taken back."""
    gone = frozenset(kinds)
    with keyring.changing() as document:
        account = _account(document, account_id)
        for name in [name for name in account.grants if name.kind in gone]:
            del account.grants[name]


def remove(keyring: Keyring, account_id: str) -> None:
    """Remove an account and its grants; `stage` and `settle` then change what it knew."""
    with keyring.changing() as document:
        _account(document, account_id)
        del document.accounts[account_id]


def grants_of(keyring: Keyring, account_id: str) -> frozenset[GrantName]:
    """What an account holds, by name."""
    return frozenset(_account(keyring.read(), account_id).grants)


def granted_now(
    keyring: Keyring, keys: HeldKeys, kinds: Collection[GrantKind] = tuple(GrantKind)
) -> dict[GrantName, str]:
    """What of these kinds is granted to the holder of ``keys`` as the keyring has it now, opened:
    another desk may have given or taken since they signed in. Empty if the account is gone or was
    reset."""
    account = keyring.read().accounts.get(keys.account)
    if account is None or account.recipient != keys.recipient:
        return {}
    wanted = {name: grant for name, grant in account.grants.items() if name.kind in kinds}
    return open_grants(wanted, keys.identity)


def stage(
    keyring: Keyring,
    name: GrantName,
    secret: str,
    *,
    recipients: Mapping[str, str],
    recovery_recipient: str,
) -> None:
    """Grant a new version of a shared secret to ``recipients`` (by account), and put it in escrow,
    all in one step and before it comes into use: whatever happens then, nobody is locked out."""
    if name.kind not in SHARED:
        raise ValueError("only shared secrets have versions for several people")
    sealed = {id: seal_grant(name, secret, recipient) for id, recipient in recipients.items()}
    escrow = seal_grant(name, secret, recovery_recipient)
    with keyring.changing() as document:
        for id, recipient in recipients.items():
            _checked_account(document, id, recipient).grants[name] = sealed[id]
        document.escrow[name] = escrow


def settle(keyring: Keyring, name: GrantName) -> None:
    """Drop every other version of a secret everywhere, once ``name`` is the one in use.

    For what opens the database only: recordings stay sealed for the version they were made with.
    """
    if name.kind not in OPENS_DATABASE:
        raise ValueError("older versions of this are still needed")
    with keyring.changing() as document:
        held = [account.grants for account in document.accounts.values()]
        for grants in (document.escrow, *held):
            for other in [other for other in grants if other.kind is name.kind and other != name]:
                del grants[other]


def unstage(keyring: Keyring, name: GrantName) -> None:
    """Take a version that never came into use away from everybody, and out of the escrow."""
    with keyring.changing() as document:
        held = [account.grants for account in document.accounts.values()]
        for grants in (document.escrow, *held):
            grants.pop(name, None)


def put_escrow(keyring: Keyring, shared: Secrets, *recovery_recipients: str) -> None:
    """Replace the whole escrow: at set-up, and when the recovery key is made anew. While one
    recovery key gives way to another it is addressed to both."""
    sealed = seal_grants(shared, *recovery_recipients)
    with keyring.changing() as document:
        document.escrow = sealed


def _new_account(
    id: str,
    password: str,
    shared: Secrets,
    server: ServerCredential | None,
    hardness: Hardness,
) -> tuple[Account, Enrolled]:
    if any(name.kind not in SHARED for name in shared):
        raise ValueError("a person's own secret is nobody else's")
    identity = age.generate_identity()
    recipient = age.recipient_of(identity)
    seed = new_signing_key()
    own = {_SIGNING: seed} if server is None else {_SIGNING: seed, _SERVER: server.to_secret()}
    wrapped = WrappedIdentity.wrap(
        identity, password, account=id, recipient=recipient, hardness=hardness
    )
    account = Account(
        id=id,
        tag=b"",
        recipient=recipient,
        identity=wrapped,
        grants=seal_grants({**shared, **own}, recipient),
    )
    verify_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).public_key()
    return account, Enrolled(id, recipient, verify_key.public_bytes_raw().hex())


def _try_password(
    keyring: Keyring, account_id: str, password: str, now: datetime
) -> tuple[Account, str]:
    """The account and its identity, the failures forgotten; `Refused` otherwise."""
    with keyring.changing() as document:
        account = _account(document, account_id)
        lockout = account.lockout.seen(now)
        wait = lockout.remaining(now)
        account.lockout = lockout if wait else lockout.failed(now)
    if wait:
        raise _locked(wait)
    identity = account.identity.open(password, account=account.id, recipient=account.recipient)
    if identity is None:
        if account.lockout.duration:
            raise _locked(account.lockout.duration)
        raise Refused("keys.wrong_password")
    renewed = account.identity
    if not renewed.hardness.is_at_least(HARDNESS):
        renewed = WrappedIdentity.wrap(
            identity, password, account=account.id, recipient=account.recipient, hardness=HARDNESS
        )
    with keyring.changing() as document:
        stored = _account(document, account_id)
        stored.lockout = NEVER_FAILED
        if stored.identity == account.identity:  # else the password was changed meanwhile
            stored.identity = renewed
    return account, identity


def _locked(wait: timedelta) -> Refused:
    return Refused("keys.locked", minutes=math.ceil(wait / timedelta(minutes=1)))


def _account(document: Document, account_id: str) -> Account:
    try:
        return document.accounts[account_id]
    except KeyError:
        raise Fault("keys.no_account") from None


def _checked_account(document: Document, account_id: str, recipient: str) -> Account:
    account = _account(document, account_id)
    if account.recipient != recipient:
        raise Fault("keys.keyring_edited")
    return account
