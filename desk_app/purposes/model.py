"""Policy versions and announcements; what customers agreed to, opted out of and had stopped."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class PolicyVersion(Base):
    """A version of the privacy policy (policy section 10). It never changes but by its decision."""

    __tablename__ = "policy_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(unique=True)
    effective_on: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    purposes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    recipients: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    # what consents to earlier versions no longer cover: letters, and kinds of recipients
    widened_purposes: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    widened_recipients: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    decision: Mapped[str | None]  # approved, declined
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Announcement(Base):
    """What a caller hears about the recording, and the uses of a recording that it names."""

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    label: Mapped[str]
    scripts: Mapped[dict[str, Any]] = mapped_column(JSON)  # language -> text to read aloud
    uses: Mapped[list[Any]] = mapped_column(JSON)  # e.g. ["accurate_receipt"]
    outbound: Mapped[bool] = mapped_column(default=False)
    effective_on: Mapped[date]


class NamedUse(Base):
    """A use outside A to H that the officer has named, so that customers can agree to it."""

    __tablename__ = "named_use"

    id: Mapped[int] = mapped_column(primary_key=True)
    names: Mapped[dict[str, Any]] = mapped_column(JSON)  # language -> what it is called
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class Consent(Base):
    """What a customer agreed to: never changed but by its withdrawal."""

    __tablename__ = "consent"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    purposes: Mapped[list[Any]] = mapped_column(JSON)  # letters
    named_use_id: Mapped[int | None] = mapped_column(ForeignKey("named_use.id"))
    recipients: Mapped[list[Any]] = mapped_column(JSON)  # kinds; none: for the office's own use
    topics: Mapped[list[Any]] = mapped_column(JSON)  # opt-outs that it takes back
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    channel: Mapped[str]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    second: Mapped[int | None]  # of the call
    document: Mapped[str] = mapped_column(default="", info=PERSONAL)  # which paper, where it lies
    given_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(index=True)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    withdrawn_second: Mapped[int | None]
    withdrawn_document: Mapped[str | None] = mapped_column(info=PERSONAL)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class OptOut(Base):
    """A customer wants no more of a topic: newsletters, direct mail."""

    __tablename__ = "opt_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    topic: Mapped[str]
    declared_at: Mapped[datetime]
    declared_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    second: Mapped[int | None]  # of the call
    ended_at: Mapped[datetime | None]
    ended_by_consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))


class UseBlock(Base):
    """Uses of a customer's data that were stopped, on request or by the office itself."""

    __tablename__ = "use_block"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    acts: Mapped[list[Any]] = mapped_column(JSON)  # none: every act
    purposes: Mapped[list[Any]] = mapped_column(JSON)  # none: for every purpose
    reason: Mapped[str]  # see purposes.rules.BlockReason
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"), index=True)
    started_at: Mapped[datetime]
    started_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
