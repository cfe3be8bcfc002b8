"""What the customer's own wishes say to a hand-over: asked of the purposes' room.

A consent names kinds of recipients. To another country it counts only together with an entry that
the customer was told of that country what article 28(2) asks for.
"""

from datetime import datetime

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.provisions.model import ToldAbroad
from desk_app.privacy.provisions.rules import Covering, Told, Wanted
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.rules import HOME, RecipientKind
from desk_app.purposes import rules as purposes
from desk_app.purposes.rules import USUAL_PURPOSE, Act, UseException
from desk_app.purposes.uses import consents_for, require_use
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
    given = next(iter(_consents(work, customer_id, wanted, _KINDS[recipient.kind])), None)
    if recipient.country == HOME:
        return Covering(given)
    abroad = _consents(work, customer_id, wanted, purposes.RecipientKind.ABROAD)
    told = work.session.scalars(
        select(ToldAbroad.consent_id).where(
            ToldAbroad.customer_id == customer_id,
            ToldAbroad.consent_id.in_(abroad),
            ToldAbroad.country == recipient.country,
        )
    ).all()
    return Covering(given, min(told, default=None))


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


def withheld(
    work: UnitOfWork,
    customer_id: int,
    *,
    case_id: int | None,
    asked_at: datetime | None,
    by_law: bool = False,
) -> Refused | None:
    """Why what is on record may not be looked at in order to hand it over, or None."""
    try:
        require_use(
            work,
            customer_id=customer_id,
            purpose=USUAL_PURPOSE,
            act=Act.VIEW,
            exception=UseException.LAW if by_law else None,
            case_id=case_id,
            asked_at=asked_at,
        )
    except Refused as refused:
        return refused
    return None


def tell(
    actor: Actor, work: UnitOfWork, customer_id: int, recipient: RecipientRow, wanted: Wanted
) -> int:
    """Enter what the customer was told of a country, beside the consent that it belongs to: the
    latest of those that cover it."""
    consents = _consents(work, customer_id, wanted, purposes.RecipientKind.ABROAD)
    if not consents:
        raise Refused("provisions.no_consent_abroad")
    row = ToldAbroad(
        customer_id=customer_id,
        consent_id=consents[-1],
        country=recipient.country,
        told=[one.value for one in Told],
        told_at=work.now,
        told_by=actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    work.changed("customer", customer_id)
    return row.id


def _consents(
    work: UnitOfWork, customer_id: int, wanted: Wanted, kind: purposes.RecipientKind
) -> tuple[int, ...]:
    return consents_for(
        work, customer_id=customer_id, purpose=wanted.purpose, act=Act.PROVIDE, recipient=kind
    )
