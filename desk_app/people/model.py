"""Persons, their accounts, roles and appointments, and steps that wait for a second person."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, false, true
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class Person(Base):
    """A member of staff. Four eyes compares persons, not accounts."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(info=PERSONAL)
    created_at: Mapped[datetime]


class User(Base):
    """An account of a person; ``keyring_id`` is its opaque id in the keyring."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    login: Mapped[str] = mapped_column(unique=True, info=PERSONAL)
    keyring_id: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[str]  # the user's public age recipient
    verify_key: Mapped[str]  # public Ed25519 key of audit-head signatures, hex
    language: Mapped[str] = mapped_column(default="ja")
    must_change_password: Mapped[bool] = mapped_column(default=False)
    server_role: Mapped[str | None] = mapped_column(unique=True)  # of one's own, on a server
    holds_recordings: Mapped[bool] = mapped_column(default=False)  # has that grant in the keyring
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]
    told_until: Mapped[int] = mapped_column(default=0)  # the last use of the recovery key told
    removed_at: Mapped[datetime | None]


class UserRole(Base):
    """A role held by a user; ended, never deleted."""

    __tablename__ = "user_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class Appointment(Base):
    """The data protection officer's appointment of a handler (policy sections 8 and 9)."""

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    appointed_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    pledged_on: Mapped[datetime]  # confidentiality pledge
    trained_on: Mapped[datetime]
    may_listen: Mapped[bool] = mapped_column(default=False)
    may_see_sealed: Mapped[bool] = mapped_column(default=False, server_default=false())
    covers_cases: Mapped[bool] = mapped_column(default=True, server_default=true())
    covers_requests: Mapped[bool] = mapped_column(default=True, server_default=true())
    covers_export: Mapped[bool] = mapped_column(default=True, server_default=true())


class Training(Base):
    """A training that a member of staff has had; how long it is good for is dated data."""

    __tablename__ = "training"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]
    held_on: Mapped[date]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]


class PendingStep(Base):
    """A step that one person asked for and another person has to approve."""

    __tablename__ = "pending_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON, info=PERSONAL)
    requested_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    used_recovery_key: Mapped[bool] = mapped_column(default=False)


class OfficeSetting(Base):
    """A fact about the office that every desk shares: its name, its number."""

    __tablename__ = "office_setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
