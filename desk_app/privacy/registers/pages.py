"""What is shown of the registers: frozen rows."""

from dataclasses import dataclass
from datetime import date

from desk_app.privacy.registers.rules import Item, RecipientKind, Span
from desk_app.purposes.rules import Purpose


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A period in the list of the group's companies."""

    id: int
    span: Span


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract of a subcontractor."""

    id: int
    number: str
    work: str
    span: Span
    items: frozenset[Item]
    purposes: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class SystemRow:
    """An assessment of a recipient abroad."""

    id: int
    span: Span
    basis: str


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient with everything that decides what it may be given. ``is_current``: something
    that is in force today makes it one; of those that need nothing, that it isn't retired."""

    id: int
    kind: RecipientKind
    name: str
    address: str
    representative: str
    country: str
    public_key: str
    is_retired: bool
    listings: tuple[ListingRow, ...]
    contracts: tuple[ContractRow, ...]
    systems: tuple[SystemRow, ...]

    def is_current(self, day: date) -> bool:
        if self.is_retired:
            return False
        match self.kind:
            case RecipientKind.GROUP:
                return any(one.span.covers(day) for one in self.listings)
            case RecipientKind.SUBCONTRACTOR:
                return any(one.span.covers(day) for one in self.contracts)
        return True


@dataclass(frozen=True, slots=True)
class Registers:
    """All recipients, by name, and which day it is in the office."""

    rows: tuple[RecipientRow, ...]
    today: date
