"""What pages read about stores and what waits for them, and what the desk has to do next."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import require_listener
from desk_app.recordings.model import Recording, RecordingCopy, RecordingStore
from desk_app.recordings.rules import PLAYABLE, RecordingState
from desk_app.recordings.stores import queue
from desk_app.recordings.stores.base import StoreKind, StoreTerms
from desk_app.recordings.stores.rules import LATE_AFTER, LONGEST_AHEAD, CopyState, ErrandKind
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StoreShown:
    """A store as a page may show it: without its secret."""

    kind: StoreKind
    folder: str
    endpoint: str
    region: str
    bucket: str
    prefix: str
    authority: str
    access_key: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class StoragePage:
    """Where recordings go, and how far they have come."""

    now: datetime
    store: StoreShown | None
    """None: recordings stay at the desk that made them."""
    waiting: int = 0
    waiting_bytes: int = 0
    oldest_at: datetime | None = None
    """When the oldest of those that wait was sealed."""
    trouble: str | None = None
    """The code of the error that the oldest of those in trouble met last."""
    next_try_at: datetime | None = None
    stored: int = 0
    stored_bytes: int = 0
    stored_elsewhere: int = 0
    """Of those stored: in places that nothing goes to any more."""
    to_forget: int = 0
    """Copies of discarded recordings that are still to be deleted."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What this desk has to do next about one copy."""

    kind: ErrandKind
    copy_id: int
    recording_id: int
    uid: str
    digest: str
    size_bytes: int
    key_version: int
    terms: StoreTerms = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredCopy:
    """Where a recording can be fetched from, and whose key its header is for there."""

    store_id: int
    key_version: int
    terms: StoreTerms = field(repr=False)


@needs(Permission.READ_STORES)
def storage(actor: Actor, work: UnitOfWork, /) -> StoragePage:
    """Where recordings go and what waits, of all desks."""
    store = queue.store_in_use(work)
    waiting = RecordingCopy.state == CopyState.WAITING
    arrived = RecordingCopy.state == CopyState.ARRIVED
    elsewhere = and_(arrived, RecordingCopy.store_id != (store.id if store else 0))
    size = func.coalesce(Recording.size_bytes, 0)
    counted = work.session.execute(
        select(
            func.count(case((waiting, 1))),
            func.sum(case((waiting, size), else_=0)),
            func.min(case((waiting, Recording.sealed_at))),
            func.min(case((waiting, RecordingCopy.next_try_at))),
            func.count(case((arrived, 1))),
            func.sum(case((arrived, size), else_=0)),
            func.count(case((elsewhere, 1))),
        )
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(Recording.state.in_(PLAYABLE))
    ).one()
    troubles = (
        select(RecordingCopy.trouble)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(
            RecordingCopy.trouble.is_not(None),
            or_(
                and_(waiting, Recording.state.in_(PLAYABLE)),
                Recording.state == RecordingState.DISCARDED,
            ),
        )
        .order_by(RecordingCopy.id)
        .limit(1)
    )
    to_forget = (
        select(func.count())
        .select_from(RecordingCopy)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(Recording.state == RecordingState.DISCARDED)
    )
    return StoragePage(
        now=work.now,
        store=None if store is None else _shown(store),
        waiting=counted[0],
        waiting_bytes=int(counted[1] or 0),
        oldest_at=counted[2],
        trouble=work.session.scalar(troubles),
        next_try_at=counted[3],
        stored=counted[4],
        stored_bytes=int(counted[5] or 0),
        stored_elsewhere=counted[6],
        to_forget=work.session.scalar(to_forget) or 0,
    )


