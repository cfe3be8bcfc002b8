"""Whether something was erased: its row may be there still, empty, for the figures."""

from sqlalchemy import select

from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork


def is_erased(work: UnitOfWork, kind: str, subject_id: int) -> bool:
    """Whether a tombstone names it; ``kind`` is one of `backup.rules.ErasedKind`. For rooms below
    the one that keeps them."""
    stones = Base.metadata.tables["erasure_tombstone"]
    named = (stones.c.kind == kind) & (stones.c.subject_id == subject_id)
    return work.session.scalar(select(stones.c.id).where(named).limit(1)) is not None
