"""What the page of a case shows of its closing."""

from dataclasses import dataclass
from datetime import datetime

from desk_app.cases.rules import ClosingLevel


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who refused to approve the closing, and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Closing:
    """``asked_at`` is set while an approval is waited for; ``refusal`` until the handler has
    resolved the case anew."""

    level: ClosingLevel = ClosingLevel.HANDLER
    asked_by: str | None = None
    asked_at: datetime | None = None
    approved_by: tuple[str, ...] = ()
    refusal: Refusal | None = None


NOT_ASKED = Closing()
