"""Privacy requests as lists and case pages read them."""

from sqlalchemy import select

from desk_app.calls.reading import staff_names
from desk_app.cases.model import Case
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.requests import offering, reading, records
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.pages import QueueRow, ReceiveOffer, RequestPage
from desk_app.privacy.requests.rules import OPEN, UNANSWERED, Agency, Kind, State
from desk_app.storage.unit_of_work import UnitOfWork

MOST_ROWS = 1_000


@needs(Permission.HANDLE_REQUESTS)
def queue(actor: Actor, work: UnitOfWork, /, *, closed: bool = False) -> tuple[QueueRow, ...]:
    """The requests that are open, what is due first first; or those that were closed, the latest
    first. Nobody's name."""
    names = staff_names(actor, work)
    calendar = open_calendar(work)
    states = [State.CLOSED.value] if closed else sorted(OPEN)
    rows = work.session.execute(
        select(PrivacyRequest, Case)
        .join(Case, Case.id == PrivacyRequest.case_id)
        .where(PrivacyRequest.state.in_(states))
        .order_by(PrivacyRequest.id.desc())
        .limit(MOST_ROWS)
    ).all()
    clocks = reading.clocks(work, [case.id for _, case in rows])
    found = []
    for request, case in rows:
        clock = clocks.get(case.id)
        runs = State(request.state) in UNANSWERED and clock is not None
        due_at = clock.due_at if clock is not None and runs else None
        found.append(
            QueueRow(
                id=request.id,
                case_id=case.id,
                case_number=case.number,
                kind=Kind(request.kind),
                state=State(request.state),
                agency=Agency(request.agency),
                received_on=calendar.local(request.received_at).date(),
                due_on=None if due_at is None else calendar.local(due_at).date(),
                late=due_at is not None and due_at < work.now,
                next_act=records.standing(work, request).next_act,
                assignee=None if case.assignee_id is None else names[case.assignee_id],
            )
        )
    if closed:
        return tuple(found)
    last = max((row.received_on for row in found), default=None)
    return tuple(sorted(found, key=lambda row: (row.due_on is None, row.due_on or last, row.id)))


@needs(Permission.HANDLE_REQUESTS)
def request_of_case(actor: Actor, work: UnitOfWork, /, case_id: int) -> RequestPage | ReceiveOffer:
    """The request of a case; or what is known for receiving one. Covered by the case's opening."""
    request = records.of_case(work, case_id)
    if request is None:
        return offering.offer(work, case_id)
    return reading.request_page(actor, work, request)
