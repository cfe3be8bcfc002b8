"""The list of 100,000 cases: all its ids, and a page of rows anywhere, against bare statements.

A page of ours also checks the permission and makes typed rows with aware times.
"""

import random
from array import array
from collections.abc import Iterator, Sequence

from sqlalchemy import text

from desk_app.search import service, views
from desk_app.search.lookup import matching_ids
from desk_app.search.pages import CaseListRow, Query, Sort
from desk_app.search.query import Terms
from tests.benchmarks.measuring import Row, turn_about
from tests.synthetic import SyntheticOffice, office_of

CASES = 100_000
JUMPS = 20

_PAGE = """
select c.id, c.number, c.state, c.case_type, c.subject, k.name, p.name, c.opened_at, c.due_at,
       c.callback_due_at
from desk_case c left join customer k on k.id = c.customer_id
left join user_account u on u.id = c.assignee_id left join person p on p.id = u.person_id
where c.id in ({ids})
"""


def measure() -> Iterator[Row]:
    office = office_of(CASES)
    for sort in (Sort.OPENED, Sort.DUE):
        column = {Sort.OPENED: "id", Sort.DUE: "due_at"}[sort]
        ours, bare = turn_about(lambda: _ids(office, sort), lambda: _bare_ids(office, column))  # noqa: B023 -- called before the loop goes on
        yield Row(f"list.ids_by_{sort}", ours * 1000, "ms", bare * 1000, goal=2.0)
    chance = random.Random(1)
    ids = _ids(office, Sort.OPENED)
    starts = [chance.randrange(CASES - service.PAGE) for _ in range(JUMPS)]
    pages = [ids[start : start + service.PAGE] for start in starts]
    ours, bare = turn_about(
        lambda: [_page(office, page) for page in pages],
        lambda: [_bare_page(office, page) for page in pages],
    )
    yield Row("list.page", ours * 1000 / JUMPS, "ms", bare * 1000 / JUMPS, goal=8.0)


def _ids(office: SyntheticOffice, sort: Sort) -> "array[int]":
    with office.work() as work:
        return matching_ids(work, Query(sort=sort), Terms(), limit=None)


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
