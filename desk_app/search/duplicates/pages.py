"""Cases that may be about the same matter, and why they are thought so."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.cases.rules import CaseState


@dataclass(frozen=True, slots=True)
class SameNumber:
    """Somebody called from this number, or asked to be called back there, so many days ago."""

    days: int


@dataclass(frozen=True, slots=True)
class SimilarText:
    """What was asked is similar; ``words`` are those of the text that was compared."""

    words: tuple[str, ...]


Reason = SameNumber | SimilarText


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that may be about the same matter: an offer, never a decision."""

    case_id: int
    number: str | None
    state: CaseState
    subject: str
    opened_at: datetime
    customer_id: int | None
    reasons: tuple[Reason, ...]
