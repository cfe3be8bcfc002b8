"""What the customer's own wishes say to a hand-over: asked of the purposes' room."""

from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.provisions.rules import Covering, Wanted
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.storage.unit_of_work import UnitOfWork


def covering(
    work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> Covering:
    """The consents that cover this hand-over, if there are any."""
    return Covering()


def stopped(
    work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> Refused | None:
    """Why this use of the customer's data may not be, or None."""
    return None


def tell(
    actor: Actor, work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> int:
    """Enter what the customer was told of a country, beside the consent that it belongs to."""
    raise Refused("provisions.no_consent_abroad")
