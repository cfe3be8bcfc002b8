"""The deadlines of a case that goes on with another's matter, and giving them back. Not a use case.

Of each service target the one that is due earlier runs on, with the calendars and the pauses it
has had; statutory clocks go along, see `clocks`; the other case's own end. What undoing needs are
the rows as they were: ids, instants and tokens, nothing personal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, delete, select

from desk_app.cases.deadlines import clocks, keeping
from desk_app.cases.deadlines.model import CaseDeadline, CasePause, DeadlineMove
from desk_app.cases.deadlines.rules import DeadlineKind, brought, earliest, pauses_for
from desk_app.cases.model import Case
from desk_app.hours.calendar import open_calendar
from desk_app.hours.reckoning import Pause, Run, reckon
from desk_app.storage.base import UtcDateTime
from desk_app.storage.unit_of_work import UnitOfWork

Rows = dict[str, dict[str, Any]]
"""Rows of one table, by id (as JSON keys are text)."""

_TABLES: tuple[type[CaseDeadline] | type[CasePause], ...] = (CaseDeadline, CasePause)
_BY_CALENDAR = ("due_at", "warn_at", "calendars")
"""What an edit of the calendar changes in a row of its own accord."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """An open target of the other case that is to run on: its row there, the row that ends for
    it, and when it will be due."""

    theirs: CaseDeadline
    mine: CaseDeadline | None
    pauses: dict[str, Any]
    due_at: datetime | None


def take_over(work: UnitOfWork, case: Case, other: Case) -> dict[str, Any]:
    """Let the open deadlines of ``other`` go on with ``case``; what it takes to undo that."""
    before = _written(work, case.id), _written(work, other.id)
    episode, _ = _latest(work, case)
    for one in _targets_taken(work, case, other):
        if one.mine is not None:
            one.mine.ended_at = work.now
        row = CaseDeadline(
            case_id=case.id,
            kind=one.theirs.kind,
            episode=episode,
            started_at=one.theirs.started_at,
            minutes=one.theirs.minutes,
            calendars=one.theirs.calendars,
            came_with=one.pauses,
            due_at=one.due_at,
        )
        keeping.in_force_from_now(work, row)
        work.session.add(row)
    journal = clocks.take_clocks(work, case, other)
    keeping.end_all(work, other)
    keeping.refresh(work, case)
    work.session.flush()
    return {
        "before": before[0],
        "after": _written(work, case.id),
        "other": before[1],
        **journal,
    }


def due_after(work: UnitOfWork, case: Case, other: Case) -> datetime | None:
    """When ``case`` would be due once `take_over` was carried out. Changes nothing."""
    taken = _targets_taken(work, case, other)
    ended = {one.mine.id for one in taken if one.mine is not None}
    return earliest(
        [
            *(row.due_at for row in keeping.open_rows(work, case) if row.id not in ended),
            *(one.due_at for one in taken),
            *(row.due_at for row in clocks.running(work, other)),
        ]
    )


def give_back(
    work: UnitOfWork,
    journal: dict[str, Any],
    case: Case,
    other: Case,
    *,
    merged_at: Collection[datetime],
) -> None:
    """The other's deadlines become what they were. Those of ``case`` as well, kind by kind: what
    was met or ended since stays as it is. Whatever the calendar has become meanwhile is left to
    `recomputing.catch_up`. For ``merged_at`` see `clocks.give_clocks_back`."""
    work.session.flush()
    clocks.give_clocks_back(work, journal, case, other, merged_at=merged_at)
    _restore(work, journal["other"], _written(work, other.id))
    now = _written(work, case.id)
    for kind in DeadlineKind:
        before, after, present = (
            _of_kind(rows, kind) for rows in (journal["before"], journal["after"], now)
        )
        if _without_calendar(present) == _without_calendar(after):
            _restore(work, before, after)
    work.session.flush()
    if now[CasePause.__tablename__] != journal["before"][CasePause.__tablename__]:
        pauses = keeping.pauses_of(work, case.id)
        for row in keeping.open_rows(work, case):
            if row.kind != DeadlineKind.STATUTORY:
                counted = pauses_for(row.came_with, pauses)
                runs = keeping.runs_of(work, row)
                row.due_at = reckon(row.started_at, row.minutes or 0, runs, counted).due_at
    for one in (case, other):
        keeping.refresh(work, one)


def _of_kind(rows: dict[str, Rows], kind: DeadlineKind) -> dict[str, Rows]:
    name = CaseDeadline.__tablename__
    return {name: {id: row for id, row in rows[name].items() if row["kind"] == kind}}


def _without_calendar(rows: dict[str, Rows]) -> dict[str, Rows]:
    return {
        name: {
            id: {key: value for key, value in row.items() if key not in _BY_CALENDAR}
            for id, row in found.items()
        }
        for name, found in rows.items()
    }


def _due_at(work: UnitOfWork, row: CaseDeadline, pauses: Sequence[Pause]) -> datetime | None:
    """By the calendar in force from now on."""
    runs = [*keeping.runs_of(work, row), Run(work.now, open_calendar(work))]
    return reckon(row.started_at, row.minutes or 0, runs, pauses).due_at


def _targets_taken(work: UnitOfWork, case: Case, other: Case) -> list[_Taken]:
    """Of each kind the earlier one counts, as if neither customer were awaited any more."""
    own, others = (keeping.pauses_of(work, one.id) for one in (case, other))
    taken = []
    _, latest = _latest(work, case)
    for theirs in keeping.open_rows(work, other):
        if theirs.kind == DeadlineKind.STATUTORY:
            continue
        pauses = brought(pauses_for(theirs.came_with, others), work.now)
        mine = latest.get(theirs.kind)
        if mine is not None:
            if mine.met_at is not None or mine.ended_at is not None:
                continue
            so_far = brought(pauses_for(mine.came_with, own), work.now)
            now_due, then_due = (
                _due_at(work, row, pauses_for(kept, ()))
                for row, kept in ((mine, so_far), (theirs, pauses))
            )
            if now_due is None or then_due is None or then_due >= now_due:
                continue
        due_at = _due_at(work, theirs, pauses_for(pauses, own))
        taken.append(_Taken(theirs, mine, pauses, due_at))
    return taken


def _latest(work: UnitOfWork, case: Case) -> tuple[int, dict[str, CaseDeadline]]:
    """The last episode of a case, and the last row of each kind in it."""
    rows = work.session.scalars(
        select(CaseDeadline).where(CaseDeadline.case_id == case.id).order_by(CaseDeadline.id)
    ).all()
    episode = max((row.episode for row in rows), default=1)
    return episode, {row.kind: row for row in rows if row.episode == episode}


def _written(work: UnitOfWork, case_id: int) -> dict[str, Rows]:
    """The pauses and service targets of a case; statutory clocks have a journal of their own."""
    work.session.flush()
    return {
        kind.__tablename__: {
            str(row.id): {
                column.key: _plain(getattr(row, column.key)) for column in kind.__table__.columns
            }
            for row in _rows(work, kind, case_id)
        }
        for kind in _TABLES
    }


def _rows(
    work: UnitOfWork, kind: type[CaseDeadline] | type[CasePause], case_id: int
) -> Sequence[CaseDeadline | CasePause]:
    found: Any = work.session.scalars(select(kind).where(kind.case_id == case_id)).all()
    return [row for row in found if getattr(row, "kind", None) != DeadlineKind.STATUTORY]


def _restore(work: UnitOfWork, before: dict[str, Rows], after: dict[str, Rows]) -> None:
    """Take out the rows that are only in ``after``, and give back what differs in the others."""
    for kind in _TABLES:
        name = kind.__tablename__
        if name not in before:
            continue
        made = [int(id) for id in after[name].keys() - before[name].keys()]
        if kind is CaseDeadline and made:
            work.session.execute(delete(DeadlineMove).where(DeadlineMove.deadline_id.in_(made)))
        for number in made:
            work.session.delete(work.session.get_one(kind, number))
        for id, values in before[name].items():
            row = work.session.get_one(kind, int(id))
            for column in kind.__table__.columns:
                if values[column.key] != after[name][id][column.key]:
                    setattr(row, column.key, _read(column.type, values[column.key]))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(kind: object, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
