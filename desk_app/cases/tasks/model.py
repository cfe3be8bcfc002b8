"""What is to be done on a case by a day: by a colleague, or by a department."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base

_OPEN = text("ended_at IS NULL")


class Department(Base):
    """A specialist department that cases are handed to; ``retired`` ones are offered no more."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    reached_by: Mapped[str]  # its extension or address, for whoever hands over
    retired: Mapped[bool]


class CaseTask(Base):
    """A task of a colleague, or a hand-over to a department: exactly one of the two."""

    __tablename__ = "case_task"
    __table_args__ = (
        CheckConstraint("(assignee_id IS NULL) <> (department_id IS NULL)", "who"),
        Index("ix_case_task_case", "case_id"),
        Index("ix_case_task_open", "remind_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    what: Mapped[str] = mapped_column(info=PERSONAL)
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime]  # an instant at which the office is open, or due_at
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(default="", info=PERSONAL)  # the answer, or why withdrawn
