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


class ChangeEvent(Base):
    """A row that somebody changed, told to the other desks of a server and forgotten soon after.

    ``tx`` is the transaction: ids are given before the commit, and two commits may come in another
    order than their ids. Nothing is written here in a file, which has one desk.
    """

    __tablename__ = "change_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    tx: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    row_id: Mapped[int]
    origin: Mapped[str]  # a desk knows its own by it
    at: Mapped[datetime] = mapped_column(index=True)


class DoneAct(Base):
    """An act that was carried out, so that sending it again doesn't do it again."""

    __tablename__ = "done_act"

    token: Mapped[str] = mapped_column(primary_key=True)
    result: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)
