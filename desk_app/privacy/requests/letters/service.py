"""Handing out what a letter says; the file is made after the commit, by `paper`."""

from desk_app.audit.log import record
from desk_app.calls.reading import staff_names
from desk_app.customers.model import Customer
from desk_app.customers.records import PointKind
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.provisions.pages import Records
from desk_app.privacy.provisions.views import records_of
from desk_app.privacy.requests import execution, law, records
from desk_app.privacy.requests.correction.accepting import wanted_by
from desk_app.privacy.requests.correction.rules import Field
from desk_app.privacy.requests.executing import language_of
from desk_app.privacy.requests.letters.pages import Answer, LetterChange
from desk_app.privacy.requests.model import PrivacyRequest, PrivacyRequestStep
from desk_app.privacy.requests.reading import grounds_of
from desk_app.privacy.requests.rules import (
    CORRECTING,
    EXECUTED_OUTCOMES,
    Act,
    Kind,
    Outcome,
    State,
)
from desk_app.purposes.rules import USUAL_PURPOSE, Purpose, Stops
from desk_app.reports.stamp import make_stamp
from desk_app.storage.unit_of_work import UnitOfWork

TELLING = frozenset({State.SIGNED, State.EXECUTED, State.NOTIFIED, State.CLOSED})
"""There is an answer that two persons stand for, and what was approved is done."""


@needs(Permission.HANDLE_REQUESTS)
def open_letter(actor: Actor, work: UnitOfWork, /, request_id: int) -> Answer:
    """What the customer is told, for `paper.write_pdf`; audited as handed out.

    `Refused` before a second person agreed, and before what was approved is done.
    """
    request = records.find(work, request_id)
    outcome = None if request.outcome is None else Outcome(request.outcome)
    if State(request.state) not in TELLING or outcome is None or request.approved_by is None:
        raise Refused("requests.no_letter_yet")
    names = staff_names(actor, work)
    kind = Kind(request.kind)
    granted = outcome in EXECUTED_OUTCOMES
    customer = (
        None if request.customer_id is None else work.session.get(Customer, request.customer_id)
    )
    record(
        actor,
        work,
        "request.letter_made",
        subject=("request", request_id),
        purpose=USUAL_PURPOSE,
        case_id=request.case_id,
    )
    return Answer(
        stamp=make_stamp(actor, work, USUAL_PURPOSE),
        language=language_of(request.language),
        number=records.case_of(work, request).number or "",
        to_name=customer.name if customer else request.person_name,
        to_address=_address(customer),
        agent_name=request.agent_name,
        kind=kind,
        received_at=request.received_at,
        outcome=outcome,
        law=law.law_of(kind, records.day_of(work, request)),
        grounds=grounds_of(request),
        reasons=request.reasons,
        decided_by=names[request.decided_by] if request.decided_by is not None else "",
        approved_by=names[request.approved_by],
        fee_yen=request.fee_yen or 0,
        purposes=_purposes(work, request) if granted and kind is Kind.PURPOSES else (),
        records=_records(actor, work, request) if granted else None,
        changes=tuple(_changes(work, request)) if kind in CORRECTING else (),
        stops=_stops(request),
    )


def _address(customer: Customer | None) -> tuple[str, ...]:
    if customer is None:
        return ()
    points = {point.kind: point.value for point in customer.contact_points}
    kinds = (PointKind.POSTCODE, PointKind.ADDRESS, PointKind.BUILDING)
    return tuple(points[kind] for kind in kinds if points.get(kind))


def _purposes(work: UnitOfWork, request: PrivacyRequest) -> tuple[Purpose, ...]:
    """Those that were in force when the request was executed."""
    done = work.session.query(PrivacyRequestStep).filter_by(
        request_id=request.id, act=Act.EXECUTE.value
    )
    step = done.order_by(PrivacyRequestStep.id.desc()).first()
    return () if step is None else tuple(Purpose(one) for one in step.particulars["purposes"])


def _records(actor: Actor, work: UnitOfWork, request: PrivacyRequest) -> Records | None:
    if Kind(request.kind) is not Kind.PROVISION_RECORDS or request.customer_id is None:
        return None
    return records_of(actor, work, request.customer_id)


def _changes(work: UnitOfWork, request: PrivacyRequest) -> list[LetterChange]:
    """What the customer asked for; contacts that were corrected along are not told one by one."""
    return [
        LetterChange(Field(row.field), row.wanted, row.accepted is True, row.dispute)
        for row in wanted_by(work, request)
        if row.contact_id is None or row.accepted is not True
    ]


def _stops(request: PrivacyRequest) -> Stops | None:
    return execution.stops_of(request.scope) if request.scope else None
