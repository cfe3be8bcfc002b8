"""How long something is kept, and how a run goes: pure decisions.

Every rule that reaches a thing counts; the longest explicit one wins. What a rule beside the
thing's own reaches is said by the rule itself (``also``). A period is counted as the Civil Code
counts (articles 140 and 143): the day on which it begins doesn't count.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.words import Language


class Kind(StrEnum):
    """What a rule is about."""

    CALLS = "calls"  # contacts by any channel
    RECORDINGS = "recordings"
    CASES = "cases"
    CONSENTS = "consents"
    PROVISIONS = "provisions"  # the records of articles 29 and 30
    CUSTOMERS = "customers"  # a name nothing belongs to any more
    ORIGINALS = "originals"
    AUDIT = "audit"


class Count(StrEnum):
    """From what a period is counted."""

    ENDED = "ended"  # the end of the call
    RECORDED = "recorded"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    KEEP_UNTIL = "keep_until"  # the day that each record carries, by the Act
    NOTHING_LEFT = "nothing_left"
    RECEIVED = "received"
    ENTERED = "entered"


COUNTED: Mapping[Kind, Count] = {
    Kind.CALLS: Count.ENDED,
    Kind.RECORDINGS: Count.RECORDED,
    Kind.CASES: Count.CLOSED,
    Kind.CONSENTS: Count.WITHDRAWN,
    Kind.PROVISIONS: Count.KEEP_UNTIL,
    Kind.CUSTOMERS: Count.NOTHING_LEFT,
    Kind.ORIGINALS: Count.RECEIVED,
    Kind.AUDIT: Count.ENTERED,
}
"""What can be counted from, of each kind."""

REACHES: Mapping[Kind, frozenset[Kind]] = {
    Kind.CALLS: frozenset({Kind.RECORDINGS}),
    Kind.CASES: frozenset({Kind.CALLS, Kind.RECORDINGS}),
    Kind.CONSENTS: frozenset({Kind.CALLS, Kind.RECORDINGS}),
    Kind.PROVISIONS: frozenset({Kind.CONSENTS, Kind.CASES}),
}
"""What a rule of a kind may keep beside its own: the call of a case, the consent of a provision."""

WITHOUT_MONTHS = frozenset({Count.KEEP_UNTIL, Count.NOTHING_LEFT})
"""Counted from these, no month more is a rule as well."""

ELSEWHERE = frozenset({Kind.ORIGINALS, Kind.AUDIT})
"""Shown here, and not removed by a run."""

LAST_DAY = date(2199, 12, 31)
"""The latest day for which it is said what falls due then."""

MOST_MONTHS = 1_200
MOST_AT_ONCE = 500
"""Things of one run."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of how long a kind is kept; without ``effective_until`` until the next one.

    ``case_type`` narrows a rule of cases to one type. ``source``: where the figure comes from.
    ``id`` is None for those the product came with.
    """

    kind: Kind
    months: int
    effective_from: date
    effective_until: date | None = None
    case_type: str | None = None
    also: frozenset[Kind] = frozenset()
    source: Mapping[Language, str] = field(default_factory=dict)
    to_confirm: bool = False
    id: int | None = None

    @property
    def scope(self) -> tuple[Kind, str | None]:
        return self.kind, self.case_type

    def reaches(self, kind: Kind) -> bool:
        return kind is self.kind or kind in self.also


def checked(rule: Rule, *, today: date, case_types: Collection[str]) -> Rule:
    """The rule, if it can be one. `Refused` for a past date, a span that ends before it begins, a
    period that is none, and for what a rule of its kind can't say."""
    if rule.effective_from < today:
        raise Refused("retention.rule_past", today=today)
    if rule.effective_until is not None and rule.effective_until < rule.effective_from:
        raise Refused("retention.rule_backwards")
    least = 0 if COUNTED[rule.kind] in WITHOUT_MONTHS else 1
    most = 0 if rule.kind is Kind.CUSTOMERS else MOST_MONTHS
    if not least <= rule.months <= most:
        raise Refused("retention.rule_months", least=least, most=most)
    if not rule.also <= REACHES.get(rule.kind, frozenset()):
        raise Refused("retention.rule_reach")
    if rule.case_type is not None and (
        rule.kind is not Kind.CASES or rule.case_type not in case_types
    ):
        raise Refused("retention.rule_type")
    if rule.kind is Kind.ORIGINALS:
        raise Refused("retention.originals_elsewhere")
    return rule


def contradicts(one: Rule, other: Rule) -> bool:
    """Whether two rules would both say how long the same is kept on the same day.

    One without an end gives way to the next: that is no contradiction unless both begin together.
    """
    if one.scope != other.scope:
        return False
    first, second = sorted((one, other), key=lambda rule: rule.effective_from)
    if first.effective_from == second.effective_from:
        return True
    return first.effective_until is not None and second.effective_from <= first.effective_until


def check_no_overlap(rule: Rule, others: Iterable[Rule]) -> None:
    """``Refused("retention.rule_overlaps")`` with the day from which the other counts."""
    for other in others:
        if contradicts(rule, other):
            raise Refused("retention.rule_overlaps", other=other.effective_from)


