"""What a case has to do with others. The entry of the case's opening covers what is shown here;
the other case of a preview is named in the search that found it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from desk_app.calls import belonging
from desk_app.calls.reading import staff_names
from desk_app.cases.deadlines.taking_over import due_after
from desk_app.cases.linking import merging
from desk_app.cases.linking.family import merged_into, survivor
from desk_app.cases.linking.model import CaseLink, CaseMerge
from desk_app.cases.linking.pages import (
    LinkRow,
    MergedRow,
    MergePreview,
    OtherCase,
    RelatedPage,
    SplitChoice,
)
from desk_app.cases.linking.rules import LinkKind
from desk_app.cases.model import Case, CaseContact, TimelineEntry
from desk_app.cases.rules import CaseState
from desk_app.cases.types import case_type
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def related(actor: Actor, work: UnitOfWork, /, case_id: int) -> RelatedPage:
    """The links of a case from either side, what was merged into it (the latest first), and its
    inquiries."""
    names = staff_names(actor, work)
    return RelatedPage(
        case_id=case_id,
        links=_links(work, case_id, names),
        merged=_merged(work, case_id, names),
        inquiries=tuple(
            SplitChoice(one.id, one.contact_id, one.received_at, one.category, one.text)
            for one in belonging.inquiries_of(work, case_id)
        ),
    )


@needs(Permission.WORK_CASES)
def preview_merge(actor: Actor, work: UnitOfWork, /, case_id: int, *, into_id: int) -> MergePreview:
    """What merging a case into another would move and change, or why it may not be. A target
    that was itself merged stands for the case in which it goes on."""
    into_id = survivor(work, into_id)
    case, into = (work.session.get(Case, id) for id in (case_id, into_id))
    if case is None or into is None:
        raise Refused("cases.not_found")
    merged_row, into_row = _other(case), _other(into)
    try:
        if case_id == into_id:
            raise Refused("cases.same_case")
        becomes = merging.outcome(work, case, into)
    except Refused as refused:
        return MergePreview(merged_row, into_row, refused.code)
    own = merging.standing(work, into)
    everything = [case_id, *merged_into(work, [case_id])]
    return MergePreview(
        merged_row,
        into_row,
        None,
        contacts=_count(work, CaseContact.case_id, [case_id]),
        inquiries=len(belonging.inquiries_of(work, case_id)),
        entries=_count(work, TimelineEntry.case_id, everything),
        links=len(_links(work, case_id, {})),
        type_name=(
            case_type(work, becomes.case_type).name if becomes.case_type != own.case_type else None
        ),
        due_at=_other_due(work, case, into),
        callback_due_at=(
            becomes.callback_due_at if becomes.callback_due_at != own.callback_due_at else None
        ),
        takes_customer=becomes.customer_id != own.customer_id,
        takes_assignee=becomes.assignee_id != own.assignee_id,
    )


def _other_due(work: UnitOfWork, case: Case, into: Case) -> datetime | None:
    """When the case that stays would be due, if not when it is due now."""
    due_at = due_after(work, into, case)
    return due_at if due_at != into.due_at else None


def _links(work: UnitOfWork, case_id: int, names: dict[int, str]) -> tuple[LinkRow, ...]:
    found = work.session.scalars(
        select(CaseLink)
        .where((CaseLink.from_id == case_id) | (CaseLink.to_id == case_id))
        .order_by(CaseLink.id)
    ).all()
    ends = {link.id: link.to_id if link.from_id == case_id else link.from_id for link in found}
    others = _others(work, ends.values())
    rows: dict[tuple[int, str, bool], LinkRow] = {}
    for link in found:
        other = others[ends[link.id]]
        if other.state is CaseState.MERGED:  # both had it; the case that stays shows its own
            continue
        outgoing = link.from_id == case_id or link.kind == LinkKind.RELATED
        rows.setdefault(
            (other.id, link.kind, outgoing),
            LinkRow(
                id=link.id,
                kind=LinkKind(link.kind),
                outgoing=outgoing,
                other=other,
                reason=link.reason,
                linked_at=link.linked_at,
                linked_by=names.get(link.linked_by, ""),
            ),
        )
    return tuple(rows.values())


def _merged(work: UnitOfWork, case_id: int, names: dict[int, str]) -> tuple[MergedRow, ...]:
    found = work.session.scalars(
        select(CaseMerge).where(CaseMerge.into_id == case_id).order_by(CaseMerge.id.desc())
    ).all()
    others = _others(work, [kept.merged_id for kept in found])
    rows = []
    for kept in found:
        refusal = None
        try:
            merging.standing_merge(work, kept.merged_id)
        except Refused as refused:
            refusal = refused.code
        rows.append(
            MergedRow(others[kept.merged_id], kept.merged_at, names[kept.merged_by], refusal)
        )
    return tuple(rows)


def _others(work: UnitOfWork, ids: Collection[int]) -> dict[int, OtherCase]:
    rows = work.session.scalars(select(Case).where(Case.id.in_(list(ids))))
    return {case.id: _other(case) for case in rows}


def _other(case: Case) -> OtherCase:
    return OtherCase(
        id=case.id,
        version=case.version,
        number=case.number,
        state=CaseState(case.state),
        case_type=case.case_type,
        subject=case.subject,
        opened_at=case.opened_at,
    )


def _count(work: UnitOfWork, column: InstrumentedAttribute[int], ids: Collection[int]) -> int:
    return work.session.scalar(select(func.count()).where(column.in_(ids))) or 0
