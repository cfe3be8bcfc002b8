"""What waits to be uploaded: rows that are written in the transaction that made the recording.

For the recordings room's own services; none of these checks who acts.
"""

from sqlalchemy import exists, func, insert, literal, select

from desk_app.recordings.model import Recording, RecordingCopy, RecordingStore
from desk_app.recordings.rules import PLAYABLE, UNSETTLED
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.rules import CopyState
from desk_app.storage.unit_of_work import UnitOfWork


def store_in_use(work: UnitOfWork) -> RecordingStore | None:
    """Where new recordings go; None: they stay at their desk."""
    return work.session.scalars(
        select(RecordingStore)
        .where(RecordingStore.retired_at.is_(None))
        .order_by(RecordingStore.id.desc())
        .limit(1)
    ).one_or_none()


def terms_of(store: RecordingStore) -> StoreTerms:
    """How a store is reached, its secret included."""
    return StoreTerms(
        kind=StoreKind(store.kind),
        folder=store.folder,
        marker=store.marker,
        endpoint=store.endpoint,
        region=store.region,
        bucket=store.bucket,
        prefix=store.prefix,
        authority=store.authority,
        access_key=store.access_key,
        secret_key=store.secret_key,
    )


def enqueue(work: UnitOfWork, recording: Recording) -> None:
    """Let a recording that is sealed go to the store in use, if there is one."""
    store = store_in_use(work)
    if store is not None:
        work.session.add(
            RecordingCopy(
                recording_id=recording.id,
                store_id=store.id,
                state=CopyState.WAITING.value,
                next_try_at=work.now,
            )
        )


def enqueue_again(work: UnitOfWork, copy: RecordingCopy) -> None:
    """Let a recording that came back to a desk go to its store again, or to the one in use."""
    recording = work.session.get_one(Recording, copy.recording_id)
    store = work.session.get_one(RecordingStore, copy.store_id)
    is_in_use = store.retired_at is None
    copy.state = (CopyState.WAITING if is_in_use else CopyState.LEFT).value
    copy.local_removed_at, copy.next_try_at = None, work.now
    if not is_in_use and not _is_on_its_way(work, recording.id):
        enqueue(work, recording)


def _is_on_its_way(work: UnitOfWork, recording_id: int) -> bool:
    """Whether the store in use has a recording, or is to have it."""
    found = work.session.scalar(
        select(RecordingCopy.id)
        .join(RecordingStore, RecordingStore.id == RecordingCopy.store_id)
        .where(RecordingCopy.recording_id == recording_id, RecordingStore.retired_at.is_(None))
        .limit(1)
    )
    return found is not None


def only_elsewhere(work: UnitOfWork, desk_id: str) -> int:
    """How many recordings lie in no store yet, and not at this desk but at another."""
    arrived = exists().where(
        RecordingCopy.recording_id == Recording.id, RecordingCopy.state == CopyState.ARRIVED
    )
    found = select(func.count()).where(
        Recording.state.in_(PLAYABLE | UNSETTLED), Recording.desk_id != desk_id, ~arrived
    )
    return work.session.scalar(found) or 0


def enqueue_older(work: UnitOfWork, store: RecordingStore) -> None:
    """Let every sealed recording that no store has yet go to this one."""
    already = exists().where(
        RecordingCopy.recording_id == Recording.id,
        (RecordingCopy.state == CopyState.ARRIVED) | (RecordingCopy.store_id == store.id),
    )
    waiting = select(
        Recording.id,
        literal(store.id),
        literal(CopyState.WAITING.value),
        literal(0),
        literal(work.now, RecordingCopy.next_try_at.type),
    ).where(Recording.state.in_(PLAYABLE), ~already)
    columns = ["recording_id", "store_id", "state", "attempts", "next_try_at"]
    work.session.execute(insert(RecordingCopy).from_select(columns, waiting))


def has_copies(work: UnitOfWork, recording_id: int) -> bool:
    """Whether something of a recording may lie in any store, or is on its way there.

    Of a discarded recording the desk deletes the copies one by one; none is left when this is
    False.
    """
    found = work.session.scalar(
        select(RecordingCopy.id).where(RecordingCopy.recording_id == recording_id).limit(1)
    )
    return found is not None
