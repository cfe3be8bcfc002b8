"""What was filled in, of what the type of a case asks."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class CaseFieldValue(Base):
    """One field of one case. It stays when the type no longer asks for it, and when the case has
    become one of another type."""

    __tablename__ = "case_field_value"

    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True)
    case_type: Mapped[str] = mapped_column(primary_key=True)  # whose field it is
    field: Mapped[str] = mapped_column(primary_key=True)  # its key within the type
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(info=PERSONAL)  # as details.rules writes it
    type_revision: Mapped[int | None] = mapped_column(ForeignKey("case_type_revision.id"))
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
