"""What is shown about customers: frozen rows."""

from dataclasses import dataclass
from enum import StrEnum

from desk_app.customers.rules import Answer, PersonalField


class MatchedBy(StrEnum):
    NUMBER = "number"
    NAME = "name"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    """A customer who may be the caller. An offer: a number or a name is no identity."""

    customer_id: int
    name: str
    reading: str
    telephone: str
    by: frozenset[MatchedBy]
    is_stopped: bool = False
    """The customer's data may not be looked at: who it is isn't shown."""


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer's own data, with what was answered, not asked and declined."""

    id: int
    version: int
    name: PersonalField
    reading: PersonalField
    telephones: tuple[str, ...]  # as shown, the latest first
    email: PersonalField
    postcode: PersonalField
    address: PersonalField
    building: PersonalField
    telephone_answer: Answer = Answer.NOT_ASKED  # declined, if none was ever given
