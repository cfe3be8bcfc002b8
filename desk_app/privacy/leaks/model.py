"""Leaks, the persons concerned, and the log of everything done."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class Leak(Base):
    """One leak, loss or damage of personal data, certain or feared; ``state`` as in `rules`."""

    __tablename__ = "leak"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str]
    known_at: Mapped[datetime]
    known_on: Mapped[date]  # the office's day: day 1 of both reports
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, info=PERSONAL)  # key -> text
    more_persons: Mapped[int]  # concerned beside those on record here
    sensitive: Mapped[bool]
    financial: Mapped[bool]
    wrongful: Mapped[bool]
    encryption: Mapped[str]  # see rules.Protection
    keys: Mapped[str]  # see rules.Keys
    evidence: Mapped[str] = mapped_column(info=PERSONAL)  # of both
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decision_reason: Mapped[str] = mapped_column(default="", info=PERSONAL)
    prompt_at: Mapped[datetime | None]  # reported
    final_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class LeakPerson(Base):
    """A customer whom a leak touches, and how they were told."""

    __tablename__ = "leak_person"
    __table_args__ = (UniqueConstraint("leak_id", "customer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    leak_id: Mapped[int] = mapped_column(ForeignKey("leak.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    found_by: Mapped[str]  # see rules.FoundBy
    told_at: Mapped[datetime | None]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    told_how: Mapped[str | None]  # see rules.Told


class LeakEntry(Base):
    """Something that was done about a leak. Entries are added, never changed."""

    __tablename__ = "leak_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    leak_id: Mapped[int] = mapped_column(ForeignKey("leak.id"), index=True)
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str]  # see rules.EntryKind
    text: Mapped[str] = mapped_column(default="", info=PERSONAL)
    count: Mapped[int | None]
