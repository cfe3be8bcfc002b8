"""Use cases of a privacy request, in the order of its way: see `rules`.

Every change expects the version of the request that the page showed, and returns the new one. Each
leaves a step on the request, an entry on its case's timeline, and one in the log.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from desk_app.audit.log import record
from desk_app.cases import history
from desk_app.cases.deadlines import keeping
from desk_app.cases.model import Case
from desk_app.cases.types.rules import PRIVACY_REQUEST
from desk_app.customers.model import Customer
from desk_app.customers.records import PointKind
from desk_app.customers.records import find as find_customer
from desk_app.customers.rules import Answer, normalise_number
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day, open_calendar
from desk_app.hours.explaining import end_of_day
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.requests import (
    closing,
    executing,
    execution,
    law,
    offering,
    reading,
    records,
)
from desk_app.privacy.requests.identity import check_called_back, check_note, check_written_to
from desk_app.privacy.requests.model import PrivacyIdentityCheck, PrivacyRequest
from desk_app.privacy.requests.pages import Candidate
from desk_app.privacy.requests.rules import (
    Act,
    Agency,
    Kind,
    Medium,
    Party,
    State,
    Told,
    after,
)
from desk_app.purposes.holds import take_turn
from desk_app.purposes.rules import USUAL_PURPOSE
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line, prose
from desk_app.words import Language, Words

MOST_FEE_YEN = 100_000


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in. Of a person not on record the name is needed, and no customer."""

    kind: Kind
    received_at: datetime
    customer_id: int | None = None
    person_name: str = ""
    person_reading: str = ""
    person_number: str = ""
    agency: Agency = Agency.SELF
    agent_name: str = ""
    wanted: str = ""
    medium: Medium = Medium.LETTER
    language: Language = "ja"


@needs(Permission.HANDLE_REQUESTS)
def receive(actor: Actor, work: UnitOfWork, /, case_id: int, received: Received) -> int:
    """Receive a request on an open case of privacy requests; its id.

    The clock of the 14 days runs from when it arrived. From now on the case is resolved, closed and
    merged only after the request is closed.
    """
    take_turn(work)  # what is about to be removed stays, or is gone before
    case = _case_for(work, case_id)
    law.law_of(received.kind, office_day(work, received.received_at))
    if received.received_at > work.now:
        raise Refused("requests.received_impossible")
    name = line(received.person_name, field="customer_name")
    agent = line(received.agent_name, field="agent_name")
    if received.customer_id is None and not name:
        raise Refused("requests.no_person")
    if received.customer_id is not None:
        find_customer(work, received.customer_id)
        if case.customer_id not in (None, received.customer_id):
            raise Refused("requests.case_of_other")
    if received.agency is not Agency.SELF and not agent:
        raise Refused("requests.no_agent_name")
    is_new = received.customer_id is None
    request = PrivacyRequest(
        case_id=case.id,
        kind=received.kind.value,
        state=State.RECEIVED.value,
        customer_id=received.customer_id,
        person_name=name if is_new else "",
        person_reading=line(received.person_reading, field="customer_reading") if is_new else "",
        person_number=line(received.person_number, field="telephone") if is_new else "",
        agency=received.agency.value,
        agent_name=agent if received.agency is not Agency.SELF else "",
        wanted=prose(received.wanted, field="wanted"),
        medium=received.medium.value,
        language=received.language,
        received_at=received.received_at,
        received_by=actor.user_id,
    )
    work.session.add(request)
    case.workflow_since = work.now
    if case.customer_id is None:
        case.customer_id = received.customer_id
    keeping.begin_statutory(actor, work, case, [PRIVACY_REQUEST], received.received_at)
    work.session.flush()
    particulars = {"kind": received.kind.value, "agency": received.agency.value}
    records.step(
        actor, work, request, "receive", action="request.received", particulars=particulars
    )
    return request.id


@needs(Permission.HANDLE_REQUESTS)
def open_candidates(actor: Actor, work: UnitOfWork, /, request_id: int) -> tuple[Candidate, ...]:
    """The customers who may be meant, side by side; that they were shown is audited, since no more
    than one of them belongs to the case."""
    request = records.find(work, request_id)
    found = records.candidates(work, request)
    if found:
        record(
            actor,
            work,
            "request.candidates_shown",
            subject=("request", request_id),
            purpose=USUAL_PURPOSE,
            ids=[one.id for one in found],
        )
    return tuple(reading.candidate(work, one, request) for one in found)


