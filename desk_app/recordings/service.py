"""Use cases of recordings: begun, sealed, salvaged, failed, discarded, opened for listening.

The row is committed before the recorder starts, the entry that a recording was opened before its
first byte is decrypted, and the order to destroy it before its files go. Writing is never stopped
by an ended appointment: a running call may be finished.

How a recording ended is said by who took the call, or at the desk that made it, or where its
files lie: ``uid`` names them, and nobody can guess it who hasn't seen them (a desk that lost its
settings goes by another id). Anybody else is `NotPermitted`, ``recordings.not_yours``.
"""

import secrets
from collections.abc import Mapping

from sqlalchemy import delete, select

from desk_app.audit.log import record
from desk_app.calls import views as calls
from desk_app.calls.pages import CallStanding
from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import require_listener
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import USUAL_PURPOSE, Act, RecordingUse, Use
from desk_app.purposes.uses import require_use
from desk_app.recordings.files import Sealed
from desk_app.recordings.model import (
    Recording,
    RecordingBookmark,
    RecordingKey,
    RecordingPlayed,
)
from desk_app.recordings.pages import DoomedRecording
from desk_app.recordings.playback import PlaybackTicket
from desk_app.recordings.recorder import RecordingOrder
from desk_app.recordings.rotation.versions import key_in_use
from desk_app.recordings.rules import (
    PLAYABLE,
    DiscardReason,
    RecordingAct,
    RecordingState,
    after,
)
from desk_app.recordings.stores.queue import enqueue, has_copies
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line

HEARD_STEP_MS = 100
"""The window hears ten times a second how far the recorder is: that much more may have been
heard."""


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
    if any(one.state == RecordingState.RECORDING for one in _parts(work, contact_id)):
        raise Refused("recordings.already_running")
    return _enter(actor, work, contact_id, surplus=False)


@needs(Permission.FINISH_CALL)
def begin_split(
    actor: Actor, work: UnitOfWork, /, contact_id: int, *, surplus: bool = True
) -> RecordingOrder:
    """Enter another part of the actor's call while the part before still runs or is sealed.

    A ``surplus`` part is begun when the desk asks whether the call is over. It is neither played
    nor kept until `keep_surplus` says that the call went on. Refused like `begin`, without a
    running recording (``recordings.not_running``), and while an earlier split isn't done
    (``recordings.already_running``).
    """
    call = _own_call(actor, work, contact_id)
    if call.objected:
        raise Refused("recordings.objected")
    if not call.is_running:
        raise Refused("recordings.call_over")
    running = [one for one in _parts(work, contact_id) if one.state == RecordingState.RECORDING]
    if not running:
        raise Refused("recordings.not_running")
    if len(running) > 1:
        raise Refused("recordings.already_running")
    return _enter(actor, work, contact_id, surplus=surplus)


@needs(Permission.FINISH_CALL)
def keep_surplus(actor: Actor, work: UnitOfWork, /, recording_id: int) -> None:
    """The call went on: its surplus part is a part like any other. Again changes nothing."""
    found = _find(work, recording_id)
    _own_call(actor, work, found.contact_id)
    if not found.surplus:
        return
    if found.state == RecordingState.DISCARDED:
        raise Refused("recordings.state")
    found.surplus = False
    record(actor, work, "recording.surplus_kept", subject=("recording", found.id))
    _changed(work, found)


@needs(Permission.FINISH_CALL)
def seal(
    actor: Actor, work: UnitOfWork, /, recording_id: int, sealed: Sealed, *, uid: str = ""
) -> None:
    """Keep that the recording is sealed, and what it is, also where it was made of remains and
    the desk stopped before it could say so. Saying it again changes nothing."""
    _seal(actor, work, _find_in_hand(actor, work, recording_id, uid), sealed)


@needs(Permission.FINISH_CALL)
def leave_to_salvage(
    actor: Actor, work: UnitOfWork, /, recording_id: int, *, heard_ms: int = 0, uid: str = ""
) -> None:
    """The recorder died and its remains wait for somebody who may listen.

    ``heard_ms`` is how much it had said to have heard, if anybody was there to hear that.
    Saying it again changes nothing.
    """
    found = _find_in_hand(actor, work, recording_id, uid)
    if found.state == RecordingState.TO_SALVAGE:
        return
    _move(found, RecordingAct.LEAVE_TO_SALVAGE)
    found.duration_ms = heard_ms or None
    record(actor, work, "recording.to_salvage", subject=("recording", found.id))
    _changed(work, found)


