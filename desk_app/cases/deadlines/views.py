"""What pages read of deadlines. Those of a case are covered by the entry of its opening."""

from sqlalchemy import select

from desk_app.calls.reading import staff_names
from desk_app.cases.deadlines.model import CaseDeadline
from desk_app.cases.deadlines.pages import Explanation, StatutoryWarning
from desk_app.cases.deadlines.reading import deadline_rows, explanation
from desk_app.cases.model import Case
from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork

MOST_WARNINGS = 100


@needs(Permission.READ_CASES)
def explain(actor: Actor, work: UnitOfWork, /, case_id: int, deadline_id: int) -> Explanation:
    """Why a deadline of this case falls where it does: each counted and each skipped stretch."""
    rows = deadline_rows(work, case_id, staff_names(actor, work))
    row = next((one for one in rows if one.id == deadline_id), None)
    if row is None:
        raise Refused("cases.no_such_deadline")
    return explanation(work, row, case_id)


@needs(Permission.READ_CASES)
def statutory_warnings(actor: Actor, work: UnitOfWork, /) -> tuple[StatutoryWarning, ...]:
    """The open statutory clocks that want to be seen to now, the first due first; at most
    `MOST_WARNINGS`. It holds nothing of a customer."""
    found = work.session.execute(
        select(CaseDeadline.case_id, Case.number, CaseDeadline.rule, CaseDeadline.due_at)
        .join(Case, Case.id == CaseDeadline.case_id)
        .where(CaseDeadline.warn_at <= work.now)
        .order_by(CaseDeadline.due_at, CaseDeadline.id)
        .limit(MOST_WARNINGS)
    )
    calendar = open_calendar(work)
    return tuple(
        StatutoryWarning(
            case_id,
            number,
            rule or "",
            due_at,
            closed_when_due=calendar.opens_on(calendar.local(due_at).date()) is None,
            overdue=due_at < work.now,
        )
        for case_id, number, rule, due_at in found
        if due_at is not None
    )
