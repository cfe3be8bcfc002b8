"""Use cases of recordings: begun, sealed, salvaged, failed, opened for listening.

The row is committed before the recorder starts, and the entry that a recording was opened before
its first byte is decrypted. Writing is never stopped by an ended appointment: a running call may
be finished.
"""

import secrets
from collections.abc import Mapping

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.calls import views as calls
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import require_listener
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import Purpose, RecordingUse
from desk_app.recordings.files import Sealed
from desk_app.recordings.model import Recording, RecordingKey, RecordingPlayed
from desk_app.recordings.playback import PlaybackTicket
from desk_app.recordings.recorder import RecordingOrder
from desk_app.recordings.rules import PLAYABLE, RecordingAct, RecordingState, after
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


@needs(Permission.TAKE_CALLS)
def begin(actor: Actor, work: UnitOfWork, /, contact_id: int) -> RecordingOrder:
    """Enter a recording of the actor's running call; start the recorder after the commit.

    Refused before the announcement was confirmed (``recordings.not_announced``), after an
    objection (``recordings.objected``), without a running call (``recordings.call_over``), and
    while another recording of the call runs (``recordings.already_running``).
    """
    if contact_id not in {one.id for one in calls.my_open_contacts(actor, work)}:
        raise NotPermitted("calls.not_yours")
    terms = calls.recording_terms(actor, work, contact_id)
    if terms.objected:
        raise Refused("recordings.objected")
    if terms.announcement_id is None:
        raise Refused("recordings.not_announced")
    if not terms.may_record:
        raise Refused("recordings.call_over")
    earlier = work.session.scalars(
        select(Recording.state).where(Recording.contact_id == contact_id)
    ).all()
    if RecordingState.RECORDING in earlier:
        raise Refused("recordings.already_running")
    key = work.session.scalars(
        select(RecordingKey)
        .where(RecordingKey.retired_at.is_(None))
        .order_by(RecordingKey.id.desc())
        .limit(1)
    ).one()
    begun = Recording(
        uid=secrets.token_hex(16),
        contact_id=contact_id,
        part=len(earlier) + 1,
        state=RecordingState.RECORDING.value,
        key_version=key.id,
        started_at=work.now,
        desk_id=actor.desk_id,
    )
    work.session.add(begun)
    work.session.flush()
    record(actor, work, "recording.begun", subject=("recording", begun.id), contact_id=contact_id)
    _changed(work, begun)
    return RecordingOrder(begun.id, begun.uid, _recipients(key))


@needs(Permission.FINISH_CALL)
def seal(actor: Actor, work: UnitOfWork, /, recording_id: int, sealed: Sealed) -> None:
    """Keep that the recording is sealed, and what it is. Saying it again changes nothing."""
    found = _find(work, recording_id)
    if found.state == RecordingState.SEALED and found.digest == sealed.digest:
        return
    _move(found, RecordingAct.SEAL)
    _keep(work, found, sealed)
    record(
        actor,
        work,
        "recording.sealed",
        subject=("recording", found.id),
        digest=sealed.digest,
        duration_ms=sealed.duration_ms,
        size_bytes=sealed.size_bytes,
    )


@needs(Permission.FINISH_CALL)
def leave_to_salvage(
    actor: Actor, work: UnitOfWork, /, recording_id: int, *, heard_ms: int = 0
) -> None:
    """The recorder died and its remains wait for somebody who may listen.

    ``heard_ms`` is how much it had said to have heard, if anybody was there to hear that.
    Saying it again changes nothing.
    """
    found = _find(work, recording_id)
    if found.state == RecordingState.TO_SALVAGE:
        return
    _move(found, RecordingAct.LEAVE_TO_SALVAGE)
    found.duration_ms = heard_ms or None
    record(actor, work, "recording.to_salvage", subject=("recording", found.id))
    _changed(work, found)


@needs(Permission.FINISH_CALL)
def fail(actor: Actor, work: UnitOfWork, /, recording_id: int, *, code: str) -> None:
    """Nothing could be recorded, or nothing is left of it; ``code`` is the error's.

    The call goes on, and later the list of calls without a recording shows why.
    """
    found = _find(work, recording_id)
    _move(found, RecordingAct.FAIL)
    found.timeline = [*found.timeline, {"kind": code, "at_ms": 0}]
    found.lost_ms = found.duration_ms or 0
    found.duration_ms = 0
    reason = code.replace(".", "_")
    record(actor, work, "recording.failed", subject=("recording", found.id), reason=reason)
    _changed(work, found)


