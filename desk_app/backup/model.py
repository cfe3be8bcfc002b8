"""Where backups go, and what was erased and has to stay so in each of them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class BackupDestination(Base):
    """A place for backups; they go to each that isn't retired."""

    __tablename__ = "backup_destination"
    __table_args__ = (CheckConstraint("kind IN ('folder', 's3')", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # folder, s3
    folder: Mapped[str] = mapped_column(default="")
    marker: Mapped[str] = mapped_column(default="")  # what the marker file of a folder has to say
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
    tombstones: Mapped[int] = mapped_column(default=0)  # version of the list that lies there
    trouble: Mapped[str | None]  # why the last thing didn't work there: the error's code


class ErasureTombstone(Base):
    """What was erased: an id that is never used again, no word of what it was.

    The highest id is the version of the list that lies at each destination.
    """

    __tablename__ = "erasure_tombstone"
    __table_args__ = (Index("ix_erasure_tombstone_subject", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # see backup.rules.ErasedKind
    subject_id: Mapped[int]
    erased_at: Mapped[datetime]
