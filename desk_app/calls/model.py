"""Contacts by any channel, the particulars of a telephone call, and what was asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class Contact(Base):
    """One contact with the office. ``uid`` comes from the desk: a repeated save finds its row."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_customer", "customer_id", "received_at"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    uid: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str | None] = mapped_column(unique=True)  # 受付番号, given when saved
    channel: Mapped[str]
    state: Mapped[str]  # see calls.rules: open, wrap_up, saved
    received_at: Mapped[datetime] = mapped_column(index=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    desk_id: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    party: Mapped[str] = mapped_column(default="customer")  # who the caller is to the customer
    caller_name: Mapped[str] = mapped_column(default="", info=PERSONAL)
    caller_name_answer: Mapped[str] = mapped_column(default="not_asked")
    caller_reading: Mapped[str] = mapped_column(default="", info=PERSONAL)
    caller_reading_answer: Mapped[str] = mapped_column(default="not_asked")
    callback_number: Mapped[str] = mapped_column(default="", info=PERSONAL)
    callback_normal: Mapped[str] = mapped_column(default="", index=True, info=PERSONAL)
    callback_answer: Mapped[str] = mapped_column(default="not_asked")
    disposition: Mapped[str | None]
    purpose: Mapped[str | None]  # A to H
    next_step: Mapped[str | None]
    callback_at: Mapped[datetime | None]  # promised with next_step promise
    saved_at: Mapped[datetime | None]
    saved_digest: Mapped[str | None] = mapped_column(info=PERSONAL)  # of the form, for repeats
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is

    call: Mapped["Call | None"] = relationship(back_populates="contact", lazy="joined")
    inquiries: Mapped[list["Inquiry"]] = relationship(
        back_populates="contact", order_by="Inquiry.position", cascade="all, delete-orphan"
    )


class Call(Base):
    """What only a telephone call has: the ring, the announcement, the numbers."""

    __tablename__ = "call"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    outbound: Mapped[bool] = mapped_column(default=False)
    late_entry: Mapped[bool] = mapped_column(default=False)  # taken on paper, entered afterwards
    rang_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    number_shown: Mapped[str] = mapped_column(default="", info=PERSONAL)  # as delivered
    number_normal: Mapped[str] = mapped_column(default="", index=True, info=PERSONAL)  # E.164
    number_state: Mapped[str] = mapped_column(default="unavailable")  # shown, withheld, …
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    announced_by: Mapped[str | None]  # exchange, operator
    announced_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    permit_id: Mapped[int | None] = mapped_column(ForeignKey("hours_permit.id"))
    contact: Mapped[Contact] = relationship(back_populates="call")


class Inquiry(Base):
    """What was asked, in the caller's words, and the answer given."""

    __tablename__ = "inquiry"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(info=PERSONAL)
    answer: Mapped[str] = mapped_column(default="", info=PERSONAL)
    product: Mapped[str] = mapped_column(default="")
    lot: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="question")
    symptom: Mapped[str] = mapped_column(default="")
    contact: Mapped[Contact] = relationship(back_populates="inquiries")


class ContactCounter(Base):
    """The last number given out for a day's contacts, for numbers without gaps."""

    __tablename__ = "contact_counter"

    period: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class ContactEvent(Base):
    """Something that happened during a call, with its time: a device lost, an objection."""

    __tablename__ = "contact_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    particulars: Mapped[dict[str, Any]] = mapped_column(JSON)
