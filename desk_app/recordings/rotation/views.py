"""What pages read about the recordings' keys, and what a desk needs to re-wrap with."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select

from desk_app.people.access import Actor, Permission, UserId, needs
from desk_app.people.rules import ROTATIONS, StepId, StepKind
from desk_app.people.settings import ROTATION_DUE, setting
from desk_app.people.standing import accounts_in_use, current_appointments, person_id, person_of
from desk_app.people.steps import waiting
from desk_app.recordings.model import Recording, RecordingCopy, RecordingKey, RecordingStore
from desk_app.recordings.reconciliation.pages import ExpectedCopy, Turn
from desk_app.recordings.rotation.versions import behind, key_in_use
from desk_app.recordings.rules import PLAYABLE
from desk_app.recordings.stores.base import StoreTerms
from desk_app.recordings.stores.queue import terms_of
from desk_app.storage.unit_of_work import UnitOfWork

BATCH = 200
"""Recordings that are looked at in one read."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of the recordings' key, and how many recordings are sealed for it."""

    version: int
    made_at: datetime
    retired_at: datetime | None
    recordings: int


@dataclass(frozen=True, slots=True)
class DeskProgress:
    """How many of a desk's recordings are sealed for the key in use."""

    desk_id: str
    done: int
    total: int
    damaged: int


@dataclass(frozen=True, slots=True)
class RotationDue:
    """Somebody who may not listen any more knows the key in use, since ``since``."""

    since: datetime
    name: str


@dataclass(frozen=True, slots=True)
class WaitingRotation:
    """A rotation that somebody asked for; ``waits_for_other``: the reader asked themselves."""

    step_id: StepId
    kind: StepKind
    requested_by: str
    requested_at: datetime
    waits_for_other: bool


@dataclass(frozen=True, slots=True)
class KeysPage:
    """Everything about the recordings' keys that a person may see who looks after them."""

    versions: tuple[VersionRow, ...]
    """The newest first."""
    recovery_since: datetime
    """When the recovery key in use came into use."""
    holders: tuple[str, ...]
    desks: tuple[DeskProgress, ...]
    copies_behind: int
    """Copies in stores that are sealed for an earlier key."""
    due: RotationDue | None
    waiting: tuple[WaitingRotation, ...]
    may_carry_out: bool
    """The reader is appointed to listen and holds the key."""


@dataclass(frozen=True, slots=True)
class RewrapTerms:
    """For whom recordings are re-wrapped."""

    version: int
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaleCopy:
    """A copy in a store that is sealed for an earlier key."""

    id: int
    recording_id: int
    uid: str
    digest: str
    size_bytes: int
    store_id: int
    terms: StoreTerms = field(repr=False)

    @property
    def expected(self) -> ExpectedCopy:
        """It, as the daily check of copies sees it."""
        return ExpectedCopy(
            self.id, self.recording_id, self.uid, self.digest, self.size_bytes, Turn.DOUBTED
        )


@dataclass(frozen=True, slots=True)
class StaleRecording:
    """A recording that is sealed for an earlier key."""

    id: int
    uid: str
    digest: str


@needs(Permission.MANAGE_KEYS)
def keys_page(actor: Actor, work: UnitOfWork, /) -> KeysPage:
    """Versions, holders, progress, and what is due or waits."""
    keys = list(work.session.scalars(select(RecordingKey).order_by(RecordingKey.id.desc())))
    present = key_in_use(work)
    counted: dict[int, int] = {}
    for version, count in work.session.execute(
        select(Recording.key_version, func.count())
        .where(Recording.state.in_(PLAYABLE))
        .group_by(Recording.key_version)
    ):
        counted[version] = count
    holders = [user for user in accounts_in_use(work) if user.holds_recordings]
    appointment = current_appointments(work, actor.user_id).get(actor.user_id)
    may_listen = appointment is not None and appointment.may_listen
    return KeysPage(
        versions=tuple(
            VersionRow(one.id, one.made_at, one.retired_at, counted.get(one.id, 0)) for one in keys
        ),
        recovery_since=min(
            one.made_at for one in keys if one.recovery_recipient == present.recovery_recipient
        ),
        holders=tuple(sorted(person_of(work, user.id).name for user in holders)),
        desks=_progress(work, present.id),
        copies_behind=_copies_behind(work, present.id),
        due=_due(work),
        waiting=tuple(
            WaitingRotation(
                StepId(step.id),
                StepKind(step.kind),
                person_of(work, step.requested_by).name,
                step.requested_at,
                person_id(work, step.requested_by) == person_id(work, actor.user_id),
            )
            for step in waiting(work, ROTATIONS)
        ),
        may_carry_out=may_listen and actor.user_id in {UserId(user.id) for user in holders},
    )


