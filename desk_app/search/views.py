"""The rows of the case list, a page at a time."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.cases.types import in_force
from desk_app.customers.model import Customer
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.model import Person, User
from desk_app.search.conditions import permitted
from desk_app.search.pages import CaseListRow
from desk_app.storage.unit_of_work import UnitOfWork

_PAGE = (
    select(
        Case.id,
        Case.number,
        Case.state,
        Case.case_type,
        Case.subject,
        Customer.name,
        Person.name,
        Case.opened_at,
        Case.due_at,
        Case.callback_due_at,
    )
    .outerjoin(Customer, Customer.id == Case.customer_id)
    .outerjoin(User, User.id == Case.assignee_id)
    .outerjoin(Person, Person.id == User.person_id)
    .where(Case.id.in_(bindparam("ids", expanding=True)))
)


@needs(Permission.READ_CASES)
def rows(actor: Actor, work: UnitOfWork, ids: Sequence[int]) -> list[CaseListRow]:
    """A page of what `find` returned, in the order of ``ids``; a case that is gone, or that
    the actor may not find, is left out.

    The audit entry of `find` covers it.
    """
    types = in_force(work)
    found = {
        case_id: CaseListRow(
            case_id,
            number,
            CaseState(state),
            kind,
            types[kind].name,
            subject,
            customer or "",
            *others,
        )
        for case_id, number, state, kind, subject, customer, *others in work.session.execute(
            _PAGE.where(*permitted(actor, work)), {"ids": list(ids)}
        )
    }
    return [found[case_id] for case_id in ids if case_id in found]
