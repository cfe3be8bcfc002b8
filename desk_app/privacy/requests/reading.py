"""A request as a page. Not a use case: who reads has been checked by the caller."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func, select

from desk_app.calls.model import Contact
from desk_app.calls.reading import staff_names
from desk_app.calls.rules import Party as CallParty
from desk_app.cases.deadlines.model import CaseDeadline
from desk_app.cases.types.rules import PRIVACY_REQUEST
from desk_app.customers.model import ContactPoint, Customer
from desk_app.customers.records import PointKind
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, authority
from desk_app.people.standing import person_id
from desk_app.privacy.requests import execution, law, records
from desk_app.privacy.requests.correction.accepting import wanted_by
from desk_app.privacy.requests.correction.rules import OF_CONTACT, SAME_IN_CONTACTS, Field
from desk_app.privacy.requests.correction.telling import recipients
from desk_app.privacy.requests.correction.writing import before
from desk_app.privacy.requests.executing import language_of
from desk_app.privacy.requests.model import (
    PrivacyCorrection,
    PrivacyRequest,
    PrivacyRequestStep,
)
from desk_app.privacy.requests.pages import (
    Candidate,
    ChangeRow,
    CheckRow,
    Place,
    RequestPage,
    StepRow,
    ToldRow,
)
from desk_app.privacy.requests.rules import (
    CORRECTING,
    UNANSWERED,
    Act,
    Agency,
    Kind,
    Medium,
    Outcome,
    Party,
    Standing,
    Told,
    acts,
)
from desk_app.storage.unit_of_work import UnitOfWork

_PERMISSIONS = {
    Act.DECIDE: Permission.DECIDE_REQUESTS,
    Act.TURN_AWAY: Permission.DECIDE_REQUESTS,
    Act.APPROVE: Permission.APPROVE_REQUESTS,
    Act.SIGN: Permission.APPROVE_REQUESTS,
    Act.SEND_BACK: Permission.APPROVE_REQUESTS,
}
"""Acts that need more than handling requests."""

_SINGLE = tuple(field for field in Field if field not in OF_CONTACT | {Field.TELEPHONE})
"""Fields that a customer has one of."""

_AGREEING = frozenset({Act.APPROVE, Act.SIGN})
_FEE_ACTS = frozenset({Act.CHARGE, Act.NOTE_FEE})


def clocks(work: UnitOfWork, case_ids: Collection[int]) -> dict[int, CaseDeadline]:
    """The latest clock of a privacy request of each case."""
    rows = select(CaseDeadline).where(
        CaseDeadline.case_id.in_(list(case_ids)), CaseDeadline.rule == PRIVACY_REQUEST
    )
    return {row.case_id: row for row in work.session.scalars(rows.order_by(CaseDeadline.id))}


def request_page(actor: Actor, work: UnitOfWork, request: PrivacyRequest) -> RequestPage:
    """Everything about one request."""
    names = staff_names(actor, work)
    standing = records.standing(work, request)
    on = records.day_of(work, request)
    customer = _customer(work, request)
    clock = clocks(work, [request.case_id]).get(request.case_id)
    due_at = clock.due_at if clock is not None and standing.state in UNANSWERED else None
    provision = law.law_of(standing.kind, on)
    possible, withheld = _acts(
        actor, work, request, standing, may_charge=provision.fee_source is not None
    )

    def name(user_id: int | None) -> str | None:
        return None if user_id is None else names[user_id]

    return RequestPage(
        id=request.id,
        version=request.version,
        case_id=request.case_id,
        kind=standing.kind,
        state=standing.state,
        agency=standing.agency,
        agent_name=request.agent_name,
        person=customer.name if customer else request.person_name,
        is_on_record=standing.is_on_record,
        medium=Medium(request.medium),
        language=language_of(request.language),
        wanted=request.wanted,
        received_at=request.received_at,
        received_by=names[request.received_by],
        law=provision,
        due_at=due_at,
        late=due_at is not None and due_at < work.now,
        must_choose=standing.must_choose,
        missing=standing.asked - standing.verified,
        next_act=standing.next_act,
        acts=possible,
        withheld=withheld,
        checks=tuple(_checks(work, request, names)),
        fee_yen=request.fee_yen,
        fee_paid_at=request.fee_paid_at,
        outcome=standing.outcome,
        grounds=grounds_of(request),
        reasons=request.reasons,
        decided_by=name(request.decided_by),
        decided_at=request.decided_at,
        approved_by=name(request.approved_by),
        approved_at=request.approved_at,
        executed_by=name(request.executed_by),
        executed_at=request.executed_at,
        executed_elsewhere=standing.kind in execution.ELSEWHERE,
        told_by=name(request.told_by),
        told_at=request.told_at,
        told_how=None if request.told_how is None else Told(request.told_how),
        closed_at=request.closed_at,
        changes=tuple(_change(work, request, row) for row in wanted_by(work, request)),
        recipients=tuple(
            ToldRow(
                row.id, row.recipient, tuple(row.items), row.given_at, row.told_at, row.told_how
            )
            for row in recipients(work, request)
        ),
        steps=tuple(_steps(work, request, names)),
        methods=tuple(one for one in law.methods(on) if one.suffices),
        papers=law.papers(standing.agency, on),
        refusal_grounds=law.grounds(standing.kind, on),
        turning_grounds=law.grounds(Outcome.TURNED_AWAY, on),
        numbers=() if customer is None else _numbers(customer, request.received_at),
        places=tuple(_places(work, customer, standing)),
    )


def candidate(work: UnitOfWork, customer: Customer, request: PrivacyRequest) -> Candidate:
    """A customer who may be meant, with what distinguishes them."""
    count, last = work.session.execute(
        select(func.count(Contact.id), func.max(Contact.received_at)).where(
            Contact.customer_id == customer.id
        )
    ).one()
    of_kind = {point.kind: point.value for point in customer.contact_points}
    return Candidate(
        customer_id=customer.id,
        name=customer.name,
        reading=customer.reading,
        telephones=tuple(point.value for point in _telephones(customer)),
        email=of_kind.get(PointKind.EMAIL, ""),
        address=of_kind.get(PointKind.ADDRESS, ""),
        since=customer.created_at,
        contacts=count,
        last_contact=last,
        is_assumed=customer.id == request.customer_id,
    )


def grounds_of(request: PrivacyRequest) -> tuple[law.Entry, ...]:
    """What a decision rests on, in the versions that it was made under."""
    found = (law.ground_kept(key, effective_from) for key, effective_from in request.grounds)
    return tuple(one for one in found if one is not None)


def _acts(
    actor: Actor,
    work: UnitOfWork,
    request: PrivacyRequest,
    standing: Standing,
    *,
    may_charge: bool,
) -> tuple[frozenset[Act], str | None]:
    held = authority(actor, work)
    possible = {
        act
        for act in acts(standing.state)
        if held.allows(_PERMISSIONS.get(act, Permission.HANDLE_REQUESTS))
    }
    if not standing.must_choose:
        possible -= {Act.CHOOSE}
    if not may_charge:
        possible -= _FEE_ACTS
    if not standing.fee_is_due:
        possible -= {Act.NOTE_FEE}
    if request.fee_paid_at is not None:
        possible -= {Act.CHARGE}
    if standing.kind not in CORRECTING:
        possible -= {Act.CHANGE, Act.TELL, Act.DISPUTE}
    if not standing.is_on_record:
        possible -= {Act.CHANGE}
    possible -= _AGREEING - {standing.approval}
    if not possible & _AGREEING:
        return frozenset(possible), None
    try:
        standing.check_approver(person_id(work, actor.user_id))
    except Refused as refused:
        return frozenset(possible - _AGREEING), refused.code
    return frozenset(possible), None


def _checks(work: UnitOfWork, request: PrivacyRequest, names: dict[int, str]) -> Iterator[CheckRow]:
    for row in records.checks(work, request):
        papers = {one.key: one for one in law.papers(Agency(request.agency), row.method_from)}
        method = {one.key: one for one in law.methods(row.method_from)}[row.method]
        yield CheckRow(
            party=Party(row.party),
            method=method,
            proven=row.proven,
            authority=tuple(papers[key] for key in row.authority if key in papers),
            note=row.note,
            at=row.checked_at,
            by=names[row.checked_by],
        )


def _change(work: UnitOfWork, request: PrivacyRequest, row: PrivacyCorrection) -> ChangeRow:
    field = Field(row.field)
    stands = None
    if row.done_at is None and request.customer_id is not None:
        stands = before(work, request, field, contact_id=row.contact_id, point_id=row.point_id)
    contact = None if row.contact_id is None else work.session.get(Contact, row.contact_id)
    return ChangeRow(
        id=row.id,
        field=field,
        contact_number=None if contact is None else contact.number,
        before=stands,
        wanted=row.wanted,
        accepted=row.accepted,
        done_at=row.done_at,
        is_sealed=row.sealed_id is not None,
        dispute=row.dispute,
    )


def _steps(work: UnitOfWork, request: PrivacyRequest, names: dict[int, str]) -> Iterator[StepRow]:
    rows = select(PrivacyRequestStep).where(PrivacyRequestStep.request_id == request.id)
    for row in work.session.scalars(rows.order_by(PrivacyRequestStep.id)):
        yield StepRow(row.act, row.at, names[row.user_id], row.text, row.particulars)


def _customer(work: UnitOfWork, request: PrivacyRequest) -> Customer | None:
    if request.customer_id is None:
        return None
    return work.session.get(Customer, request.customer_id)


def _telephones(customer: Customer) -> list[ContactPoint]:
    return [
        point
        for point in customer.contact_points
        if point.kind == PointKind.TELEPHONE and point.value
    ]


def _numbers(customer: Customer, received_at: datetime) -> tuple[str, ...]:
    return tuple(point.value for point in _telephones(customer) if point.created_at < received_at)


def _places(work: UnitOfWork, customer: Customer | None, standing: Standing) -> Iterator[Place]:
    """What can be corrected, or filled in, of a request that names fields."""
    if customer is None or standing.kind not in CORRECTING or standing.state not in UNANSWERED:
        return
    points = {point.kind: point.value for point in customer.contact_points}
    own = {Field.NAME.value: customer.name, Field.READING.value: customer.reading}
    for field in _SINGLE:
        stands = (points | own).get(field.value, "")
        if bool(stands) is (standing.kind is Kind.CORRECTION):
            yield Place(field, stands)
    if standing.kind is Kind.ADDITION:
        yield Place(Field.TELEPHONE, "")
        return
    for point in _telephones(customer):
        yield Place(Field.TELEPHONE, point.value, point_id=point.id)
    for contact in work.session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer.id, Contact.party == CallParty.CUSTOMER.value)
        .order_by(Contact.received_at.desc())
        .limit(_MOST_CONTACTS)
    ):
        for field in SAME_IN_CONTACTS.values():
            stands = str(getattr(contact, field.value))
            if stands:
                yield Place(field, stands, contact_id=contact.id, contact_number=contact.number)


_MOST_CONTACTS = 50
