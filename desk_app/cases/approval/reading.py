"""Where the closing of a case stands, for its page. Covered by the entry of its opening."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from desk_app.cases.approval import records
from desk_app.cases.approval.model import CaseApproval
from desk_app.cases.approval.pages import Closing, Refusal
from desk_app.cases.approval.rules import Decision
from desk_app.cases.model import Case
from desk_app.cases.types import case_type
from desk_app.storage.unit_of_work import UnitOfWork

_APPROVALS = (
    select(CaseApproval).where(CaseApproval.case_id == bindparam("case")).order_by(CaseApproval.id)
)


def closing_of(work: UnitOfWork, case: Case, names: Mapping[int, str]) -> Closing:
    """Who was asked, who approved; and the last refusal, until the case is resolved anew."""
    level = case_type(work, case.case_type).closing_level
    rows = work.session.scalars(_APPROVALS, {"case": case.id}).all()
    latest = records.resolution_of(work, case).id if rows else None
    current = [row for row in rows if row.resolution_id == latest]
    if not current:
        return Closing(level, asked_at=case.approval_asked_at)
    last = current[-1]
    if case.approval_asked_at is not None:
        return Closing(
            level,
            asked_by=names[current[0].asked_by],
            asked_at=current[0].asked_at,
            approved_by=tuple(
                names[row.decided_by]
                for row in current
                if row.decision == Decision.APPROVED and row.decided_by is not None
            ),
        )
    if last.decision == Decision.REFUSED and last.decided_by and last.decided_at:
        return Closing(level, refusal=Refusal(names[last.decided_by], last.decided_at, last.reason))
    return Closing(level)
