"""Opening what is sealed of a case: the rules of use come before the key."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from desk_app.cases.model import Case, CaseContact
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.purposes.rules import Act, Use
from desk_app.purposes.uses import require_use
from desk_app.sealed import opening
from desk_app.sealed.pages import OpenedRecord
from desk_app.sealed.views import records_of
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_SEALED)
def open_records(
    actor: Actor,
    work: UnitOfWork,
    /,
    case_id: int,
    record_ids: Collection[int],
    *,
    purpose: Use,
    identities: Mapping[int, str],
) -> tuple[OpenedRecord, ...]:
    """Open these records of a case with `Desk.sealed_identities`; audited as `opening` says.

    `Refused` for a use of the customer's data that may not be, and for what isn't this case's.
    """
    case = work.session.get(Case, case_id)
    if case is None:
        raise Refused("cases.not_found")
    require_use(
        work,
        customer_id=case.customer_id,
        purpose=purpose,
        act=Act.VIEW,
        case_id=case.id,
        asked_at=case.opened_at,
    )
    contacts = select(CaseContact.contact_id).where(CaseContact.case_id == case.id)
    of_case = records_of(
        actor, work, case_id=case.id, contact_ids=list(work.session.scalars(contacts))
    )
    if not {one.record_id for one in of_case}.issuperset(record_ids):
        raise Refused("sealed.not_found")
    return opening.open_records(
        actor, work, record_ids, purpose=purpose.value, identities=identities
    )
