"""The rows of a request: finding it, moving it as the table says, and its steps. Not a use case."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import flag_modified

from desk_app.audit.log import record
from desk_app.cases import history
from desk_app.cases.deadlines import keeping
from desk_app.cases.deadlines.model import CaseDeadline
from desk_app.cases.model import Case
from desk_app.cases.rules import EntryKind
from desk_app.cases.types.rules import PRIVACY_REQUEST
from desk_app.customers.model import ContactPoint, Customer
from desk_app.customers.records import PointKind
from desk_app.customers.rules import name_key, normalise_number
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor
from desk_app.people.standing import person_id
from desk_app.privacy.requests.model import (
    PrivacyIdentityCheck,
    PrivacyRequest,
    PrivacyRequestStep,
)
from desk_app.privacy.requests.rules import (
    Act,
    Agency,
    Kind,
    Outcome,
    Party,
    Standing,
    State,
    after,
)
from desk_app.storage.unit_of_work import UnitOfWork

MOST_CANDIDATES = 20

Token = int | str | bool | Collection[str] | None
"""What the particulars of a step may be."""

_NONE: Mapping[str, Token] = {}


def find(work: UnitOfWork, request_id: int, version: int | None = None) -> PrivacyRequest:
    """The request, its case and itself locked where the engine locks rows.

    With ``version``, `Refused("storage.conflict")` if it has changed since then.
    """
    case_id = work.session.scalar(
        select(PrivacyRequest.case_id).where(PrivacyRequest.id == request_id)
    )
    if case_id is None:
        raise Refused("requests.not_found")
    history.find(work, case_id)
    request = work.session.scalars(
        select(PrivacyRequest).where(PrivacyRequest.id == request_id).with_for_update()
    ).one()
    if version is not None and request.version != version:
        raise Refused("storage.conflict")
    return request


def of_case(work: UnitOfWork, case_id: int) -> PrivacyRequest | None:
    return work.session.scalar(select(PrivacyRequest).where(PrivacyRequest.case_id == case_id))


def case_of(work: UnitOfWork, request: PrivacyRequest) -> Case:
    return work.session.get_one(Case, request.case_id)


def day_of(work: UnitOfWork, request: PrivacyRequest) -> date:
    """The day on which it arrived, as the office counts its days: which law applies."""
    return office_day(work, request.received_at)


def standing(work: UnitOfWork, request: PrivacyRequest) -> Standing:
    """What the rules look at."""
    return Standing(
        kind=Kind(request.kind),
        state=State(request.state),
        agency=Agency(request.agency),
        verified=verified(work, request),
        receiver=person_id(work, request.received_by),
        decider=None if request.decided_by is None else person_id(work, request.decided_by),
        outcome=None if request.outcome is None else Outcome(request.outcome),
        is_on_record=request.customer_id is not None,
        must_choose=must_choose(work, request),
        fee_is_due=bool(request.fee_yen) and request.fee_paid_at is None,
    )


def checks(work: UnitOfWork, request: PrivacyRequest) -> list[PrivacyIdentityCheck]:
    """The identity checks in order."""
    rows = select(PrivacyIdentityCheck).where(PrivacyIdentityCheck.request_id == request.id)
    return list(work.session.scalars(rows.order_by(PrivacyIdentityCheck.id)))


def verified(work: UnitOfWork, request: PrivacyRequest) -> frozenset[Party]:
    """Whose identity the last check of each proved."""
    last = {Party(row.party): row.proven for row in checks(work, request)}
    return frozenset(party for party, proven in last.items() if proven)


def candidates(work: UnitOfWork, request: PrivacyRequest) -> list[Customer]:
    """The customers on record who may be meant, if that is more than one possibility.

    Of a customer: those of the same name who share a telephone number, the one included. Of a
    person not on record: whoever has the name or the number that was given.
    """
    if request.customer_id is None:
        return _alike(work, request.person_name, request.person_number)
    mine, theirs = aliased(ContactPoint), aliased(ContactPoint)
    customer = work.session.get_one(Customer, request.customer_id)
    if not customer.name_key:
        return []
    twins = work.session.scalars(
        select(Customer)
        .join(theirs, theirs.customer_id == Customer.id)
        .join(mine, mine.normal == theirs.normal)
        .where(
            mine.customer_id == customer.id,
            mine.kind == PointKind.TELEPHONE.value,
            theirs.kind == PointKind.TELEPHONE.value,
            mine.normal != "",
            Customer.id != customer.id,
            Customer.name_key == customer.name_key,
        )
        .distinct()
        .order_by(Customer.id)
        .limit(MOST_CANDIDATES)
    ).all()
    return sorted([customer, *twins], key=lambda one: one.id) if twins else []


def must_choose(work: UnitOfWork, request: PrivacyRequest) -> bool:
    """Whether somebody still has to say which customer is meant."""
    return (
        State(request.state) is State.RECEIVED
        and request.chosen_at is None
        and bool(candidates(work, request))
    )


def _alike(work: UnitOfWork, name: str, number: str) -> list[Customer]:
    key, e164 = name_key(name), normalise_number(number).e164
    ways = []
    if key:
        ways.append(Customer.name_key == key)
    if e164:
        with_number = select(ContactPoint.customer_id).where(
            ContactPoint.normal == e164, ContactPoint.kind == PointKind.TELEPHONE.value
        )
        ways.append(Customer.id.in_(with_number))
    if not ways:
        return []
    found = select(Customer).where(or_(*ways)).order_by(Customer.id).limit(MOST_CANDIDATES)
    return list(work.session.scalars(found))


def clock_of(work: UnitOfWork, request: PrivacyRequest) -> CaseDeadline | None:
    """The clock of the 14 days, while it runs."""
    rows = keeping.open_rows(work, case_of(work, request))
    return next((row for row in rows if row.rule == PRIVACY_REQUEST), None)


def move(work: UnitOfWork, request: PrivacyRequest, act: Act) -> None:
    """Apply an act: the state that follows, and a new version whatever else changes."""
    request.state = after(State(request.state), act).value
    flag_modified(request, "state")


def step(
    actor: Actor,
    work: UnitOfWork,
    request: PrivacyRequest,
    act: str,
    *,
    text: str = "",
    action: str = "request.changed",
    particulars: Mapping[str, Token] = _NONE,
) -> int:
    """Keep what was done, on the request, on its case's timeline and in the log; the request's new
    version. Particulars are ids, counts and tokens."""
    kept = {
        name: list(value) if isinstance(value, Collection) and not isinstance(value, str) else value
        for name, value in particulars.items()
    }
    work.session.flush()
    work.session.add(
        PrivacyRequestStep(
            request_id=request.id,
            at=work.now,
            user_id=actor.user_id,
            act=act,
            text=text,
            particulars=kept,
        )
    )
    case = case_of(work, request)
    history.tell(actor, work, case, EntryKind.REQUEST, text=text, act=act, request=request.kind)
    history.touch(case)
    work.session.flush()
    work.changed("request", request.id)
    work.changed("case", case.id)
    said: dict[str, Any] = {"act": act, "state": request.state, "case_id": case.id, **kept}
    record(actor, work, action, subject=("request", request.id), **said)
    return request.version
