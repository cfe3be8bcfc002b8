"""Searching 100,000 cases, against LIKE and against SQLite's own trigram index on the same texts.

LIKE stops early where a term is frequent, and is at its best there: the index may cost little
more. The trigram index is the bare floor for three characters and more, without recheck.
"""

import statistics
import time
from array import array
from collections.abc import Callable, Iterator

from sqlalchemy import text

from desk_app.search import service, views
from desk_app.search.lookup import matching_ids
from desk_app.search.pages import Query
from desk_app.search.query import parse
from tests.benchmarks.measuring import Row, turn_about
from tests.synthetic import SyntheticOffice, office_of

CASES = 100_000
HITS = service.MOST_HITS + 1

AGAINST_LIKE = {
    "one_sign": ("欠", 3.0),
    "two_frequent": ("返品", 3.0),
    "two_rare": ("鮫鰐", 0.1),
    "two_terms": ("返品 鍋刃", 0.5),
    "latin": ("knife", 2.0),
    "phone": ("12345678", 0.1),
    "no_hit": ("この言葉はありません", 0.1),
}
AGAINST_TRIGRAMS = {"three_signs": ("刃柄鍋", 5.0), "ten_signs": ("お問い合わせ返品購入", 5.0)}


def measure() -> Iterator[Row]:
    office = office_of(CASES)
    for name, (typed, goal) in AGAINST_LIKE.items():
        yield _row(name, office, typed, goal, _like)
    with office.work(reading=False) as work:
        work.session.execute(
            text("create virtual table plain using fts5(body, tokenize=trigram, detail=none)")
        )
        work.session.execute(
            text("insert into plain (rowid, body) select -case_id, body from case_text")
        )
        work.commit()
    for name, (typed, goal) in AGAINST_TRIGRAMS.items():
        yield _row(name, office, typed, goal, _trigrams)
    yield Row("search.to_first_page", value=_to_first_page(office), unit="ms")


def _row(
    name: str,
    office: SyntheticOffice,
    typed: str,
    goal: float,
    floor: Callable[[SyntheticOffice, str], "array[int]"],
) -> Row:
    ours, bare = turn_about(lambda: _ours(office, typed), lambda: floor(office, typed), rounds=5)
    return Row(f"search.{name}", value=ours * 1000, unit="ms", floor=bare * 1000, goal=goal)


def _ours(office: SyntheticOffice, typed: str) -> "array[int]":
    with office.work() as work:
        return matching_ids(work, Query(typed), parse(typed), limit=HITS)


def _like(office: SyntheticOffice, typed: str) -> "array[int]":
    terms = typed.split()
    condition = " and ".join(f"body like :t{n}" for n in range(len(terms)))
    statement = text(
        f"select case_id from case_text where {condition} order by case_id desc limit {HITS}"
    )
    wanted = {f"t{n}": f"%{term}%" for n, term in enumerate(terms)}
    with office.work() as work:
        return array("q", work.session.scalars(statement, wanted))


def _trigrams(office: SyntheticOffice, typed: str) -> "array[int]":
    grams = {typed[at : at + 3] for at in range(len(typed) - 2)}
    match = " and ".join(f'"{gram}"' for gram in sorted(grams))
    statement = f"select -rowid from plain where plain match :match order by rowid limit {HITS}"
    with office.work() as work:
        return array("q", work.session.scalars(text(statement), {"match": match}))


def _to_first_page(office: SyntheticOffice) -> float:
    """What a user waits for: the search, its audit entry on disk, the first page of rows; wall."""
    waited = []
    for typed in ("返品", "佐藤", "0901", "欠 鍋", "knife"):
        began = time.perf_counter()
        with office.work(reading=False) as work:
            found = service.find(office.actor, work, Query(typed))
            work.commit()
        with office.work() as work:
            views.rows(office.actor, work, found.ids[: service.PAGE])
        waited.append((time.perf_counter() - began) * 1000)
    return statistics.median(waited)
