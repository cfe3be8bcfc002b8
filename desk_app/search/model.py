"""What the search reads: each case's folded text, and which grams are frequent.

Beside these tables the file has ``case_grams``, a contentless FTS5 index over the grams of each
text under rowid = `NEWEST` - case id, so that ascending order is newest first. The server has
two GIN indexes: trigrams for longer terms, and one- and two-character grams for rare short ones.
"""

from sqlalchemy import DDL, Float, ForeignKey, event
from sqlalchemy.orm import Mapped, mapped_column

from desk_app.search.normalise import RULES
from desk_app.storage.base import DERIVED, PERSONAL, Base

NEWEST = 1 << 40
FREQUENT = 0.01
"""The share of texts from which on a gram counts as frequent."""


class CaseText(Base):
    """All words of a case, folded, a line for each field."""

    __tablename__ = "case_text"
    __table_args__ = ({"info": {DERIVED: True}},)

    case_id: Mapped[int] = mapped_column(
        ForeignKey("desk_case.id"), primary_key=True, autoincrement=False
    )
    body: Mapped[str] = mapped_column(info=PERSONAL)


class FrequentGram(Base):
    """A gram that many texts hold, with their share as last sampled."""

    __tablename__ = "frequent_gram"
    __table_args__ = ({"info": {DERIVED: True}},)

    gram: Mapped[str] = mapped_column(primary_key=True)
    share: Mapped[float] = mapped_column(Float)


class GramSample(Base):
    """One row: the newest case when the frequent grams were last sampled, and by which rules
    (`normalise.RULES`) all texts are folded, at least; None: by those of a released version."""

    __tablename__ = "gram_sample"
    __table_args__ = ({"info": {DERIVED: True}},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest_case: Mapped[int]
    folded_by: Mapped[int | None]


_FILE_INDEX = """
CREATE VIRTUAL TABLE case_grams USING fts5(
    grams, tokenize='ascii', content='', contentless_delete=1, detail=none
)
"""

_BIGRAMS = """
CREATE OR REPLACE FUNCTION bigrams(body text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50000 AS $$
    SELECT signs || ARRAY(
        SELECT sign || next FROM unnest(signs, signs[2:]) AS pair(sign, next)
        WHERE next IS NOT NULL
    ) FROM (SELECT string_to_array(body, NULL) AS signs) AS split
$$
"""
# Its cost keeps the planner from computing it row by row where it has the index.


def _attach() -> None:
    def add(table_of: type[Base], when: str, statement: str, dialect: str) -> None:
        event.listen(
            table_of.__table__,
            when,
            DDL(statement.strip()).execute_if(dialect=dialect),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
        )

    add(CaseText, "before_create", "CREATE EXTENSION IF NOT EXISTS pg_trgm", "postgresql")
    add(CaseText, "before_create", _BIGRAMS, "postgresql")
    for name, what in (("trigrams", "body gin_trgm_ops"), ("bigrams", "bigrams(body)")):
        index = f"CREATE INDEX ix_case_text_{name} ON case_text USING gin ({what})"
        add(CaseText, "after_create", index, "postgresql")
    add(CaseText, "after_create", _FILE_INDEX, "sqlite")
    for dialect in ("postgresql", "sqlite"):
        first = f"INSERT INTO gram_sample (id, newest_case, folded_by) VALUES (1, 0, {RULES})"  # noqa: S608 -- ours
        add(GramSample, "after_create", first, dialect)


_attach()
