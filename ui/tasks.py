"""Work off the Qt thread: a pool, and a job that brings the result back.

Reads run side by side; changes run one after another in the order in which they were started,
and so do drafts, so that an older one never overwrites a newer. Drafts and uploads have lanes
of their own: a server that doesn't answer keeps neither waiting. All signals and callbacks of a
job come on the Qt thread, and never after its owner is gone.
"""

import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

T = TypeVar("T")
Lane = Literal["read", "change", "draft", "upload"]
Report = Callable[[object], None]


class Job(QObject):
    """One piece of work; a child of its owner."""

    progress = Signal(object)
    done = Signal(object)
    failed = Signal(object)  # the exception
    cancelled = Signal()

    def __init__(self, owner: QObject, interrupt: Callable[[], None] | None) -> None:
        super().__init__(owner)
        self._given_up = threading.Event()
        self._interrupt = interrupt

    def is_cancelled(self) -> bool:
        return self._given_up.is_set()

    def cancel(self) -> None:
        """Give up: work not yet begun is dropped, running work is interrupted if it can be."""
        if self.is_cancelled():
            return
        self._given_up.set()
        if self._interrupt is not None:
            self._interrupt()


class Tasks(QObject):
    """Starts jobs. ``failed`` carries the errors that no job's owner asked for."""

    failed = Signal(object)
    _reported = Signal(int, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, QThreadPool] = {
            "read": QThreadPool(self),
            "change": QThreadPool(self),
            "draft": QThreadPool(self),
            "upload": QThreadPool(self),
        }
        for lane in ("change", "draft", "upload"):
            self._lanes[lane].setMaxThreadCount(1)
        self._jobs: dict[int, Job] = {}
        self._quiet: set[int] = set()
        self._numbers = itertools.count()
        self._reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        owner: QObject,
        work: Callable[[], T],
        *,
        lane: Lane = "read",
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        interrupt: Callable[[], None] | None = None,
    ) -> Job:
        """Run ``work`` on a worker; ``interrupt`` stops it early when the job is cancelled."""
        return self.start_reporting(
            owner, lambda _report: work(), lane=lane, done=done, failed=failed, interrupt=interrupt
        )

    def start_reporting(
        self,
        owner: QObject,
        work: Callable[[Report], T],
        *,
        lane: Lane = "read",
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        interrupt: Callable[[], None] | None = None,
    ) -> Job:
        """As `start`; ``work`` is given a function that sends progress to the job."""
        number = next(self._numbers)
        job = Job(owner, interrupt)
        if done is not None:
            job.done.connect(done)
        if failed is not None:
            job.failed.connect(failed)
            self._quiet.add(number)
        self._jobs[number] = job
        job.destroyed.connect(lambda: self._forget(number))
        self._launch(lane, lambda: self._run(number, job, work, lane))
        return job

    @property
    def is_busy(self) -> bool:
        return bool(self._jobs)

    def finish(self, timeout_ms: int = 10_000) -> bool:
        """Wait for running work before the program ends; False if some is still running."""
        ended = [lane.waitForDone(timeout_ms) for lane in self._lanes.values()]
        return all(ended)

    def _launch(self, lane: Lane, run: Callable[[], None]) -> None:
        self._lanes[lane].start(run)

    def _report(self, number: int, kind: str, value: object) -> None:
        with suppress(RuntimeError):  # the window has gone, and with it who would be told
            self._reported.emit(number, kind, value)

    def _run(self, number: int, job: Job, work: Callable[[Report], T], lane: Lane) -> None:
        """On the worker; touches no Qt object but through ``_reported``."""
        if job.is_cancelled():
            self._report(number, "cancelled", None)
            return
        try:
            result = work(lambda value: self._report(number, "progress", value))
        except Exception as error:  # every error of a job is shown on the Qt thread
            dropped = job.is_cancelled()
            self._report(number, "cancelled" if dropped else "failed", None if dropped else error)
        else:
            dropped = job.is_cancelled() and lane == "read"  # a change that was made is done
            self._report(number, "cancelled" if dropped else "done", None if dropped else result)

    def _forget(self, number: int) -> None:
        self._jobs.pop(number, None)
        self._quiet.discard(number)

    def _on_reported(self, number: int, kind: str, value: object) -> None:
        job = self._jobs.get(number)
        if job is None:
            if kind == "failed":  # the page is gone, the error must not be
                self.failed.emit(value)
            return
        if kind == "progress":
            job.progress.emit(value)
            return
        handled = number in self._quiet
        self._forget(number)
        if kind == "done":
            job.done.emit(value)
        elif kind == "cancelled":
            job.cancelled.emit()
        else:
            job.failed.emit(value)
            if not handled:
                self.failed.emit(value)
        job.deleteLater()


class InlineTasks(Tasks):
    """Runs each job at once on the calling thread, for tests that need no event loop."""

    def _launch(self, lane: Lane, run: Callable[[], None]) -> None:
        run()

    def _report(self, number: int, kind: str, value: object) -> None:
        self._on_reported(number, kind, value)
