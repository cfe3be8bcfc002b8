"""What the pages show of cases that belong together."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.rules import CaseState
from desk_app.cases.types.rules import Labels


@dataclass(frozen=True, slots=True)
class OtherCase:
    """A case in one line."""

    id: int
    version: int
    number: str | None
    state: CaseState
    case_type: str
    subject: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A linked case. ``outgoing``: read from this case; otherwise from the other."""

    id: int
    kind: LinkKind
    outgoing: bool
    other: OtherCase
    reason: str
    linked_at: datetime
    linked_by: str


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A case that came into this one. ``refusal`` says why it can't be taken out now."""

    other: OtherCase
    merged_at: datetime
    merged_by: str
    refusal: str | None


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """An inquiry that may become another case."""

    inquiry_id: int
    contact_id: int
    received_at: datetime
    category: str
    text: str


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """All that a case has to do with others, and what of it may be split off."""

    case_id: int
    links: tuple[LinkRow, ...]
    merged: tuple[MergedRow, ...]
    inquiries: tuple[SplitChoice, ...]


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would move and change; ``refusal`` instead if it may not be."""

    merged: OtherCase
    into: OtherCase
    refusal: str | None
    contacts: int = 0
    inquiries: int = 0
    entries: int = 0
    links: int = 0
    type_name: Labels | None = None  # only what would become another
    due_at: datetime | None = None
    callback_due_at: datetime | None = None
    takes_customer: bool = False
    takes_assignee: bool = False
