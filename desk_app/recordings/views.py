"""What pages read about recordings: facts about them, never their sound."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from desk_app.calls import views as calls
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes import views as purposes
from desk_app.purposes.rules import RecordingUse
from desk_app.recordings.model import Recording
from desk_app.recordings.pages import DoomedRecording, RecordingRow, UnsettledRecording
from desk_app.recordings.rules import PLAYABLE, UNSETTLED, RecordingState
from desk_app.storage.unit_of_work import UnitOfWork

YOUNG = timedelta(minutes=1)
"""How long a recorder may take to make its first file after the row is committed."""
SURPLUS_AFTER = timedelta(minutes=5)
"""When a surplus that nobody has kept is left over: the desk asks for a minute."""


@needs(Permission.READ_CONTACTS)
def of_contacts(
    actor: Actor, work: UnitOfWork, /, contact_ids: Collection[int]
) -> dict[int, list[RecordingRow]]:
    """The recordings of each of these contacts that has any, in the order they were made."""
    found = work.session.scalars(
        select(Recording)
        .where(Recording.contact_id.in_(contact_ids))
        .order_by(Recording.contact_id, Recording.part)
    )
    rows: dict[int, list[RecordingRow]] = {}
    for one in found:
        row = RecordingRow(
            id=one.id,
            contact_id=one.contact_id,
            part=one.part,
            state=RecordingState(one.state),
            started_at=one.started_at,
            duration_ms=one.duration_ms,
            lost_ms=one.lost_ms,
            timeline=tuple(one.timeline),
            is_surplus=one.surplus,
        )
        rows.setdefault(one.contact_id, []).append(row)
    return rows


@needs(Permission.PLAY_RECORDINGS)
def announced_uses(
    actor: Actor, work: UnitOfWork, /, recording_id: int
) -> tuple[RecordingUse, ...]:
    """What this recording may be listened to for: what the announcement named that its caller
    heard. Empty if nothing was announced."""
    found = work.session.get(Recording, recording_id)
    if found is None:
        raise Refused("recordings.not_found")
    terms = calls.recording_terms(actor, work, found.contact_id)
    if terms.announcement_id is None:
        return ()
    heard = purposes.announcement(actor, work, terms.announcement_id)
    return tuple(use for use in RecordingUse if use in heard.uses)


@needs(Permission.FINISH_CALL)
def unsettled(
    actor: Actor, work: UnitOfWork, /, here: Collection[str] = ()
) -> tuple[UnsettledRecording, ...]:
    """Recordings made at this desk whose end has to be found out, the oldest first.

    Those that still run or wait to be salvaged; those that had failed and of which something
    lies here after all; and a surplus that was sealed and that nobody has kept.

    ``here`` are the uids of which something lies on this desk's disk: a desk that lost its
    settings goes by another id now, and what it recorded is still its own.
    """
    lies_here = Recording.uid.in_(here)
    forgotten = Recording.surplus & (Recording.started_at < work.now - SURPLUS_AFTER)
    found = work.session.scalars(
        select(Recording)
        .where(
            (Recording.desk_id == actor.desk_id) | lies_here,
            Recording.state.in_(UNSETTLED)
            | ((Recording.state == RecordingState.FAILED.value) & lies_here)
            | (Recording.state.in_(PLAYABLE) & forgotten),
        )
        .order_by(Recording.id)
    )
    return tuple(
        UnsettledRecording(
            one.id,
            one.uid,
            one.key_version,
            RecordingState(one.state),
            is_young=one.started_at > work.now - YOUNG,
            is_surplus=one.surplus,
        )
        for one in found
    )


@needs(Permission.FINISH_CALL)
def settled(actor: Actor, work: UnitOfWork, /, uids: Collection[str]) -> frozenset[str]:
    """Which of these recordings are sealed and known to be."""
    return frozenset(
        work.session.scalars(
            select(Recording.uid).where(
                Recording.uid.in_(uids), Recording.state.in_(PLAYABLE), ~Recording.surplus
            )
        )
    )


@needs(Permission.FINISH_CALL)
def undestroyed(
    actor: Actor, work: UnitOfWork, /, here: Collection[str] = ()
) -> tuple[DoomedRecording, ...]:
    """All recordings that were discarded and may not be gone yet, of whatever desk: those that
    nobody has looked for, and those of which something lies here all the same (``here``)."""
    may_be_left = Recording.discarded_at.is_(None) | Recording.uid.in_(here)
    found = work.session.scalars(
        select(Recording)
        .where(Recording.state == RecordingState.DISCARDED.value, may_be_left)
        .order_by(Recording.id)
    )
    return tuple(
        DoomedRecording(one.id, one.uid, is_of_this_desk=one.desk_id == actor.desk_id)
        for one in found
    )
