"""The work a contact leaves, from opened to closed, with its timeline."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class Case(Base):
    """A case; ``number`` is given in the commit that creates it, without gaps."""

    __tablename__ = "desk_case"
    __table_args__ = (
        Index("ix_desk_case_state_due", "state", "due_at"),
        Index("ix_desk_case_customer", "customer_id"),
        Index("ix_desk_case_assignee", "assignee_id", "state"),
        Index("ix_desk_case_due", "due_at"),
        Index("ix_desk_case_callback", "callback_due_at"),
        Index("ix_desk_case_approval", "approval_asked_at"),
        Index("ix_desk_case_merged_into", "merged_into_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    number: Mapped[str | None] = mapped_column(unique=True)
    case_type: Mapped[str]
    state: Mapped[str]  # see cases.rules
    subject: Mapped[str] = mapped_column(info=PERSONAL)  # first line of the inquiry
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime] = mapped_column(index=True)
    opened_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_at: Mapped[datetime | None]  # the earliest of its open deadlines: see cases.deadlines
    callback_due_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    resolution_text: Mapped[str] = mapped_column(default="", info=PERSONAL)
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    spot_check: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str | None]  # of the type; empty: the first, if it has any
    approval_asked_at: Mapped[datetime | None]  # while its closing waits for an approval
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"))
    workflow_since: Mapped[datetime | None]  # while its type's workflow has to end before it does
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class TimelineEntry(Base):
    """Who did what to a case, when and why. Entries are added, never changed."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_entry_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str]  # opened, note, assigned, state, callback, resolved, contact_joined, …
    text: Mapped[str] = mapped_column(default="", info=PERSONAL)
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class CaseContact(Base):
    """A contact that belongs to a case."""

    __tablename__ = "case_contact"

    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True, index=True)
    joined_at: Mapped[datetime]


class CaseCounter(Base):
    """The last case number given out in a year."""

    __tablename__ = "case_counter"

    period: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
