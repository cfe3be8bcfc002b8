"""What a case was sent: letters, photos, papers; sealed, in rows of bounded size.

The sealed bytes lie in the database and not in files beside it, because every desk of the office
reads them, and because they are backed up, moved and erased with the case they belong to. They
are cut into parts so that no row, and no buffer of a server, holds a whole file. The header of
the age file stands in the attachment's own row: it is all that a new key changes, and without it
the parts open to nobody.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class AttachmentKey(Base):
    """A version of the key that attachments are sealed for; the identity is in grants only."""

    __tablename__ = "attachment_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the version
    recovery_recipient: Mapped[str]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Attachment(Base):
    """A file that was added to a case. Once it is withdrawn only what says that it was is left."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_case_number", "case_id", "number", unique=True),
        Index("ix_attachment_key_version", "key_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    number: Mapped[int]  # within its case, from 1
    kind: Mapped[str]  # see rules.FileKind
    name: Mapped[str] = mapped_column(info=PERSONAL)  # cleaned; never the name of a file here
    size_bytes: Mapped[int]
    pages: Mapped[int]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    remarks: Mapped[list[str]] = mapped_column(JSON, default=list)  # see rules.Remark
    mark: Mapped[str | None]  # salted digest of the content: tells the same file again
    header: Mapped[bytes | None]  # of the age file
    digest: Mapped[str]  # of its nonce and payload: the same whatever the header is
    key_version: Mapped[int] = mapped_column(ForeignKey("attachment_key.id"))
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(default="", info=PERSONAL)  # of the withdrawal


class AttachmentPart(Base):
    """A piece of the age file behind its header, in the order of ``position``."""

    __tablename__ = "attachment_part"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]
