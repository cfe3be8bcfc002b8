"""Which accesses are unusual, and why: pure.

What counts as unusual is dated data (`inspections.law`). Nothing here is an accusation: each is a
reason to look, with the figures that led to it.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Reason(StrEnum):
    MANY_CUSTOMERS = "many_customers"
    OUTSIDE_HOURS = "outside_hours"
    OWN_NAME = "own_name"
    NO_CASE = "no_case"


@dataclass(frozen=True, slots=True)
class Access:
    """One entry of the log by which somebody saw personal data.

    ``customer_id`` is None where it is not known, or erased. ``own_name``: the customer has the
    name of who looked. ``has_case``: there is a case behind it, or it is the handler's own call.
    ``more_customers``: whom an exported list showed.
    """

    entry_id: int
    at: datetime
    user_id: int
    customer_id: int | None
    own_name: bool = False
    has_case: bool = True
    more_customers: frozenset[int] = frozenset()

    @property
    def customers(self) -> frozenset[int]:
        own = () if self.customer_id is None else (self.customer_id,)
        return self.more_customers.union(own)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """In force from a day on. More than ``customers`` within ``within`` are many; so near the
    hours nobody is outside of them."""

    effective_from: date
    customers: int
    within: timedelta
    hours_margin: timedelta
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unusual:
    """Accesses of one person that belong together; ``entry_ids`` are the first of them."""

    reason: Reason
    user_id: int
    from_at: datetime
    until_at: datetime
    count: int
    entry_ids: tuple[int, ...]


SHOWN_ENTRIES = 5


def unusual(
    accesses: Iterable[Access],
    thresholds: Thresholds,
    *,
    is_open: Callable[[datetime], bool],
    day_of: Callable[[datetime], date],
) -> tuple[Unusual, ...]:
    """What stands out among accesses that come in order of time, by person and beginning."""
    bursts: dict[int, _Bursts] = defaultdict(lambda: _Bursts(thresholds))
    groups: dict[tuple[Reason, int, object], _Group] = {}
    found: list[Unusual] = []
    margin = thresholds.hours_margin
    for one in accesses:
        found += bursts[one.user_id].add(one)
        if not any(is_open(one.at + shift) for shift in (timedelta(), margin, -margin)):
            key: tuple[Reason, int, object]
            key = (Reason.OUTSIDE_HOURS, one.user_id, day_of(one.at))
            groups.setdefault(key, _Group()).add(one)
        if one.own_name:
            groups.setdefault((Reason.OWN_NAME, one.user_id, one.customer_id), _Group()).add(one)
        if not one.has_case:
            key = (Reason.NO_CASE, one.user_id, (day_of(one.at), one.customer_id))
            groups.setdefault(key, _Group()).add(one)
    for user_bursts in bursts.values():
        found += user_bursts.end()
    found += [group.unusual(reason, user_id) for (reason, user_id, _), group in groups.items()]
    return tuple(sorted(found, key=lambda one: (one.user_id, one.from_at, one.reason)))


class _Group:
    """Accesses that are told as one."""

    def __init__(self) -> None:
        self._accesses: list[Access] = []
        self._count = 0
        self._last: datetime | None = None

    def add(self, one: Access) -> None:
        if self._count < SHOWN_ENTRIES:
            self._accesses.append(one)
        self._count += 1
        self._last = one.at

    def unusual(self, reason: Reason, user_id: int) -> Unusual:
        first = self._accesses[0].at
        ids = tuple(one.entry_id for one in self._accesses)
        return Unusual(reason, user_id, first, self._last or first, self._count, ids)


class _Bursts:
    """How many different customers one person has seen within the time, as time goes on."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._limit, self._within = thresholds.customers, thresholds.within
        self._seen: deque[Access] = deque()
        self._customers: Counter[int] = Counter()
        self._burst: list[Access] = []
        self._most = 0

    def add(self, one: Access) -> list[Unusual]:
        if not one.customers:
            return []
        while self._seen and one.at - self._seen[0].at >= self._within:
            self._drop(self._seen.popleft())
        self._seen.append(one)
        self._customers.update(one.customers)
        if len(self._customers) > self._limit:
            if not self._burst:
                self._burst = list(self._seen)
            else:
                self._burst.append(one)
            self._most = max(self._most, len(self._customers))
            return []
        return self.end()

    def end(self) -> list[Unusual]:
        """The burst that went on until now, if one did."""
        if not self._burst:
            return []
        first, last = self._burst[0], self._burst[-1]
        ids = tuple(one.entry_id for one in self._burst[:SHOWN_ENTRIES])
        told = Unusual(Reason.MANY_CUSTOMERS, first.user_id, first.at, last.at, self._most, ids)
        self._burst, self._most = [], 0
        return [told]

    def _drop(self, one: Access) -> None:
        for customer in one.customers:
            self._customers[customer] -= 1
            if not self._customers[customer]:
                del self._customers[customer]
