"""The same searches on a PostgreSQL server of this machine, over TLS, with its query plans warm.

Times are CPU of this process and of the connection's own process on the server together (Linux),
so that what else the machine does isn't counted. Texts are read as the database's owner, whom no
policy of rows holds.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from desk_app.people.access import Actor, UserId
from desk_app.schema import metadata
from desk_app.search import service
from desk_app.search.pages import Query
from desk_app.storage.schema import prepare
from tests.benchmarks.measuring import Row
from tests.benchmarks.search import once, percentile, queries
from tests.postgres import postgres
from tests.synthetic import CLOCK, SyntheticOffice, fill

CASES = 50_000
ROUNDS = 3
WARM_MS = 50


def measure(cases: int = CASES) -> Iterator[Row]:
    with postgres(durable=True) as running:
        running.create("office")
        engine = running.engine("office")
        try:
            prepare(engine, metadata(), now=CLOCK.now())
            office = SyntheticOffice(
                engine, Actor(UserId(1), "desk-1"), Path("/nowhere"), CLOCK, cases
            )
            began = time.perf_counter()
            fill(office)
            yield Row("server_search.filled", cases / (time.perf_counter() - began), "cases/s")
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            with office.work(reading=False) as work:
                service.find(office.actor, work, Query("返品"))
                work.commit()
                # The pool hands out this one connection, as long as one is used at a time.
                backend = work.session.scalar(text("SELECT pg_backend_pid()")) or 0
            for name, typed in queries(office).items():
                times = []
                for one in typed:
                    once(office, one)
                    times.append(min(_cpu_ms(office, one, backend) for _ in range(ROUNDS)))
                warm = percentile(times)
                yield Row(f"server_search.{name}", warm, "ms p95", goal=WARM_MS, bounds="value")
        finally:
            engine.dispose()


def _cpu_ms(office: SyntheticOffice, typed: str, backend: int) -> float:
    began = time.process_time_ns() + _server_ns(backend)
    once(office, typed)
    return (time.process_time_ns() + _server_ns(backend) - began) / 1e6


def _server_ns(backend: int) -> int:
    return int(Path(f"/proc/{backend}/schedstat").read_text("ascii").split()[0])
