"""Rules that the officer entered, and runs with what is in them. Ids only: no word of anybody."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class RetentionRule(Base):
    """A revision; it never changes but by its decision."""

    __tablename__ = "retention_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # see retention.rules
    case_type: Mapped[str | None]
    months: Mapped[int]
    also: Mapped[list[Any]] = mapped_column(JSON)  # kinds
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]
    source: Mapped[str]
    state: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class RetentionRun(Base):
    """What had fallen due on a day and goes together. Its receipt is in `retention.receipt`."""

    __tablename__ = "retention_run"
    __table_args__ = (Index("ix_retention_run_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    kinds: Mapped[list[Any]] = mapped_column(JSON)
    day: Mapped[date]  # as the office counts its days
    digest: Mapped[str]  # SHA-256 over what is in it, hex
    drawn_up_at: Mapped[datetime]
    drawn_up_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    began_at: Mapped[datetime | None]
    erasure_id: Mapped[int | None] = mapped_column(ForeignKey("erasure.id"))
    entered: Mapped[str | None]  # digest of what that erasure is of
    ended_at: Mapped[datetime | None]
    receipt: Mapped[str | None]


class RetentionItem(Base):
    """One thing of a run. ``subject_id`` is no reference: it outlives what it names."""

    __tablename__ = "retention_item"
    __table_args__ = (Index("ix_retention_item_subject", "subject", "subject_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("retention_run.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)  # see retention.things.Subject
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    why: Mapped[str | None]  # it was spared
