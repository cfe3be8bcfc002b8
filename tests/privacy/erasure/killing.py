"""Runs of an erasure in processes of their own, each of which is killed."""

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk_app.clock import FixedClock
from desk_app.desk import erasing
from desk_app.desk.erasing import Erasing, Progress
from desk_app.office import Office
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import DPO, sign_in

Kills = Callable[[str], bool]


def before_the_rows_are_committed(patch: pytest.MonkeyPatch) -> None:
    """Die with all of it written, and nothing committed."""
    commit = UnitOfWork.commit

    def dying(work: UnitOfWork) -> Any:
        if any(change.kind == "tombstone" for change in work.changes):
            work.session.flush()
            _die()
        return commit(work)

    patch.setattr(UnitOfWork, "commit", dying)


def killed_at_every_act(folder: Path, clock: FixedClock, erasure: int) -> list[str]:
    """Run the erasure in a process that is killed right after its first act, then in one that goes
    on and is killed right after the next, and so on until one is through. Every commit is an act,
    and whatever changes files. The acts, in order."""
    died: list[str] = []
    while (act := killed(folder, clock, erasure, lambda act: act not in died)) is not None:
        died.append(act)
        assert len(died) < 100, died
    return died


def killed(
    folder: Path,
    clock: FixedClock,
    erasure: int,
    kills: Kills = lambda _act: False,
    prepare: Callable[[pytest.MonkeyPatch], None] = lambda _patch: None,
) -> str | None:
    """The act after which a run in a process of its own was killed; None if it came through, ""
    if ``prepare`` had it killed."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # later Pythons warn of forking beside threads
        child = os.fork()
    if child == 0:
        try:
            patch = pytest.MonkeyPatch()
            prepare(patch)
            with Office.at(folder, clock=clock) as office, sign_in(office, DPO) as officer:
                tell = _watched(patch, kills, writing)
                ended = officer.erasing.run(erasure, tell=tell)
                os._exit(0 if ended.certificate is not None else 2)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        act = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return act
    assert os.waitstatus_to_exitcode(status) == 0
    return None


def _watched(patch: pytest.MonkeyPatch, kills: Kills, writing: int) -> Callable[[Progress], object]:
    """From now on each act is named by the step it belongs to and its number there."""
    step, number = "before", 0

    def done() -> None:
        nonlocal number
        number += 1
        act = f"{step} {number}"
        if kills(act):
            os.write(writing, act.encode())
            _die()

    def tell(progress: Progress) -> None:
        nonlocal step, number
        step, number = progress.step.value if progress.step is not None else "certificate", 0

    for owner, name in (
        (UnitOfWork, "commit"),
        (Erasing, "_remove"),
        (erasing, "settle_file"),
        (erasing, "rewrite"),
    ):
        patch.setattr(owner, name, _then(getattr(owner, name), done))
    return tell


def _then(act: Callable[..., Any], done: Callable[[], None]) -> Callable[..., Any]:
    def acting(*args: Any, **named: Any) -> Any:
        result = act(*args, **named)
        done()
        return result

    return acting


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
