"""Versions of the policy and of the announcement that a call is recorded."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class PolicyVersion(Base):
    """A published version of the privacy policy (policy section 10)."""

    __tablename__ = "policy_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(unique=True)
    effective_on: Mapped[date]
    entered_at: Mapped[datetime]


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
