"""What was handed to others and what came from others: the records of articles 29 and 30.

Rows are added and, but for the day until which they are kept, never changed. They say what the
Act asks for as it was on that day: names of firms are copied, items are named and not repeated.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class ProvisionSeries(Base):
    """Provisions that are kept as one record: a batch, or what one contract stands in for. They
    are kept by the last of them."""

    __tablename__ = "provision_series"
    __table_args__ = (UniqueConstraint("recipient_id", "kind", "folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"))
    kind: Mapped[str]  # see provisions.rules.RecordKind
    reference: Mapped[str]  # the batch's name, the contract's number
    folded: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]


class Provision(Base):
    """One hand-over: whose data, which items, to whom, when, why it might."""

    __tablename__ = "provision"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    person: Mapped[str] = mapped_column(info=PERSONAL)  # whose data it was, as named that day
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"), index=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"), index=True)
    recipient_name: Mapped[str]
    recipient_address: Mapped[str]
    recipient_representative: Mapped[str]
    country: Mapped[str]
    items: Mapped[list[Any]] = mapped_column(JSON)  # of registers.rules.Item
    purpose: Mapped[str]  # A to H
    legal_form: Mapped[str]  # see provisions.rules.LegalForm
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("subcontract.id"))
    # of the purposes' room, which may erase it
    consent_id: Mapped[int | None] = mapped_column(index=True)
    ground: Mapped[str | None]  # a key of resources/handing/legal_grounds.json
    ground_from: Mapped[date | None]  # its version
    reference: Mapped[str] = mapped_column(info=PERSONAL)  # the demand, the application
    abroad: Mapped[str | None]  # see provisions.rules.AbroadBasis
    system_id: Mapped[int | None] = mapped_column(ForeignKey("equivalent_system.id"))
    abroad_consent_id: Mapped[int | None] = mapped_column(index=True)
    means: Mapped[str]  # see provisions.rules.Means
    provided_at: Mapped[datetime] = mapped_column(index=True)
    provided_on: Mapped[date]  # as the office counts its days
    provided_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    record_kind: Mapped[str]  # see provisions.rules.RecordKind
    series_id: Mapped[int | None] = mapped_column(ForeignKey("provision_series.id"), index=True)
    rule_from: Mapped[date]  # the version of the rule by which it is kept
    keep_until: Mapped[date] = mapped_column(index=True)
    not_left_at: Mapped[datetime | None]  # entered, but nothing left the house after all
    not_left_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Receipt(Base):
    """Data of a customer that a third party gave us, and how they had come by it."""

    __tablename__ = "receipt"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    person: Mapped[str] = mapped_column(info=PERSONAL)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"), index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("recipient.id"))  # if registered
    provider_name: Mapped[str]
    provider_address: Mapped[str]
    provider_representative: Mapped[str]
    obtained: Mapped[str] = mapped_column(info=PERSONAL)  # how the provider had come by it
    confirmed_by_means: Mapped[str]  # see provisions.rules.Confirmation
    with_consent: Mapped[bool]
    items: Mapped[list[Any]] = mapped_column(JSON)
    received_on: Mapped[date]
    entered_at: Mapped[datetime] = mapped_column(index=True)
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    rule_from: Mapped[date]
    keep_until: Mapped[date] = mapped_column(index=True)


class ToldAbroad(Base):
    """What a customer was told before consenting that data goes to a country (article 28(2))."""

    __tablename__ = "told_abroad"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    consent_id: Mapped[int]  # of the purposes' room
    country: Mapped[str]
    told: Mapped[list[Any]] = mapped_column(JSON)  # see provisions.rules.Told
    told_at: Mapped[datetime]
    told_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
