"""Who was asked to approve the closing of a case, and what they decided."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class CaseApproval(Base):
    """One approval that a resolution of a case needs: open, given, refused or lapsed."""

    __tablename__ = "case_approval"
    __table_args__ = (
        Index("ix_case_approval_resolution", "resolution_id", "id"),
        Index("ix_case_approval_case", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    resolution_id: Mapped[int] = mapped_column(ForeignKey("timeline_entry.id"))
    step: Mapped[int]  # the first or the second of those that are needed
    level: Mapped[int]  # of the type when it was asked for
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    decision: Mapped[str | None]  # see approval.rules
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="", info=PERSONAL)