@needs(Permission.HANDLE_REQUESTS)
def choose_customer(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    customer_id: int | None,
    reason: str,
) -> int:
    """Say which of the customers who are alike is meant, or that none of them is (None, only of a
    person who isn't on record), with the reason by which they were told apart."""
    take_turn(work)
    request = records.find(work, request_id, version)
    after(State(request.state), Act.CHOOSE)
    known = {one.id for one in records.candidates(work, request)}
    if not known:
        raise Refused("requests.nothing_to_choose")
    may_be_nobody = request.customer_id is None
    if customer_id not in known and not (customer_id is None and may_be_nobody):
        raise Refused("requests.no_such_candidate")
    why = history.required(reason, field="reason")
    request.customer_id, request.chosen_at = customer_id, work.now
    case = records.case_of(work, request)
    if customer_id is not None:
        case.customer_id = customer_id
        request.person_name = request.person_reading = request.person_number = ""
    records.move(work, request, Act.CHOOSE)
    particulars = {"customer_id": customer_id, "candidates": len(known)}
    return records.step(actor, work, request, Act.CHOOSE.value, text=why, particulars=particulars)


@needs(Permission.HANDLE_REQUESTS)
def check_identity(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    party: Party,
    method: str,
    proven: bool,
    number: str = "",
    authority: Collection[str] = (),
    note: str = "",
) -> int:
    """Keep how somebody's identity was checked and with what result; never what a document says.

    A call-back has to have gone to a ``number`` that was on record for the customer before the
    request came in, a letter to such an address; the number is not kept again. ``authority`` is
    what was seen of an agent's papers: without enough of them nothing is proven. With the last
    identity that is asked for, the request is verified.
    """
    request = records.find(work, request_id, version)
    standing = records.standing(work, request)
    act = standing.act_of_check(party, proven=proven)
    after(standing.state, act)
    standing.check_identifiable()
    on = records.day_of(work, request)
    way = law.method(method, on)
    said = prose(note, field="note")
    check_note(said)
    if proven and way.key == law.CALL_BACK:
        _check_called_back(work, request, party, number)
    if proven and way.key == law.LETTER and party is Party.CUSTOMER:
        check_written_to(_addresses(work, request), request.received_at)
    if party is Party.AGENT:
        law.check_papers(standing.agency, on, authority)
    if party is Party.AGENT and proven:
        law.check_authority(standing.agency, on, authority)
    work.session.add(
        PrivacyIdentityCheck(
            request_id=request.id,
            party=party.value,
            method=way.key,
            method_from=way.effective_from,
            proven=proven,
            authority=sorted(authority) if party is Party.AGENT else [],
            note=said,
            checked_at=work.now,
            checked_by=actor.user_id,
        )
    )
    work.session.flush()  # the server lets a request be verified once the check is there
    records.move(work, request, act)
    particulars = {"party": party.value, "method": way.key, "proven": proven}
    return records.step(actor, work, request, act.value, text=said, particulars=particulars)


@needs(Permission.HANDLE_REQUESTS)
def charge_fee(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, fee_yen: int
) -> int:
    """Charge a fee, or waive it with 0. `Refused` where the law lets none be charged (art. 38)."""
    request = records.find(work, request_id, version)
    after(State(request.state), Act.CHARGE)
    if not law.law_of(Kind(request.kind), records.day_of(work, request)).fee_source:
        raise Refused("requests.no_fee_for_kind")
    if not 0 <= fee_yen <= MOST_FEE_YEN:
        raise Refused("requests.fee_out_of_range", most=f"{MOST_FEE_YEN:,}")
    if request.fee_paid_at is not None:
        raise Refused("requests.no_fee")
    request.fee_yen = fee_yen or None
    records.move(work, request, Act.CHARGE)
    return records.step(actor, work, request, Act.CHARGE.value, particulars={"fee_yen": fee_yen})


@needs(Permission.HANDLE_REQUESTS)
def fee_paid(actor: Actor, work: UnitOfWork, /, request_id: int, version: int) -> int:
    """The fee has come in."""
    request = records.find(work, request_id, version)
    after(State(request.state), Act.NOTE_FEE)
    if not request.fee_yen or request.fee_paid_at is not None:
        raise Refused("requests.no_fee")
    request.fee_paid_at = work.now
    records.move(work, request, Act.NOTE_FEE)
    return records.step(actor, work, request, Act.NOTE_FEE.value)


