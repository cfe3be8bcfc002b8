"""Cases as pages and rows. Not a use case: who reads has been checked by the caller."""

from dataclasses import replace

from sqlalchemy import bindparam, select

from desk_app.calls.pages import ContactRow
from desk_app.calls.reading import contact_rows, staff_names
from desk_app.cases.approval.approving import withheld
from desk_app.cases.approval.reading import closing_of
from desk_app.cases.deadlines.reading import deadline_rows
from desk_app.cases.linking.family import closers, survivor
from desk_app.cases.linking.told import timeline_rows
from desk_app.cases.model import Case, CaseContact
from desk_app.cases.pages import CasePage, CaseRow
from desk_app.cases.rules import (
    CaseAct,
    CaseState,
    Resolution,
    acts,
)
from desk_app.cases.tags.views import tags_of
from desk_app.cases.types import case_type, in_force
from desk_app.cases.types.rules import CaseType
from desk_app.customers import records as customers
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, authority
from desk_app.storage.unit_of_work import UnitOfWork

_CASE = select(Case).where(Case.id == bindparam("case"))
_CONTACTS = select(CaseContact.contact_id).where(CaseContact.case_id == bindparam("case"))


def case_page(actor: Actor, work: UnitOfWork, case_id: int) -> CasePage:
    """Everything about a case, its contacts latest first, its timeline oldest first.

    A case that was merged leads to the one in which it goes on.
    """
    case = asked = work.session.scalar(_CASE, {"case": case_id})
    if case is None or asked is None:
        raise Refused("cases.not_found")
    if case.merged_into_id is not None:
        case_id = survivor(work, case_id)
        case = work.session.get_one(Case, case_id)
    names = staff_names(actor, work)
    kind = case_type(work, case.case_type)
    contact_ids = work.session.scalars(_CONTACTS, {"case": case_id}).all()
    return CasePage(
        id=case.id,
        version=case.version,
        number=case.number,
        case_type=case.case_type,
        type_name=kind.name,
        type_names={one.key: one.name for one in in_force(work).values()},
        state=CaseState(case.state),
        subject=case.subject,
        customer=(
            None
            if case.customer_id is None
            else customers.card(customers.find(work, case.customer_id))
        ),
        assignee_id=case.assignee_id,
        assignee=names[case.assignee_id] if case.assignee_id else None,
        opened_at=case.opened_at,
        opened_by=names[case.opened_by],
        due_at=case.due_at,
        deadlines=deadline_rows(work, case_id, names),
        target_source=kind.source,
        callback_due_at=case.callback_due_at,
        resolution=Resolution(case.resolution) if case.resolution else None,
        resolution_text=case.resolution_text,
        resolved_at=case.resolved_at,
        closed_at=case.closed_at,
        closed_by=names[case.closed_by] if case.closed_by else None,
        spot_check=case.spot_check,
        contacts=tuple(
            _without_others(contact, case_id) for contact in contact_rows(work, contact_ids, names)
        ),
        timeline=timeline_rows(work, case_id, names),
        acts=_acts(actor, work, case, kind),
        closing=closing_of(work, case, names),
        tags=tags_of(actor, work, case_id),
        led_from=asked.number if asked is not case else None,
    )


def case_row(case: Case, names: dict[int, str]) -> CaseRow:
    """A case in a short list."""
    return CaseRow(
        id=case.id,
        version=case.version,
        number=case.number,
        case_type=case.case_type,
        state=CaseState(case.state),
        subject=case.subject,
        opened_at=case.opened_at,
        due_at=case.due_at,
        callback_due_at=case.callback_due_at,
        assignee=names[case.assignee_id] if case.assignee_id else None,
    )


def _without_others(contact: ContactRow, case_id: int) -> ContactRow:
    """A contact that belongs to several cases shows in each what is the matter there."""
    own = tuple(one for one in contact.inquiries if one.case_id in (None, case_id))
    return contact if len(own) == len(contact.inquiries) else replace(contact, inquiries=own)


def _acts(actor: Actor, work: UnitOfWork, case: Case, kind: CaseType) -> frozenset[CaseAct]:
    held = authority(actor, work)
    possible = acts(CaseState(case.state)) - withheld(actor, work, case)
    if case.workflow_since is not None:
        possible -= {CaseAct.RESOLVE, CaseAct.CLOSE, CaseAct.MERGE}
    if not held.allows(Permission.WORK_CASES):
        return possible & {CaseAct.APPROVE, CaseAct.REFUSE}
    if not (
        case.spot_check
        and held.allows(Permission.CLOSE_SUPERVISED)
        and actor.user_id not in closers(work, case)
    ):
        possible -= {CaseAct.SPOT_CHECK}
    if not kind.fields:
        possible -= {CaseAct.DETAIL}
    if not kind.stages:
        possible -= {CaseAct.STAGE}
    return possible
