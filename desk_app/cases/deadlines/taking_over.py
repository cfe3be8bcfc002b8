"""The deadlines of a case that goes on with another's matter, and giving them back. Not a use case.

Of each service target the one that is due earlier runs on, statutory clocks run from the earlier
knowing; the other case's own end. What undoing needs are the rows as they were: ids, instants and
tokens, nothing personal.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, delete, select

from desk_app.cases.deadlines import keeping
from desk_app.cases.deadlines.model import CaseDeadline, CasePause, DeadlineMove
from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.model import Case
from desk_app.hours.calendar import open_calendar
from desk_app.hours.reckoning import Pause, reckon
from desk_app.people.access import Actor
from desk_app.storage.base import UtcDateTime
from desk_app.storage.unit_of_work import UnitOfWork

Rows = dict[str, dict[str, Any]]
"""Rows of one table, by id (as JSON keys are text)."""

_TABLES: tuple[type[CaseDeadline] | type[CasePause], ...] = (CaseDeadline, CasePause)


def take_over(actor: Actor, work: UnitOfWork, case: Case, other: Case) -> dict[str, Any]:
    """Let the open deadlines of ``other`` go on with ``case``; what it takes to undo that."""
    before = _written(work, case.id), _written(work, other.id)
    moves = _moves(work, case.id)
    _take_targets(work, case, other)
    calendar = open_calendar(work)
    for row in keeping.open_rows(work, other):
        if row.kind == DeadlineKind.STATUTORY and row.known_on is not None:
            known_at = calendar.midnight(row.known_on)
            keeping.begin_statutory(actor, work, case, [row.rule or ""], known_at)
    keeping.end_all(work, other)
    keeping.refresh(work, case)
    work.session.flush()
    return {
        "before": before[0],
        "after": _written(work, case.id),
        "other": before[1],
        "moves": sorted(_moves(work, case.id) - moves),
    }


def give_back(work: UnitOfWork, journal: dict[str, Any], case: Case, other: Case) -> None:
    """The other's deadlines become what they were. Those of ``case`` as well, kind by kind: what
    was met, paused or moved since stays as it is."""
    work.session.flush()
    _restore(work, journal["other"], _written(work, other.id))
    now = _written(work, case.id)
    for kind in DeadlineKind:
        before, after, present = (
            _of_kind(rows, kind) for rows in (journal["before"], journal["after"], now)
        )
        if present == after:
            if kind is DeadlineKind.STATUTORY:
                made = DeadlineMove.id.in_(journal["moves"])
                work.session.execute(delete(DeadlineMove).where(made))
            _restore(work, before, after)
    work.session.flush()
    for one in (case, other):
        keeping.refresh(work, one)


def _of_kind(rows: dict[str, Rows], kind: DeadlineKind) -> dict[str, Rows]:
    name = CaseDeadline.__tablename__
    return {name: {id: row for id, row in rows[name].items() if row["kind"] == kind}}


def _take_targets(work: UnitOfWork, case: Case, other: Case) -> None:
    pauses = keeping.pauses_of(work, case.id)
    over: list[Pause] = [(begins, ends or work.now) for begins, ends in pauses]

    def due_at(row: CaseDeadline) -> datetime | None:
        """If the customer weren't awaited any more."""
        return reckon(row.started_at, row.minutes or 0, keeping.runs_of(work, row), over).due_at

    episode, latest = _latest(work, case)
    for row in keeping.open_rows(work, other):
        if row.kind == DeadlineKind.STATUTORY:
            continue
        own = latest.get(row.kind)
        if own is not None:
            if own.met_at is not None or own.ended_at is not None:
                continue
            mine, theirs = due_at(own), due_at(row)
            if mine is None or theirs is None or theirs >= mine:
                continue
            own.ended_at = work.now
        keeping.begin(
            work,
            case,
            DeadlineKind(row.kind),
            episode,
            row.minutes or 0,
            row.started_at,
            pauses=pauses,
        )


def _latest(work: UnitOfWork, case: Case) -> tuple[int, dict[str, CaseDeadline]]:
    """The last episode of a case, and the last row of each kind in it."""
    rows = work.session.scalars(
        select(CaseDeadline).where(CaseDeadline.case_id == case.id).order_by(CaseDeadline.id)
    ).all()
    episode = max((row.episode for row in rows), default=1)
    return episode, {row.kind: row for row in rows if row.episode == episode}


def _moves(work: UnitOfWork, case_id: int) -> set[int]:
    work.session.flush()
    return set(
        work.session.scalars(
            select(DeadlineMove.id)
            .join(CaseDeadline, CaseDeadline.id == DeadlineMove.deadline_id)
            .where(CaseDeadline.case_id == case_id)
        )
    )


def _written(work: UnitOfWork, case_id: int) -> dict[str, Rows]:
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
    return tuple(found)


def _restore(work: UnitOfWork, before: dict[str, Rows], after: dict[str, Rows]) -> None:
    for kind in _TABLES:
        name = kind.__tablename__
        if name not in before:
            continue
        for id in after[name].keys() - before[name].keys():
            work.session.delete(work.session.get_one(kind, int(id)))
        for id, values in before[name].items():
            row = work.session.get_one(kind, int(id))
            for column in kind.__table__.columns:
                value = _read(column.type, values[column.key])
                if getattr(row, column.key) != value:
                    setattr(row, column.key, value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(kind: object, value: Any) -> Any:
    if value is None or (isinstance(value, Sequence) and not isinstance(value, str)):
        return value
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
