"""The daily comparison itself: every day that is due, then the files of this desk.

Runs off the window and in small transactions: ended at any moment, it goes on where it was.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from desk_app.recordings.reconciliation import service, views
from desk_app.recordings.reconciliation.checking import check, sealed_here
from desk_app.recordings.reconciliation.pages import ExpectedFile, Standing

FILES_AT_ONCE = 20
"""So many files are checked between two commits."""


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