@needs(Permission.FINISH_CALL)
def fail(actor: Actor, work: UnitOfWork, /, recording_id: int, *, code: str, uid: str = "") -> None:
    """Nothing could be recorded, or nothing is left of it; ``code`` is the error's.

    The call goes on, and later the list of calls without a recording shows why.
    """
    found = _find_in_hand(actor, work, recording_id, uid)
    _move(found, RecordingAct.FAIL)
    found.timeline = [*found.timeline, {"kind": code, "at_ms": 0}]
    found.lost_ms = found.duration_ms or 0
    found.duration_ms = 0
    reason = code.replace(".", "_")
    record(actor, work, "recording.failed", subject=("recording", found.id), reason=reason)
    _changed(work, found)


@needs(Permission.FINISH_CALL)
def discard(
    actor: Actor,
    work: UnitOfWork,
    /,
    recording_id: int,
    *,
    reason: DiscardReason,
    uid: str = "",
) -> None:
    """Order that a recording is destroyed; its files go once this is committed.

    Refused unless the call's objection is on record (``recordings.not_objected``) or the
    recording is a surplus that nobody kept (``recordings.not_surplus``): nobody can get rid of a
    recording otherwise. What described the sound goes with it: its length, timeline, voices and
    bookmarks. Its name and digest stay, to know a copy by that turns up later. Ordering it again
    changes nothing.
    """
    found = _find_in_hand(actor, work, recording_id, uid)
    if reason is DiscardReason.OBJECTION:
        if not calls.call_standing(actor, work, found.contact_id).objected:
            raise Refused("recordings.not_objected")
    elif not found.surplus:
        raise Refused("recordings.not_surplus")
    _discard(actor, work, found, reason)


@needs(Permission.FINISH_CALL)
def discard_call(
    actor: Actor, work: UnitOfWork, /, contact_id: int, reason: DiscardReason
) -> tuple[DoomedRecording, ...]:
    """Order that all parts of the actor's own call are destroyed, or all of its surplus.

    Gives every recording of the call that isn't known to be gone, earlier orders included.
    Refused like `discard`.
    """
    call = _own_call(actor, work, contact_id)
    if reason is DiscardReason.OBJECTION and not call.objected:
        raise Refused("recordings.not_objected")
    parts = _parts(work, contact_id)
    for one in parts:
        if reason is DiscardReason.OBJECTION or one.surplus:
            _discard(actor, work, one, reason)
    return tuple(
        DoomedRecording(one.id, one.uid, is_of_this_desk=one.desk_id == actor.desk_id)
        for one in parts
        if one.state == RecordingState.DISCARDED and one.discarded_at is None
    )


@needs(Permission.STORE_RECORDINGS)
def discarded(actor: Actor, work: UnitOfWork, /, recording_id: int, *, uid: str = "") -> None:
    """Nothing is left of a discarded recording: it was looked for where it lay.

    Said at the desk that made it, or where its files lay. Refused while a copy is in a store
    (``recordings.copies_left``). Saying it again changes nothing.
    """
    found = _find(work, recording_id)
    if found.desk_id != actor.desk_id and found.uid != uid:
        raise NotPermitted("recordings.not_yours")
    if found.state != RecordingState.DISCARDED:
        raise Refused("recordings.state")
    if found.discarded_at is not None:
        return
    if has_copies(work, found.id):
        raise Refused("recordings.copies_left")
    found.discarded_at = work.now
    record(actor, work, "recording.destroyed", subject=("recording", found.id))
    _changed(work, found)


@needs(Permission.PLAY_RECORDINGS)
def begin_salvage(
    actor: Actor, work: UnitOfWork, /, recording_id: int, *, uid: str = ""
) -> tuple[str, ...]:
    """Leave to open a recording's remains in order to seal them; for whom they are sealed."""
    require_listener(work, actor.user_id)
    found = _find_in_hand(actor, work, recording_id, uid)
    after(RecordingState(found.state), RecordingAct.SALVAGE)
    record(actor, work, "recording.salvage_begun", subject=("recording", found.id))
    return _recipients(work.session.get_one(RecordingKey, found.key_version))


