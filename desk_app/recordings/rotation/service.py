"""Use cases of the recordings' keys: rotated by two persons, recordings re-wrapped one by one.

One person asks, another one who holds the keys carries it out. At one desk the second person
signs in beside the first; which of the two asks is then decided by who holds the keys.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.keys.recovery import NewRecoveryKey
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.custody import Custody, recordings_holders, take_turn
from desk_app.people.rules import (
    ROTATIONS,
    Decision,
    StepId,
    StepKind,
    check_approver,
)
from desk_app.people.settings import (
    ESCROW_DUE,
    RECOVERY_RECIPIENT,
    REKEY_DUE,
    ROTATION_DUE,
    set_setting,
)
from desk_app.people.standing import person_id, require_listener
from desk_app.people.steps import ask, decide, is_asked, open_step
from desk_app.recordings.model import Recording, RecordingCopy, RecordingKey
from desk_app.recordings.reconciliation.pages import CheckedCopy
from desk_app.recordings.reconciliation.stored import keep_checked
from desk_app.recordings.rotation.versions import behind, key_in_use
from desk_app.recordings.rules import PLAYABLE
from desk_app.recordings.stores.queue import enqueue_again
from desk_app.recordings.stores.rules import LONGEST_AHEAD, CopyState
from desk_app.storage.unit_of_work import UnitOfWork

CLAIM = timedelta(minutes=30)
"""For how long a copy in a store is one desk's to replace."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation led to: the version in use now, who holds it, who has to be given it."""

    version: int
    holders: int
    left_out: int


@needs(Permission.MANAGE_KEYS)
def ask_rotation(actor: Actor, work: UnitOfWork, /, kind: StepKind) -> StepId:
    """Ask for a new recordings' key or a new recovery key; another person carries it out."""
    if kind not in ROTATIONS:
        raise ValueError("a rotation")
    return ask(actor, work, kind)


@needs(Permission.APPROVE_STEPS)
def rotate_recordings_key(
    actor: Actor, work: UnitOfWork, /, step_id: StepId, *, custody: Custody
) -> Rotated:
    """Make a new version of the recordings' key, as another person asked.

    It is granted to everybody who holds the present one and may listen. Refused to who doesn't
    hold it themselves (``people.no_recordings_key``).
    """
    _approve(actor, work, step_id, StepKind.ROTATE_RECORDINGS)
    key = key_in_use(work)
    return _rotate(actor, work, key, custody, recovery_recipient=key.recovery_recipient)


@needs(Permission.APPROVE_STEPS)
def rotate_recovery_key(
    actor: Actor, work: UnitOfWork, /, step_id: StepId, new: NewRecoveryKey, *, custody: Custody
) -> Rotated:
    """Put a new recovery key in the place of the one before, as another person asked.

    Everything that the old one opened is made anew: the recordings' key now, the database's (or
    the password of the server's owner) after the commit. Both papers open the escrow until
    `custody.finish_escrow`, right after the commit. Refused before the new key was typed back,
    and to who doesn't hold all that is in escrow (``people.escrow_incomplete``).
    """
    if not new.is_confirmed:
        raise Refused("office.recovery_unconfirmed")
    step = _approve(actor, work, step_id, StepKind.ROTATE_RECOVERY)
    former, recipient = key_in_use(work), new.key.recipient
    rotated = _rotate(actor, work, former, custody, recovery_recipient=recipient)
    custody.readdress_escrow(work, former.recovery_recipient, recipient)
    set_setting(work, RECOVERY_RECIPIENT, recipient)
    set_setting(work, ESCROW_DUE, "yes")
    set_setting(work, REKEY_DUE, "yes")
    record(
        actor,
        work,
        "recovery_key.rotated",
        subject=("step", step),
        version=rotated.version,
    )
    return rotated


@needs(Permission.MANAGE_KEYS)
def rewrapped(
    actor: Actor,
    work: UnitOfWork,
    /,
    recording_id: int,
    *,
    version: int,
    replace: Callable[[], None],
) -> bool:
    """Have ``replace`` put the re-wrapped files in place, and keep whom they are for now.

    The row is held meanwhile, so that nothing comes back that is being destroyed; False, and
    nothing done, if the recording isn't there to be re-wrapped any more, or the key is another
    one by now.
    """
    require_listener(work, actor.user_id)
    found = work.session.scalar(
        select(Recording).where(Recording.id == recording_id).with_for_update()
    )
    if found is None or found.state not in PLAYABLE or key_in_use(work).id != version:
        return False
    replace()
    found.key_version, found.rewrap_trouble = version, None
    return True


@needs(Permission.MANAGE_KEYS)
def claim_copy(actor: Actor, work: UnitOfWork, /, copy_id: int, *, version: int) -> bool:
    """Leave to put a re-wrapped file in the place of a copy, for as long as `CLAIM`.

    Meanwhile no desk deletes the copy from its store, so that nothing comes back of what was
    discarded. False if it isn't there to be replaced any more, or somebody else is at it.
    """
    require_listener(work, actor.user_id)
    found = _copy_behind(work, copy_id, version)
    if found is None or work.now < found.next_try_at <= work.now + LONGEST_AHEAD:
        return False
    found.next_try_at = work.now + CLAIM
    return True


@needs(Permission.MANAGE_KEYS)
def copy_left(actor: Actor, work: UnitOfWork, /, copy_id: int) -> None:
    """A claimed copy was not replaced; it is as it was."""
    require_listener(work, actor.user_id)
    found = work.session.get(RecordingCopy, copy_id)
    if found is not None:
        found.next_try_at = work.now


