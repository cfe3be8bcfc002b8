"""To whom customers' data may go: recipients, and what makes each of them one. Firms only.

Rows are ended, never deleted: records of provisions refer to what was in force.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class Recipient(Base):
    """Somebody outside this office who can be given data. ``kind``: see registers.rules."""

    __tablename__ = "recipient"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(index=True)  # the same for every way of writing the name
    address: Mapped[str]
    representative: Mapped[str]
    country: Mapped[str]  # two letters, as in resources/handing/countries.json
    public_key: Mapped[str]  # an age recipient, or empty
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("recipient.id"))  # its earlier entry
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class GroupListing(Base):
    """A period in which a company stood in the published list of the group's companies."""

    __tablename__ = "group_listing"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Subcontractor(Base):
    """A recipient to whom work is entrusted; its audits refer to this id, the recipient's own."""

    __tablename__ = "subcontractor"

    id: Mapped[int] = mapped_column(
        ForeignKey("recipient.id"), primary_key=True, autoincrement=False
    )
    since: Mapped[datetime]


class Subcontract(Base):
    """A contract with a subcontractor: what may be entrusted, for what, and how long."""

    __tablename__ = "subcontract"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("subcontractor.id"), index=True)
    number: Mapped[str]
    work: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    items: Mapped[list[Any]] = mapped_column(JSON)  # of registers.rules.Item
    purposes: Mapped[list[Any]] = mapped_column(JSON)  # A to H
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class EquivalentSystem(Base):
    """A recipient abroad was found to keep data as the Act asks for (article 28), until when."""

    __tablename__ = "equivalent_system"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    basis: Mapped[str]  # what it rests on: contract, group rules, certification
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
