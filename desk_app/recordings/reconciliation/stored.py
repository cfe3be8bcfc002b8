"""Copies in stores as the daily check sees them. Not use cases: the caller has checked who asks.

Each store has one place for all desks, kept in a setting: up to which copy its round has come, and
how much was read back today. The round goes by the copies' ids and begins again after the last,
so that the copy that was checked longest ago is always next.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select

from desk_app.people.settings import set_setting, setting
from desk_app.recordings.model import Recording, RecordingCopy, RecordingFinding, RecordingStore
from desk_app.recordings.reconciliation.keeping import Kept, alone, keep
from desk_app.recordings.reconciliation.kinds import COPY_KINDS, FindingKind, Reason
from desk_app.recordings.reconciliation.pages import CheckedCopy, CopiesDue, ExpectedCopy, Turn
from desk_app.recordings.reconciliation.reading import local_day
from desk_app.recordings.reconciliation.rules import Found
from desk_app.recordings.rules import PLAYABLE, RecordingState
from desk_app.recordings.stores.queue import terms_of
from desk_app.recordings.stores.rules import CopyState
from desk_app.storage.unit_of_work import UnitOfWork

ROUND_DAYS = 20
"""Working days in which every copy of a store is read back: about a month."""
MOST_BYTES = 2 << 30
"""No more is read back from one store in a day, though a round then takes longer."""
MOST_COPIES = 2_000
"""Nor more copies in one run."""
MOST_DOUBTED = 100
"""Of the copies that were found wrong so many are looked at again beside."""
_CHECKED = (RecordingCopy.state == CopyState.ARRIVED, Recording.state.in_(PLAYABLE))


@dataclass(slots=True)
class _Place:
    """``past`` is the last copy that was checked in turn; ``read_bytes`` were read on ``day``."""

    past: int = 0
    day: str = ""
    read_bytes: int = 0

    @classmethod
    def of(cls, work: UnitOfWork, store_id: int) -> "_Place":
        """Where the round of this store is, today."""
        place = cls(**json.loads(setting(work, _place_name(store_id)) or "{}"))
        today = local_day(work, work.now).isoformat()
        if place.day != today:
            place.day, place.read_bytes = today, 0
        return place

    def keep(self, work: UnitOfWork, store_id: int) -> None:
        set_setting(work, _place_name(store_id), json.dumps(asdict(self)))


def _place_name(store_id: int) -> str:
    return f"recording_copies_checked.{store_id}"


def copies_due(work: UnitOfWork, *, again: bool = False) -> tuple[CopiesDue, ...]:
    """What is left of today's share of each store, and with it the copies that are in doubt."""
    due = []
    for store in work.session.scalars(select(RecordingStore).order_by(RecordingStore.id)):
        shared = _share(work, store.id)
        if shared or again:
            chosen = {one.copy_id for one in shared}
            doubted = [one for one in _doubted(work, store.id) if one.copy_id not in chosen]
            if shared or doubted:
                due.append(CopiesDue(store.id, terms_of(store), (*shared, *doubted)))
    return tuple(due)


def move_past(work: UnitOfWork, store_id: int, copies: Iterable[ExpectedCopy]) -> None:
    """These copies were read back."""
    place = _Place.of(work, store_id)
    for one in copies:
        if one.turn is Turn.OLDER:
            place.past = one.copy_id
            place.read_bytes += one.size_bytes
    place.keep(work, store_id)


def keep_checked(work: UnitOfWork, store_id: int, checks: Sequence[CheckedCopy]) -> Kept:
    """Enter what is wrong with these copies, and close what was wrong and isn't any more.

    Nothing is said of a copy that has left the store meanwhile, nor of one on its way there.
    """
    alone(work)
    there = work.session.execute(
        _copies(store_id).where(RecordingCopy.id.in_([one.expected.copy_id for one in checks]))
    )
    rows = {copy.id: recording for copy, recording in there}
    found: list[tuple[date, Found]] = []
    for one in checks:
        row = rows.get(one.expected.copy_id)
        if row is None or row.digest != one.expected.digest or _is_right(one):
            continue
        kind = FindingKind.COPY_DAMAGED if one.is_there else FindingKind.COPY_MISSING
        reason = one.damage or Reason.UNEXPLAINED
        particulars = {"store": store_id}
        day = local_day(work, row.started_at)
        found.append((day, Found(kind, reason, row.contact_id, row.id, particulars)))
    ids = [one.expected.recording_id for one in checks]
    known = [
        one
        for one in work.session.scalars(
            select(RecordingFinding).where(_of_copies(), RecordingFinding.recording_id.in_(ids))
        )
        if one.particulars.get("store") == store_id
    ]

    def why_over(finding: RecordingFinding) -> str:
        row = work.session.get(Recording, finding.recording_id)
        is_gone = row is not None and row.state == RecordingState.DISCARDED
        return "discarded" if is_gone else "set_right"

    return keep(work, found, known, why_over=why_over)


def _is_right(one: CheckedCopy) -> bool:
    return one.is_there and one.damage is None


def _share(work: UnitOfWork, store_id: int) -> tuple[ExpectedCopy, ...]:
    """The next copies of the round, as many as today still allows; each copy once."""
    place = _Place.of(work, store_id)
    total = work.session.scalar(
        select(func.sum(Recording.size_bytes))
        .join(RecordingCopy, RecordingCopy.recording_id == Recording.id)
        .where(RecordingCopy.store_id == store_id, *_CHECKED)
    )
    left = min(-(-int(total or 0) // ROUND_DAYS), MOST_BYTES) - place.read_bytes
    chosen: list[ExpectedCopy] = []
    for such in (RecordingCopy.id > place.past, RecordingCopy.id <= place.past):
        asked = _copies(store_id).where(such).order_by(RecordingCopy.id)
        for copy, recording in work.session.execute(asked.limit(MOST_COPIES - len(chosen))):
            if left <= 0:
                return tuple(chosen)
            chosen.append(_expected(copy, recording, Turn.OLDER))
            left -= recording.size_bytes or 0
    return tuple(chosen)


def _doubted(work: UnitOfWork, store_id: int) -> list[ExpectedCopy]:
    """Copies of which something wrong was found that is still open."""
    wrong = select(RecordingFinding.recording_id).where(
        _of_copies(), RecordingFinding.settled_at.is_(None)
    )
    asked = _copies(store_id).where(Recording.id.in_(wrong)).order_by(RecordingCopy.id)
    return [
        _expected(copy, recording, Turn.DOUBTED)
        for copy, recording in work.session.execute(asked.limit(MOST_DOUBTED))
    ]


def _copies(store_id: int) -> Select[RecordingCopy, Recording]:
    return (
        select(RecordingCopy, Recording)
        .join(Recording, Recording.id == RecordingCopy.recording_id)
        .where(RecordingCopy.store_id == store_id, *_CHECKED)
    )


def _of_copies() -> ColumnElement[bool]:
    return RecordingFinding.kind.in_(sorted(kind.value for kind in COPY_KINDS))


def _expected(copy: RecordingCopy, recording: Recording, turn: Turn) -> ExpectedCopy:
    return ExpectedCopy(
        copy.id,
        recording.id,
        recording.uid,
        recording.digest or "",
        recording.size_bytes or 0,
        turn,
    )
