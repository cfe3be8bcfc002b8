"""What is shown of provisions and receipts: frozen rows."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from desk_app.customers.rules import Answer
from desk_app.errors import Refused
from desk_app.privacy.provisions.law import Ground, KeepingRule
from desk_app.privacy.provisions.rules import (
    AbroadBasis,
    Confirmation,
    LegalForm,
    Means,
    RecordKind,
    Verdict,
)
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.published import Source
from desk_app.privacy.registers.rules import Item, RecipientKind
from desk_app.purposes.rules import OtherUse, Use
from desk_app.reports.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it would leave; ``answer`` says why there is nothing."""

    item: Item
    text: str
    answer: Answer


def digest_of(lines: Collection[Line], items: Collection[Item]) -> str:
    """Tells whether what leaves is what was shown."""
    shown = [f"{one.item}\x00{one.text}" for one in lines if one.item in items]
    return hashlib.sha256("\x01".join(shown).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class HandOverPage:
    """What can be handed over of one customer and matter, and to whom."""

    customer_id: int
    case_id: int | None
    case_number: str | None
    person: str
    lines: tuple[Line, ...]
    recipients: tuple[RecipientRow, ...]  # those that are not retired
    grounds: tuple[Ground, ...]
    keeping: tuple[KeepingRule, ...]
    responsible: str  # for the management of joint use
    other_uses: tuple[OtherUse, ...]  # outside A to H: only with a consent that names one
    today: date
    withheld: Refused | None = None
    """Why neither the name nor what the items hold is shown: the use was stopped."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on what is wanted now, with what it rests on in words. ``stopped``: the
    customer's wish or the policy stands in the way as well, or would if it weren't ``by_law``."""

    verdict: Verdict
    source: Source | None  # of the legal form
    contract_number: str | None
    stopped: Refused | None
    by_law: bool
    keep: KeepingRule

    @property
    def may(self) -> bool:
        return self.verdict.may and (self.stopped is None or self.by_law)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What left, for the file that goes to the recipient. Committed before it is written."""

    provision_id: int
    stamp: Stamp
    recipient_name: str
    public_key: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """A provision in a list: ids, firms and items, nobody's name."""

    id: int
    customer_id: int | None
    case_id: int | None
    case_number: str | None
    recipient_id: int
    recipient_name: str
    recipient_kind: RecipientKind
    country: str
    items: tuple[Item, ...]
    purpose: Use
    form: LegalForm
    means: Means
    provided_at: datetime
    keep_until: date
    left: bool


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt in a list: ids, firms and items, nobody's name."""

    id: int
    customer_id: int | None
    case_id: int | None
    case_number: str | None
    provider_name: str
    items: tuple[Item, ...]
    received_on: date
    keep_until: date


@dataclass(frozen=True, slots=True)
class ProvisionRecord:
    """The record of a provision with every particular of article 29."""

    row: ProvisionRow
    person: str
    recipient_address: str
    recipient_representative: str
    ground: Ground | None
    reference: str
    contract_number: str | None
    consent_id: int | None
    abroad: AbroadBasis | None
    abroad_consent_id: int | None
    provided_by: str
    record_kind: RecordKind
    series: str
    keeping: KeepingRule


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """The record of a receipt with every particular of article 30."""

    row: ReceiptRow
    person: str
    provider_address: str
    provider_representative: str
    obtained: str
    confirmed_by: Confirmation
    with_consent: bool
    entered_by: str
    entered_at: datetime
    keeping: KeepingRule


@dataclass(frozen=True, slots=True)
class Records:
    """All of one customer's, the latest first: what article 33(5) lets the customer ask for."""

    provisions: tuple[ProvisionRecord, ...]
    receipts: tuple[ReceiptRecord, ...]


@dataclass(frozen=True, slots=True)
class GivenTo:
    """A recipient who has items of a customer, and since when the latest of each."""

    recipient_id: int
    recipient_name: str
    recipient_kind: RecipientKind
    provision_id: int
    items: tuple[Item, ...]
    purpose: Use
    form: LegalForm
    provided_at: datetime
