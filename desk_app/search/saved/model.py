"""Filters of the case list that somebody keeps."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class SavedFilter(Base):
    """A query by name; ``shared`` ones are offered to everybody. What is looked for may name a
    customer."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(info=PERSONAL)
    query: Mapped[dict[str, Any]] = mapped_column(JSON, info=PERSONAL)
    shared: Mapped[bool]
    saved_at: Mapped[datetime]
