"""Deadlines as rows and explanations. Not a use case: who reads has been checked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from desk_app.cases.deadlines.keeping import pauses_of, runs_of
from desk_app.cases.deadlines.model import CaseDeadline, DeadlineMove
from desk_app.cases.deadlines.pages import DeadlineRow, Explanation, MoveRow
from desk_app.cases.deadlines.rules import DeadlineKind, MoveCause, pauses_for, state_of
from desk_app.cases.deadlines.statutory import version_of
from desk_app.hours.calendar import open_calendar
from desk_app.hours.explaining import counted_days, explain
from desk_app.hours.phrases import Unsettled
from desk_app.hours.reckoning import MINUTE_US
from desk_app.storage.unit_of_work import UnitOfWork

_DEADLINES = select(CaseDeadline).where(CaseDeadline.case_id == bindparam("case"))
_MOVES = (
    select(DeadlineMove)
    .join(CaseDeadline, CaseDeadline.id == DeadlineMove.deadline_id)
    .where(CaseDeadline.case_id == bindparam("case"))
    .order_by(DeadlineMove.id)
)


def deadline_rows(
    work: UnitOfWork, case_id: int, names: Mapping[int, str]
) -> tuple[DeadlineRow, ...]:
    """The deadlines of a case: the latest episode first, in it those that are open by their due
    time, then those that are settled, the latest first. Statutory clocks lead."""
    rows = work.session.scalars(_DEADLINES, {"case": case_id}).all()
    moves: dict[int, list[MoveRow]] = defaultdict(list)
    for move in work.session.scalars(_MOVES, {"case": case_id}):
        moves[move.deadline_id].append(
            MoveRow(
                move.at,
                names[move.user_id],
                MoveCause(move.cause),
                move.reason,
                move.old_due_at,
                move.new_due_at,
            )
        )
    shown = [_row(work, row, moves.get(row.id, ())) for row in rows]
    return tuple(sorted(shown, key=lambda row: _order(row, work.now)))


def explanation(work: UnitOfWork, row: DeadlineRow, case_id: int) -> Explanation:
    """Why it falls where it does, by the calendars that were in force for it."""
    if row.is_statutory:
        if row.known_on is None or row.rule is None:
            return Explanation(row, adds_up=False)
        days = counted_days(
            open_calendar(work), row.known_on, row.rule.days, knowing_counts=row.rule.knowing_counts
        )
        return Explanation(row, days=days)
    kept = work.session.get_one(CaseDeadline, row.id)
    settled_at = row.met_at or row.ended_at
    end = row.due_at or settled_at or work.now
    pauses = pauses_for(kept.came_with, pauses_of(work, case_id))
    if settled_at is not None:  # what came after has moved it no more
        pauses = [
            (begins, min(ends or settled_at, settled_at))
            for begins, ends in pauses
            if begins < settled_at
        ]
    stretches = explain(row.started_at, end, runs_of(work, kept), pauses)
    counted_us = sum(one.counted_us for one in stretches)
    left_us = (row.minutes or 0) * MINUTE_US - counted_us
    return Explanation(
        deadline=row,
        stretches=stretches,
        counted_minutes=counted_us / MINUTE_US,
        left_minutes=max(left_us, 0) / MINUTE_US,
        adds_up=left_us == 0 or (row.due_at is None and left_us > 0),
    )


def _row(work: UnitOfWork, row: CaseDeadline, moves: Sequence[MoveRow]) -> DeadlineRow:
    warns = row.warn_at is not None and row.warn_at <= work.now
    closed = False
    if warns and row.due_at is not None:
        calendar = open_calendar(work)
        closed = calendar.opens_on(calendar.local(row.due_at).date()) is None
    known = row.rule is not None and row.rule_from is not None
    return DeadlineRow(
        id=row.id,
        kind=DeadlineKind(row.kind),
        episode=row.episode,
        state=state_of(row.due_at, row.met_at, row.ended_at, work.now),
        started_at=row.started_at,
        minutes=row.minutes,
        days=row.days,
        known_on=row.known_on,
        due_at=row.due_at,
        rests_on=_rests_on(work, row),
        warn_at=row.warn_at,
        warns=warns,
        due_when_closed=closed,
        met_at=row.met_at,
        ended_at=row.ended_at,
        rule_key=row.rule,
        rule=version_of(row.rule or "", row.rule_from) if known and row.rule_from else None,
        moves=tuple(moves),
    )


def _rests_on(work: UnitOfWork, row: CaseDeadline) -> tuple[Unsettled, ...]:
    """Of an open target that runs. A statutory clock's day stands, whatever is closed."""
    settled = row.met_at is not None or row.ended_at is not None
    if settled or row.due_at is None or row.known_on is not None or row.due_at <= work.now:
        return ()
    return open_calendar(work).rests_on(work.now, row.due_at)


def _order(row: DeadlineRow, now: datetime) -> tuple[object, ...]:
    if row.is_open:
        due = row.due_at.timestamp() if row.due_at else float("inf")
        return (0, not row.is_statutory, due, row.id)
    settled = row.met_at or row.ended_at or now
    return (1, -row.episode, -settled.timestamp(), row.id)
