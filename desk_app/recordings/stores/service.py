"""Use cases of stores: entered, given up; and what became of each copy.

Terms are tried out before they are entered (`opening.try_out`). The secret is kept in the
encrypted database and never shown again: it is in no audit entry, no view and no repr.
"""

from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import delete, or_, select, update

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import require_listener
from desk_app.recordings.model import Recording, RecordingCopy, RecordingStore
from desk_app.recordings.stores import queue
from desk_app.recordings.stores.base import STORE_TROUBLES, StoreTerms
from desk_app.recordings.stores.opening import checked
from desk_app.recordings.stores.rules import CopyState, next_try
from desk_app.storage.unit_of_work import UnitOfWork

_KEPT = tuple(field.name for field in fields(StoreTerms) if field.name != "kind")


@needs(Permission.ENTER_STORES)
def enter_store(actor: Actor, work: UnitOfWork, /, terms: StoreTerms) -> None:
    """From now on recordings go there, and with them all that no store has yet.

    A place that was entered before keeps its copies and takes the new key and authority. What
    waited for another store goes to this one.
    """
    terms = checked(terms)
    places = work.session.scalars(select(RecordingStore).order_by(RecordingStore.id)).all()
    store = next((one for one in places if queue.terms_of(one).place == terms.place), None)
    if store is None:
        store = RecordingStore(kind=terms.kind.value)
        work.session.add(store)
    for name in _KEPT:
        setattr(store, name, getattr(terms, name))
    store.entered_by, store.entered_at, store.retired_at = actor.user_id, work.now, None
    for other in places:
        if other is not store:
            _retire(work, other)
    work.session.flush()
    work.session.execute(
        update(RecordingCopy)
        .where(RecordingCopy.store_id == store.id, RecordingCopy.state != CopyState.ARRIVED)
        .values(state=CopyState.WAITING.value, next_try_at=work.now)
    )
    queue.enqueue_older(work, store)
    record(
        actor,
        work,
        "recording_store.entered",
        subject=("recording_store", store.id),
        kind=terms.kind.value,
    )
    work.changed("recording_store", store.id)


@needs(Permission.ENTER_STORES)
def keep_here(actor: Actor, work: UnitOfWork, /) -> None:
    """From now on recordings stay at the desk that made them; what has arrived stays there."""
    store = queue.store_in_use(work)
    if store is None:
        return
    _retire(work, store)
    record(actor, work, "recording_store.retired", subject=("recording_store", store.id))
    work.changed("recording_store", store.id)


@needs(Permission.READ_STORES)
def try_now(actor: Actor, work: UnitOfWork, /) -> None:
    """Let whatever waits be tried at once; each desk does so the next time it looks."""
    work.session.execute(
        update(RecordingCopy)
        .where(
            RecordingCopy.next_try_at > work.now,
            # what has arrived is put off by trouble, or because a desk is just replacing it
            or_(RecordingCopy.state != CopyState.ARRIVED, RecordingCopy.trouble.is_not(None)),
        )
        .values(next_try_at=work.now)
    )
    store = queue.store_in_use(work)
    if store is not None:
        work.changed("recording_store", store.id)


@needs(Permission.STORE_RECORDINGS)
def adopt(actor: Actor, work: UnitOfWork, /, here: Collection[str]) -> int:
    """Take recordings for this desk's own whose files lie here; how many there were.

    A desk that lost its settings goes by another id.
    """
    theirs = work.session.scalars(
        select(Recording).where(Recording.uid.in_(here), Recording.desk_id != actor.desk_id)
    ).all()
    for one in theirs:
        one.desk_id = actor.desk_id
        record(actor, work, "recording.adopted", subject=("recording", one.id))
    return len(theirs)


@needs(Permission.STORE_RECORDINGS)
def begin_upload(actor: Actor, work: UnitOfWork, /, copy_id: int, *, key_version: int) -> bool:
    """From now on something may lie in the store, whatever becomes of the desk; False if it
    isn't to go there any more."""
    copy = _copy(work, copy_id)
    if copy is None or copy.state != CopyState.WAITING:
        return False
    copy.key_version = key_version
    return True


