"""Requests of customers about their own data, what was done to them, and what they corrected."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class PrivacyRequest(Base):
    """One request; its case carries deadlines, contacts and the closing. See requests.rules."""

    __tablename__ = "privacy_request"
    __table_args__ = (Index("ix_privacy_request_state", "state"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), unique=True)
    kind: Mapped[str]
    state: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    person_name: Mapped[str] = mapped_column(default="", info=PERSONAL)  # if not on record
    person_reading: Mapped[str] = mapped_column(default="", info=PERSONAL)
    person_number: Mapped[str] = mapped_column(default="", info=PERSONAL)
    chosen_at: Mapped[datetime | None]  # who is meant was told from others who are alike
    agency: Mapped[str]
    agent_name: Mapped[str] = mapped_column(default="", info=PERSONAL)
    wanted: Mapped[str] = mapped_column(default="", info=PERSONAL)  # in the customer's words
    medium: Mapped[str]
    language: Mapped[str]  # of the answer
    received_at: Mapped[datetime]
    received_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    fee_yen: Mapped[int | None]
    fee_paid_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    grounds: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [key, effective_from]
    reasons: Mapped[str] = mapped_column(default="", info=PERSONAL)
    scope: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # which uses end, and why
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    executed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    executed_at: Mapped[datetime | None]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    told_at: Mapped[datetime | None]
    told_how: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class PrivacyRequestStep(Base):
    """Something that was done to a request. Steps are added, never changed."""

    __tablename__ = "privacy_request_step"
    __table_args__ = (Index("ix_privacy_request_step_request", "request_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_request.id"))
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    act: Mapped[str]  # see requests.rules; "receive" is the first
    text: Mapped[str] = mapped_column(default="", info=PERSONAL)
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # tokens and ids


class PrivacyIdentityCheck(Base):
    """How somebody's identity was checked, and with what result: never what a document says."""

    __tablename__ = "privacy_identity_check"
    __table_args__ = (Index("ix_privacy_identity_check_request", "request_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_request.id"))
    party: Mapped[str]
    method: Mapped[str]  # of requests.law
    method_from: Mapped[date]
    proven: Mapped[bool]
    authority: Mapped[list[Any]] = mapped_column(JSON, default=list)  # what was seen of an agent's
    note: Mapped[str] = mapped_column(default="", info=PERSONAL)
    checked_at: Mapped[datetime]
    checked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class PrivacyCorrection(Base):
    """What a request wants written in which field, and what became of that.

    What stood there before is sealed: ``sealed_id`` of the sealed records. Of a claim that wasn't
    accepted ``dispute`` keeps what the customer holds against it.
    """

    __tablename__ = "privacy_correction"
    __table_args__ = (Index("ix_privacy_correction_request", "request_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_request.id"))
    field: Mapped[str]  # of requests.correction.rules
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    point_id: Mapped[int | None]  # of the telephone numbers on record, which one it replaces
    wanted: Mapped[str] = mapped_column(info=PERSONAL)
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    accepted: Mapped[bool | None]
    dispute: Mapped[str] = mapped_column(default="", info=PERSONAL)
    sealed_id: Mapped[int | None]  # of the sealed room, which may erase it
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class PrivacyTold(Base):
    """Somebody who was given an old value, and has to be told of the new one."""

    __tablename__ = "privacy_told"
    __table_args__ = (Index("ix_privacy_told_request", "request_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_request.id"))
    recipient: Mapped[str]  # the name as the register had it
    items: Mapped[list[Any]] = mapped_column(JSON)  # tokens of what they were given
    given_at: Mapped[datetime]  # when last
    task_id: Mapped[int | None] = mapped_column(ForeignKey("case_task.id"))
    told_at: Mapped[datetime | None]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    told_how: Mapped[str] = mapped_column(default="")
