"""The rows of approvals. Not a use case, and knows nothing of a case's timeline but its ids."""

from sqlalchemy import select

from desk_app.cases.approval.model import CaseApproval
from desk_app.cases.approval.rules import Decision, Standing
from desk_app.cases.model import Case, TimelineEntry
from desk_app.cases.rules import ClosingLevel, EntryKind
from desk_app.people.standing import person_id
from desk_app.storage.unit_of_work import UnitOfWork


def resolution_of(work: UnitOfWork, case: Case) -> TimelineEntry:
    """The entry of the timeline by which the case was last resolved."""
    return work.session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.case_id == case.id, TimelineEntry.kind == EntryKind.RESOLVED.value)
        .order_by(TimelineEntry.id.desc())
        .limit(1)
    ).one()


def rows_of(work: UnitOfWork, resolution: TimelineEntry) -> list[CaseApproval]:
    """The approvals of one resolution, in order."""
    return list(
        work.session.scalars(
            select(CaseApproval)
            .where(CaseApproval.resolution_id == resolution.id)
            .order_by(CaseApproval.id)
        )
    )


def standing_of(work: UnitOfWork, case: Case, level: ClosingLevel) -> Standing:
    """How far the approvals of a resolved case have come."""
    resolution = resolution_of(work, case)
    return Standing(
        level,
        person_id(work, resolution.user_id),
        frozenset(
            person_id(work, row.decided_by)
            for row in rows_of(work, resolution)
            if row.decision == Decision.APPROVED and row.decided_by is not None
        ),
    )


def lapse(work: UnitOfWork, case: Case) -> None:
    """The case leaves the state of being resolved: what nobody has decided is no longer asked."""
    case.approval_asked_at = None
    for row in work.session.scalars(
        select(CaseApproval).where(CaseApproval.case_id == case.id, CaseApproval.decision.is_(None))
    ):
        row.decision, row.decided_at = Decision.LAPSED.value, work.now


def take_back_last(work: UnitOfWork, case: Case) -> None:
    """The closing of a case was undone, and with it the approval that closed it."""
    given = work.session.scalars(
        select(CaseApproval)
        .where(
            CaseApproval.resolution_id == resolution_of(work, case).id,
            CaseApproval.decision == Decision.APPROVED.value,
        )
        .order_by(CaseApproval.id.desc())
        .limit(1)
    ).first()
    if given is not None:
        given.decision = Decision.TAKEN_BACK.value
