"""Fifty desks at work on one PostgreSQL server on this machine, over TLS and synced to its disk.

Desks and server share the machine's processors. First everybody works as fast as they can, then
at a call in forty seconds each, which is still some five times an office's pace. Afterwards the
books are checked; a gap, a double or a broken chain ends the benchmark with an error.
``DESK_BENCH_DESKS`` is how many desks.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from desk_app.clock import FixedClock
from desk_app.storage.engines import server
from tests.benchmarks.measuring import Row, memory_mb
from tests.many_desks import OPENS, check_books, hire, percentile, simulate
from tests.offices import found
from tests.postgres import host, postgres

DESKS = int(os.environ.get("DESK_BENCH_DESKS", "50"))
FAST_CALLS, PACED_CALLS = 2, 2
PACE_SECONDS = 40.0
PROCESSES = 4


def _server_cpu_seconds(pid: int) -> float:
    """What the server's ended sessions have taken of the processors (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def measure() -> Iterator[Row]:
    with postgres(durable=True) as running, tempfile.TemporaryDirectory() as folder:
        hosting = host(running)
        found(Path(folder) / "desk", FixedClock(OPENS), server=hosting.where, owner=hosting.owner)
        address = running.address(hosting.where.database)
        owner = server(address, role=hosting.owner.role, password=hosting.owner.password)
        try:
            members = hire(owner, DESKS)
            before = _server_cpu_seconds(running.process.pid)
            fast, seconds = simulate(address, members, calls_taken=FAST_CALLS, processes=PROCESSES)
            spent = _server_cpu_seconds(running.process.pid) - before
            yield Row("desks.server_cpu", 1000 * spent / len(fast.saves), "ms/call")
            yield Row("desks.client_cpu", 1000 * fast.cpu_seconds / len(fast.saves), "ms/call")
            yield Row("desks.saves", len(fast.saves) / seconds, "calls/s")
            yield Row("desks.save_p50_rush", 1000 * percentile(fast.saves, 0.5), "ms")
            yield Row("desks.save_p95_rush", 1000 * percentile(fast.saves, 0.95), "ms")
            paced, _ = simulate(
                address,
                members,
                calls_taken=PACED_CALLS,
                processes=PROCESSES,
                pause_seconds=PACE_SECONDS,
            )
            for name, values in (
                ("save", paced.saves),
                ("open", paced.opens),
                ("act", paced.acts),
                ("find", paced.finds),
                ("heard", paced.heard),
            ):
                yield Row(f"desks.{name}_p50", 1000 * percentile(values, 0.5), "ms")
                goal = 1000.0 if name == "heard" else None
                p95 = 1000 * percentile(values, 0.95)
                yield Row(f"desks.{name}_p95", p95, "ms", goal=goal, bounds="value")
            fast.add(paced)
            yield Row("desks.conflicts", float(fast.conflicts), "acts")
            calls = DESKS * (FAST_CALLS + PACED_CALLS)
            books = check_books(owner, calls_taken=calls, timings=fast)
            if books.problems:
                raise RuntimeError("; ".join(books.problems))
            yield Row("desks.problems", float(len(books.problems)), "", goal=0.0, bounds="value")
            yield Row("desks.audit_entries", float(books.entries), "entries")
            with owner.connect() as connection:
                pid = connection.scalar(text("SELECT pg_backend_pid()"))
                connection.scalar(text("SELECT count(*) FROM audit_entry"))
                yield Row("desks.connection", memory_mb(pid), "MB")
                size = connection.scalar(text("SELECT pg_database_size(current_database())"))
                yield Row("desks.database", size / 1e6, "MB")
        finally:
            owner.dispose()
