"""Short lists of cases.

What they show of a customer is covered by the entry of the offer or opening that showed the
customer; the case list with its search is a room of its own.
"""

from sqlalchemy import select

from desk_app.calls.reading import staff_names
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.pages import CaseRow
from desk_app.cases.reading import case_row
from desk_app.cases.rules import OPEN_STATES
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork

_OPEN = sorted(state.value for state in OPEN_STATES)


@needs(Permission.READ_CASES)
def open_cases_of(actor: Actor, work: UnitOfWork, /, customer_id: int) -> tuple[CaseRow, ...]:
    """The customer's cases that aren't resolved, the latest first."""
    names = staff_names(actor, work)
    found = work.session.scalars(
        select(Case)
        .where(Case.customer_id == customer_id, Case.state.in_(_OPEN))
        .order_by(Case.id.desc())
    )
    return tuple(case_row(case, names) for case in found)


@needs(Permission.READ_CASES)
def case_number(actor: Actor, work: UnitOfWork, /, case_id: int) -> str | None:
    """The number of a case, e.g. after the save that opened it."""
    return work.session.scalar(select(Case.number).where(Case.id == case_id))


@needs(Permission.READ_CASES)
def case_of(actor: Actor, work: UnitOfWork, /, contact_id: int) -> int | None:
    """The case that a contact belongs to, the first if there are several, or None; its id only."""
    return work.session.scalar(
        select(CaseContact.case_id)
        .where(CaseContact.contact_id == contact_id)
        .order_by(CaseContact.joined_at, CaseContact.case_id)
        .limit(1)
    )
