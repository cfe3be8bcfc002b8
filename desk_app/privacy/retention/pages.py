"""Rows that the tab of retention shows: ids and numbers, no names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from desk_app.backup.rules import ErasedKind
from desk_app.cases.types.rules import Labels
from desk_app.privacy.retention.preview import Counted
from desk_app.privacy.retention.rules import Kind, Rule, RuleState, RunState, Why
from desk_app.privacy.retention.things import Place


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A version of a rule; ``counts``: it is in force. ``state`` None: the product's own."""

    rule: Rule
    case_type: Labels | None
    state: RuleState | None
    counts: bool
    entered_by: str
    decided_by: str
    decided_at: datetime | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class RulesPage:
    """Every version, kind by kind; ``without``: kinds that no rule counts for today."""

    today: date
    rows: tuple[RuleRow, ...]
    without: tuple[Kind, ...]
    case_types: tuple[tuple[str, Labels], ...]


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind in the preview; ``rules`` are those that count on its day, none: it is kept."""

    kind: Kind
    rules: tuple[Rule, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """``is_today``: a run may be drawn up from it."""

    day: date
    is_today: bool
    rows: tuple[KindRow, ...]


@dataclass(frozen=True, slots=True)
class ThingRow:
    """One thing. ``why`` None: it falls due. ``by`` is the kind of rule that keeps it the longest,
    ``by_type`` its case type, ``until`` its last day."""

    subject: ErasedKind
    id: int
    number: str
    why: Why | None
    by: Kind | None
    by_type: str | None
    until: date | None


@dataclass(frozen=True, slots=True)
class ThingsPage:
    rows: tuple[ThingRow, ...]
    next: tuple[ErasedKind, Place | None] | None


@dataclass(frozen=True, slots=True)
class OpenedThing:
    """Whose it is, after it was opened."""

    subject: ErasedKind
    id: int
    customer: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list."""

    id: int
    state: RunState
    kinds: tuple[Kind, ...]
    day: date
    waiting: int
    removed: int
    spared: Mapping[Why, int]
    drawn_up_at: datetime
    drawn_up_by: str
    approved_by: str
    is_own: bool  # drawn up by who reads this
    erasure_id: int | None
    ended_at: datetime | None
    has_receipt: bool

    @property
    def count(self) -> int:
        return self.waiting + self.removed + sum(self.spared.values())