@needs(Permission.HANDLE_REQUESTS)
def carry_out(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, language: Language
) -> int:
    """Execute an approved request that this room executes itself: the notice of purposes, the
    records of provision, corrections, and the end of uses. The others have rooms of their own.

    ``language`` is that of whoever does it, for the tasks that it leaves.
    """
    request = records.find(work, request_id, version)
    approved = executing.check_executable(work, request_id, Kind(request.kind))
    done = execution.carry_out(actor, work, request, approved, Words(language))
    return executing.executed(actor, work, request_id, particulars=done)


@needs(Permission.HANDLE_REQUESTS)
def withdraw(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, reason: str
) -> int:
    """The requester takes the request back, at any time before it is executed or answered. Nothing
    of it is carried out; the clock ends."""
    request = records.find(work, request_id, version)
    after(State(request.state), Act.WITHDRAW)
    why = history.required(reason, field="reason")
    records.move(work, request, Act.WITHDRAW)
    clock = records.clock_of(work, request)
    if clock is not None:
        case = records.case_of(work, request)
        keeping.settle_statutory(work, case, clock, ended_at=work.now)
    return records.step(actor, work, request, Act.WITHDRAW.value, text=why)


@needs(Permission.HANDLE_REQUESTS)
def notify(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    how: Told,
    told_on: date | None = None,
    note: str = "",
) -> int:
    """The customer was told the answer, today or ``told_on``: the clock is met."""
    request = records.find(work, request_id, version)
    after(State(request.state), Act.NOTIFY)
    at = _told_at(work, request, told_on)
    request.told_by, request.told_at, request.told_how = actor.user_id, at, how.value
    records.move(work, request, Act.NOTIFY)
    case = records.case_of(work, request)
    clock = records.clock_of(work, request)
    if clock is not None:
        keeping.settle_statutory(work, case, clock, met_at=at)
    keeping.told(work, case, at)
    said = prose(note, field="note")
    return records.step(
        actor, work, request, Act.NOTIFY.value, text=said, particulars={"how": how.value}
    )


@needs(Permission.HANDLE_REQUESTS)
def close(actor: Actor, work: UnitOfWork, /, request_id: int, version: int) -> int:
    """Close a request that was answered or withdrawn, and resolve its case with it. Whoever the
    type of the case names then closes the case.

    `Refused` while recipients of an old value haven't been told of a correction, or while the case
    has an open task or a promised call-back.
    """
    request = records.find(work, request_id, version)
    after(State(request.state), Act.CLOSE)
    closing.check(work, request)
    withdrawn = State(request.state) is State.WITHDRAWN
    records.move(work, request, Act.CLOSE)
    request.closed_at = work.now
    version = records.step(actor, work, request, Act.CLOSE.value)
    closing.resolve_case(actor, work, request, withdrawn=withdrawn)
    return version


def _case_for(work: UnitOfWork, case_id: int) -> Case:
    case = history.find(work, case_id, even_merged=True)
    offering.check_receivable(work, case)
    return case


def _check_called_back(
    work: UnitOfWork, request: PrivacyRequest, party: Party, number: str
) -> None:
    """An agent's number is on nobody's record."""
    if party is Party.AGENT or request.customer_id is None:
        raise Refused("requests.number_not_on_record")
    points = work.session.get_one(Customer, request.customer_id).contact_points
    on_record = [
        (point.normal, point.created_at)
        for point in points
        if point.kind == PointKind.TELEPHONE and point.answer == Answer.ANSWERED
    ]
    check_called_back(normalise_number(number).e164, on_record, request.received_at)


def _addresses(work: UnitOfWork, request: PrivacyRequest) -> list[datetime]:
    """Since when the customer's address is on record, if one is."""
    if request.customer_id is None:
        return []
    points = find_customer(work, request.customer_id).contact_points
    return [one.created_at for one in points if one.kind == PointKind.ADDRESS and one.value]


def _told_at(work: UnitOfWork, request: PrivacyRequest, told_on: date | None) -> datetime:
    """When the customer was told: not before a second person agreed, nor in the future."""
    if told_on is None:
        return work.now
    calendar = open_calendar(work)
    agreed = request.executed_at or request.approved_at or work.now
    if not calendar.local(agreed).date() <= told_on <= calendar.local(work.now).date():
        raise Refused("requests.told_impossible")
    return min(work.now, end_of_day(calendar, told_on))
