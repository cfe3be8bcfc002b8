"""What can be corrected, and where: pure.

The customer's own fields, and what contacts hold of the same person. What was said in a call, and
what colleagues wrote about it, is a record of what happened: it is disputed by a note, not edited.
"""

from collections.abc import Mapping
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.privacy.requests.rules import Kind


class Field(StrEnum):
    """A field that a request can have corrected or filled in."""

    NAME = "name"
    READING = "reading"
    TELEPHONE = "telephone"
    EMAIL = "email"
    POSTCODE = "postcode"
    ADDRESS = "address"
    BUILDING = "building"
    CALLER_NAME = "caller_name"  # of one contact
    CALLER_READING = "caller_reading"
    CALLBACK_NUMBER = "callback_number"


OF_CONTACT = frozenset({Field.CALLER_NAME, Field.CALLER_READING, Field.CALLBACK_NUMBER})

SAME_IN_CONTACTS: Mapping[Field, Field] = {
    Field.NAME: Field.CALLER_NAME,
    Field.READING: Field.CALLER_READING,
    Field.TELEPHONE: Field.CALLBACK_NUMBER,
}
"""Where contacts of the customer hold the same old value, they are corrected along with it."""

GIVEN_AS: Mapping[Field, Field] = {contact: own for own, contact in SAME_IN_CONTACTS.items()}
"""Under which item a value that stands in a contact is handed to others."""


def check_change(kind: Kind, field: Field, *, before: str, wanted: str) -> None:
    """`Refused` for a change that changes nothing, and for an addition to what is filled in.

    Another telephone number is an addition whatever numbers there are.
    """
    if not wanted or wanted == before:
        raise Refused("requests.value_unchanged")
    if kind is Kind.ADDITION and before and field is not Field.TELEPHONE:
        raise Refused("requests.field_is_held")


def item_of(field: Field) -> str:
    """The item under which recipients were given it."""
    return GIVEN_AS.get(field, field).value
