"""Records that are sealed apart, and the versions of the key that they are sealed for.

A record is a whole age file in its row: few lines of text, and the stock ``age`` tool opens it with
the key's identity or with the recovery key.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, Base, DataClass


class SealedKey(Base):
    """A version of the key; its identity is in grants only."""

    __tablename__ = "sealed_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the version
    recipient: Mapped[str]
    recovery_recipient: Mapped[str]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class SealedRecord(Base):
    """A text that only those appointed to see sealed records read. ``uid`` is what its
    placeholder in the text names."""

    __tablename__ = "sealed_record"
    __table_args__ = (
        Index("ix_sealed_record_case", "case_id"),
        Index("ix_sealed_record_contact", "contact_id"),
        Index("ix_sealed_record_customer", "customer_id"),
        Index("ix_sealed_record_key_version", "key_version"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"))
    kind: Mapped[str]  # a token: see sensitive.rules.Kind; other rooms have kinds of their own
    field: Mapped[str]  # a token: which field it was written in
    content: Mapped[bytes] = mapped_column(info={"data": DataClass.SENSITIVE})  # an age file
    key_version: Mapped[int] = mapped_column(ForeignKey("sealed_key.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
