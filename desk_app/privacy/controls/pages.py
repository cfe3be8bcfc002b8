"""Controls as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime

from desk_app.people.access import UserId
from desk_app.privacy.controls.law import ChecklistItem
from desk_app.privacy.controls.rules import ControlKind, ControlState, Grade, Verdict


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One line of a list. ``open_actions``: what is still to be done of its findings."""

    id: int
    kind: ControlKind
    state: ControlState
    subject: str
    country: str | None
    planned_on: date
    held_on: date | None
    valid_until: date | None
    responsible: str
    findings: int
    open_actions: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An item of the checklist, and its answer if there is one."""

    item: ChecklistItem
    verdict: Verdict | None
    note: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    note: str
    digest: str | None
    size_bytes: int | None
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    id: int
    grade: Grade
    text: str
    entry_id: int | None
    action: str
    action_by: str
    action_due_on: date | None
    done_on: date | None
    done_note: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class ControlPage:
    """All of one control."""

    row: ControlRow
    responsible_id: UserId
    covers: tuple[date, date] | None
    answers: tuple[AnswerRow, ...]
    evidence: tuple[EvidenceRow, ...]
    findings: tuple[FindingRow, ...]
    conclusion: str
    source: str
    remark: str
    reported_by: str
    reported_at: datetime | None
    signed_by: str
    signed_at: datetime | None
