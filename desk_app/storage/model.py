"""What the storage itself keeps track of."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class StoredCopy(Base):
    """A copy of the office, so that it is removed in time: erased means erased.

    ``name`` is what it is called where it lies: an upgrade's copy beside the database, a backup at
    its destination, an office that was replaced or moved away from in the data folder.
    """

    __tablename__ = "stored_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # upgrade; see backup.rules.CopyKind for the others
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]  # when it was verified that nothing is left
    desk_id: Mapped[str | None]  # whose data folder it lies in
    destination_id: Mapped[int | None]  # of a backup
    arrived_at: Mapped[datetime | None]  # when a backup was read back from there
    size_bytes: Mapped[int | None]
    trouble: Mapped[str | None]  # why it couldn't be removed yet: the error's code


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
