"""The audit log: what was done to what, by whom; ids only, hash-chained, heads signed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class AuditEntry(Base):
    """One act. No foreign keys: the log outlives what it speaks of."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    desk_id: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    purpose: Mapped[str | None]
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON)  # ids, counts and digests only
    content_hash: Mapped[str]


class AuditLink(Base):
    """The chain: ``seq`` without gaps, each hash over the one before and the entry's content."""

    __tablename__ = "audit_link"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(unique=True)
    prev: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The chain's end at one instant, signed with a person's own key."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str]
    at: Mapped[datetime]
    user_id: Mapped[int]
    desk_id: Mapped[str]
    signature: Mapped[str]  # Ed25519, hex
