"""Recordings for the erasure of a customer. Not a use case: the caller has checked who acts."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from desk_app.audit.log import record
from desk_app.people.access import Actor
from desk_app.recordings.model import Recording, RecordingBookmark, RecordingCopy
from desk_app.recordings.rules import UNSETTLED, DiscardReason, RecordingAct, RecordingState, after
from desk_app.recordings.stores.queue import has_copies
from desk_app.storage.unit_of_work import UnitOfWork

_AT_ONCE = 400


def unsettled(work: UnitOfWork, recording_ids: Sequence[int]) -> tuple[int, ...]:
    """Those that are being made, or wait to be salvaged: nobody knows yet what they will be."""
    found: list[int] = []
    for ids in _batches(recording_ids):
        found += work.session.scalars(
            select(Recording.id).where(
                Recording.id.in_(ids), Recording.state.in_(one.value for one in UNSETTLED)
            )
        )
    return tuple(sorted(found))


def discard_erased(actor: Actor | None, work: UnitOfWork, recording_ids: Sequence[int]) -> int:
    """Order that they are destroyed, wherever they lie; how many are new among them.

    What waited to be uploaded is taken out of the queue unless something of it may lie in the
    store already; what does lie there is deleted by the desk that would have uploaded it. A
    waveform's particulars go with the sound. Again changes nothing.
    """
    ordered = 0
    for ids in _batches(recording_ids):
        found = work.session.scalars(
            select(Recording).where(Recording.id.in_(ids)).order_by(Recording.id).with_for_update()
        )
        for one in found:
            one.timeline, one.lost_ms = [], 0
            one.duration_ms = one.size_bytes = None
            one.operator_voice_ms = one.caller_voice_ms = None
            if one.state == RecordingState.DISCARDED:
                continue
            one.state = after(RecordingState(one.state), RecordingAct.DISCARD).value
            one.discard_reason = DiscardReason.ERASURE.value
            record(
                actor,
                work,
                "recording.discarded",
                subject=("recording", one.id),
                reason=DiscardReason.ERASURE.value,
            )
            work.changed("recording", one.id)
            ordered += 1
        work.session.flush()
        work.session.execute(
            delete(RecordingBookmark).where(RecordingBookmark.recording_id.in_(ids))
        )
        work.session.execute(
            delete(RecordingCopy).where(
                RecordingCopy.recording_id.in_(ids),
                RecordingCopy.key_version.is_(None),
                RecordingCopy.attempts == 0,
                RecordingCopy.arrived_at.is_(None),
            )
        )
        work.session.execute(
            update(RecordingCopy)
            .where(RecordingCopy.recording_id.in_(ids))
            .values(next_try_at=work.now, trouble=None)
        )
    return ordered


def try_stores_now(work: UnitOfWork, recording_ids: Sequence[int]) -> None:
    """Let what stores may have of these be deleted at once, however long it was put off."""
    for ids in _batches(recording_ids):
        work.session.execute(
            update(RecordingCopy)
            .where(RecordingCopy.recording_id.in_(ids))
            .values(next_try_at=work.now)
        )


def in_stores(work: UnitOfWork, recording_ids: Sequence[int]) -> tuple[int, ...]:
    """Those of which a store may still have something."""
    return tuple(id for id in sorted(recording_ids) if has_copies(work, id))


def destroyed(actor: Actor, work: UnitOfWork, recording_ids: Sequence[int]) -> None:
    """Nothing is left of these at any desk, nor in a store."""
    for ids in _batches(recording_ids):
        for one in work.session.scalars(
            select(Recording).where(
                Recording.id.in_(ids),
                Recording.state == RecordingState.DISCARDED.value,
                Recording.discarded_at.is_(None),
            )
        ):
            if has_copies(work, one.id):
                continue
            one.discarded_at = work.now
            record(actor, work, "recording.destroyed", subject=("recording", one.id))
            work.changed("recording", one.id)


def uids(work: UnitOfWork, recording_ids: Sequence[int]) -> tuple[str, ...]:
    """The names of their files."""
    found: list[str] = []
    for ids in _batches(recording_ids):
        found += work.session.scalars(
            select(Recording.uid).where(Recording.id.in_(ids)).order_by(Recording.id)
        )
    return tuple(found)


def _batches(ids: Sequence[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE)]
