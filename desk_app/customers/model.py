"""The person the data is about, and the ways to reach that person."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class Customer(Base):
    """A customer; each personal field says whether it was answered, not asked or declined."""

    __tablename__ = "customer"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(default="", info=PERSONAL)
    name_answer: Mapped[str] = mapped_column(default="not_asked")
    reading: Mapped[str] = mapped_column(default="", info=PERSONAL)
    reading_answer: Mapped[str] = mapped_column(default="not_asked")
    name_key: Mapped[str] = mapped_column(default="", index=True, info=PERSONAL)
    reading_key: Mapped[str] = mapped_column(default="", index=True, info=PERSONAL)
    name_sort: Mapped[str] = mapped_column(default="", index=True, info=PERSONAL)
    created_at: Mapped[datetime]
    contact_points: Mapped[list["ContactPoint"]] = relationship(
        back_populates="customer", order_by="ContactPoint.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class ContactPoint(Base):
    """A telephone number, e-mail or postal address, as said and in normal form."""

    __tablename__ = "contact_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str]  # telephone, email, postcode, address, building
    value: Mapped[str] = mapped_column(default="", info=PERSONAL)
    normal: Mapped[str] = mapped_column(default="", index=True, info=PERSONAL)
    answer: Mapped[str] = mapped_column(default="answered")
    created_at: Mapped[datetime]
    customer: Mapped[Customer] = relationship(back_populates="contact_points")
