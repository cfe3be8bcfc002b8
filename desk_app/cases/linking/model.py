"""How cases belong together: links, merges with what it takes to undo them, pairs told apart."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import PERSONAL, Base


class CaseLink(Base):
    """Two cases that have to do with each other; shown on both."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id", "kind"),
        Index("ix_case_link_to", "to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    kind: Mapped[str]  # see linking.rules: "from" is the duplicate, the effect, the later one
    reason: Mapped[str] = mapped_column(info=PERSONAL)
    linked_at: Mapped[datetime]
    linked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class CaseMerge(Base):
    """A merge that stands; undoing it removes the row. ``journal`` holds ids, instants and
    tokens of what was moved and changed, never text: text would survive an erasure."""

    __tablename__ = "case_merge"
    __table_args__ = (Index("ix_case_merge_into", "into_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"))
    merged_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), unique=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    state_before: Mapped[str]  # of the case that was merged
    journal: Mapped[dict[str, Any]] = mapped_column(JSON)
    final_since: Mapped[datetime | None]  # since then it can't be undone, e.g. after an erasure


class CasesApart(Base):
    """Two cases somebody looked at and found to be different matters."""

    __tablename__ = "cases_apart"
    __table_args__ = (Index("ix_cases_apart_second", "second_id"),)

    first_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True)
    told_at: Mapped[datetime]
    told_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