@needs(Permission.PLAY_RECORDINGS)
def begin_salvage(actor: Actor, work: UnitOfWork, /, recording_id: int) -> tuple[str, ...]:
    """Leave to open a recording's remains in order to seal them; for whom they are sealed."""
    require_listener(work, actor.user_id)
    found = _find(work, recording_id)
    after(RecordingState(found.state), RecordingAct.SALVAGE)
    record(actor, work, "recording.salvage_begun", subject=("recording", found.id))
    return _recipients(work.session.get_one(RecordingKey, found.key_version))


@needs(Permission.PLAY_RECORDINGS)
def finish_salvage(actor: Actor, work: UnitOfWork, /, recording_id: int, sealed: Sealed) -> None:
    """Keep what was salvaged, and how much of what had been heard is missing."""
    found = _find(work, recording_id)
    _move(found, RecordingAct.SALVAGE)
    found.lost_ms = max((found.duration_ms or 0) - sealed.duration_ms, 0)
    _keep(work, found, sealed)
    record(
        actor,
        work,
        "recording.salvaged",
        subject=("recording", found.id),
        digest=sealed.digest,
        duration_ms=sealed.duration_ms,
        lost_ms=found.lost_ms,
    )


@needs(Permission.PLAY_RECORDINGS)
def open_playback(
    actor: Actor,
    work: UnitOfWork,
    /,
    recording_id: int,
    *,
    use: RecordingUse = RecordingUse.ACCURATE_RECEIPT,
    purpose: Purpose,
    reason: str,
    keys: Mapping[int, str],
) -> PlaybackTicket:
    """Leave to hear a recording; `playback.Playback` opens it once this is committed.

    ``keys`` are `HeldKeys.recordings`. Refused without a reason, without a sealed recording, and
    for a use that the announcement heard by this caller doesn't name; not permitted without an
    appointment to listen and the key that goes with it.
    """
    require_listener(work, actor.user_id)
    why = line(reason, field="reason")
    if not why:
        raise Refused("recordings.reason_missing")
    found = _find(work, recording_id)
    if found.state not in PLAYABLE or found.digest is None or found.duration_ms is None:
        raise Refused("recordings.not_playable")
    terms = calls.recording_terms(actor, work, found.contact_id)
    if terms.announcement_id is None or use not in (
        purposes.announcement(actor, work, terms.announcement_id).uses
    ):
        raise Refused("recordings.use_not_announced")
    if found.key_version not in keys:
        raise NotPermitted("recordings.no_key")
    played = RecordingPlayed(
        recording_id=found.id,
        user_id=actor.user_id,
        at=work.now,
        use=use.value,
        purpose=purpose.value,
        reason=why,
    )
    work.session.add(played)
    work.session.flush()
    record(
        actor,
        work,
        "recording.played",
        subject=("recording", found.id),
        purpose=purpose.value,
        use=use.value,
        played_id=played.id,
        contact_id=found.contact_id,
    )
    return PlaybackTicket(
        recording_id=found.id,
        uid=found.uid,
        duration_ms=found.duration_ms,
        digest=found.digest,
        identity=keys[found.key_version],
    )


def _find(work: UnitOfWork, recording_id: int) -> Recording:
    found = work.session.scalar(
        select(Recording).where(Recording.id == recording_id).with_for_update()
    )
    if found is None:
        raise Refused("recordings.not_found")
    return found


def _move(found: Recording, act: RecordingAct) -> None:
    found.state = after(RecordingState(found.state), act).value


def _keep(work: UnitOfWork, found: Recording, sealed: Sealed) -> None:
    found.sealed_at = work.now
    found.duration_ms = sealed.duration_ms
    found.size_bytes = sealed.size_bytes
    found.digest = sealed.digest
    found.operator_voice_ms, found.caller_voice_ms = sealed.voice_ms
    found.timeline = [*found.timeline, *sealed.timeline]
    _changed(work, found)


def _changed(work: UnitOfWork, found: Recording) -> None:
    work.changed("recording", found.id)
    work.changed("contact", found.contact_id)


def _recipients(key: RecordingKey) -> tuple[str, ...]:
    return (key.recipient, key.recovery_recipient)
