"""The table that holds ids and fetches rows as they come into view."""

from array import array
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from ui.windowed_table import KEPT_PAGES, PAGE_ROWS, WindowedTable


@dataclass(frozen=True)
class Row:
    id: int
    text: str


class Store:
    """Answers each wanted page from a dictionary, as a page of the window does."""

    def __init__(self, ids):
        self.rows = {id: Row(id, f"row {id}") for id in ids}
        self.asked = []
        self.table = WindowedTable(["text"], self.cell, str.upper)
        self.table.page_wanted.connect(self.answer)
        self.table.show_ids(array("q", ids))

    def cell(self, row, column, role):
        return row.text if role == Qt.ItemDataRole.DisplayRole else None

    def answer(self, page, ids):
        self.asked.append(page)
        self.table.fill(page, ids, [self.rows[i] for i in ids if i in self.rows], lambda r: r.id)

    def text(self, row):
        return self.table.index(row, 0).data()


def test_every_row_shows_its_own_text_wherever_the_reader_jumps(qapp):
    store = Store(range(100_000, 0, -1))
    for row in (0, 99_999, 5_000, 1, 99_998):
        assert store.text(row) == f"row {100_000 - row}"


def test_a_page_is_asked_for_once_while_it_is_kept(qapp):
    store = Store(range(1, 1000))
    for row in range(PAGE_ROWS):
        store.text(row)
    assert store.asked == [0]


def test_pages_long_out_of_sight_are_forgotten(qapp):
    store = Store(range(1, PAGE_ROWS * (KEPT_PAGES + 2)))
    for page in range(KEPT_PAGES + 1):
        store.text(page * PAGE_ROWS)
    store.text(0)
    assert store.asked.count(0) == 2


def test_an_answer_that_comes_after_the_list_has_changed_is_dropped(qapp):
    store = Store([1, 2, 3])
    late = array("q", [1, 2, 3])
    store.table.show_ids(array("q", [3, 2]))
    store.table.fill(0, late, [store.rows[1]], lambda r: r.id)
    assert store.text(0) == "row 3"


def test_a_row_that_is_gone_shows_as_empty(qapp):
    store = Store([1, 2])
    del store.rows[1]
    assert store.text(0) is None
    assert store.text(1) == "row 2"


@given(ids=st.lists(st.integers(1, 10_000), unique=True, max_size=300))
def test_ids_and_rows_agree_in_both_directions(qapp, ids):
    table = WindowedTable[Row](["text"], lambda row, column, role: None, str.upper)
    QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.show_ids(array("q", ids))
    assert [table.id_at(row) for row in range(table.rowCount())] == ids
    assert table.rows_of({*ids, 0}) == {id: row for row, id in enumerate(ids)}
    assert table.id_at(len(ids)) is None
    assert table.rows_of([]) == {}
