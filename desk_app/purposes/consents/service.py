"""Use cases: consents, withdrawals, opt-outs. All of them work at once."""

from collections.abc import Collection

from desk_app.customers.records import find
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.consents import records
from desk_app.purposes.consents.pages import ConsentForm, Evidence
from desk_app.purposes.model import Consent
from desk_app.purposes.rules import Topic
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.RECORD_CONSENTS)
def record_consent(actor: Actor, work: UnitOfWork, /, customer_id: int, form: ConsentForm) -> int:
    """Keep what a customer agreed to, under the policy in force when it was given; its id.

    It takes back the opt-outs that its topics name. `Refused` without scope or evidence.
    """
    find(work, customer_id)
    return records.give(actor, work, customer_id, form)


@needs(Permission.RECORD_CONSENTS)
def withdraw_consent(
    actor: Actor, work: UnitOfWork, /, consent_id: int, evidence: Evidence | None = None
) -> None:
    """End a consent now, with where the withdrawal can be heard or read again, if anywhere: it
    needs no form, and nobody has to prove it."""
    consent = work.session.get(Consent, consent_id, with_for_update=True)
    if consent is None:
        raise Refused("purposes.no_such_consent")
    records.withdraw(actor, work, consent, evidence or Evidence())


@needs(Permission.RECORD_CONSENTS)
def opt_out(
    actor: Actor,
    work: UnitOfWork,
    /,
    customer_id: int,
    *,
    topics: Collection[Topic] = tuple(Topic),
    contact_id: int | None = None,
    second: int | None = None,
) -> None:
    """Stop newsletters and direct mail for a customer, at once."""
    find(work, customer_id)
    if contact_id is not None:
        evidence = Evidence(contact_id, second)
        records.check_evidence(work, customer_id, evidence, channel=None)
    records.opt_out(actor, work, customer_id, topics=topics, contact_id=contact_id, second=second)
