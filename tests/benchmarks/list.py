"""The list of 100,000 cases: all its ids, and a page of rows anywhere, against bare statements.

A page of ours also checks the permission and makes typed rows with aware times.
"""

import os
import random
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import text

from desk_app.search import service, views
from desk_app.search.lookup import Wanted, look_up
from desk_app.search.pages import CaseListRow, Found, Sort
from tests.benchmarks.measuring import Row, memory_mb, turn_about
from tests.benchmarks.search import GOALS_FROM_CASES, percentile
from tests.synthetic import SyntheticOffice, office_for

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

CASES = 100_000
JUMPS = 20
AGAIN = 20

_PAGE = """
select c.id, c.number, c.state, c.case_type, c.subject, k.name, p.name, c.opened_at, c.due_at,
       c.callback_due_at
from desk_case c left join customer k on k.id = c.customer_id
left join user_account u on u.id = c.assignee_id left join person p on p.id = u.person_id
where c.id in ({ids})
"""


def measure(cases: int = CASES, data: Path | None = None) -> Iterator[Row]:
    office = office_for(cases, data)
    for sort in (Sort.OPENED, Sort.DUE):
        column = {Sort.OPENED: "id", Sort.DUE: "due_at"}[sort]
        ours, bare = turn_about(lambda: _ids(office, sort), lambda: _bare_ids(office, column))  # noqa: B023 -- called before the loop goes on
        yield Row(f"list.ids_by_{sort}", ours * 1000, "ms", bare * 1000, goal=2.0)
    chance = random.Random(1)
    ids = _ids(office, Sort.OPENED)
    starts = [chance.randrange(office.cases - service.PAGE) for _ in range(JUMPS)]
    pages = [ids[start : start + service.PAGE] for start in starts]
    ours, bare = turn_about(
        lambda: [_page(office, page) for page in pages],
        lambda: [_bare_page(office, page) for page in pages],
    )
    yield Row("list.page", ours * 1000 / JUMPS, "ms", bare * 1000 / JUMPS, goal=8.0)
    yield from _window(office, ids)


def _window(office: SyntheticOffice, ids: "array[int]") -> Iterator[Row]:
    """The real list without a screen, on the real file. A frame is what the Qt thread does: it
    paints after a turn of the wheel or a jump, and again with the rows of a page that has come.
    The page itself is read on a worker by the desk, and here between the frames."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from ui.cases.case_list import CaseList
    from ui.language import ScreenLanguage
    from ui.look import Look
    from ui.theme import Theme, install_fonts

    application = QApplication.instance() or QApplication([])
    install_fonts()
    look = Look(ScreenLanguage("ja"), Theme(application))
    shown = CaseList(
        look,
        own_user_id=office.actor.user_id,
        zone=ZoneInfo("Asia/Tokyo"),
        now=office.clock.now,
    )
    awaited: list[tuple[int, Sequence[int]]] = []
    shown.table.page_wanted.connect(lambda page, wanted: awaited.append((page, wanted)))
    reads: list[float] = []
    shown.resize(1280, 800)
    shown.show()
    shown.present(Found(array("q"), capped=False))
    application.processEvents()
    empty = memory_mb(os.getpid())
    shown.present(Found(ids, capped=False))
    application.processEvents()
    bar = shown.view.verticalScrollBar()
    chance = random.Random(2)

    def frames(values: Iterable[int]) -> float:
        times = []
        for value in values:
            times.append(_frame(application, partial(bar.setValue, value)))
            while awaited:
                page, wanted = awaited.pop()
                began = time.process_time()
                rows = _page(office, wanted)
                reads.append((time.process_time() - began) * 1000)
                fill = partial(shown.table.fill, page, wanted, rows, lambda row: row.id)
                times.append(_frame(application, fill))
        return percentile(times)

    wheel = frames(range(0, 300 * 90, 90))
    jump = frames(chance.randrange(bar.maximum()) for _ in range(100))
    yield Row("list.frame_by_wheel", wheel, "ms p95", goal=16, bounds="value")
    yield Row("list.frame_by_jump", jump, "ms p95", goal=16, bounds="value")
    yield Row("list.page_on_worker", percentile(reads), "ms p95")
    again = [
        _frame(application, partial(shown.present, Found(ids, capped=False), again=True))
        for _ in range(AGAIN)
    ]
    yield Row("list.read_again", percentile(again), "ms p95", goal=16, bounds="value")
    held = memory_mb(os.getpid()) - empty
    # With fewer than a million rows the goal says nothing.
    goal = 50 if len(ids) >= GOALS_FROM_CASES else None
    yield Row("list.memory", held, "MB", goal=goal, bounds="value")
    shown.close()


def _frame(application: "QCoreApplication", act: Callable[[], object]) -> float:
    """CPU milliseconds of the Qt thread until what has changed is painted."""
    began = time.process_time()
    act()
    application.processEvents()
    return (time.process_time() - began) * 1000


def _ids(office: SyntheticOffice, sort: Sort) -> "array[int]":
    with office.work() as work:
        return look_up(work, Wanted(sort=sort), limit=None).ids


def _bare_ids(office: SyntheticOffice, column: str) -> "array[int]":
    with office.work() as work:
        cursor = work.session.connection().exec_driver_sql(
            f"select id from desk_case order by {column} desc"
        )
        return array("q", [row[0] for row in cursor.cursor.fetchall()])


def _page(office: SyntheticOffice, ids: Sequence[int]) -> list[CaseListRow]:
    with office.work() as work:
        return views.rows(office.actor, work, ids)


def _bare_page(office: SyntheticOffice, ids: Sequence[int]) -> list[tuple[object, ...]]:
    with office.work() as work:
        statement = text(_PAGE.format(ids=",".join(map(str, ids))))
        return [tuple(row) for row in work.session.execute(statement)]
