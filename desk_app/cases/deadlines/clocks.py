"""Statutory clocks follow what was learnt: into another case by a merge and back, and along with
what is split off. Not a use case.

A clock is moved as the row it is, so that what is noted of it meanwhile, e.g. that the duty is
done, stays with it. Of two for the same rule the one that was known of earlier runs on, the other
yields to it, and runs again when they are taken apart; then a duty that was done is done in both.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from desk_app.cases.deadlines.keeping import open_rows
from desk_app.cases.deadlines.model import CaseDeadline
from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.model import Case
from desk_app.hours.calendar import open_calendar
from desk_app.hours.explaining import warns_at
from desk_app.storage.unit_of_work import UnitOfWork


def running(work: UnitOfWork, case: Case) -> list[CaseDeadline]:
    """The statutory clocks of a case that nobody has settled."""
    return [row for row in open_rows(work, case) if row.kind == DeadlineKind.STATUTORY]


def take_clocks(work: UnitOfWork, case: Case, other: Case) -> dict[str, list[list[int]]]:
    """Let the clocks of ``other`` run on with ``case``. What came, with its episode before; and
    what yielded to which."""
    own = {row.rule: row for row in running(work, case)}
    episode = work.session.scalar(
        select(func.max(CaseDeadline.episode)).where(CaseDeadline.case_id == case.id)
    )
    came: list[list[int]] = []
    yielded: list[list[int]] = []
    for row in running(work, other):
        mine = own.get(row.rule)
        if mine is not None and not _is_earlier(row, mine):
            _yield(work, row, mine, yielded)
            continue
        came.append([row.id, row.episode])
        row.case_id, row.episode = case.id, episode or 1
        if mine is not None:
            _yield(work, mine, row, yielded)
        own[row.rule] = row
    work.session.flush()
    return {"came": came, "yielded": yielded}


def give_clocks_back(
    work: UnitOfWork,
    journal: dict[str, Any],
    case: Case,
    other: Case,
    *,
    merged_at: Collection[datetime],
) -> None:
    """The clocks that came go back as they are now; those that yielded run again, unless what
    they yielded to was settled meanwhile. ``merged_at``: at these times a clock of ``case`` ended
    because it yielded, not because somebody decided so."""
    for id, episode in journal["came"]:
        row = work.session.get_one(CaseDeadline, id)
        if row.case_id == case.id:
            row.case_id, row.episode = other.id, episode
        if row.ended_at in merged_at:
            _run_again(work, row)
    for id, to in journal["yielded"]:
        row, stayed = (work.session.get_one(CaseDeadline, one) for one in (id, to))
        decided_at = None if stayed.ended_at in merged_at else stayed.ended_at
        if stayed.met_at is None and decided_at is None:
            _run_again(work, row)
        else:
            row.met_at, row.ended_at, row.warn_at = stayed.met_at, decided_at, None
    work.session.flush()


def are_with(work: UnitOfWork, journal: dict[str, Any], case_id: int) -> bool:
    """Whether all clocks that came are still with the case that got them."""
    came = [id for id, _ in journal.get("came", ())]
    there = select(func.count()).where(CaseDeadline.id.in_(came), CaseDeadline.case_id == case_id)
    return not came or work.session.scalar(there) == len(came)


def part_clocks(
    work: UnitOfWork, case: Case, new: Case, rules: Collection[str], *, staying: Collection[str]
) -> list[str]:
    """Let the clocks of these rules go along with what is split off, settled or not; of those
    that concern what stays as well, another like it. The rules for which there is none."""
    missing = []
    for rule in sorted(rules):
        row = _that_counts(work, case, rule)
        if row is None:
            missing.append(rule)
        elif rule in staying:
            same = {
                column.key: getattr(row, column.key)
                for column in CaseDeadline.__table__.columns
                if column.key not in ("id", "case_id", "episode")
            }
            work.session.add(CaseDeadline(case_id=new.id, episode=1, **same))
        else:
            row.case_id, row.episode = new.id, 1
    work.session.flush()
    return missing


def _that_counts(work: UnitOfWork, case: Case, rule: str) -> CaseDeadline | None:
    """Of a case's clocks by one rule the one that runs, else the one that was done, else the last
    for which somebody decided that there is no duty."""
    rows = work.session.scalars(
        select(CaseDeadline).where(CaseDeadline.case_id == case.id, CaseDeadline.rule == rule)
    ).all()
    return max(
        rows,
        key=lambda row: (
            row.met_at is None and row.ended_at is None,
            row.met_at is not None,
            row.id,
        ),
        default=None,
    )


def _is_earlier(row: CaseDeadline, than: CaseDeadline) -> bool:
    return row.known_on is not None and than.known_on is not None and row.known_on < than.known_on


def _yield(work: UnitOfWork, row: CaseDeadline, to: CaseDeadline, yielded: list[list[int]]) -> None:
    row.ended_at, row.warn_at = work.now, None
    yielded.append([row.id, to.id])


def _run_again(work: UnitOfWork, row: CaseDeadline) -> None:
    row.met_at = row.ended_at = None
    if row.known_on is not None and row.due_at is not None:
        calendar = open_calendar(work)
        row.warn_at = warns_at(calendar, row.known_on, calendar.local(row.due_at).date())
