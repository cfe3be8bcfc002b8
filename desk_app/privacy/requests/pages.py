"""What pages show of privacy requests: frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from desk_app.privacy.requests.correction.rules import Field
from desk_app.privacy.requests.law import Entry
from desk_app.privacy.requests.rules import (
    Act,
    Agency,
    Kind,
    Medium,
    Outcome,
    Party,
    State,
    Told,
)
from desk_app.words import Language


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A request in the list of all: kinds, days and states, nobody's name."""

    id: int
    case_id: int
    case_number: str | None
    kind: Kind
    state: State
    agency: Agency
    received_on: date
    due_on: date | None  # while the customer hasn't been told
    late: bool
    next_act: Act | None
    assignee: str | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """How an identity was checked."""

    party: Party
    method: Entry
    proven: bool
    authority: tuple[Entry, ...]
    note: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What is wanted in a field; ``contact_number`` if it stands in a contact."""

    id: int
    field: Field
    contact_number: str | None
    before: str | None  # while it isn't corrected yet; afterwards it is sealed
    wanted: str
    accepted: bool | None
    done_at: datetime | None
    is_sealed: bool
    dispute: str


@dataclass(frozen=True, slots=True)
class ToldRow:
    """Somebody who was given an old value."""

    id: int
    recipient: str
    items: tuple[str, ...]
    given_at: datetime
    told_at: datetime | None
    told_how: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """What was done, when and by whom."""

    act: str
    at: datetime
    by: str
    text: str
    particulars: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something can be corrected, and what stands there now."""

    field: Field
    before: str
    contact_id: int | None = None
    contact_number: str | None = None
    point_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Everything about one request. ``acts`` is what this actor may do to it now; ``withheld`` the
    code of what keeps them from approving, if that is what comes next."""

    id: int
    version: int
    case_id: int
    kind: Kind
    state: State
    agency: Agency
    agent_name: str
    person: str
    is_on_record: bool
    medium: Medium
    language: Language
    wanted: str
    received_at: datetime
    received_by: str
    law: Entry
    due_at: datetime | None
    late: bool
    must_choose: bool
    missing: frozenset[Party]  # whose identity isn't proven yet
    next_act: Act | None
    acts: frozenset[Act]
    withheld: str | None
    checks: tuple[CheckRow, ...]
    fee_yen: int | None
    fee_paid_at: datetime | None
    outcome: Outcome | None
    grounds: tuple[Entry, ...]
    reasons: str
    decided_by: str | None
    decided_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    executed_by: str | None
    executed_at: datetime | None
    executed_elsewhere: bool
    told_by: str | None
    told_at: datetime | None
    told_how: Told | None
    closed_at: datetime | None
    changes: tuple[ChangeRow, ...]
    recipients: tuple[ToldRow, ...]
    steps: tuple[StepRow, ...]
    methods: tuple[Entry, ...]  # by which an identity can be proven
    papers: tuple[Entry, ...]  # that show the agent's authority
    refusal_grounds: tuple[Entry, ...]
    turning_grounds: tuple[Entry, ...]  # why a request isn't taken up
    numbers: tuple[str, ...]  # on record since before the request: for a call-back
    places: tuple[Place, ...]  # what can be corrected


@dataclass(frozen=True, slots=True)
class ReceiveOffer:
    """A case on which no request was received yet. ``refusal`` is the code of why none can be."""

    case_id: int
    refusal: str | None
    customer_id: int | None
    customer: str
    caller: str
    by_agent: bool  # the contact said so
    number: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer who may be meant, with what distinguishes them."""

    customer_id: int
    name: str
    reading: str
    telephones: tuple[str, ...]
    email: str
    address: str
    since: datetime
    contacts: int
    last_contact: datetime | None
    is_assumed: bool  # the request stands in this customer's name now
