"""The same searches on a PostgreSQL server of this machine, over TLS, with its query plans warm.

An operator asks, over their own role of the server, so that its policies of rows hold as they do
for a desk. The floor is LIKE on the same texts as their owner, whom no policy holds. Times are of
the wall clock, over every sample; server and desk share the machine's processors.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from desk_app.desk import Desk
from desk_app.office import Office
from desk_app.search import service
from desk_app.search.pages import Query, Sort
from desk_app.search.query import parse
from tests.benchmarks.measuring import Row
from tests.benchmarks.search import (
    GOALS_FROM_CASES,
    HITS,
    LIKE_QUERIES,
    ROUNDS,
    WITHOUT_GOAL,
    once,
    percentile,
    queries,
)
from tests.offices import OPERATOR, found, sign_in
from tests.postgres import host, postgres
from tests.synthetic import CLOCK, SyntheticOffice, fill_cases

CASES = 50_000
WARM_MS = 50


def measure(cases: int = CASES) -> Iterator[Row]:
    with postgres(durable=True) as running, TemporaryDirectory() as scratch:
        hosting, folder = host(running), Path(scratch, "desk")
        found(folder, CLOCK, server=hosting.where, owner=hosting.owner)
        owner = running.engine(hosting.where.database)
        try:
            with Office.at(folder, clock=CLOCK) as office, sign_in(office, OPERATOR) as desk:
                began = time.perf_counter()
                fill_cases(SyntheticOffice(owner, desk.actor, folder, CLOCK, cases))
                took = time.perf_counter() - began
                yield Row("server_search.filled", cases / took, "cases/s")
                with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
                    raw.execute(text("VACUUM ANALYZE"))
                yield from _searched(office, desk, owner, cases)
        finally:
            owner.dispose()


def _searched(office: Office, desk: Desk, owner: Engine, cases: int) -> Iterator[Row]:
    engine = office.place.open(desk.keys)
    asking = SyntheticOffice(engine, desk.actor, office.folder, CLOCK, cases)
    try:
        with asking.work(reading=False) as work:
            service.find(desk.actor, work, Query("返品"))
            work.commit()
        for name, typed in queries(asking).items():
            sort = Sort.RELEVANCE if name == "relevance" else Sort.OPENED
            times = []
            for one in typed:
                once(asking, one, sort)
                times += [_ms(asking, one, sort) for _ in range(ROUNDS)]
            has_goal = cases >= GOALS_FROM_CASES and name not in WITHOUT_GOAL
            yield Row(
                f"server_search.{name}",
                percentile(times),
                "ms p95",
                percentile([_like(owner, one) for one in typed[:LIKE_QUERIES]]),
                goal=WARM_MS if has_goal else None,
                bounds="value",
            )
    finally:
        engine.dispose()


def _ms(office: SyntheticOffice, typed: str, sort: Sort) -> float:
    began = time.perf_counter()
    once(office, typed, sort)
    return (time.perf_counter() - began) * 1000


def _like(owner: Engine, typed: str) -> float:
    """The newest texts that have every term, read in order."""
    terms = [term[0] for term in parse(typed).wanted] or [""]
    wanted = {f"t{n}": f"%{term}%" for n, term in enumerate(terms)}
    condition = " AND ".join(f"body LIKE :{name}" for name in wanted)
    statement = f"SELECT case_id FROM case_text WHERE {condition} ORDER BY 1 DESC LIMIT {HITS}"
    with owner.connect() as connection:
        began = time.perf_counter()
        connection.execute(text(statement), wanted).all()
        return (time.perf_counter() - began) * 1000
