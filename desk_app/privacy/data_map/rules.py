"""What the rights of a customer do with a column: pure declarations."""

from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """Whom the data is about."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Section(StrEnum):
    """Where a disclosure shows it."""

    PERSON = "person"
    CONTACTS = "contacts"
    CASES = "cases"
    RECORDINGS = "recordings"
    ATTACHMENTS = "attachments"
    SENSITIVE = "sensitive"
    CONSENTS = "consents"
    PROVISIONS = "provisions"
    REQUESTS = "requests"
    ORIGINALS = "originals"


class Erased(StrEnum):
    """What an erasure does with it."""

    ROW = "row"  # goes with its row
    EMPTIED = "emptied"  # the value goes, the row stays for the figures
    RENEWED = "renewed"  # made again from what is left
    SEARCHED = "searched"  # goes if it holds one of the customer's values
    STAYS = "stays"


class Why(StrEnum):
    """Why a column isn't shown to the customer, or stays when the customer's data goes."""

    DERIVED = "derived"  # a key made from another column, for looking up and sorting
    STAFF = "staff"  # speaks of a member of staff
    INTERNAL = "internal"  # written by the office for itself; shown as removed
    LAW = "law"  # the law has the office keep it for a time


@dataclass(frozen=True, slots=True)
class Handled:
    """One column. ``why`` is given exactly if it isn't disclosed or stays."""

    whose: Whose
    disclosed: Section | None
    erased: Erased
    why: Why | None = None

    def __post_init__(self) -> None:
        is_withheld = self.disclosed is None or self.erased is Erased.STAYS
        if is_withheld != (self.why is not None):
            raise ValueError("say why, and only where something is withheld")


def shown(section: Section, erased: Erased) -> Handled:
    """The customer's own, disclosed and erased."""
    return Handled(Whose.CUSTOMER, section, erased)


def kept(section: Section, why: Why = Why.LAW) -> Handled:
    """The customer's own, disclosed, and kept for its time also when the rest goes."""
    return Handled(Whose.CUSTOMER, section, Erased.STAYS, why)


def withheld(erased: Erased, why: Why) -> Handled:
    """About the customer, and not handed out."""
    return Handled(Whose.CUSTOMER, None, erased, why)


def of_staff(erased: Erased = Erased.STAYS) -> Handled:
    """About a member of staff; ``erased`` says what a customer's erasure does there."""
    return Handled(Whose.STAFF, None, erased, Why.STAFF)
