"""What the customer's own wishes say to a hand-over: asked of the purposes' room.

A consent names kinds of recipients. To another country it counts only together with an entry that
the customer was told of that country what article 28(2) asks for.
"""

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.provisions.model import ToldAbroad
from desk_app.privacy.provisions.rules import Covering, Told, Wanted
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.rules import HOME, RecipientKind
from desk_app.purposes import rules as purposes
from desk_app.purposes.rules import Act, UseException
from desk_app.purposes.uses import consent_for, require_use
from desk_app.storage.unit_of_work import UnitOfWork

_KINDS = {
    RecipientKind.GROUP: purposes.RecipientKind.GROUP_COMPANY,
    RecipientKind.SUBCONTRACTOR: purposes.RecipientKind.SUBCONTRACTOR,
    RecipientKind.RETAILER: purposes.RecipientKind.RETAILER,
    RecipientKind.AUTHORITY: purposes.RecipientKind.THIRD_PARTY,
    RecipientKind.OTHER: purposes.RecipientKind.THIRD_PARTY,
}
"""Recipients as consents and the policy call them."""


def covering(
    work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> Covering:
    """The consents that cover this hand-over, if there are any."""
    given = _consent(work, customer_id, wanted, _KINDS[recipient.kind])
    if recipient.country == HOME:
        return Covering(given)
    abroad = _consent(work, customer_id, wanted, purposes.RecipientKind.ABROAD)
    was_told = work.session.scalar(
        select(ToldAbroad.id)
        .where(
            ToldAbroad.customer_id == customer_id,
            ToldAbroad.consent_id == abroad,
            ToldAbroad.country == recipient.country,
        )
        .limit(1)
    )
    return Covering(given, abroad if was_told is not None else None)


def stopped(
    work: UnitOfWork,
    customer_id: int,
    recipient: RecipientRow,
    wanted: Wanted,
    *,
    by_law: bool = False,
) -> Refused | None:
    """Why this use of the customer's data may not be, or None. ``by_law``: on a legal ground, which
    goes before the purposes that are named and what was stopped."""
    try:
        require_use(
            work,
            customer_id=customer_id,
            purpose=wanted.purpose,
            act=Act.PROVIDE,
            recipient=_KINDS[recipient.kind],
            exception=UseException.LAW if by_law else None,
        )
    except Refused as refused:
        return refused
    return None


def tell(
    actor: Actor, work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> int:
    """Enter what the customer was told of a country, beside the consent that it belongs to."""
    consent = _consent(work, customer_id, wanted, purposes.RecipientKind.ABROAD)
    if consent is None:
        raise Refused("provisions.no_consent_abroad")
    row = ToldAbroad(
        customer_id=customer_id,
        consent_id=consent,
        country=recipient.country,
        told=[one.value for one in Told],
        told_at=work.now,
        told_by=actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    work.changed("customer", customer_id)
    return row.id


def _consent(
    work: UnitOfWork, customer_id: int, wanted: Wanted, kind: purposes.RecipientKind
) -> int | None:
    return consent_for(
        work, customer_id=customer_id, purpose=wanted.purpose, act=Act.PROVIDE, recipient=kind
    )
