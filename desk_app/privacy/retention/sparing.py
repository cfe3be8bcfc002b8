"""What keeps a thing whose time is over: holds, open cases and requests, other runs.

The erasure's own answer is asked for many things together, and only where something keeps one of
them are they asked apart. Checks nobody's rights.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from desk_app.backup.rules import ErasedKind
from desk_app.privacy.data_map.owned import Roots
from desk_app.privacy.erasure.rooted import batches, whole_family, with_recordings
from desk_app.privacy.erasure.verdict import blockers_of
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import State
from desk_app.privacy.retention.law import Counting, counting, today
from desk_app.privacy.retention.model import RetentionItem, RetentionRun
from desk_app.privacy.retention.rules import LIVE, ItemState, Verdict, Why, judge
from desk_app.privacy.retention.things import ALONE, Thing, load
from desk_app.purposes.holds import holds_on
from desk_app.purposes.holds.held import standing
from desk_app.storage.unit_of_work import UnitOfWork

Key = tuple[ErasedKind, int]


def judged(
    work: UnitOfWork,
    things: Sequence[Thing],
    by: Counting,
    *,
    run_id: int | None = None,
    erasure_id: int | None = None,
) -> dict[Key, Verdict]:
    """What becomes of each on the day. ``run_id`` and ``erasure_id`` are the run's own."""
    verdicts = {(one.subject, one.id): judge(one.clocks, by.day) for one in things}
    due = [one for one in things if verdicts[one.subject, one.id].is_due]
    asking, elsewhere = _customers_asking(work), _in_runs(work, due, run_id)
    free = []
    for one in due:
        key = (one.subject, one.id)
        if one.customer_id in asking:
            verdicts[key] = Verdict(Why.OPEN_REQUEST)
        elif key in elsewhere:
            verdicts[key] = Verdict(Why.IN_RUN)
        else:
            free.append(one)
    for key, why in _kept(work, free, erasure_id).items():
        verdicts[key] = Verdict(why)
    return verdicts


def no_longer_due(work: UnitOfWork, erasure_id: int) -> int:
    """How many things of the run that entered this erasure may not go today: a rule was revised
    since, or something keeps them. For whoever is about to empty their rows."""
    run = work.session.scalar(select(RetentionRun).where(RetentionRun.erasure_id == erasure_id))
    if run is None:
        return 0
    waiting = work.session.execute(
        select(RetentionItem.subject, RetentionItem.subject_id).where(
            RetentionItem.run_id == run.id, RetentionItem.state == ItemState.WAITING.value
        )
    ).all()
    by = counting(work, today(work))
    kept = 0
    for subject in (one for one in ErasedKind if one not in ALONE):
        ids = [id for of, id in waiting if of == subject.value]
        things = list(load(work, subject, ids, by).values())
        verdicts = judged(work, things, by, run_id=run.id, erasure_id=erasure_id)
        kept += len(ids) - sum(one.is_due for one in verdicts.values())
    return kept


def together(things: Sequence[Thing]) -> Roots:
    """All that the erasure's routine empties of these; no customers."""
    every = _Every(things, lambda one: one.roots)
    return Roots(None, every.ids("contact"), every.ids("recording"), every.ids("desk_case"))


class _Every:
    """The roots of many things, of many customers."""

    def __init__(self, things: Sequence[Thing], of: Callable[[Thing], Roots]) -> None:
        self._roots = [of(one) for one in things]

    def ids(self, table: str) -> tuple[int, ...]:
        return tuple(sorted({id for one in self._roots for id in one.ids(table)}))


def _kept(work: UnitOfWork, things: Sequence[Thing], erasure_id: int | None) -> dict[Key, Why]:
    rest = [one for one in things if one.subject not in ALONE]
    alone = [one for one in things if one.subject in ALONE]
    return _apart(work, rest, erasure_id) | (_held(work, alone) if standing(work) else {})


def _held(work: UnitOfWork, things: Sequence[Thing]) -> dict[Key, Why]:
    """Those of records, and of customers to whom nothing belongs, on which a hold stands."""
    if not things or not holds_on(work, _Every(things, lambda one: one.watched)):
        return {}
    if len(things) == 1:
        return {(things[0].subject, things[0].id): Why.HOLD}
    half = len(things) // 2
    return _held(work, things[:half]) | _held(work, things[half:])


def _apart(work: UnitOfWork, things: Sequence[Thing], erasure_id: int | None) -> dict[Key, Why]:
    """Why each is kept; in halves, so that what is free is asked about once."""
    if not things:
        return {}
    every = _Every(things, lambda one: one.watched)
    roots = Roots(None, every.ids("contact"), every.ids("recording"), every.ids("desk_case"))
    roots = with_recordings(work, whole_family(work, roots))
    blockers = blockers_of(work, roots, erasure_id=erasure_id)
    if not blockers:
        return {}
    if len(things) == 1:
        return {(things[0].subject, things[0].id): Why(blockers[0].why.value)}
    half = len(things) // 2
    return _apart(work, things[:half], erasure_id) | _apart(work, things[half:], erasure_id)


def _customers_asking(work: UnitOfWork) -> frozenset[int]:
    """Customers with a request that isn't closed: there are few."""
    found = work.session.scalars(
        select(PrivacyRequest.customer_id).where(
            PrivacyRequest.customer_id.is_not(None), PrivacyRequest.state != State.CLOSED.value
        )
    )
    return frozenset(id for id in found if id is not None)


def _in_runs(work: UnitOfWork, things: Sequence[Thing], run_id: int | None) -> frozenset[Key]:
    """Those that stand in another run that hasn't ended."""
    found: set[Key] = set()
    for subject in {one.subject for one in things}:
        for batch in batches(one.id for one in things if one.subject is subject):
            query = (
                select(RetentionItem.subject_id)
                .join(RetentionRun, RetentionRun.id == RetentionItem.run_id)
                .where(
                    RetentionItem.subject == subject.value,
                    RetentionItem.subject_id.in_(batch),
                    RetentionRun.state.in_(state.value for state in LIVE),
                )
            )
            if run_id is not None:
                query = query.where(RetentionItem.run_id != run_id)
            found.update((subject, id) for id in work.session.scalars(query))
    return frozenset(found)
