"""The daily comparison itself: every day that is due, the files of this desk, copies in stores.

Runs off the window and in small transactions: ended at any moment, it goes on where it was.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from desk_app.errors import DeskError
from desk_app.recordings.reconciliation import service, views
from desk_app.recordings.reconciliation.checking import check, check_copy, sealed_here
from desk_app.recordings.reconciliation.pages import CopiesDue, ExpectedFile, Standing
from desk_app.recordings.stores.base import Interrupted
from desk_app.recordings.stores.fetching import own_folder
from desk_app.recordings.stores.opening import open_store
from desk_app.recordings.stores.uploading import OpenStore

FILES_AT_ONCE = 20
"""So many files, or copies, are checked between two commits."""


def reconcile(
    folder: Path,
    *,
    perform: Callable[..., Any],
    read: Callable[..., Any],
    tell: Callable[[float], object] = lambda _share: None,
    is_stopped: Callable[[], bool] = lambda: False,
    with_rows: bool = True,
    again: bool = False,
) -> None:
    """Compare what is due; ``perform`` and ``read`` run a use case as the desk does.

    ``folder`` holds this desk's recordings; without ``with_rows`` only its files are checked.
    ``tell`` is called with the share that is done. Files, and days with open findings, are
    looked at once a day at each desk, or ``again`` because somebody asks. Reads all bytes of the
    files it checks: minutes after a busy day.
    """
    files: tuple[ExpectedFile, ...] | None = read(views.files_due, again=again)
    days: list[date] = []
    if with_rows:
        standing: Standing = read(views.standing)
        doubted = () if files is None else standing.days_open
        days = sorted({*standing.days_due, *doubted})
    steps = len(days) + len(files or ()) + 1
    for done, day in enumerate(days):
        if is_stopped():
            return
        perform(service.reconcile_day, day)
        tell((done + 1) / steps)
    if files is not None:
        for at in range(0, len(files), FILES_AT_ONCE):
            if is_stopped():
                return
            some = files[at : at + FILES_AT_ONCE]
            perform(service.enter_checks, [check(folder, one) for one in some])
            tell((len(days) + at + len(some)) / steps)
        if is_stopped():
            return
        perform(service.enter_folder, sealed_here(folder))
    tell(1.0)


def check_copies(
    cache: Path,
    *,
    perform: Callable[..., Any],
    read: Callable[..., Any],
    is_stopped: Callable[[], bool] = lambda: False,
    again: bool = False,
    opening: OpenStore = open_store,
) -> None:
    """Read back what is due of the copies in stores; ``cache`` is for what is fetched.

    A store that is away is left to the next run: its own page speaks of that. Takes as long as
    the net does, for `stored.MOST_BYTES` a day and store at most. `Fault` for a full disk.
    """

    def watch(_moved: int) -> None:
        if is_stopped():
            raise Interrupted

    own = own_folder(cache)
    try:
        due: tuple[CopiesDue, ...] = read(views.copies_due, again=again)
        for one in due:
            with suppress(Interrupted):
                _check_store(one, own, perform, watch, opening)
            if is_stopped():
                return
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _check_store(
    due: CopiesDue,
    folder: Path,
    perform: Callable[..., Any],
    watch: Callable[[int], None],
    opening: OpenStore,
) -> None:
    """What was checked before the store went away is entered."""
    checks = []
    try:
        with opening(due.terms) as store:
            for expected in due.copies:
                watch(0)
                checks.append(check_copy(store, folder, expected, watch=watch))
                if len(checks) == FILES_AT_ONCE:
                    perform(service.enter_copies, due.store_id, checks)
                    checks = []
    except DeskError as error:
        if not error.code.startswith("recordings.store_"):
            raise
    if checks:
        perform(service.enter_copies, due.store_id, checks)
