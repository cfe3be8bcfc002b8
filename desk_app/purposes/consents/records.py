"""Writing consents and opt-outs down. Not a use case: who acts, and why, has been checked."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.purposes.consents.pages import ConsentChannel, ConsentForm, Evidence
from desk_app.purposes.model import Consent, OptOut
from desk_app.purposes.rules import Topic
from desk_app.purposes.uses import named_use
from desk_app.purposes.versions import policy_on
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


def opt_out(
    actor: Actor,
    work: UnitOfWork,
    customer_id: int,
    *,
    topics: Collection[Topic] = tuple(Topic),
    contact_id: int | None = None,
    second: int | None = None,
) -> None:
    """The customer wants no more of these topics, from now on. Said again, it changes nothing."""
    standing = set(
        work.session.scalars(
            select(OptOut.topic).where(OptOut.customer_id == customer_id, OptOut.ended_at.is_(None))
        )
    )
    new = sorted(one for one in topics if one.value not in standing)
    if not new:
        return
    work.session.add_all(
        OptOut(
            customer_id=customer_id,
            topic=topic.value,
            declared_at=work.now,
            declared_by=actor.user_id,
            contact_id=contact_id,
            second=second,
        )
        for topic in new
    )
    work.session.flush()
    record(
        actor,
        work,
        "customer.opted_out",
        subject=("customer", customer_id),
        topics=[one.value for one in new],
        contact_id=contact_id,
    )
    work.changed("customer", customer_id)


def give(actor: Actor, work: UnitOfWork, customer_id: int, form: ConsentForm) -> int:
    """Write a consent down; opt-outs of its topics end with it. The consent's id."""
    scope, evidence = form.scope, form.evidence
    if scope.is_empty:
        raise Refused("purposes.consent_empty")
    if scope.recipients and not scope.purposes and scope.named_use is None:
        raise Refused("purposes.consent_recipients_alone")
    if scope.named_use is not None:
        named_use(work, scope.named_use)
    given_at = form.given_at or work.now
    if given_at > work.now:
        raise Refused("purposes.consent_to_come")
    check_evidence(work, customer_id, evidence, channel=form.channel)
    consent = Consent(
        customer_id=customer_id,
        purposes=sorted(scope.purposes),
        named_use_id=scope.named_use,
        recipients=sorted(scope.recipients),
        topics=sorted(scope.topics),
        policy_version_id=policy_on(work, given_at).id,
        channel=form.channel.value,
        contact_id=evidence.contact_id,
        second=evidence.second,
        document=line(evidence.document, field="document"),
        given_at=given_at,
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    work.session.add(consent)
    work.session.flush()
    for one in work.session.scalars(
        select(OptOut).where(
            OptOut.customer_id == customer_id,
            OptOut.ended_at.is_(None),
            OptOut.topic.in_(sorted(scope.topics)),
            OptOut.declared_at <= given_at,  # what was said later stands
        )
    ):
        one.ended_at, one.ended_by_consent_id = work.now, consent.id
    work.session.flush()
    record(
        actor,
        work,
        "customer.consent_given",
        subject=("customer", customer_id),
        consent_id=consent.id,
        purposes=sorted(scope.purposes),
        named_use=scope.named_use,
        recipients=sorted(scope.recipients),
        topics=sorted(scope.topics),
        policy_version_id=consent.policy_version_id,
        contact_id=evidence.contact_id,
    )
    work.changed("customer", customer_id)
    return consent.id


def withdraw(actor: Actor, work: UnitOfWork, consent: Consent, evidence: Evidence) -> None:
    """End a consent now. What it had taken back is wanted no more again."""
    if consent.withdrawn_at is not None:
        raise Refused("purposes.consent_withdrawn")
    if evidence.contact_id is not None:
        check_evidence(work, consent.customer_id, evidence, channel=None)
    consent.withdrawn_at, consent.withdrawn_by = work.now, actor.user_id
    consent.withdrawn_contact_id, consent.withdrawn_second = evidence.contact_id, evidence.second
    consent.withdrawn_document = line(evidence.document, field="document") or None
    work.session.flush()
    record(
        actor,
        work,
        "customer.consent_withdrawn",
        subject=("customer", consent.customer_id),
        consent_id=consent.id,
        contact_id=evidence.contact_id,
    )
    work.changed("customer", consent.customer_id)
    topics = [topic for topic in Topic if topic.value in consent.topics]
    if topics:
        opt_out(
            actor,
            work,
            consent.customer_id,
            topics=topics,
            contact_id=evidence.contact_id,
            second=evidence.second,
        )


def check_evidence(
    work: UnitOfWork, customer_id: int, evidence: Evidence, *, channel: ConsentChannel | None
) -> None:
    """`Refused` unless the evidence is there: a contact of this customer, or of nobody yet, with
    a second within its call; or a document. By telephone, the call itself."""
    if evidence.contact_id is None:
        if channel is ConsentChannel.TELEPHONE:
            raise Refused("purposes.consent_needs_call")
        if not evidence.document.strip():
            raise Refused("purposes.consent_needs_evidence")
        return
    # Tables of rooms above are named, not imported.
    contact, call = Base.metadata.tables["contact"], Base.metadata.tables["call"]
    found = work.session.execute(
        select(contact.c.customer_id, contact.c.received_at, call.c.ended_at)
        .select_from(contact.outerjoin(call, call.c.contact_id == contact.c.id))
        .where(contact.c.id == evidence.contact_id)
    ).one_or_none()
    if found is None or found.customer_id not in (None, customer_id):
        raise Refused("purposes.consent_other_contact")
    if evidence.second is not None:
        ended_at: datetime = found.ended_at or work.now
        length = ended_at - found.received_at
        if not timedelta() <= timedelta(seconds=evidence.second) <= length + timedelta(seconds=1):
            raise Refused("purposes.consent_second")