@needs(Permission.MANAGE_KEYS)
def rewrap_terms(actor: Actor, work: UnitOfWork, /) -> RewrapTerms | None:
    """For whom to re-wrap; None to who may not listen, and where nothing is left to do."""
    appointment = current_appointments(work, actor.user_id).get(actor.user_id)
    if appointment is None or not appointment.may_listen:
        return None
    key = key_in_use(work)
    here = select(Recording.id).where(
        Recording.key_version != key.id, Recording.state.in_(PLAYABLE)
    )
    if work.session.scalar(here.limit(1)) is None and not _copies_behind(work, key.id):
        return None
    return RewrapTerms(key.id, (key.recipient, key.recovery_recipient))


@needs(Permission.MANAGE_KEYS)
def stale(
    actor: Actor, work: UnitOfWork, /, version: int, *, after: int = 0
) -> tuple[StaleRecording, ...]:
    """The next recordings with an id above ``after`` that are sealed for another version."""
    found = work.session.scalars(
        select(Recording)
        .where(
            Recording.id > after, Recording.key_version != version, Recording.state.in_(PLAYABLE)
        )
        .order_by(Recording.id)
        .limit(BATCH)
    )
    return tuple(StaleRecording(one.id, one.uid, one.digest or "") for one in found)


@needs(Permission.MANAGE_KEYS)
def stale_copies(
    actor: Actor, work: UnitOfWork, /, version: int, *, after: int = 0
) -> tuple[StaleCopy, ...]:
    """The next copies with an id above ``after`` that have arrived and are sealed for another
    version."""
    found = work.session.execute(
        select(RecordingCopy, Recording, RecordingStore)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .join(RecordingStore, RecordingStore.id == RecordingCopy.store_id)
        .where(RecordingCopy.id > after, *behind(version))
        .order_by(RecordingCopy.id)
        .limit(BATCH)
    )
    return tuple(
        StaleCopy(
            id=copy.id,
            recording_id=one.id,
            uid=one.uid,
            digest=one.digest or "",
            size_bytes=one.size_bytes or 0,
            store_id=store.id,
            terms=terms_of(store),
        )
        for copy, one, store in found
    )


def _copies_behind(work: UnitOfWork, version: int) -> int:
    found = work.session.scalar(
        select(func.count())
        .select_from(RecordingCopy)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(*behind(version))
    )
    return found or 0


def _progress(work: UnitOfWork, version: int) -> tuple[DeskProgress, ...]:
    rows = work.session.execute(
        select(
            Recording.desk_id,
            func.sum(case((Recording.key_version == version, 1), else_=0)),
            func.count(),
            func.count(Recording.rewrap_trouble),
        )
        .where(Recording.state.in_(PLAYABLE))
        .group_by(Recording.desk_id)
        .order_by(Recording.desk_id)
    )
    return tuple(DeskProgress(desk, int(done), total, bad) for desk, done, total, bad in rows)


def _due(work: UnitOfWork) -> RotationDue | None:
    since, _, user_id = (setting(work, ROTATION_DUE) or "").partition(" ")
    if not since:
        return None
    return RotationDue(datetime.fromisoformat(since), person_of(work, int(user_id)).name)
