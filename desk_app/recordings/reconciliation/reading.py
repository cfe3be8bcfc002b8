"""Recordings as the comparison sees them. Not use cases: the caller has checked who asks."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.people.settings import set_setting, setting
from desk_app.recordings.model import Recording, RecordingCopy, RecordingFinding
from desk_app.recordings.reconciliation.kinds import FILE_KINDS
from desk_app.recordings.reconciliation.pages import ExpectedFile, Turn
from desk_app.recordings.reconciliation.rules import RecordingFacts
from desk_app.recordings.rules import PLAYABLE, RecordingState
from desk_app.storage.unit_of_work import UnitOfWork

OLDER_FILES = 100
"""So many files that were checked before are checked again each day, all of them in turn."""
_AT_ONCE = 500  # ids in one statement
_PLAYABLE = sorted(state.value for state in PLAYABLE)


def local_day(work: UnitOfWork, at: datetime) -> date:
    return open_calendar(work).local(at).date()


def bounds(work: UnitOfWork, day: date) -> tuple[datetime, datetime]:
    """The office's day as instants: from midnight to midnight on its own wall clock."""
    zone = ZoneInfo(open_calendar(work).zone)
    first, last = (
        datetime.combine(one, time(), zone).astimezone(UTC)
        for one in (day, day + timedelta(days=1))
    )
    return first, last


def facts_of_contacts(work: UnitOfWork, contact_ids: Collection[int]) -> list[RecordingFacts]:
    """What the rows of these contacts' recordings say."""
    ids = list(contact_ids)
    return [
        RecordingFacts(
            id=row.id,
            contact_id=row.contact_id,
            state=RecordingState(row.state),
            started_at=row.started_at,
            duration_ms=row.duration_ms or 0,
            lost_ms=row.lost_ms,
            timeline=tuple(row.timeline),
            operator_voice_ms=row.operator_voice_ms,
            caller_voice_ms=row.caller_voice_ms,
            surplus=row.surplus,
            discard_reason=row.discard_reason,
            desk_id=row.desk_id,
        )
        for at in range(0, len(ids), _AT_ONCE)
        for row in work.session.scalars(
            select(Recording).where(Recording.contact_id.in_(ids[at : at + _AT_ONCE]))
        )
    ]


def rows_named(work: UnitOfWork, uids: Collection[str]) -> dict[str, Recording]:
    """The rows of these files."""
    names = list(uids)
    return {
        row.uid: row
        for at in range(0, len(names), _AT_ONCE)
        for row in work.session.scalars(
            select(Recording).where(Recording.uid.in_(names[at : at + _AT_ONCE]))
        )
    }


def in_store(work: UnitOfWork, recording_ids: Collection[int]) -> set[int]:
    """Those of these recordings that have arrived, whole, in a store."""
    return set(
        work.session.scalars(
            select(RecordingCopy.recording_id).where(
                RecordingCopy.recording_id.in_(recording_ids), RecordingCopy.state == "arrived"
            )
        )
    )


@dataclass(slots=True)
class Place:
    """How far a desk has come with its files; ``newest_*`` is the last new one it checked."""

    newest_at: str = ""
    newest_id: int = 0
    older_id: int = 0
    done_on: str = ""

    @classmethod
    def of(cls, actor: Actor, work: UnitOfWork) -> "Place":
        kept: dict[str, Any] = json.loads(setting(work, _place_name(actor)) or "{}")
        return cls(**kept)

    def keep(self, actor: Actor, work: UnitOfWork) -> None:
        set_setting(work, _place_name(actor), json.dumps(asdict(self)))

    def move_past(self, one: ExpectedFile) -> None:
        """This file was checked."""
        if one.turn is Turn.NEW:
            self.newest_at, self.newest_id = one.sealed_at.isoformat(), one.recording_id
        elif one.turn is Turn.OLDER:
            self.older_id = one.recording_id


def _place_name(actor: Actor) -> str:
    return f"recordings_checked.{actor.desk_id}"


def files_due(actor: Actor, work: UnitOfWork) -> tuple[ExpectedFile, ...]:
    """This desk's files to check: the doubted, the new, and the next of those checked before."""
    place = Place.of(actor, work)
    doubted = select(RecordingFinding.recording_id).where(
        RecordingFinding.settled_at.is_(None),
        RecordingFinding.kind.in_(sorted(kind.value for kind in FILE_KINDS)),
    )
    is_new: ColumnElement[bool] = Recording.sealed_at.is_not(None)
    if place.newest_at:
        at = datetime.fromisoformat(place.newest_at)
        is_new = or_(
            Recording.sealed_at > at,
            and_(Recording.sealed_at == at, Recording.id > place.newest_id),
        )
    found: dict[int, ExpectedFile] = {}

    def take(turn: Turn, *, such: ColumnElement[bool], most: int | None = None) -> None:
        order = (Recording.sealed_at, Recording.id) if turn is Turn.NEW else (Recording.id,)
        for row in work.session.execute(
            select(
                Recording.id,
                Recording.uid,
                Recording.digest,
                Recording.size_bytes,
                Recording.sealed_at,
            )
            .where(Recording.desk_id == actor.desk_id, Recording.state.in_(_PLAYABLE), such)
            .order_by(*order)
            .limit(most)
        ):
            if row.id not in found:
                found[row.id] = ExpectedFile(
                    row.id, row.uid, row.digest or "", row.size_bytes or 0, row.sealed_at, turn
                )

    take(Turn.DOUBTED, such=Recording.id.in_(doubted))
    take(Turn.NEW, such=is_new)
    before = len(found)
    take(Turn.OLDER, such=Recording.id > place.older_id, most=OLDER_FILES)
    left = OLDER_FILES - (len(found) - before)
    if left > 0:  # round again from the first
        take(Turn.OLDER, such=Recording.id <= place.older_id, most=left)
    return tuple(found.values())
