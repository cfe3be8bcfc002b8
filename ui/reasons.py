"""Why a case may be about the same matter, in words."""

from collections.abc import Sequence

from desk_app.search.duplicates.pages import Reason, SameNumber
from desk_app.words import Words


def said_reasons(words: Words, reasons: Sequence[Reason]) -> str:
    """All of them on one line."""
    return words("ui_cases.reasons_comma").join(_said(words, reason) for reason in reasons)


def _said(words: Words, reason: Reason) -> str:
    if isinstance(reason, SameNumber):
        if reason.days == 0:
            return words("ui_cases.same_number_today")
        return words.count("ui_cases.same_number", reason.days)
    return words("ui_cases.similar_text", words=" ".join(reason.words))
