"""Searching cases in the service, permission, recheck, audit entry and first page included.

Against the same queries on a plain SQLite file with FTS5's own trigram index, without
encryption, and against LIKE on the same texts. LIKE stops early where a term is frequent, and is
at its best there; a trigram index knows no terms of one or two characters. Times are of the wall
clock, over every sample: measure on a quiet machine. The goals are those of a million cases, so
with fewer nothing is said of them. Exclusions, filters beside words and relevance look at up to
thousands of texts, by design; they have no goal of their own.
"""

import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from desk_app.search import service, views
from desk_app.search.pages import Query, Sort
from desk_app.search.query import parse
from tests.benchmarks.measuring import Row
from tests.synthetic import SyntheticOffice, office_for

CASES = 100_000
HITS = service.MOST_HITS + 1
ROUNDS = 5
LIKE_QUERIES = 3
"""Of each kind: it may read everything, seconds at a million."""
GOALS_FROM_CASES = 1_000_000
FIRST_TOUCH_MS, WARM_MS, LATIN_MS, SIZE = 50, 16, 40, 1.2
WITHOUT_GOAL = ("filtered", "excluding", "relevance")


def measure(cases: int = CASES, data: Path | None = None) -> Iterator[Row]:
    office = office_for(cases, data)
    large = office.cases >= GOALS_FROM_CASES
    asked = queries(office)
    with office.work(reading=False) as work:  # the key of the log's digests is made once
        service.find(office.actor, work, Query("返品"))
        work.commit()
    with TemporaryDirectory() as scratch:
        plain = sqlite3.connect(Path(scratch, "plain.db"))
        _fill_plain(office, plain)
        for name, typed in asked.items():
            sort = Sort.RELEVANCE if name == "relevance" else Sort.OPENED
            has_goal = large and name not in WITHOUT_GOAL
            warm = percentile(_warm(lambda one: once(office, one, sort), typed))  # noqa: B023 -- called before the loop goes on
            trigrams = [one for one in typed if min(map(len, one.split())) >= 3]
            floor = percentile(_warm(lambda one: _trigrams(plain, one), trigrams)) or None
            goal = LATIN_MS if name == "latin_prefix" else WARM_MS
            yield Row(
                f"search.{name}",
                warm,
                "ms p95",
                floor,
                goal=goal if has_goal else None,
                bounds="value",
            )
            few = typed[:LIKE_QUERIES]
            like = percentile([_ms(_like, office, one) for one in few])
            ours = percentile(_warm(lambda one: once(office, one, sort), few))  # noqa: B023 -- as above
            yield Row(f"search.{name}.like", ours, "ms p95", like)
            first = percentile(_first_touch(office, typed, sort))
            yield Row(
                f"search.{name}.first",
                first,
                "ms p95",
                goal=FIRST_TOUCH_MS if has_goal else None,
                bounds="value",
            )
        plain.close()
    with office.work() as work:
        index = work.session.scalar(text("select sum(length(block)) from case_grams_data")) or 0
        copied = work.session.scalar(text("select sum(length(cast(body as blob))) from case_text"))
        written = work.session.scalar(text("select sum(length(cast(text as blob))) from inquiry"))
    yield Row("search.index_size", index / 1e6, "MB", (copied or 0) / 1e6, goal=SIZE)
    # The recheck needs every text once more, folded: names, numbers and readings included.
    yield Row("search.folded_texts", (copied or 0) / 1e6, "MB", (written or 0) / 1e6)


