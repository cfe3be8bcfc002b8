"""What of the requests the officer has to see to. Not a use case."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from desk_app.cases.model import Case
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor
from desk_app.privacy.oversight.due import Due
from desk_app.privacy.requests import reading
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import UNANSWERED, State
from desk_app.storage.unit_of_work import UnitOfWork

_KINDS = {
    State.VERIFIED: "request_decision",
    State.DECIDED: "request_approval",
    State.TURNED_AWAY: "request_approval",
}
"""What waits for a decision; anything else is on its way."""


def requests(actor: Actor, work: UnitOfWork, today: date) -> Iterator[Due]:
    """Every request whose customer hasn't been told, with the last of its 14 days."""
    found = work.session.execute(
        select(PrivacyRequest, Case.number)
        .join(Case, Case.id == PrivacyRequest.case_id)
        .where(PrivacyRequest.state.in_(sorted(UNANSWERED)))
        .order_by(PrivacyRequest.id)
    ).all()
    clocks = reading.clocks(work, [request.case_id for request, _ in found])
    local = open_calendar(work).local
    for request, number in found:
        clock = clocks.get(request.case_id)
        due_at = None if clock is None else clock.due_at
        kind = _KINDS.get(State(request.state))
        yield Due(
            kind or "request_open",
            number or "",
            None if due_at is None else local(due_at).date(),
            needs_decision=kind is not None,
            row_id=request.id,
        )
