"""The key that records are sealed for, and how those appointed to see them come to hold it.

The officer says in an appointment who may see sealed records. The key follows by itself: whoever
holds it hands it on at their sign-in, and when an appointment changes at their desk; who isn't
appointed to it any more loses it, and then a new version is made at once. Records are addressed
anew, some at each sign-in (`readdress_some`). While nobody is appointed to it, who holds the key
keeps it, or it would be lost to all but the recovery key; the services open nothing for them.

The recipient stands in the database, because everybody seals. Whoever can write the database past
the services might put their own there: the next sign-in of a holder enters that in the log and
makes a new version.
"""

from collections.abc import Iterable

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.keys import age
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.people.access import Actor, Permission, authority
from desk_app.people.custody import take_turn
from desk_app.people.handed import Handed
from desk_app.people.settings import RECOVERY_RECIPIENT, setting
from desk_app.people.standing import may_see_sealed, somebody_left_since
from desk_app.sealed import sealing
from desk_app.sealed.model import SealedKey, SealedRecord
from desk_app.storage.unit_of_work import UnitOfWork

KEY = Handed(GrantKind.SEALED, "sealed_key")
FIRST_VERSION = 1
AT_ONCE = 200
"""Records that one sign-in addresses anew: a tenth of a second."""


def enter_first_key(work: UnitOfWork, *, recipient: str, recovery_recipient: str) -> None:
    """Enter the public recipients of a new office's key."""
    work.session.add(
        SealedKey(
            id=FIRST_VERSION,
            recipient=recipient,
            recovery_recipient=recovery_recipient,
            made_at=work.now,
        )
    )


def sealing_terms(work: UnitOfWork) -> tuple[int, tuple[str, str]]:
    """The version that new records are sealed for, and its recipients.

    `Refused` in an office of before, until somebody who holds the key has signed in.
    """
    key = _newest(work)
    if key is None:
        raise Refused("sealed.no_key_yet")
    return key.id, (key.recipient, setting(work, RECOVERY_RECIPIENT) or key.recovery_recipient)


def identities(keyring: Keyring, keys: HeldKeys) -> dict[int, str]:
    """What the holder of ``keys`` opens records with, by version, as granted now."""
    return KEY.identities(keyring, keys)


def hand_on_key(actor: Actor, work: UnitOfWork, keyring: Keyring, keys: HeldKeys) -> None:
    """Have those who are appointed hold the key and nobody else, as far as ``keys`` can."""
    if not authority(actor, work).allows(Permission.READ_SEALED):
        return
    take_turn(work)
    own, entitled = identities(keyring, keys), may_see_sealed(work)
    newest = _newest(work) or _enter_known(actor, work, own)
    if newest is not None:
        KEY.drop_unborn(work, keyring, set(work.session.scalars(select(SealedKey.id))))
    if newest is None or not KEY.is_held(keyring, newest.id):
        if all(user.id != actor.user_id for user in entitled):
            return  # left to somebody who may have it
        newest = _make(actor, work, keyring)
        own = identities(keyring, keys)
    if newest.id not in own:
        return  # left to the next who does hold it
    foreign = age.recipient_of(own[newest.id]) != newest.recipient
    if foreign:
        record(actor, work, "sealed_key.foreign", version=newest.id)
    if not entitled and not foreign:
        return
    taken = bool(entitled) and KEY.give_and_take(actor, work, keyring, own, entitled=entitled)
    left = somebody_left_since(work, newest.made_at)
    changed = newest.recovery_recipient != setting(work, RECOVERY_RECIPIENT)
    if entitled and (taken or left or changed or foreign):
        _make(actor, work, keyring)


def readdress_some(actor: Actor, work: UnitOfWork, keyring: Keyring, keys: HeldKeys) -> int:
    """Seal the next `AT_ONCE` records of earlier versions for the one in use; how many.

    Only headers change. Who kept a copy of an earlier key and of the rows opens those still.
    """
    own, newest = identities(keyring, keys), _newest(work)
    if newest is None or newest.id not in own:
        return 0
    if not authority(actor, work).allows(Permission.READ_SEALED):
        return 0
    version, recipients = sealing_terms(work)
    done = 0
    for one in _behind(work, version, own):
        try:
            one.content = sealing.readdress(one.content, [own[one.key_version]], recipients)
        except age.AgeError:
            continue  # damaged: said when somebody opens it
        one.key_version = version
        done += 1
    if done:
        record(actor, work, "sealed_key.readdressed", count=done, version=version)
    return done


def _behind(work: UnitOfWork, version: int, held: Iterable[int]) -> list[SealedRecord]:
    found = work.session.scalars(
        select(SealedRecord)
        .where(SealedRecord.key_version != version, SealedRecord.key_version.in_(list(held)))
        .order_by(SealedRecord.id)
        .limit(AT_ONCE)
        .with_for_update()
    )
    return list(found)


def _newest(work: UnitOfWork) -> SealedKey | None:
    return work.session.scalar(
        select(SealedKey)
        .where(SealedKey.retired_at.is_(None))
        .order_by(SealedKey.id.desc())
        .limit(1)
    )


def _enter_known(actor: Actor, work: UnitOfWork, own: dict[int, str]) -> SealedKey | None:
    """An office of before has the key in grants and no row that says so: enter what is held."""
    if not own or work.session.scalar(select(func.count(SealedKey.id))):
        return None
    version = max(own)
    key = SealedKey(
        id=version,
        recipient=age.recipient_of(own[version]),
        recovery_recipient=setting(work, RECOVERY_RECIPIENT) or "",
        made_at=work.now,
    )
    work.session.add(key)
    work.session.flush()
    record(actor, work, "sealed_key.entered", version=version)
    return key


def _make(actor: Actor, work: UnitOfWork, keyring: Keyring) -> SealedKey:
    """A new version, granted to all who are appointed and in escrow before it comes into use."""
    former = _newest(work)
    version = (work.session.scalar(select(func.max(SealedKey.id))) or 0) + 1
    recovery_recipient = setting(work, RECOVERY_RECIPIENT) or ""
    recipient, holders = KEY.stage(
        work,
        keyring,
        version,
        entitled=may_see_sealed(work),
        recovery_recipient=recovery_recipient,
    )
    if former is not None:
        former.retired_at = work.now
    made = SealedKey(
        id=version,
        recipient=recipient,
        recovery_recipient=recovery_recipient,
        made_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    record(actor, work, "sealed_key.made", version=version, holders=holders)
    return made
