"""Short words that the office sorts its cases by."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class Tag(Base):
    """A word as it was first written; ``folded`` is the same for every way of writing it."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(unique=True)


class CaseTag(Base):
    """A case that bears a tag."""

    __tablename__ = "case_tag"

    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True, index=True)
    tagged_at: Mapped[datetime]
    tagged_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
