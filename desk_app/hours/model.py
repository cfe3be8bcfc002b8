"""The office's calendar in revisions, its closures by season, and permits outside the hours."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class CalendarRevision(Base):
    """The weekly hours from one edit to the next; the newest row is in force."""

    __tablename__ = "calendar_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[str]
    shifts: Mapped[list[Any]] = mapped_column(JSON)  # [["10:00", "12:00"], …] local time
    closed_weekdays: Mapped[list[Any]] = mapped_column(JSON)  # Monday is 0
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(default="")


class Closure(Base):
    """A stretch of closed days, or the statement that a season has none (both dates empty)."""

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(primary_key=True)
    season: Mapped[str]  # summer, new_year, other
    year: Mapped[int]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]  # inclusive
    label: Mapped[str] = mapped_column(default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_reason: Mapped[str] = mapped_column(default="")


class HoursPermit(Base):
    """A supervisor's permission to take one call, or calls in a stretch, outside the hours."""

    __tablename__ = "hours_permit"

    id: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # for one call: the latest instant at which it may begin
    one_call: Mapped[bool]
    used_at: Mapped[datetime | None]
    reason: Mapped[str]
    permitted_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    permitted_at: Mapped[datetime]
