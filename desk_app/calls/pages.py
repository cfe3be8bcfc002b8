"""What pages and other rooms read about contacts: frozen rows."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.calls.rules import (
    Channel,
    ContactState,
    Disposition,
    EventKind,
    NextStep,
    Party,
)
from desk_app.customers.rules import NumberState
from desk_app.purposes.rules import Purpose


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """What was asked, and the answer given."""

    text: str
    answer: str
    category: str
    product: str
    lot: str
    symptom: str
    case_id: int | None = None  # whose it is, of the cases that its contact belongs to


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened during a call."""

    at: datetime
    kind: EventKind


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact of a case or of a customer."""

    id: int
    number: str | None
    channel: Channel
    outbound: bool
    received_at: datetime
    ended_at: datetime | None
    operator: str
    party: Party
    caller_name: str
    number_shown: str  # as a page shows it; empty unless shown
    number_state: NumberState
    callback_number: str
    disposition: Disposition | None
    purpose: Purpose | None
    next_step: NextStep | None
    announcement_id: int | None  # the version the caller heard
    objected: bool
    inquiries: tuple[InquiryRow, ...]
    events: tuple[EventRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenContact:
    """A contact of the actor that hasn't been saved yet."""

    id: int
    uid: str
    channel: Channel
    state: ContactState
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RecordingTerms:
    """Whether a call may be recorded now, and which announcement the caller heard."""

    contact_id: int
    state: ContactState
    announcement_id: int | None
    objected: bool
    may_record: bool
    customer_id: int | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallStanding:
    """What the end of a recording depends on, of its call; known without an appointment."""

    is_own: bool
    """Whether the actor took the call."""
    is_running: bool
    objected: bool
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """When a contact was announced, recorded and over: what its recordings are compared with."""

    contact_id: int
    desk_id: str
    state: ContactState
    is_call: bool
    received_at: datetime
    is_late_entry: bool = False
    announced_at: datetime | None = None
    objected_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: Disposition | None = None
    troubles: tuple[str, ...] = ()
    """Codes of what befell its recording, in order."""


@dataclass(frozen=True, slots=True)
class ContactHead:
    """What a contact is called in a list."""

    id: int
    number: str | None
    received_at: datetime
