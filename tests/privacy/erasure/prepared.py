"""The scene made once, and copied for each test: for modules that import these fixtures."""

import shutil
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from desk_app.clock import FixedClock
from desk_app.storage.engines import encrypted_file
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from tests.conftest import IN_HOURS, actor_maker, open_day
from tests.day import OfficeDay
from tests.privacy.erasure.scene import Scene, make


@dataclass(frozen=True)
class Prepared:
    """A file with the two customers, their rows in the usual tables, and the day it was made on."""

    path: Path
    key: bytes
    day: OfficeDay
    scene: Scene


class _Works:
    """Opens units of work."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self._engine, self._clock = engine, clock

    def __call__(self, *, finishers: Iterable[Any] = (), reading: bool = False) -> UnitOfWork:
        return open_work(self._engine, self._clock, finishers=tuple(finishers), reading=reading)


@pytest.fixture(scope="session")
def prepared(
    template_file: tuple[Path, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    template, key = template_file
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("scene") / "office.db"))
    engine, clock = encrypted_file(path, key), FixedClock(IN_HOURS)
    work = _Works(engine, clock)
    day = open_day(work, actor_maker(work), clock)
    scene = make(day, filled=False)
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    engine.dispose()
    return Prepared(path, key, day, scene)


@pytest.fixture
def day(prepared: Prepared, tmp_path: Path, clock: FixedClock) -> Iterator[OfficeDay]:
    engine = encrypted_file(Path(shutil.copy(prepared.path, tmp_path / "office.db")), prepared.key)
    its = copy(prepared.day)
    its.work, its.clock = _Works(engine, clock), clock
    its._make_actor = actor_maker(its.work, first=100)
    yield its
    engine.dispose()


@pytest.fixture
def scene(prepared: Prepared) -> Scene:
    return prepared.scene
