"""Holds that were placed; released, never deleted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base

_STANDS = text("released_at IS NULL")


class LegalHold(Base):
    """A hold on exactly one thing. It stands until it is released with a reason."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN case_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN recording_id IS NULL THEN 0 ELSE 1 END) <= 1",
            "one",
        ),
        Index("ix_legal_hold_stands", "id", sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # see holds.rules
    # None once it was erased, after the hold was released
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"), index=True)
    ground: Mapped[str]
    reason: Mapped[str] = mapped_column(info=PERSONAL)
    placed_at: Mapped[datetime]
    placed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    released_at: Mapped[datetime | None]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    release_reason: Mapped[str] = mapped_column(default="", info=PERSONAL)