@needs(Permission.MANAGE_KEYS)
def copy_kept_here(
    actor: Actor,
    work: UnitOfWork,
    /,
    copy_id: int,
    *,
    version: int,
    place: Callable[[], None],
) -> None:
    """Replacing a claimed copy failed, and perhaps cost it: have ``place`` put the re-wrapped
    files into this desk's folder, from where they are uploaded again.

    The row is held meanwhile; nothing is done if the recording was discarded.
    """
    require_listener(work, actor.user_id)
    found = work.session.scalar(
        select(RecordingCopy).where(RecordingCopy.id == copy_id).with_for_update()
    )
    if found is None:
        return
    recording = work.session.scalars(
        select(Recording).where(Recording.id == found.recording_id).with_for_update()
    ).one()
    if recording.state not in PLAYABLE:
        found.next_try_at = work.now
        return
    place()
    recording.desk_id = actor.desk_id
    recording.key_version, recording.rewrap_trouble = version, None
    enqueue_again(work, found)
    record(
        actor,
        work,
        "recording.copy_kept_here",
        subject=("recording", recording.id),
        store_id=found.store_id,
    )
    work.changed("recording_copy", found.id)
    work.changed("recording", recording.id)


@needs(Permission.MANAGE_KEYS)
def copy_rewrapped(actor: Actor, work: UnitOfWork, /, copy_id: int, *, version: int) -> bool:
    """The re-wrapped files are in the store, read back. False if the recording was discarded
    meanwhile: then they have to go again.

    With the last of its copies a recording is done that lies at no desk any more.
    """
    require_listener(work, actor.user_id)
    found = work.session.scalar(
        select(RecordingCopy).where(RecordingCopy.id == copy_id).with_for_update()
    )
    recording = None if found is None else work.session.get_one(Recording, found.recording_id)
    if found is None or recording is None or recording.state not in PLAYABLE:
        return False
    found.key_version, found.next_try_at = version, work.now
    work.session.flush()
    others = select(RecordingCopy.id).where(
        RecordingCopy.recording_id == recording.id,
        RecordingCopy.state == CopyState.ARRIVED,
        RecordingCopy.key_version != version,
    )
    if found.local_removed_at is not None and work.session.scalar(others.limit(1)) is None:
        recording.key_version, recording.rewrap_trouble = version, None
    return True


@needs(Permission.MANAGE_KEYS)
def not_rewrapped(actor: Actor, work: UnitOfWork, /, recording_id: int, *, trouble: str) -> None:
    """A recording can't be re-wrapped and was left as it is: said once, until it changes."""
    require_listener(work, actor.user_id)
    found = work.session.get(Recording, recording_id)
    if found is None or found.rewrap_trouble == trouble:
        return
    found.rewrap_trouble = trouble
    record(actor, work, "recording.not_rewrapped", subject=("recording", found.id), reason=trouble)
    work.changed("recording_key", found.key_version)


@needs(Permission.MANAGE_KEYS)
def copy_unfit(actor: Actor, work: UnitOfWork, /, store_id: int, checked: CheckedCopy) -> None:
    """A copy that was to be re-wrapped is lost or damaged: a finding, as if it was its turn to be
    checked."""
    require_listener(work, actor.user_id)
    kept = keep_checked(work, store_id, [checked])
    record(
        actor,
        work,
        "recording.copies_checked",
        opened=kept.opened,
        closed=kept.closed,
        copies=1,
        store_id=store_id,
    )


@needs(Permission.MANAGE_KEYS)
def count_rewrapped(actor: Actor, work: UnitOfWork, /, version: int, *, count: int) -> None:
    """Record how many recordings were re-wrapped here since this was said last."""
    require_listener(work, actor.user_id)
    record(actor, work, "recording.rewrapped", count=count, version=version)
    work.changed("recording_key", version)


def _copy_behind(work: UnitOfWork, copy_id: int, version: int) -> RecordingCopy | None:
    if key_in_use(work).id != version:
        return None
    return work.session.scalar(
        select(RecordingCopy)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(RecordingCopy.id == copy_id, *behind(version))
        .with_for_update()
    )


def _approve(actor: Actor, work: UnitOfWork, step_id: StepId, kind: StepKind) -> int:
    """Close the step, as another person than who asked; the id of its row."""
    step = open_step(work, step_id)
    if step.kind != kind:
        raise Refused("people.step_decided")
    check_approver(
        requester=person_id(work, step.requested_by), approver=person_id(work, actor.user_id)
    )
    decide(actor, work, step, Decision.APPROVED)
    return step.id


def _rotate(
    actor: Actor,
    work: UnitOfWork,
    former: RecordingKey,
    custody: Custody,
    *,
    recovery_recipient: str,
) -> Rotated:
    require_listener(work, actor.user_id)
    take_turn(work)
    holders, left_out = recordings_holders(work, custody.keyring)
    version = (work.session.scalar(select(func.max(RecordingKey.id))) or 0) + 1
    recipient = custody.renew_recordings(
        work, version, holders=holders, recovery_recipient=recovery_recipient
    )
    former.retired_at = work.now
    work.session.add(
        RecordingKey(
            id=version,
            recipient=recipient,
            recovery_recipient=recovery_recipient,
            made_at=work.now,
        )
    )
    for user in left_out:  # until somebody gives it to who they really are
        user.holds_recordings = False
        if not is_asked(work, StepKind.GIVE_LISTENING, user_id=user.id):
            ask(actor, work, StepKind.GIVE_LISTENING, user_id=user.id)
    set_setting(work, ROTATION_DUE, None)
    record(
        actor,
        work,
        "recordings_key.rotated",
        version=version,
        holders=len(holders),
        left_out=len(left_out),
    )
    work.session.flush()
    work.changed("recording_key", version)
    return Rotated(version, len(holders), len(left_out))
