"""What falls due on a day, a bounded part at a time. Checks nobody's rights."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import func, select

from desk_app.audit.model import AuditEntry
from desk_app.backup.rules import ErasedKind
from desk_app.privacy.originals.model import PaperOriginal
from desk_app.privacy.originals.reading import kept_among
from desk_app.privacy.originals.rules import KeptBecause
from desk_app.privacy.retention.law import Counting
from desk_app.privacy.retention.looking import may_be_due, own_time_over
from desk_app.privacy.retention.rules import Kind, Verdict, Why
from desk_app.privacy.retention.sparing import judged
from desk_app.privacy.retention.things import SUBJECTS, Place, Thing, load
from desk_app.storage.unit_of_work import UnitOfWork

MOST_COUNTED = 1_000
"""More is said as "1000+"."""

_PAGE = 400
_MOST_KEPT = 2_000
"""So many that may be due are looked at and found to be kept before a count is given up."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of a kind has fallen due, at most `MOST_COUNTED`, and what keeps what else has
    had its own time. ``more``: there is more than was counted."""

    due: int
    kept: Mapping[Why, int] = field(default_factory=dict)
    more: bool = False


def everything_due(
    work: UnitOfWork, by: Counting, kinds: Collection[Kind], *, limit: int
) -> list[Thing]:
    """What may go, kind by kind, the oldest first."""
    found: list[Thing] = []
    for kind in Kind:
        for subject in SUBJECTS.get(kind, ()) if kind in kinds else ():
            for thing, verdict in _walked(work, subject, by):
                if len(found) >= limit:
                    return found
                if verdict.is_due:
                    found.append(thing)
    return found


def is_anything_due(work: UnitOfWork, by: Counting) -> bool:
    """Whether a run could be drawn up; looks at so much of each kind as `counted` does."""
    return any(
        verdict.is_due
        for subjects in SUBJECTS.values()
        for subject in subjects
        for _, verdict in islice(_walked(work, subject, by), _MOST_KEPT)
    )


def counted(work: UnitOfWork, kind: Kind, by: Counting) -> Counted:
    """How much of a kind falls due, and why the rest doesn't, as far as it was counted."""
    if kind is Kind.AUDIT:
        return _log_counted(work, by)
    if kind is Kind.ORIGINALS:
        return _originals_counted(work, by)
    due, kept, more = 0, Counter[Why](), False
    for subject in SUBJECTS[kind]:
        spared = 0
        for _, verdict in _walked(work, subject, by):
            if verdict.why is None:
                due += 1
                if due > MOST_COUNTED:
                    more = True
                    break
            elif verdict.why not in (Why.NOT_DUE, Why.NO_RULE):
                kept[verdict.why] += 1
                spared += 1
                if spared >= _MOST_KEPT:
                    more = True
                    break
    return Counted(min(due, MOST_COUNTED), kept, more)


def page(
    work: UnitOfWork,
    subject: ErasedKind,
    by: Counting,
    *,
    kept: bool,
    after: Place | None,
    limit: int,
) -> tuple[list[tuple[Thing, Verdict]], Place | None]:
    """The next things that fall due, or with ``kept`` those whose own time is over and that stay;
    and where the list goes on, None at its end. May be shorter than ``limit``."""
    look = own_time_over if kept else may_be_due
    places = look(work, subject, by, after=after, limit=limit)
    things = load(work, subject, [id for _, id in places], by)
    verdicts = judged(work, list(things.values()), by)
    rows = []
    for _, id in places:
        thing = things.get(id)
        if thing is None:
            continue
        verdict = verdicts[subject, id]
        if verdict.is_due != kept and verdict.why is not Why.NOT_DUE:
            rows.append((thing, verdict))
    return rows, places[-1] if len(places) == limit else None


def _walked(work: UnitOfWork, subject: ErasedKind, by: Counting) -> Iterator[tuple[Thing, Verdict]]:
    after: Place | None = None
    while True:
        places = may_be_due(work, subject, by, after=after, limit=_PAGE)
        things = load(work, subject, [id for _, id in places], by)
        verdicts = judged(work, list(things.values()), by)
        for _, id in places:
            if id in things:
                yield things[id], verdicts[subject, id]
        if len(places) < _PAGE:
            return
        after = places[-1]


def _log_counted(work: UnitOfWork, by: Counting) -> Counted:
    """Entries whose own time is over; all of them are kept."""
    for rule in by.of(Kind.AUDIT):
        old = select(AuditEntry.id).where(AuditEntry.at < by.let_go_at(rule))
        limited = old.limit(MOST_COUNTED + 1).subquery()
        count = work.session.scalar(select(func.count()).select_from(limited)) or 0
        kept = {Why.CHAIN: min(count, MOST_COUNTED)} if count else {}
        return Counted(0, kept, more=count > MOST_COUNTED)
    return Counted(0)


def _originals_counted(work: UnitOfWork, by: Counting) -> Counted:
    """Each carries the day of its own rule."""
    due = select(PaperOriginal).where(
        PaperOriginal.disposed_on.is_(None),
        PaperOriginal.returned_on.is_(None),
        PaperOriginal.due_on <= by.day,
    )
    found = work.session.scalars(due.order_by(PaperOriginal.id).limit(MOST_COUNTED + 1)).all()
    whys = kept_among(work, found[:MOST_COUNTED], day=by.day)
    kept = Counter(_ORIGINALS[why] for why in whys if why is not None)
    return Counted(whys.count(None), kept, more=len(found) > MOST_COUNTED)


_ORIGINALS: Mapping[KeptBecause, Why] = {
    KeptBecause.NOT_DUE: Why.NOT_DUE,
    KeptBecause.HELD: Why.HOLD,
    KeptBecause.REQUEST_OPEN: Why.OPEN_REQUEST,
    KeptBecause.ELSEWHERE: Why.IN_RUN,
    KeptBecause.GONE: Why.GONE,
}
