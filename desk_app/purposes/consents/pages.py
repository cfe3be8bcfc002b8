"""What is written down and shown of consents: frozen rows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk_app.purposes.rules import Block, OtherUse, Scope, Topic, Uncovered


class ConsentChannel(StrEnum):
    """How a consent or its withdrawal reached the office."""

    TELEPHONE = "telephone"
    LETTER = "letter"
    POSTCARD = "postcard"
    EMAIL = "email"
    WEB_FORM = "web_form"
    FAX = "fax"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where it can be heard or read again: a contact and the second of its call, or a document."""

    contact_id: int | None = None
    second: int | None = None
    document: str = ""

    @property
    def is_empty(self) -> bool:
        return self.contact_id is None and not self.document.strip()


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """A consent to be recorded."""

    scope: Scope
    channel: ConsentChannel
    evidence: Evidence
    given_at: datetime | None = None  # None: now


class ConsentState(StrEnum):
    GIVEN = "given"
    PARTLY = "partly"  # the policy has changed since: not everything is covered any more
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent with its state now."""

    id: int
    scope: Scope
    named_use: OtherUse | None
    state: ConsentState
    uncovered: Uncovered
    policy_label: str
    channel: ConsentChannel | None
    evidence: Evidence
    contact_number: str | None
    given_at: datetime
    entered_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True, slots=True)
class OptOutRow:
    """An opt-out that stands."""

    topic: Topic
    since: datetime
    declared_by: str


@dataclass(frozen=True, slots=True)
class CustomerUses:
    """What a customer agreed to, opted out of and had stopped."""

    customer_id: int
    consents: tuple[ConsentRow, ...] = ()  # the latest first
    opt_outs: tuple[OptOutRow, ...] = ()
    blocks: tuple[Block, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.consents and not self.opt_outs and not self.blocks

    @property
    def is_opted_out(self) -> bool:
        """Of every topic that the key in a call covers."""
        return {one.topic for one in self.opt_outs} == set(Topic)