@needs(Permission.STORE_RECORDINGS)
def arrived(
    actor: Actor, work: UnitOfWork, /, copy_id: int, *, key_version: int, replaced: bool = False
) -> None:
    """The copy was read back from its store and is the same. Saying it again changes nothing,
    nor does it where another store was entered meanwhile.

    ``replaced``: something else lay there under its name.
    """
    copy = _copy(work, copy_id)
    if copy is None or copy.state != CopyState.WAITING:
        return
    copy.state = CopyState.ARRIVED.value
    copy.arrived_at = copy.next_try_at = work.now
    copy.trouble = None
    copy.key_version = key_version
    record(
        actor,
        work,
        "recording.stored",
        subject=("recording", copy.recording_id),
        store_id=copy.store_id,
        attempts=copy.attempts,
        replaced=replaced,
    )
    _changed(work, copy)


@needs(Permission.STORE_RECORDINGS)
def local_removed(actor: Actor, work: UnitOfWork, /, copy_id: int) -> None:
    """Nothing of a recording that has arrived lies at the desk any more."""
    copy = _copy(work, copy_id)
    if copy is None or copy.local_removed_at is not None:
        return
    if copy.state != CopyState.ARRIVED:
        raise Refused("recordings.state")
    copy.local_removed_at, copy.trouble = work.now, None
    _changed(work, copy)


@needs(Permission.STORE_RECORDINGS)
def put_off(actor: Actor, work: UnitOfWork, /, copy_id: int, *, trouble: str) -> None:
    """It didn't work; it is tried again later. ``trouble`` is the error's code.

    Where the store itself is in trouble, whatever else this desk has for it waits as long.
    """
    copy = _copy(work, copy_id)
    if copy is None:
        return
    copy.attempts += 1
    copy.trouble = trouble
    copy.next_try_at = next_try(copy.attempts, work.now)
    if trouble in STORE_TROUBLES:
        mine = select(Recording.id).where(Recording.desk_id == actor.desk_id)
        work.session.flush()
        work.session.execute(
            update(RecordingCopy)
            .where(
                RecordingCopy.store_id == copy.store_id,
                RecordingCopy.state == CopyState.WAITING,
                RecordingCopy.next_try_at < copy.next_try_at,
                RecordingCopy.recording_id.in_(mine),
            )
            .values(next_try_at=copy.next_try_at)
        )
    _changed(work, copy)


@needs(Permission.STORE_RECORDINGS)
def forgotten(actor: Actor, work: UnitOfWork, /, copy_id: int) -> None:
    """The copy of a discarded recording is gone from its store. Saying it again changes nothing."""
    copy = _copy(work, copy_id)
    if copy is None:
        return
    record(
        actor,
        work,
        "recording.copy_removed",
        subject=("recording", copy.recording_id),
        store_id=copy.store_id,
    )
    _changed(work, copy)
    work.session.delete(copy)


@needs(Permission.PLAY_RECORDINGS)
def fetched(actor: Actor, work: UnitOfWork, /, recording_id: int, *, store_id: int) -> None:
    """A recording was brought back from a store, sealed, to be listened to."""
    require_listener(work, actor.user_id)
    record(actor, work, "recording.fetched", subject=("recording", recording_id), store_id=store_id)


@needs(Permission.DECIDE_REQUESTS)
def fetched_for_disclosure(
    actor: Actor, work: UnitOfWork, /, recording_id: int, *, store_id: int
) -> None:
    """As `fetched`, to be given to the customer who asked for it."""
    require_listener(work, actor.user_id)
    record(actor, work, "recording.fetched", subject=("recording", recording_id), store_id=store_id)


def _copy(work: UnitOfWork, copy_id: int) -> RecordingCopy | None:
    return work.session.scalar(
        select(RecordingCopy).where(RecordingCopy.id == copy_id).with_for_update()
    )


def _retire(work: UnitOfWork, store: RecordingStore) -> None:
    """Nothing goes there any more. What was never tried is taken off its list; of what was,
    something may lie there, which counts when the recording is discarded."""
    if store.retired_at is None:
        store.retired_at = work.now
    waiting = (RecordingCopy.store_id == store.id, RecordingCopy.state == CopyState.WAITING)
    untried = (RecordingCopy.attempts == 0, RecordingCopy.key_version.is_(None))
    work.session.execute(delete(RecordingCopy).where(*waiting, *untried))
    work.session.execute(
        update(RecordingCopy)
        .where(*waiting)
        .values(state=CopyState.LEFT.value, trouble=None, next_try_at=work.now)
    )


def _changed(work: UnitOfWork, copy: RecordingCopy) -> None:
    work.changed("recording_copy", copy.id)
