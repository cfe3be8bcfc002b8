"""Reading tasks for other use cases of the room. Not a use case."""

from sqlalchemy import select

from desk_app.cases.tasks.model import CaseTask
from desk_app.storage.unit_of_work import UnitOfWork


def has_open_task(work: UnitOfWork, case_id: int) -> bool:
    """Whether somebody still has something to do on a case, or to answer."""
    still = select(CaseTask.id).where(CaseTask.case_id == case_id, CaseTask.ended_at.is_(None))
    return work.session.scalar(still.limit(1)) is not None
