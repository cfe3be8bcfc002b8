"""The key that attachments are sealed for, and how those who work on cases come to hold it.

It is a key of its own. The recordings' key is for the few who are appointed to listen, the
sealed records' for those appointed to see sensitive records; letters and photos are read by
everybody who works on cases, and in an office on a server its administrator isn't one of them: the
rows there are plain to the server, the attachments aren't.

Nobody has to be asked. At each sign-in of a handler who holds the key, and whenever a person's
account, role or appointment changes at their desk, every handler with a current appointment is
given it, and taken it from who isn't one any more; then a new version is made at once, and
headers are addressed anew, some at each sign-in (`readdress_some`). The first handler to sign in
to an office without a key, new or old, makes the first version. So does the next one where
nobody holds the newest: what was sealed for that one waits for the recovery key.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.cases.attachments.model import Attachment, AttachmentKey
from desk_app.cases.attachments.sealed import readdress
from desk_app.errors import NotPermitted, Refused
from desk_app.keys import age
from desk_app.keys.grants import GrantKind
from desk_app.keys.held import HeldKeys
from desk_app.keys.keyring import Keyring
from desk_app.people.access import Actor, Permission, authority
from desk_app.people.custody import take_turn
from desk_app.people.handed import Handed
from desk_app.people.settings import RECOVERY_RECIPIENT, setting
from desk_app.people.standing import permitted_handlers, somebody_left_since
from desk_app.storage.unit_of_work import UnitOfWork

KEY = Handed(GrantKind.ATTACHMENTS, "attachments_key")
AT_ONCE = 200
"""Headers that one sign-in addresses anew: a tenth of a second."""


@dataclass(frozen=True, slots=True)
class SealingTerms:
    """For whom an attachment is sealed: the holders of a version, and the recovery key."""

    version: int
    recipients: tuple[str, str]


def sealing_terms(work: UnitOfWork, held: Mapping[int, str]) -> SealingTerms:
    """For whom new attachments are sealed by who holds ``held``.

    The recipient is that of the identity they hold: what the database says of it, somebody might
    have written there to read along. `Refused` if there is no key yet; not permitted without it.
    """
    key = _newest(work)
    if key is None:
        raise Refused("attachments.no_key_yet")
    if key.id not in held:
        raise NotPermitted("attachments.no_key")
    recovery_recipient = setting(work, RECOVERY_RECIPIENT) or key.recovery_recipient
    return SealingTerms(key.id, (age.recipient_of(held[key.id]), recovery_recipient))


def identities(keyring: Keyring, keys: HeldKeys) -> dict[int, str]:
    """What the holder of ``keys`` opens attachments with, by version, as the keyring grants it
    now: also what was given or taken since they signed in."""
    return KEY.identities(keyring, keys)


def hand_on_key(actor: Actor, work: UnitOfWork, keyring: Keyring, keys: HeldKeys) -> None:
    """Have every handler hold the key and nobody else, as far as ``keys`` can; for sign-in."""
    if not authority(actor, work).allows(Permission.READ_CASES):
        return
    take_turn(work)
    KEY.drop_unborn(work, keyring, set(work.session.scalars(select(AttachmentKey.id))))
    newest = _newest(work)
    if newest is None or not KEY.is_held(keyring, newest.id):
        newest = _make(actor, work, keyring)
    own = identities(keyring, keys)
    if newest.id not in own:
        return  # left to the next who does hold it
    handlers = permitted_handlers(work, Permission.READ_CASES)
    taken = KEY.give_and_take(actor, work, keyring, own, entitled=handlers)
    left = somebody_left_since(work, newest.made_at)
    if taken or left or newest.recovery_recipient != setting(work, RECOVERY_RECIPIENT):
        _make(actor, work, keyring)


def readdress_some(actor: Actor, work: UnitOfWork, keyring: Keyring, keys: HeldKeys) -> int:
    """Seal the next `AT_ONCE` attachments of earlier versions for the one in use; how many.

    Only headers are written. Who kept a copy of an earlier key and of the rows opens those still.
    """
    if not authority(actor, work).allows(Permission.READ_CASES):
        return 0
    own, newest = identities(keyring, keys), _newest(work)
    if newest is None or newest.id not in own:
        return 0
    terms = sealing_terms(work, own)
    behind = work.session.scalars(
        select(Attachment)
        .where(
            Attachment.key_version != terms.version,
            Attachment.key_version.in_(list(own)),
            Attachment.header.is_not(None),
        )
        .order_by(Attachment.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    done = 0
    for one in behind:
        try:
            one.header = readdress(one.header or b"", [own[one.key_version]], terms.recipients)
        except age.AgeError:
            continue  # damaged: said when somebody opens it
        one.key_version = terms.version
        done += 1
    if done:
        record(actor, work, "attachments_key.readdressed", count=done, version=terms.version)
    return done


def _newest(work: UnitOfWork) -> AttachmentKey | None:
    return work.session.scalar(
        select(AttachmentKey)
        .where(AttachmentKey.retired_at.is_(None))
        .order_by(AttachmentKey.id.desc())
        .limit(1)
    )


def _make(actor: Actor, work: UnitOfWork, keyring: Keyring) -> AttachmentKey:
    """A new version, granted to every handler and put in escrow before it comes into use."""
    former = _newest(work)
    version = (work.session.scalar(select(func.max(AttachmentKey.id))) or 0) + 1
    recovery_recipient = setting(work, RECOVERY_RECIPIENT) or ""
    _, holders = KEY.stage(
        work,
        keyring,
        version,
        entitled=permitted_handlers(work, Permission.READ_CASES),
        recovery_recipient=recovery_recipient,
    )
    if former is not None:
        former.retired_at = work.now
    made = AttachmentKey(
        id=version,
        recovery_recipient=recovery_recipient,
        made_at=work.now,
        retired_at=None,
    )
    work.session.add(made)
    work.session.flush()
    record(actor, work, "attachments_key.made", version=version, holders=holders)
    return made