@needs(Permission.PLAY_RECORDINGS)
def finish_salvage(
    actor: Actor, work: UnitOfWork, /, recording_id: int, sealed: Sealed, *, uid: str = ""
) -> None:
    """Keep what was salvaged, and how much of what had been heard is missing."""
    require_listener(work, actor.user_id)
    found = _find_in_hand(actor, work, recording_id, uid)
    _seal(actor, work, found, sealed)


@needs(Permission.PLAY_RECORDINGS)
def open_playback(
    actor: Actor,
    work: UnitOfWork,
    /,
    recording_id: int,
    *,
    use: RecordingUse = RecordingUse.ACCURATE_RECEIPT,
    purpose: Use,
    reason: str,
    keys: Mapping[int, str],
    case_id: int | None = None,
) -> PlaybackTicket:
    """Leave to hear a recording; `playback.Playback` opens it once this is committed. ``case_id``
    is the case that it is heard for: where that is the request by which uses were stopped, it is
    answered all the same.

    ``keys`` are `HeldKeys.recordings`. Refused without a reason, without a sealed recording, and
    for a use that the announcement heard by this caller doesn't name; not permitted without an
    appointment to listen and the key that goes with it.
    """
    require_listener(work, actor.user_id)
    why = line(reason, field="reason")
    if not why:
        raise Refused("recordings.reason_missing")
    found = _find(work, recording_id)
    is_whole = found.state in PLAYABLE and not found.surplus
    if not is_whole or found.digest is None or found.duration_ms is None:
        raise Refused("recordings.not_playable")
    terms = calls.recording_terms(actor, work, found.contact_id)
    if terms.announcement_id is None or use not in (
        purposes.announcement(actor, work, terms.announcement_id).uses
    ):
        raise Refused("recordings.use_not_announced")
    require_use(
        work,
        customer_id=terms.customer_id,
        purpose=purpose,
        act=Act.PLAY,
        case_id=case_id,
        asked_at=terms.received_at,
    )
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
        case_id=case_id,
    )
    return _ticket(found, found.digest, found.duration_ms, keys, played_id=played.id)


@needs(Permission.DECIDE_REQUESTS)
def open_for_disclosure(
    actor: Actor,
    work: UnitOfWork,
    /,
    recording_id: int,
    *,
    request_id: int,
    keys: Mapping[int, str],
) -> PlaybackTicket:
    """Leave to open a recording in order to give it to the customer who asked for it (request
    ``request_id``): an act of its own, which no announcement has to name (policy section 7).

    Refused and not permitted as `open_playback`; whether the request allows it has been checked
    by the caller.
    """
    require_listener(work, actor.user_id)
    found = _find(work, recording_id)
    is_whole = found.state in PLAYABLE and not found.surplus
    if not is_whole or found.digest is None or found.duration_ms is None:
        raise Refused("recordings.not_playable")
    if found.key_version not in keys:
        raise NotPermitted("recordings.no_key")
    record(
        actor,
        work,
        "recording.disclosed",
        subject=("recording", found.id),
        purpose=USUAL_PURPOSE.value,
        request_id=request_id,
        contact_id=found.contact_id,
    )
    return _ticket(found, found.digest, found.duration_ms, keys)


def _ticket(
    found: Recording, digest: str, duration_ms: int, keys: Mapping[int, str], *, played_id: int = 0
) -> PlaybackTicket:
    return PlaybackTicket(
        recording_id=found.id,
        uid=found.uid,
        duration_ms=duration_ms,
        digest=digest,
        identity=keys[found.key_version],
        others=tuple(keys[one] for one in sorted(keys, reverse=True) if one != found.key_version),
        timeline=tuple(found.timeline),
        played_id=played_id,
    )


def _find(work: UnitOfWork, recording_id: int) -> Recording:
    found = work.session.scalar(
        select(Recording).where(Recording.id == recording_id).with_for_update()
    )
    if found is None:
        raise Refused("recordings.not_found")
    return found


