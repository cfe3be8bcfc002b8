"""What is known for receiving a request on a case. Not a use case."""

from sqlalchemy import select

from desk_app.calls.model import Contact
from desk_app.calls.rules import Party
from desk_app.cases.deadlines import keeping
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.cases.types import case_type
from desk_app.cases.types.rules import PRIVACY_REQUEST
from desk_app.customers.model import Customer
from desk_app.errors import Refused
from desk_app.privacy.requests import records
from desk_app.privacy.requests.pages import ReceiveOffer
from desk_app.storage.unit_of_work import UnitOfWork

WORKFLOW = "privacy"
_AGENTS = frozenset({Party.AGENT, Party.FAMILY})


def check_receivable(work: UnitOfWork, case: Case) -> None:
    """`Refused` unless a request can be received on this case."""
    if case.merged_into_id is not None:
        raise Refused("requests.case_merged")
    if records.of_case(work, case.id) is not None:
        raise Refused("requests.case_has_one")
    runs = any(row.rule == PRIVACY_REQUEST for row in keeping.open_rows(work, case))
    if case_type(work, case.case_type).workflow != WORKFLOW and not runs:
        raise Refused("requests.no_privacy_case")
    if CaseState(case.state) not in OPEN_STATES:
        raise Refused("requests.case_not_open")


def offer(work: UnitOfWork, case_id: int) -> ReceiveOffer:
    """Who has called or written, and when, as the contacts of the case have it."""
    case = work.session.get(Case, case_id)
    if case is None:
        raise Refused("cases.not_found")
    contact = work.session.scalar(
        select(Contact)
        .join(CaseContact, CaseContact.contact_id == Contact.id)
        .where(CaseContact.case_id == case_id)
        .order_by(Contact.received_at, Contact.id)
        .limit(1)
    )
    customer = None if case.customer_id is None else work.session.get(Customer, case.customer_id)
    by_agent = contact is not None and Party(contact.party) in _AGENTS
    return ReceiveOffer(
        case_id=case_id,
        refusal=_refusal(work, case),
        customer_id=case.customer_id,
        customer=customer.name if customer else "",
        caller=contact.caller_name if contact else "",
        by_agent=by_agent,
        number=contact.callback_number if contact else "",
        received_at=contact.received_at if contact else case.opened_at,
    )


def _refusal(work: UnitOfWork, case: Case) -> str | None:
    try:
        check_receivable(work, case)
    except Refused as refused:
        return refused.code
    return None