@needs(Permission.STORE_RECORDINGS)
def late(actor: Actor, work: UnitOfWork, /) -> int:
    """How many recordings of this desk wait although they should be in their store: they met
    trouble more than once, or have waited for a day."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(RecordingCopy)
            .join(Recording, Recording.id == RecordingCopy.recording_id)
            .where(
                RecordingCopy.state == CopyState.WAITING,
                Recording.state.in_(PLAYABLE),
                Recording.desk_id == actor.desk_id,
                or_(
                    RecordingCopy.trouble.is_not(None),
                    Recording.sealed_at < work.now - LATE_AFTER,
                ),
            )
        )
        or 0
    )


@needs(Permission.STORE_RECORDINGS)
def next_errand(actor: Actor, work: UnitOfWork, /) -> Errand | None:
    """What this desk has to do next, if anything is due; what was discarded comes first."""
    discarded = Recording.state == RecordingState.DISCARDED
    mine = Recording.desk_id == actor.desk_id
    waiting = RecordingCopy.state == CopyState.WAITING
    arrived = RecordingCopy.state == CopyState.ARRIVED
    found = work.session.execute(
        select(RecordingCopy, Recording, RecordingStore)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .join(RecordingStore, RecordingStore.id == RecordingCopy.store_id)
        .where(
            or_(
                RecordingCopy.next_try_at <= work.now,
                RecordingCopy.next_try_at > work.now + LONGEST_AHEAD,
            ),
            or_(
                # a desk that uploads a copy is the one to delete it: it does one after another
                and_(discarded, or_(mine, RecordingCopy.local_removed_at.is_not(None))),
                and_(
                    mine,
                    Recording.state.in_(PLAYABLE),
                    or_(waiting, and_(arrived, RecordingCopy.local_removed_at.is_(None))),
                ),
            ),
        )
        .order_by(
            case((discarded, 0), (arrived, 1), else_=2),
            RecordingCopy.next_try_at,
            RecordingCopy.id,
        )
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    copy, recording, store = found
    kind = ErrandKind.UPLOAD if copy.state == CopyState.WAITING else ErrandKind.REMOVE_LOCAL
    if recording.state == RecordingState.DISCARDED:
        kind = ErrandKind.FORGET
    return Errand(
        kind=kind,
        copy_id=copy.id,
        recording_id=recording.id,
        uid=recording.uid,
        digest=recording.digest or "",
        size_bytes=recording.size_bytes or 0,
        key_version=recording.key_version,
        terms=queue.terms_of(store),
    )


@needs(Permission.ENTER_STORES)
def terms_in_use(actor: Actor, work: UnitOfWork, /) -> StoreTerms | None:
    """How the store in use is reached, its secret included: to try it out, never to show it."""
    store = queue.store_in_use(work)
    return None if store is None else queue.terms_of(store)


@needs(Permission.PLAY_RECORDINGS)
def where_stored(actor: Actor, work: UnitOfWork, /, recording_id: int) -> tuple[StoredCopy, ...]:
    """Where a recording has arrived, the newest copy first; for who is appointed to listen."""
    require_listener(work, actor.user_id)
    return _where_stored(work, recording_id)


@needs(Permission.DECIDE_REQUESTS)
def where_stored_for_disclosure(
    actor: Actor, work: UnitOfWork, /, recording_id: int
) -> tuple[StoredCopy, ...]:
    """As `where_stored`, for whoever gives a recording to the customer who asked for it."""
    require_listener(work, actor.user_id)
    return _where_stored(work, recording_id)


def _where_stored(work: UnitOfWork, recording_id: int) -> tuple[StoredCopy, ...]:
    found = work.session.execute(
        select(RecordingCopy, RecordingStore, Recording.key_version)
        .join(RecordingStore, RecordingStore.id == RecordingCopy.store_id)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(
            RecordingCopy.recording_id == recording_id,
            RecordingCopy.state == CopyState.ARRIVED,
            Recording.state.in_(PLAYABLE),
        )
        .order_by(RecordingCopy.id.desc())
    )
    return tuple(
        StoredCopy(store.id, copy.key_version or key_version, queue.terms_of(store))
        for copy, store, key_version in found
    )


def _shown(store: RecordingStore) -> StoreShown:
    return StoreShown(
        kind=StoreKind(store.kind),
        folder=store.folder,
        endpoint=store.endpoint,
        region=store.region,
        bucket=store.bucket,
        prefix=store.prefix,
        authority=store.authority,
        access_key=store.access_key,
        entered_at=store.entered_at,
    )
