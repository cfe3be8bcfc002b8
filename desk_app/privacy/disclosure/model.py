"""The answer to a request for disclosure: what the reviewer decided, what was made, how it went.

No text of the customer's is copied here: choices name a row, a column and a place in it, so that
the pack is the same when it is made again, and an erasure has nothing to find.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class Disclosure(Base):
    """The answer to one privacy request."""

    __tablename__ = "disclosure"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_request.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    state: Mapped[str]  # see rules.PackState
    salt: Mapped[str] = mapped_column(info=PERSONAL)  # without it the marks tell nothing
    begun_at: Mapped[datetime]
    begun_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    # item -> mark of what it held when the review was finished
    marks: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class DisclosureChoice(Base):
    """Something that the reviewer removed or put back. Choices are added, and taken back by a
    later one; the latest counts."""

    __tablename__ = "disclosure_choice"
    __table_args__ = (Index("ix_disclosure_choice_disclosure", "disclosure_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    item: Mapped[str]  # table and key of a row
    field: Mapped[str]  # a column; empty: the whole item; "file": its bytes; "sound": a piece
    begins: Mapped[int | None]  # character, or ms of sound; empty: all of it
    ends: Mapped[int | None]
    removed: Mapped[bool]
    ground: Mapped[str]  # a key of resources/disclosure/grounds.json
    voice: Mapped[str | None]  # see rules.Voice
    mark: Mapped[str]  # of the field as it was: a place in another text means nothing
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class DisclosurePack(Base):
    """A file that was made. The file itself is nowhere in the office."""

    __tablename__ = "disclosure_pack"
    __table_args__ = (Index("ix_disclosure_pack_disclosure", "disclosure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    media: Mapped[list[Any]] = mapped_column(JSON)  # see rules.Medium
    language: Mapped[str]
    parts: Mapped[int]
    digest: Mapped[str]  # SHA-256 of the file that went out
    content_digest: Mapped[str]  # SHA-256 of its manifest: the same when it is made again
    size_bytes: Mapped[int]
    with_passphrase: Mapped[bool]
    printed: Mapped[bool]


class DisclosureDelivery(Base):
    """How a file or paper went to the customer, and how it was made sure that it was them."""

    __tablename__ = "disclosure_delivery"
    __table_args__ = (Index("ix_disclosure_delivery_disclosure", "disclosure_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    pack_id: Mapped[int] = mapped_column(ForeignKey("disclosure_pack.id"))
    delivered_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    way: Mapped[str]  # see rules.Way
    key_way: Mapped[str | None]  # see rules.KeyWay
    confirmed: Mapped[str]  # see rules.Confirmed
    to_whom: Mapped[str] = mapped_column(info=PERSONAL)
