"""The rows of the case list, a page at a time."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.cases.types import in_force
from desk_app.customers.model import Customer
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.model import Person, User
from desk_app.purposes.uses import Listed, out_of_sight
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
        Customer.name.label("customer"),
        Person.name.label("assignee"),
        Case.opened_at,
        Case.due_at,
        Case.callback_due_at,
        Case.customer_id,
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

    The audit entry of `find` covers it. Of a customer whose data may not be looked at nothing is
    shown but the case's number and state.
    """
    types = in_force(work)
    read = work.session.execute(_PAGE.where(*permitted(actor, work)), {"ids": list(ids)}).all()
    lines = {row.id: Listed(row.customer_id, row.id, row.opened_at) for row in read}
    hidden = out_of_sight(work, lines.values())
    found = {}
    for row in read:
        is_stopped = lines[row.id] in hidden
        found[row.id] = CaseListRow(
            id=row.id,
            number=row.number,
            state=CaseState(row.state),
            case_type=row.case_type,
            type_name=types[row.case_type].name,
            subject="" if is_stopped else row.subject,
            customer="" if is_stopped else row.customer or "",
            assignee=row.assignee,
            opened_at=row.opened_at,
            due_at=row.due_at,
            callback_due_at=row.callback_due_at,
            is_stopped=is_stopped,
        )
    return [found[case_id] for case_id in ids if case_id in found]
