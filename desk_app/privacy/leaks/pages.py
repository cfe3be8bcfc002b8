"""Leaks as pages read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from desk_app.privacy.leaks.law import ReportRule, TriggerRule
from desk_app.privacy.leaks.rules import Assessment, EntryKind, LeakFacts, LeakState


@dataclass(frozen=True, slots=True)
class LeakRow:
    """A leak in the list. ``due_on``: of the report that comes next, if one has to be made."""

    id: int
    state: LeakState
    known_on: date
    persons: int
    due_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class LeakEntryRow:
    at: datetime
    user: str
    kind: EntryKind
    text: str
    count: int | None


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report, by when it is due, by which rule, and when it was made."""

    rule: ReportRule
    due_on: date
    sent_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class LeakPage:
    """Everything about one leak but the names of those concerned."""

    id: int
    version: int
    state: LeakState
    known_at: datetime
    known_on: date
    particulars: Mapping[str, str]
    more_persons: int
    facts: LeakFacts
    assessment: Assessment
    rules: tuple[TriggerRule, ...]
    reports: tuple[DueReport, ...]
    decided_by: str | None
    decision_reason: str
    on_record: int  # persons concerned who are customers here
    with_sensitive_data: int
    untold: int
    entries: tuple[LeakEntryRow, ...]


@dataclass(frozen=True, slots=True)
class ConcernedRow:
    """Somebody concerned. ``name`` is empty once they were erased."""

    id: int
    customer_id: int | None
    name: str
    found_by: str
    told_at: datetime | None
    told_how: str | None
