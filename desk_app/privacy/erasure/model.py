"""Erasures, their steps, and what each desk has to do for them. Ids only: no word of anybody."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class Erasure(Base):
    """One erasure. Its ids are no references: they outlive what they name.

    ``probes`` are the values that are looked for afterwards, sealed for the officers, as an age
    file; gone with the certificate.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]  # see erasure.rules
    origin: Mapped[str]
    request_id: Mapped[int | None]
    roots: Mapped[dict[str, Any]] = mapped_column(JSON)  # lists of ids: see erasure.rooted
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    began_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    probes: Mapped[bytes | None]
    tombstones: Mapped[int | None]  # the version of the list that names all of it
    ended_at: Mapped[datetime | None]
    certificate: Mapped[str | None]  # see erasure.certificate


class ErasureStep(Base):
    """A step that is done. ``particulars`` are counts, ids and tokens."""

    __tablename__ = "erasure_step"

    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasure.id"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
    done_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON)


class ErasureDesk(Base):
    """A desk that may have something of it: drafts, recordings, what was fetched."""

    __tablename__ = "erasure_desk"

    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasure.id"), primary_key=True)
    desk_id: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    removed: Mapped[int | None]  # files
    given_up_at: Mapped[datetime | None]  # the desk is gone for good, and its disk destroyed
    given_up_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
