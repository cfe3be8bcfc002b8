"""The declarative base, column types and the mark that says which columns are personal."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit row id; SQLite only counts up by itself for INTEGER."""


class DataClass(StrEnum):
    """What a column holds, for redaction, disclosure and erasure (policy section 1)."""

    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    IDENTIFICATION_CODE = "identification_code"


PERSONAL = {"data": DataClass.PERSONAL}
"""``mapped_column(info=PERSONAL)`` marks a column as personal information."""

DERIVED = "derived"
"""``__table_args__ = {"info": {DERIVED: True}}`` marks a table that is made again from others:
backups leave it out, and an office that moves makes it anew."""


NEVER_AGAIN = {"sqlite_autoincrement": True}
"""``__table_args__`` of what can be erased: the id of a row that is gone is never given again, as
on a server. A tombstone names a row by it."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC on both engines; a naive datetime is refused as a bug."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every entity. Its repr shows the key only: entities hold personal data."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        str: String(),
        int: BigId,
    }

    def __repr__(self) -> str:
        key = ", ".join(
            str(getattr(self, column.key)) for column in type(self).__table__.primary_key
        )
        return f"<{type(self).__name__} {key}>"
