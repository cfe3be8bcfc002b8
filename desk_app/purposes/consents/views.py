"""A customer's consents, opt-outs and stops as pages show them."""

from sqlalchemy import select

from desk_app.people.access import Actor, Permission, needs
from desk_app.people.views import colleagues
from desk_app.purposes.consents.pages import (
    ConsentChannel,
    ConsentRow,
    ConsentState,
    CustomerUses,
    Evidence,
    OptOutRow,
)
from desk_app.purposes.model import Consent, NamedUse, OptOut, PolicyVersion
from desk_app.purposes.rules import OtherUse, Policy, Topic, uncovered
from desk_app.purposes.standing import given_of, scope_of, standing_of
from desk_app.purposes.versions import known, policy
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES


@needs(Permission.READ_CONTACTS)
def uses_of(actor: Actor, work: UnitOfWork, /, customer_id: int) -> CustomerUses:
    """Of a customer whose card or case was opened; the entry of the opening covers it."""
    names = {int(one.user_id): one.name for one in colleagues(actor, work)}
    contact = Base.metadata.tables["contact"]  # of a room above: named, not imported
    rows = work.session.execute(
        select(Consent, PolicyVersion.label, NamedUse.names, contact.c.number)
        .join(PolicyVersion, PolicyVersion.id == Consent.policy_version_id)
        .outerjoin(NamedUse, NamedUse.id == Consent.named_use_id)
        .outerjoin(contact, contact.c.id == Consent.contact_id)
        .where(Consent.customer_id == customer_id)
        .order_by(Consent.given_at.desc(), Consent.id.desc())
    )
    versions = policy(work)
    out = work.session.scalars(
        select(OptOut)
        .where(OptOut.customer_id == customer_id, OptOut.ended_at.is_(None))
        .order_by(OptOut.id)
    )
    return CustomerUses(
        customer_id=customer_id,
        consents=tuple(
            _row(consent, versions, names, label=label, named=named, number=number)
            for consent, label, named, number in rows
        ),
        opt_outs=tuple(
            OptOutRow(topic, one.declared_at, names[one.declared_by])
            for one in out
            for topic in known(Topic, [one.topic])
        ),
        blocks=standing_of(work, customer_id).blocks,
    )


@needs(Permission.READ_CONTACTS)
def named_uses(actor: Actor, work: UnitOfWork, /) -> tuple[OtherUse, ...]:
    """The uses outside A–H that may be agreed to now."""
    rows = work.session.scalars(
        select(NamedUse).where(NamedUse.ended_at.is_(None)).order_by(NamedUse.id)
    )
    return tuple(_other_use(row.id, row.names) for row in rows)


def _other_use(named_use_id: int, names: dict[str, str]) -> OtherUse:
    return OtherUse(named_use_id, tuple(names[one] for one in LANGUAGES))


def _row(
    consent: Consent,
    versions: Policy,
    names: dict[int, str],
    *,
    label: str,
    named: dict[str, str] | None,
    number: str | None,
) -> ConsentRow:
    given = given_of(consent)
    lost = uncovered(versions, given)
    state = ConsentState.GIVEN if lost.is_empty else ConsentState.PARTLY
    return ConsentRow(
        id=consent.id,
        scope=scope_of(consent),
        named_use=_other_use(consent.named_use_id, named)
        if consent.named_use_id and named
        else None,
        state=ConsentState.WITHDRAWN if consent.withdrawn_at else state,
        uncovered=lost,
        policy_label=label,
        channel=next(iter(known(ConsentChannel, [consent.channel])), None),
        evidence=Evidence(consent.contact_id, consent.second, consent.document),
        contact_number=number,
        given_at=consent.given_at,
        entered_by=names[consent.entered_by],
        withdrawn_at=consent.withdrawn_at,
        withdrawn_by=names[consent.withdrawn_by] if consent.withdrawn_by else None,
    )
