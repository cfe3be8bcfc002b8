"""Saving a call and opening a case as a desk does it: what they take beside waiting for the disk.

Saving is number, search index, timeline and audit entry in one transaction with
``synchronous=FULL``. Times are CPU, which leaves out the one wait for the disk; the floor is a
row in a plain SQLite file with the same setting, and `save.fsync` the wait itself.
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
    with TemporaryDirectory(dir=office.folder) as scratch:
        bare = sqlite3.connect(Path(scratch, "bare.db"), isolation_level=None)
        bare.executescript("pragma journal_mode = wal; pragma synchronous = full")
        bare.execute("create table row (text)")
        saved, opened, floor, waited = [], [], [], []
        for _ in range(ROUNDS):  # turn about, so that all meet the disk in all its moods
            contact_id = day.ring(office.actor)
            day.hang_up(contact_id, office.actor)
            saved.append(_ms(day.save, contact_id, COMPLAINT, NewCase()))
            case_id = chance.randrange(1, office.cases + 1)
            opened.append(_ms(_open, day, case_id))
            began = time.perf_counter()
            floor.append(_ms(bare.execute, "insert into row values ('a row')"))
            waited.append((time.perf_counter() - began) * 1000)
        bare.close()
    yield Row("save.fsync", statistics.median(waited), "ms wall")
    bare_cpu = statistics.median(floor)
    for name, times in (("save.call", saved), ("save.open_case", opened)):
        cost = statistics.median(times)
        yield Row(name, cost, "ms CPU", bare_cpu, goal=GOAL_MS, bounds="value")


def _open(day: OfficeDay, case_id: int) -> None:
    day.perform(day.operator, cases_service.open_case, case_id, purpose=Purpose.INQUIRIES)


def _ms(act: Callable[..., object], *given: object) -> float:
    began = time.process_time()
    act(*given)
    return (time.process_time() - began) * 1000
