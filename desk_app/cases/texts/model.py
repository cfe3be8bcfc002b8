"""Texts that are written once and used in many cases."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.storage.base import Base


class TextModule(Base):
    """A text with placeholders: a part of a note, an answer, an article. The newest revision of a
    title and language is in force; ``retired`` ones are offered no more."""

    __tablename__ = "text_module"
    __table_args__ = (UniqueConstraint("kind", "language", "title", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # see texts.rules
    language: Mapped[str]
    title: Mapped[str]
    revision: Mapped[int]  # from 1
    body: Mapped[str]
    retired: Mapped[bool]
    written_at: Mapped[datetime]
    written_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class CaseArticle(Base):
    """An article, in the revision that was read, that belongs to a case."""

    __tablename__ = "case_article"

    case_id: Mapped[int] = mapped_column(ForeignKey("desk_case.id"), primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("text_module.id"), primary_key=True, index=True)
    linked_at: Mapped[datetime]
    linked_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
