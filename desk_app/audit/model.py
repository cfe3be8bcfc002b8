"""The audit log: what was done to what, by whom; ids only, hash-chained, heads signed."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Index, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from desk_app.storage.base import Base

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


class Particulars(TypeDecorator[dict[str, Any]]):
    """A JSON object kept as one canonical text, so that its hash is the same on both engines."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else dict(json.loads(value))


class AuditEntry(Base):
    """One act. No foreign keys: the log outlives what it speaks of."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_at", "at"),  # inspections look at a stretch of time
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    desk_id: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    purpose: Mapped[str | None]
    particulars: Mapped[dict[str, Any]] = mapped_column(Particulars)  # ids, counts and digests only
    content_hash: Mapped[str]


class AuditLink(Base):
    """The chain: ``seq`` from 1 without gaps, each hash over the one before and the content."""

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
