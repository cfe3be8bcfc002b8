"""What the open deadlines become by another calendar than the one they were reckoned by. Not a
use case."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desk_app.cases.deadlines import due_of_cases
from desk_app.cases.deadlines.keeping import (
    UNSETTLED,
    in_force_from_now,
    keep_move,
    open_rows,
    pauses_of,
    refresh,
    runs_of,
)
from desk_app.cases.deadlines.model import CaseDeadline, CasePause
from desk_app.cases.deadlines.rules import DeadlineKind, MoveCause, pauses_for
from desk_app.cases.model import Case
from desk_app.hours.calendar import OfficeCalendar, calendar_as_at, edited_at, open_calendar
from desk_app.hours.explaining import warns_at
from desk_app.hours.reckoning import Pause, Run, reckon
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an open deadline would become by another calendar. While the customer is awaited both
    due times are empty. Of a statutory clock only the warning moves."""

    deadline_id: int
    case_id: int
    kind: DeadlineKind
    due_at: datetime | None
    proposed_due_at: datetime | None
    proposed_warn_at: datetime | None = None


def recompute(
    work: UnitOfWork, case_id: int | None = None, *, calendar: OfficeCalendar | None = None
) -> tuple[Proposal, ...]:
    """What the open deadlines of a case, or of all, would become: those that would change.

    By ``calendar`` from now on, else by the one in force. Changes nothing.
    """
    new = calendar or open_calendar(work)
    return tuple(one for _row, one in _proposals(work, new, case_id=case_id) if one is not None)


def _proposals(
    work: UnitOfWork, calendar: OfficeCalendar, *, case_id: int | None = None
) -> Iterator[tuple[CaseDeadline, Proposal | None]]:
    of_case = [CaseDeadline.case_id == case_id] if case_id is not None else []
    query = select(CaseDeadline).where(*UNSETTLED, *of_case).order_by(CaseDeadline.id)
    rows = work.session.scalars(query).all()
    pauses: dict[int, list[Pause]] = {}
    open_cases = select(CaseDeadline.case_id).where(*UNSETTLED, *of_case)
    for pause in work.session.scalars(select(CasePause).where(CasePause.case_id.in_(open_cases))):
        pauses.setdefault(pause.case_id, []).append((pause.begins_at, pause.ends_at))
    for row in rows:
        yield row, _proposal(work, row, pauses.get(row.case_id, ()), calendar)


def catch_up(actor: Actor, work: UnitOfWork, case: Case) -> None:
    """Rows of ``case`` have come open again as they were at an earlier time: each edit of the
    calendar since then counts from when it was made, as if they had been open all the while. What
    that moves keeps its old due time."""
    work.session.flush()
    calendar = open_calendar(work)
    for row in open_rows(work, case):
        if row.known_on is None:
            _count_edits_since(work, row)
        proposal = _proposal(work, row, pauses_of(work, case.id), calendar)
        if proposal is None:
            continue
        if proposal.kind is DeadlineKind.STATUTORY:
            row.warn_at = proposal.proposed_warn_at
        else:
            keep_move(actor, work, row, proposal.proposed_due_at, MoveCause.CALENDAR, reason="")
    refresh(work, case)


def _count_edits_since(work: UnitOfWork, row: CaseDeadline) -> None:
    since = datetime.fromisoformat(row.calendars[-1][1])
    for at in edited_at(work, since):
        if not runs_of(work, row)[-1].calendar.same_hours(calendar_as_at(work, at)):
            row.calendars = [*row.calendars, [at.isoformat(), at.isoformat()]]


def move_all(actor: Actor, work: UnitOfWork, *, reason: str) -> tuple[Proposal, ...]:
    """Do what `recompute` proposes for all, in the unit of work that changed the calendar; each
    old due time is kept with the reason. Returns what was done.

    Who changes the calendar need not see the cases: `due_of_cases` brings them up to date.
    """
    done = []
    due_of_cases.hold(work)
    for row, proposal in _proposals(work, open_calendar(work)):
        if proposal is None:
            if _counts_otherwise(work, row):
                in_force_from_now(work, row)
            continue
        done.append(proposal)
        if proposal.kind is DeadlineKind.STATUTORY:
            row.warn_at = proposal.proposed_warn_at
            continue
        keep_move(actor, work, row, proposal.proposed_due_at, MoveCause.CALENDAR, reason)
        in_force_from_now(work, row)
    work.session.flush()
    due_of_cases.refresh(work, sorted({one.case_id for one in done}))
    return tuple(done)


def _counts_otherwise(work: UnitOfWork, row: CaseDeadline) -> bool:
    """Whether a target that is due when it was gets there through other hours."""
    if row.known_on is not None or row.due_at is None or row.due_at <= work.now:
        return False
    before, now = runs_of(work, row)[-1].calendar.hours, open_calendar(work).hours
    return not before.same_between(now, work.now, row.due_at)


def _proposal(
    work: UnitOfWork, row: CaseDeadline, pauses: Iterable[Pause], calendar: OfficeCalendar
) -> Proposal | None:
    kind = DeadlineKind(row.kind)
    if row.known_on is not None and row.due_at is not None:
        warn_at = warns_at(calendar, row.known_on, calendar.local(row.due_at).date())
        if warn_at == row.warn_at:
            return None
        return Proposal(row.id, row.case_id, kind, row.due_at, row.due_at, warn_at)
    runs = [*runs_of(work, row), Run(work.now, calendar)]
    counted = pauses_for(row.came_with, pauses)
    due_at = reckon(row.started_at, row.minutes or 0, runs, counted).due_at
    if due_at == row.due_at:
        return None
    return Proposal(row.id, row.case_id, kind, row.due_at, due_at)