def in_force(rules: Iterable[Rule], day: date) -> tuple[Rule, ...]:
    """The rules that count on a day, at most one of each scope."""
    latest: dict[tuple[Kind, str | None], Rule] = {}
    for rule in sorted(rules, key=lambda rule: rule.effective_from):
        if rule.effective_from <= day:
            latest[rule.scope] = rule
    return tuple(
        rule
        for rule in latest.values()
        if rule.effective_until is None or day <= rule.effective_until
    )


def last_day(begun_on: date, months: int) -> date:
    """The last day of a period of months that something began on ``begun_on``."""
    first = begun_on + timedelta(days=1)
    at = first.month - 1 + months
    year, month = first.year + at // 12, at % 12 + 1
    end = monthrange(year, month)[1]
    if first.day > end:  # no such day: the period ends with its month
        return date(year, month, end)
    return date(year, month, first.day) - timedelta(days=1)


def begun_before(day: date, months: int) -> date:
    """Whatever has fallen due by ``day`` began before this: nearly the latest day, never too
    early. For looking up what may be due."""
    at = day.month - 1 - months
    year, month = day.year + at // 12, at % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1])) + timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Clock:
    """A rule that reaches a thing: ``begun_on`` None while what it counts from hasn't happened;
    ``rule`` None where a kind has none, which keeps it for good."""

    kind: Kind
    rule: Rule | None
    begun_on: date | None

    @property
    def last(self) -> date | None:
        """The last day on which it keeps the thing; None: it goes on."""
        if self.rule is None or self.begun_on is None:
            return None
        return last_day(self.begun_on, self.rule.months)


class Why(StrEnum):
    """Why something is kept."""

    NO_RULE = "no_rule"
    GOES_ON = "goes_on"  # the case is open, the consent stands
    NOT_DUE = "not_due"
    LONGER_RULE = "longer_rule"  # a rule of its own kind would let it go
    HOLD = "hold"
    OPEN_CASE = "open_case"
    OPEN_REQUEST = "open_request"
    OPEN_CONTACT = "open_contact"
    RECORDING = "recording"
    ERASING = "erasing"
    IN_RUN = "in_run"  # or, of an original, in a batch for disposal
    CHAIN = "chain"  # of the log: later proofs rest on its oldest entries
    GONE = "gone"  # it was removed otherwise meanwhile


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a thing has fallen due; if not, why, and which clock keeps it until when."""

    why: Why | None
    by: Clock | None = None
    until: date | None = None

    @property
    def is_due(self) -> bool:
        return self.why is None


def judge(clocks: Sequence[Clock], day: date) -> Verdict:
    """What becomes of a thing on a day. The first clocks are its own kind's."""
    for clock in clocks:
        if clock.rule is None:
            return Verdict(Why.NO_RULE, clock)
    for clock in clocks:
        if clock.begun_on is None:
            return Verdict(Why.GOES_ON, clock)
    longest = max(clocks, key=lambda clock: clock.last or date.min)
    until = longest.last
    if until is not None and until < day:
        return Verdict(None, longest, until)
    own = (clock.last for clock in clocks if clock.kind is clocks[0].kind)
    is_over = any(last is not None and last < day for last in own)
    return Verdict(Why.LONGER_RULE if is_over else Why.NOT_DUE, longest, until)


class RuleState(StrEnum):
    WAITING = "waiting"  # for the second person
    APPROVED = "approved"
    DECLINED = "declined"


class RunState(StrEnum):
    DRAWN_UP = "drawn_up"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class RunAct(StrEnum):
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    BEGIN = "begin"
    FINISH = "finish"


_S, _A = RunState, RunAct
AFTER: Mapping[tuple[RunState, RunAct], RunState] = {
    (_S.DRAWN_UP, _A.APPROVE): _S.APPROVED,
    (_S.DRAWN_UP, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.BEGIN): _S.RUNNING,
    (_S.RUNNING, _A.BEGIN): _S.RUNNING,  # after it was cut off
    (_S.RUNNING, _A.FINISH): _S.DONE,
}
LIVE = frozenset({RunState.DRAWN_UP, RunState.APPROVED, RunState.RUNNING})


def after(state: RunState, act: RunAct) -> RunState:
    """The state that follows; ``Refused("retention.not_now")`` where the act isn't possible."""
    following = AFTER.get((state, act))
    if following is None:
        raise Refused("retention.not_now")
    return following


class ItemState(StrEnum):
    """What became of a thing in a run."""

    WAITING = "waiting"
    REMOVED = "removed"
    SPARED = "spared"


def check_kinds(kinds: Collection[Kind]) -> None:
    """`Refused` for what no run removes, and for none."""
    if Kind.AUDIT in kinds:
        raise Refused("retention.log_stays")
    if Kind.ORIGINALS in kinds:
        raise Refused("retention.originals_elsewhere")
    if not kinds:
        raise Refused("retention.nothing_due")
