"""What a letter says: frozen."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.privacy.provisions.pages import Records
from desk_app.privacy.requests.correction.rules import Field
from desk_app.privacy.requests.law import Entry
from desk_app.privacy.requests.rules import Kind, Outcome
from desk_app.purposes.rules import Purpose, Stops
from desk_app.reports.stamp import Stamp
from desk_app.words import Language


@dataclass(frozen=True, slots=True)
class LetterChange:
    """A correction that was asked for, and whether it was made."""

    field: Field
    wanted: str
    accepted: bool
    dispute: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request, with both who stand for it."""

    stamp: Stamp
    language: Language
    number: str
    to_name: str
    to_address: tuple[str, ...]
    agent_name: str
    kind: Kind
    received_at: datetime
    outcome: Outcome
    law: Entry
    grounds: tuple[Entry, ...]
    reasons: str
    decided_by: str
    approved_by: str
    fee_yen: int
    purposes: tuple[Purpose, ...]
    records: Records | None
    changes: tuple[LetterChange, ...]
    stops: Stops | None
