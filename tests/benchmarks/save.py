"""Saving a call and opening a case as a desk does it, above what one wait for the disk takes.

Saving is number, search index, timeline and audit entry in one transaction with
``synchronous=FULL``. The floor is a row in a plain SQLite file with the same setting, written
right after it: of the two times on the wall clock the difference is ours. The goals are those of
a million cases.
"""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import select

from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases_service
from desk_app.purposes.founding import enter_first_policy
from desk_app.purposes.model import Announcement
from desk_app.purposes.rules import Purpose
from desk_app.storage.unit_of_work import open_work
from tests.benchmarks.measuring import Row
from tests.benchmarks.search import GOALS_FROM_CASES, percentile
from tests.day import COMPLAINT, OfficeDay
from tests.synthetic import office_for

CASES = 100_000
ROUNDS = 40
GOAL_MS = 10


def measure(cases: int = CASES, data: Path | None = None) -> Iterator[Row]:
    office = office_for(cases, data)
    chance = Random(1)
    day = OfficeDay(
        partial(open_work, office.engine, office.clock), lambda *_, **__: office.actor, office.clock
    )
    with day.work() as w:
        if w.session.scalar(select(Announcement.id).limit(1)) is None:
            enter_first_policy(w, office_name="お客様相談室")
            w.commit()
    saved, saved_cpu, opened, floor = [], [], [], []
    with TemporaryDirectory(dir=office.folder) as scratch:
        bare = sqlite3.connect(Path(scratch, "bare.db"), isolation_level=None)
        bare.executescript("pragma journal_mode = wal; pragma synchronous = full")
        bare.execute("create table row (text)")
        for _ in range(ROUNDS):  # turn about, so that all meet the disk in all its moods
            contact_id = day.ring(office.actor)
            day.hang_up(contact_id, office.actor)
            cpu = time.process_time()
            saved.append(_ms(day.save, contact_id, COMPLAINT, NewCase()))
            saved_cpu.append((time.process_time() - cpu) * 1000)
            opened.append(_ms(_open, day, chance.randrange(1, office.cases + 1)))
            floor.append(_ms(bare.execute, "insert into row values ('a row')"))
        bare.close()
    fsync = statistics.median(floor)
    goal = GOAL_MS if office.cases >= GOALS_FROM_CASES else None
    yield Row("save.fsync", fsync, "ms")
    above = [one - fsync for one in saved]
    yield Row("save.call_above_fsync", percentile(above, 0.5), "ms p50", goal=goal, bounds="value")
    yield Row("save.call_above_fsync_p95", percentile(above), "ms p95")
    yield Row("save.call_cpu", statistics.median(saved_cpu), "ms CPU p50")
    yield Row("save.open_case", percentile(opened), "ms p95", goal=goal, bounds="value")


def _open(day: OfficeDay, case_id: int) -> None:
    day.perform(day.operator, cases_service.open_case, case_id, purpose=Purpose.INQUIRIES)


def _ms(act: Callable[..., object], *given: object) -> float:
    began = time.perf_counter()
    act(*given)
    return (time.perf_counter() - began) * 1000
