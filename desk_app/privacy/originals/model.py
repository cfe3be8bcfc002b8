"""The register of paper originals, and the batches in which they are disposed of."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import NEVER_AGAIN, PERSONAL, Base


class PaperOriginal(Base):
    """A postcard, a letter, a form; ``id`` is the number on its label."""

    __tablename__ = "paper_original"
    __table_args__ = (Index("ix_paper_original_due", "disposed_on", "due_on"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    kind: Mapped[str]  # a key of resources/originals.json
    description: Mapped[str] = mapped_column(default="", info=PERSONAL)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("desk_case.id"), index=True)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), index=True)
    has_scan: Mapped[bool]  # also after the scan has gone
    received_on: Mapped[date]
    box: Mapped[str]
    shelf: Mapped[str]
    due_on: Mapped[date]  # the first day on which it may be disposed of
    rule_from: Mapped[date]  # the version of the rule by which it is kept
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("disposal_batch.id"), index=True)
    disposed_on: Mapped[date | None]
    returned_on: Mapped[date | None]  # given back to whom it came from
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is


class DisposalBatch(Base):
    """Originals that are disposed of together; ``state`` as in `originals.rules`."""

    __tablename__ = "disposal_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str]
    drawn_up_at: Mapped[datetime]
    drawn_up_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    method: Mapped[str | None]  # a method of resources/originals.json
    company: Mapped[str] = mapped_column(default="")  # whom it was left to, if anybody
    disposed_on: Mapped[date | None]
    carried_out_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    witnessed_at: Mapped[datetime | None]
    witnessed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    count: Mapped[int | None]  # how many were in it when it was witnessed
    digest: Mapped[str | None]  # SHA-256 over what the certificate says, hex
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 -- SQLAlchemy reads it as it is
