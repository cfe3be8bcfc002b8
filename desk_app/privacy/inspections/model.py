"""The sample of accesses that an inspection looks at, and what was found of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class InspectionSample(Base):
    """How a sample was drawn, so that it can be drawn again: see inspections.sampling."""

    __tablename__ = "inspection_sample"

    control_id: Mapped[int] = mapped_column(
        ForeignKey("control.id"), primary_key=True, autoincrement=False
    )
    seed: Mapped[str]  # hex, made by the desk
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    last_entry_id: Mapped[int]  # entries that came later aren't drawn from
    acts: Mapped[list[Any]] = mapped_column(JSON)  # what counted as an access when it was drawn
    user_ids: Mapped[list[Any]] = mapped_column(JSON)  # whose accesses; everybody's if empty
    wanted: Mapped[int]
    population: Mapped[int]
    drawn_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    drawn_at: Mapped[datetime]


class InspectionItem(Base):
    """An access that was drawn, in the order of the draw."""

    __tablename__ = "inspection_item"

    control_id: Mapped[int] = mapped_column(
        ForeignKey("control.id"), primary_key=True, autoincrement=False
    )
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int]
    verdict: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    judged_at: Mapped[datetime | None]
