"""The purposes of use A–H of the policy, and the uses that a recording's announcement can name."""

from collections.abc import Collection
from enum import StrEnum


class Purpose(StrEnum):
    """Policy section 3. Every contact, view, playback and export names one of them."""

    SERVICE = "A"
    NOTICES = "B"
    PARTNERS = "C"
    ADVERTISING = "D"
    IMPROVEMENT = "E"
    CAMPAIGNS = "F"
    INQUIRIES = "G"
    FRAUD = "H"


USUAL_PURPOSE = Purpose.INQUIRIES
"""What a customer-relations office does all day: confirm and answer inquiries."""


class RecordingUse(StrEnum):
    """What a recording may be used for, if the announcement the caller heard names it."""

    ACCURATE_RECEIPT = "accurate_receipt"  # was the inquiry received accurately (section 7)
    QUALITY = "quality"
    TRANSCRIPTION = "transcription"


def may_use(named: Collection[str], use: RecordingUse) -> bool:
    """True if the announcement names this use; nothing follows from a use by another name."""
    return use.value in named
