"""Recordings of calls: where the sealed file is, for which keys, and its digest."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class Recording(Base):
    """One stretch of recorded sound; a call may have several. ``uid`` names its file."""

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    part: Mapped[int]
    state: Mapped[str]  # see recordings.rules
    key_version: Mapped[int]
    started_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None]
    lost_ms: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int | None]
    digest: Mapped[str | None]  # SHA-256 over payload nonce and payload, hex
    timeline: Mapped[list[Any]] = mapped_column(JSON, default=list)  # gaps, device events in ms
    desk_id: Mapped[str]


class RecordingPlayed(Base):
    """One opening of a recording: by whom, for which use and purpose, and why."""

    __tablename__ = "recording_played"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    use: Mapped[str]  # see purposes.rules.RecordingUse
    purpose: Mapped[str]  # A to H
    reason: Mapped[str] = mapped_column(info=PERSONAL)


class RecordingKey(Base):
    """A version of the recordings' identity: its public recipient and when it came into use."""

    __tablename__ = "recording_key"

    id: Mapped[int] = mapped_column(primary_key=True)  # the version
    recipient: Mapped[str]
    recovery_recipient: Mapped[str]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
