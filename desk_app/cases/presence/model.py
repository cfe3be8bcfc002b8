"""Who has which case open, at which desk."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class CasePresence(Base):
    """Somebody has a case open; said again while it lasts, and not believed for long after."""

    __tablename__ = "case_presence"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("desk_case.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    desk_id: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    is_writing: Mapped[bool] = mapped_column(default=False)
