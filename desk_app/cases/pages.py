"""What the pages about cases show: frozen rows, read in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk_app.calls.pages import ContactRow
from desk_app.cases.approval.pages import NOT_ASKED, Closing
from desk_app.cases.deadlines.pages import DeadlineRow
from desk_app.cases.rules import CaseAct, CaseState, EntryKind, Resolution
from desk_app.cases.types.rules import Labels
from desk_app.customers.pages import CustomerCard


@dataclass(frozen=True, slots=True)
class SavedContact:
    """What a save left. The numbers are given at commit: read them from the pages after it."""

    contact_id: int
    case_id: int | None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Who did what, when and why."""

    at: datetime
    user: str
    kind: EntryKind
    text: str
    particulars: dict[str, Any]
    origin: str | None = None  # the number of the merged case that it comes from


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything about one case. ``acts`` is what this actor may do to it now."""

    id: int
    version: int
    number: str | None
    case_type: str
    type_name: Labels
    type_names: Mapping[str, Labels]  # of all types, for its inquiries
    state: CaseState
    subject: str
    customer: CustomerCard | None
    assignee_id: int | None
    assignee: str | None
    opened_at: datetime
    opened_by: str
    due_at: datetime | None  # of the open deadline that comes first
    deadlines: tuple[DeadlineRow, ...]  # what is open first
    target_source: str
    callback_due_at: datetime | None
    resolution: Resolution | None
    resolution_text: str
    resolved_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    spot_check: bool
    contacts: tuple[ContactRow, ...]
    timeline: tuple[TimelineRow, ...]
    acts: frozenset[CaseAct]
    closing: Closing = NOT_ASKED
    tags: tuple[str, ...] = ()
    led_from: str | None = None  # the number of the merged case that was asked for


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a short list: of a customer, of a person."""

    id: int
    version: int
    number: str | None
    case_type: str
    state: CaseState
    subject: str
    opened_at: datetime
    due_at: datetime | None
    callback_due_at: datetime | None
    assignee: str | None