def queries(office: SyntheticOffice) -> dict[str, list[str]]:
    """Queries of each kind, cut from the texts that are there."""
    chance = random.Random(3)
    with office.work() as work:
        ids = [chance.randrange(1, office.cases + 1) for _ in range(200)]
        bodies = work.session.scalars(
            text("select text from inquiry where id in (" + ",".join(map(str, ids)) + ")")
        ).all()
        numbers = work.session.scalars(
            text("select normal from contact_point where kind = 'telephone' order by id limit 500")
        ).all()
    runs = [run for body in bodies if not body.isascii() for run in body.strip("。").split("、")]

    def cut(size: int) -> list[str]:
        long = [run for run in runs if len(run) > size and " " not in run]
        pieces = (chance.choice(long) for _ in range(20))
        return [
            run[at : at + size] for run in pieces for at in (chance.randrange(len(run) - size),)
        ]

    return {
        "one": cut(1),
        "two": cut(2),
        "two_common": ["返品", "商品", "購入", "案内"],
        "two_rare": ["鮫鰐", "薔薇", "蜜柑", "檸檬", "瑠璃", "珊瑚", "葡萄", "躊躇"],
        "three": cut(3),
        "ten": cut(10),
        "and": [f"{one} {other}" for one, other in zip(cut(2), cut(2), strict=True)],
        "common_and_rare": [f"返品 {rare}" for rare in cut(5)],
        "latin_prefix": ["kni", "bla", "ret", "gro", "mess", "zur", "par"],
        "phone": [
            number[-size:] for size in (4, 5, 6, 8) for number in chance.sample(list(numbers), 3)
        ]
        + ["090-12"],
        "no_hit": ["この言葉はありません", "zzqqxx", "鮫鮫鮫", "薔薇檸檬", "qqq", "0000000000"],
        "phrase": [f'"{one}"' for one in cut(6)],
        "filtered": ["返品 state:closed", "返品 due<2020-02-01", "返品 assignee:me"],
        "excluding": ["返品 -商品", "商品 -案内 -購入", "購入 -鮫鰐"],
        "relevance": ["返品", "商品 案内", *cut(3)[:4]],
    }


def percentile(times: Sequence[float], share: float = 0.95) -> float:
    if len(times) < 2:
        return times[0] if times else 0.0
    return statistics.quantiles(times, n=100, method="inclusive")[round(share * 100) - 1]


def _ms(act: Callable[..., object], *given: object) -> float:
    began = time.perf_counter()
    act(*given)
    return (time.perf_counter() - began) * 1000


def _warm(act: Callable[[str], object], typed: Sequence[str]) -> list[float]:
    for one in typed:
        act(one)
    return [_ms(act, one) for _ in range(ROUNDS) for one in typed]


def once(office: SyntheticOffice, typed: str, sort: Sort = Sort.OPENED) -> None:
    """As the desk does it, but for the commit: that is the disk's time, see ``save``."""
    with office.work(reading=False) as work:
        found = service.find(office.actor, work, Query(typed, sort=sort))
        views.rows(office.actor, work, found.ids[: service.PAGE])


def _first_touch(office: SyntheticOffice, typed: Sequence[str], sort: Sort) -> list[float]:
    """On a connection that has read nothing yet; the program's own code is warm, and the system
    may have the file in its cache."""
    times = []
    for one in typed:
        office.engine.dispose()
        times.append(_ms(once, office, one, sort))
    return times


def _like(office: SyntheticOffice, typed: str) -> None:
    terms = [term[0] for term in parse(typed).wanted]
    condition = " and ".join(f"body like :t{n}" for n in range(len(terms)))
    statement = f"select case_id from case_text where {condition} order by 1 desc limit {HITS}"
    with office.work() as work:
        wanted = {f"t{n}": f"%{term}%" for n, term in enumerate(terms)}
        work.session.execute(text(statement), wanted).all()


def _fill_plain(office: SyntheticOffice, plain: sqlite3.Connection) -> None:
    plain.execute("create virtual table plain using fts5(body, tokenize=trigram, detail=none)")
    with office.work() as work:
        rows = work.session.connection().exec_driver_sql("select -case_id, body from case_text")
        plain.executemany("insert into plain (rowid, body) values (?, ?)", rows.cursor)
    plain.commit()


def _trigrams(plain: sqlite3.Connection, typed: str) -> None:
    """Bare: the grams of the whole query, no recheck, no rows, no audit."""
    grams = {
        term[0][at : at + 3]
        for term in parse(typed).wanted
        for at in range(max(len(term[0]) - 2, 0))
    }
    match = " and ".join('"' + gram.replace('"', '""') + '"' for gram in sorted(grams))
    plain.execute(
        f"select rowid from plain where plain match ? order by rowid limit {HITS}", (match,)
    ).fetchall()
