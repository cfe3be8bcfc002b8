"""Runs of an erasure in a process of their own, which is killed."""

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk_app.clock import FixedClock
from desk_app.desk import erasing
from desk_app.office import Office
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import DPO, sign_in


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_the_rows_are_committed(patch: pytest.MonkeyPatch) -> None:
    commit = UnitOfWork.commit

    def dying(work: UnitOfWork) -> Any:
        if any(change.kind == "tombstone" for change in work.changes):
            work.session.flush()
            die()
        return commit(work)

    patch.setattr(UnitOfWork, "commit", dying)


def after_the_pages_were_written(patch: pytest.MonkeyPatch) -> None:
    settle = erasing.settle_file

    def dying(engine: Any, *, anew: bool) -> None:
        settle(engine, anew=anew)
        if anew:
            die()

    patch.setattr(erasing, "settle_file", dying)


def killed_while_running(
    folder: Path, clock: FixedClock, erasure: int, prepare: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Run the erasure in a process of its own, which is killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # later Pythons warn of forking beside threads
        child = os.fork()
    if child == 0:
        try:
            prepare(pytest.MonkeyPatch())
            with Office.at(folder, clock=clock) as office, sign_in(office, DPO) as officer:
                officer.erasing.run(erasure)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
