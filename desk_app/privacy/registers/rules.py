"""What a register of recipients can hold: pure.

Days are the office's own; a period runs from its first to its last day, both included. What
has ended stays on record: a period is never deleted, and never ends before today, because it
says what was in force when something was handed over.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.keys.age import is_recipient
from desk_app.purposes.rules import Purpose
from desk_app.text import line

HOME = "JP"
_COUNTRY = re.compile("[A-Z]{2}")


class RecipientKind(StrEnum):
    """What a recipient is to the office. It decides the legal form of what it is given."""

    GROUP = "group_company"
    SUBCONTRACTOR = "subcontractor"
    RETAILER = "retailer"
    AUTHORITY = "authority"
    OTHER = "other"


class Item(StrEnum):
    """What of a customer and a matter can be handed over, item by item."""

    NAME = "name"
    READING = "reading"
    TELEPHONE = "telephone"
    EMAIL = "email"
    POSTCODE = "postcode"
    ADDRESS = "address"
    BUILDING = "building"
    PRODUCT = "product"
    INQUIRY = "inquiry"
    ANSWER = "answer"


def in_order(items: Collection[Item]) -> tuple[Item, ...]:
    """Each once, as `Item` lists them."""
    return tuple(item for item in Item if item in items)


@dataclass(frozen=True, slots=True)
class Span:
    """A period of days. ``last`` None: until somebody ends it."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Span") -> bool:
        return (other.last is None or self.first <= other.last) and (
            self.last is None or other.first <= self.last
        )


@dataclass(frozen=True, slots=True)
class RecipientForm:
    """A recipient as it is entered: what articles 29 and 30 ask to be told of it, and the age
    recipient (``age1…``) for whom files are sealed, if they have one."""

    kind: RecipientKind
    name: str
    address: str = ""
    representative: str = ""
    country: str = HOME
    public_key: str = ""

    def cleaned(self, *, countries: Collection[str]) -> "RecipientForm":
        """Fit to be saved; `Refused` says what is missing. Of ``countries`` all are known."""
        name = line(self.name, field="recipient_name")
        if not name:
            raise Refused("registers.unnamed")
        address = line(self.address, field="recipient_address")
        if not address and self.kind is not RecipientKind.AUTHORITY:
            raise Refused("registers.no_address")
        if not _COUNTRY.fullmatch(self.country) or self.country not in countries:
            raise Refused("registers.no_such_country")
        representative = line(self.representative, field="recipient_representative")
        key = line(self.public_key, field="recipient_key")
        if key and not is_recipient(key):
            raise Refused("registers.no_such_key")
        return RecipientForm(self.kind, name, address, representative, self.country, key)


@dataclass(frozen=True, slots=True)
class ContractForm:
    """What a subcontractor was entrusted with: by which contract, for what, with which items."""

    number: str
    work: str
    span: Span
    items: tuple[Item, ...]
    purposes: tuple[Purpose, ...]

    def cleaned(self) -> "ContractForm":
        """Fit to be saved, or `Refused`."""
        number = line(self.number, field="contract_number")
        if not number:
            raise Refused("registers.contract_unnumbered")
        if not self.items or not self.purposes:
            raise Refused("registers.contract_without_scope")
        purposes = tuple(one for one in Purpose if one in self.purposes)
        return ContractForm(
            number,
            line(self.work, field="contract_work"),
            self.span,
            in_order(self.items),
            purposes,
        )


def check_span(span: Span, *, today: date) -> None:
    """`Refused` for a period that ends before it begins, or is over already."""
    if span.last is not None and span.last < span.first:
        raise Refused("registers.ends_before_it_begins")
    if span.last is not None and span.last < today:
        raise Refused("registers.over_already")


def check_apart(span: Span, others: Iterable[Span]) -> None:
    """`Refused` if two periods of the same thing would run at once."""
    for other in others:
        if span.overlaps(other):
            raise Refused(
                "registers.overlap",
                first=other.first.isoformat(),
                last=other.last.isoformat() if other.last else "–",
            )


def check_end(span: Span, last: date, *, today: date) -> None:
    """`Refused` if a period can't be ended with this day: what has passed stays as it was."""
    if span.last is not None and span.last < today:
        raise Refused("registers.over_already")
    if last < today:
        raise Refused("registers.end_has_passed")
    if last < span.first:
        raise Refused("registers.ends_before_it_begins")
    if span.last is not None and last > span.last:
        raise Refused("registers.end_is_later")
