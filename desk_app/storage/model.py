"""What the storage itself keeps track of."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class StoredCopy(Base):
    """A copy of the database file, so that it is removed in time: erased means erased."""

    __tablename__ = "stored_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)  # of the file, beside the database
    kind: Mapped[str]  # upgrade
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
