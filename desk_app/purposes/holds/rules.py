"""What a hold may be placed on, and the grounds there are."""

from collections.abc import Mapping
from enum import StrEnum


class HeldKind(StrEnum):
    """What a hold is placed on."""

    CUSTOMER = "customer"
    CASE = "case"
    CONTACT = "contact"
    RECORDING = "recording"


class HoldGround(StrEnum):
    """Why something has to be kept for now."""

    LAWSUIT = "lawsuit"  # pending, or to be expected
    AUTHORITY = "authority"  # an authority asks for it
    ACCIDENT = "accident"  # a product accident that is being looked into
    CLAIM = "claim"  # a claim of the customer, or against them
    OTHER = "other"


TABLE_OF: Mapping[HeldKind, str] = {
    HeldKind.CUSTOMER: "customer",
    HeldKind.CASE: "desk_case",
    HeldKind.CONTACT: "contact",
    HeldKind.RECORDING: "recording",
}
"""The table whose row it is."""

COLUMN_OF: Mapping[HeldKind, str] = {kind: f"{kind.value}_id" for kind in HeldKind}
"""The column of a hold that names it."""