def _find_in_hand(actor: Actor, work: UnitOfWork, recording_id: int, uid: str) -> Recording:
    """The recording, for somebody who can know how it ended; see the module."""
    found = _find(work, recording_id)
    if found.desk_id != actor.desk_id and found.uid != uid:
        _own_call(actor, work, found.contact_id)
    return found


def _own_call(actor: Actor, work: UnitOfWork, contact_id: int) -> CallStanding:
    call = calls.call_standing(actor, work, contact_id)
    if not call.is_own:
        raise NotPermitted("recordings.not_yours")
    return call


def _parts(work: UnitOfWork, contact_id: int) -> list[Recording]:
    """All recordings of a call, in the order they were made."""
    return list(
        work.session.scalars(
            select(Recording)
            .where(Recording.contact_id == contact_id)
            .order_by(Recording.part)
            .with_for_update()
        )
    )


def _enter(actor: Actor, work: UnitOfWork, contact_id: int, *, surplus: bool) -> RecordingOrder:
    """Another part of a call, for the keys that are in use."""
    key = key_in_use(work)
    begun = Recording(
        uid=secrets.token_hex(16),
        contact_id=contact_id,
        part=len(_parts(work, contact_id)) + 1,
        state=RecordingState.RECORDING.value,
        key_version=key.id,
        started_at=work.now,
        desk_id=actor.desk_id,
        surplus=surplus,
    )
    work.session.add(begun)
    work.session.flush()
    record(actor, work, "recording.begun", subject=("recording", begun.id), contact_id=contact_id)
    _changed(work, begun)
    return RecordingOrder(begun.id, begun.uid, _recipients(key))


def _discard(actor: Actor, work: UnitOfWork, found: Recording, reason: DiscardReason) -> None:
    if found.state == RecordingState.DISCARDED:
        return
    _move(found, RecordingAct.DISCARD)
    found.discard_reason = reason.value
    found.duration_ms = found.size_bytes = None
    found.operator_voice_ms = found.caller_voice_ms = None
    found.lost_ms, found.timeline = 0, []
    work.session.execute(
        delete(RecordingBookmark).where(RecordingBookmark.recording_id == found.id)
    )
    record(actor, work, "recording.discarded", subject=("recording", found.id), reason=reason.value)
    _changed(work, found)


def _seal(actor: Actor, work: UnitOfWork, found: Recording, sealed: Sealed) -> None:
    if not sealed.is_plausible:
        raise Refused("recordings.particulars")
    if found.state in PLAYABLE and found.digest == sealed.digest:
        return
    _move(found, RecordingAct.SALVAGE if sealed.is_salvaged else RecordingAct.SEAL)
    found.lost_ms = _lost_ms(found, sealed)
    found.sealed_at = work.now
    found.duration_ms = sealed.duration_ms
    found.size_bytes = sealed.size_bytes
    found.digest = sealed.digest
    found.operator_voice_ms, found.caller_voice_ms = sealed.voice_ms
    found.timeline = [*found.timeline, *sealed.timeline]
    record(
        actor,
        work,
        "recording.salvaged" if sealed.is_salvaged else "recording.sealed",
        subject=("recording", found.id),
        digest=sealed.digest,
        duration_ms=sealed.duration_ms,
        size_bytes=sealed.size_bytes,
        lost_ms=found.lost_ms,
    )
    enqueue(work, found)
    _changed(work, found)


def _lost_ms(found: Recording, sealed: Sealed) -> int:
    """How much at most is missing: by what the window had heard of, if there was one."""
    heard_ms = (found.duration_ms or 0) + found.lost_ms
    if heard_ms and sealed.lost_ms:
        return max(heard_ms + HEARD_STEP_MS - sealed.duration_ms, 0)
    return sealed.lost_ms or 0


def _move(found: Recording, act: RecordingAct) -> None:
    found.state = after(RecordingState(found.state), act).value


def _changed(work: UnitOfWork, found: Recording) -> None:
    work.changed("recording", found.id)
    work.changed("contact", found.contact_id)


def _recipients(key: RecordingKey) -> tuple[str, ...]:
    return (key.recipient, key.recovery_recipient)
