"""Controls: inspections, audits of subcontractors, assessments of other countries, rule reviews.

They speak of firms, rules and the staff's work; what they say of customers is ids.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class Control(Base):
    """One control from its plan to its sign-off; states and kinds: see controls.rules."""

    __tablename__ = "control"
    __table_args__ = (Index("ix_control_kind", "kind", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    kind: Mapped[str]
    state: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")  # the firm, the country's system, the rules
    subcontractor_id: Mapped[int | None] = mapped_column(ForeignKey("subcontractor.id"), index=True)
    country: Mapped[str | None]  # two letters, of an assessment
    planned_on: Mapped[date]
    planned_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    planned_at: Mapped[datetime]
    responsible_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    covers_from: Mapped[date | None]  # the days that an inspection looks at
    covers_to: Mapped[date | None]
    checklist_from: Mapped[date | None]  # the version of the checklist that is answered
    held_on: Mapped[date | None]
    conclusion: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")  # where an assessment has its facts
    valid_until: Mapped[date | None]  # of an assessment
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reported_at: Mapped[datetime | None]
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signed_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")  # why it was given back, or given up

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class ControlAnswer(Base):
    """The answer to one item of the checklist."""

    __tablename__ = "control_answer"

    control_id: Mapped[int] = mapped_column(
        ForeignKey("control.id"), primary_key=True, autoincrement=False
    )
    item: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime]


class ControlEvidence(Base):
    """A document that was looked at: where it is, and the digest that tells it again."""

    __tablename__ = "control_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    control_id: Mapped[int] = mapped_column(ForeignKey("control.id"), index=True)
    note: Mapped[str]
    digest: Mapped[str | None]  # SHA-256, hex; None where nothing but the note is kept
    size_bytes: Mapped[int | None]
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime]


class ControlFinding(Base):
    """What was found, and what is to be done about it by whom and by when."""

    __tablename__ = "control_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    control_id: Mapped[int] = mapped_column(ForeignKey("control.id"), index=True)
    grade: Mapped[str]
    text: Mapped[str]
    entry_id: Mapped[int | None]  # of the audit log, if one access is meant
    found_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    found_at: Mapped[datetime]
    action: Mapped[str] = mapped_column(default="")
    action_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action_due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    done_note: Mapped[str] = mapped_column(default="")
    done_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))  # who says so
