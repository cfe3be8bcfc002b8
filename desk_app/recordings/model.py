"""Recordings of calls: where the sealed file is, for which keys, and its digest."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class Recording(Base):
    """One stretch of recorded sound; a call may have several. ``uid`` names its file."""

    __tablename__ = "recording"
    __table_args__ = NEVER_AGAIN

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
    operator_voice_ms: Mapped[int | None]  # of speech; None: not measured
    caller_voice_ms: Mapped[int | None]
    # begun when the desk asked whether the call was over
    surplus: Mapped[bool] = mapped_column(default=False, server_default=false())
    discard_reason: Mapped[str | None]  # see recordings.rules.DiscardReason
    discarded_at: Mapped[datetime | None]  # when it was verified that nothing is left
    rewrap_trouble: Mapped[str | None]  # why its header is still for an earlier key


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


class RecordingBookmark(Base):
    """A place in a recording that somebody who may listen wants to find again."""

    __tablename__ = "recording_bookmark"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    position_ms: Mapped[int]
    text: Mapped[str] = mapped_column(default="", info=PERSONAL)


class RecordingStore(Base):
    """Where sealed recordings are kept; they go to the one that isn't retired."""

    __tablename__ = "recording_store"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # folder, s3
    folder: Mapped[str] = mapped_column(default="")
    endpoint: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    bucket: Mapped[str] = mapped_column(default="")
    prefix: Mapped[str] = mapped_column(default="")
    authority: Mapped[str] = mapped_column(default="")  # certificates it is verified by, PEM
    access_key: Mapped[str] = mapped_column(default="")
    secret_key: Mapped[str] = mapped_column(default="")
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    # what the marker file of a folder has to say
    marker: Mapped[str] = mapped_column(default="", server_default="")


class RecordingCopy(Base):
    """A recording's way into a store: waiting, or arrived and verified there."""

    __tablename__ = "recording_copy"
    __table_args__ = (
        Index("ix_recording_copy_once", "recording_id", "store_id", unique=True),
        Index("ix_recording_copy_queue", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("recording_store.id"))
    state: Mapped[str]  # see recordings.stores.rules.CopyState
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    trouble: Mapped[str | None]  # code of the last failure
    arrived_at: Mapped[datetime | None]
    local_removed_at: Mapped[datetime | None]
    key_version: Mapped[int | None]  # whom the stored header is for; None: nothing was sent yet


class RecordingFinding(Base):
    """What the daily comparison of calls and recordings found, until somebody has settled it."""

    __tablename__ = "recording_finding"
    __table_args__ = (Index("ix_recording_finding_open", "settled_at", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    kind: Mapped[str]  # see reconciliation.kinds.FindingKind
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recording.id"), index=True)
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON)
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(default="", info=PERSONAL)
