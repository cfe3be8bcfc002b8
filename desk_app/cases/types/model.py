"""What an office has changed about its case types: a row for each edit, never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class CaseTypeRevision(Base):
    """One edit of a type; the latest of a key is in force from when it was made."""

    __tablename__ = "case_type_revision"
    __table_args__ = (UniqueConstraint("key", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    number: Mapped[int]  # of the key's revisions, from 1
    content: Mapped[str | None]  # JSON, see types.rules; empty: as the product brings it
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str]
