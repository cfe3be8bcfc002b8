"""How much there is to do."""

from dataclasses import dataclass

from sqlalchemy import func, select

from desk_app.cases.model import Case
from desk_app.people.access import Actor, Permission, needs
from desk_app.search.conditions import permitted
from desk_app.search.work_lists.conditions import condition
from desk_app.search.work_lists.rules import WorkList
from desk_app.storage.unit_of_work import UnitOfWork

MOST_COUNTED = 1_000
"""Counted up to here and shown as "1000+": a whole count reads every entry of the index."""


@dataclass(frozen=True, slots=True)
class WorkListCount:
    """How many cases a work list has; ``capped`` if there are more than ``count``."""

    which: WorkList
    count: int
    capped: bool


@needs(Permission.READ_CASES)
def counts(actor: Actor, work: UnitOfWork, /) -> tuple[WorkListCount, ...]:
    """Every work list with its length, in the order of `WorkList`. Numbers only."""
    return tuple(_count(actor, work, which) for which in WorkList)


def _count(actor: Actor, work: UnitOfWork, which: WorkList) -> WorkListCount:
    listed = (condition(actor, work, which), *permitted(actor, work))
    some = select(Case.id).where(*listed).limit(MOST_COUNTED + 1).subquery()
    count = work.session.scalar(select(func.count()).select_from(some)) or 0
    return WorkListCount(which, min(count, MOST_COUNTED), count > MOST_COUNTED)
