"""One act on many cases, kept so that it can be taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class BulkAct(Base):
    """Who did what to how many cases at once; ``undone_at`` if it was taken back."""

    __tablename__ = "bulk_act"
    __table_args__ = (Index("ix_bulk_act_user", "user_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    kind: Mapped[str]  # see bulk.rules
    undone_at: Mapped[datetime | None]


class BulkItem(Base):
    """A case that the act changed: how it was, and its version after the act.

    ``before`` holds states, ids and times only: no column that is personal.
    """

    __tablename__ = "bulk_item"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_act.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True, index=True)
    version_after: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
