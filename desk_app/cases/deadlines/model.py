"""A row for each deadline of a case, its pauses, and how it was moved."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base

_WARNED = text("warn_at IS NOT NULL")


class CaseDeadline(Base):
    """One deadline; open until it is met or ended.

    A service target has minutes of business time and may have no due time while the customer is
    awaited; ``came_with`` are the pauses it brought from another case, see `rules.brought`. A
    statutory clock has a rule, days and the day of knowing; it always has a due time.
    """

    __tablename__ = "case_deadline"
    __table_args__ = (
        CheckConstraint("(kind = 'statutory') = (minutes IS NULL)", "minutes"),
        CheckConstraint("(kind = 'statutory') = (known_on IS NOT NULL)", "known_on"),
        CheckConstraint("kind <> 'statutory' OR due_at IS NOT NULL", "never_paused"),
        Index("ix_case_deadline_case", "case_id"),
        Index("ix_case_deadline_warn", "warn_at", sqlite_where=_WARNED, postgresql_where=_WARNED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    kind: Mapped[str]  # see deadlines.rules
    episode: Mapped[int]  # of the case, from 1; each reopening begins another
    started_at: Mapped[datetime]
    minutes: Mapped[int | None]  # of business time
    rule: Mapped[str | None]  # key of a statutory clock
    rule_from: Mapped[date | None]  # which version of it applies
    known_on: Mapped[date | None]  # the day of knowing, on the office's wall clock
    days: Mapped[int | None]
    due_at: Mapped[datetime | None]  # empty while the customer is awaited
    warn_at: Mapped[datetime | None]  # from when an open statutory clock is warned of
    calendars: Mapped[list[Any]] = mapped_column(JSON)  # [[from, as at], …]: see keeping
    came_with: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    met_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # without being met: it didn't apply any more


class CasePause(Base):
    """A time in which the customer was awaited; without an end while that lasts."""

    __tablename__ = "case_pause"
    __table_args__ = (Index("ix_case_pause_case", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class DeadlineMove(Base):
    """A deadline got another due time than its own running gave it: the old one is kept here."""

    __tablename__ = "deadline_move"
    __table_args__ = (Index("ix_deadline_move_deadline", "deadline_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("case_deadline.id"))
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    cause: Mapped[str]  # see deadlines.rules
    reason: Mapped[str] = mapped_column(default="", info=PERSONAL)
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]
