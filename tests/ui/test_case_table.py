"""The rows of the case list keep what is selected and where one has read to, when read again."""

from array import array
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from desk_app.words import LANGUAGES
from tests.ui.scenes.cases import NOW, TOKYO
from ui.cases.case_table import COLUMNS, CaseTable
from ui.look import Look

SELECT = QItemSelectionModel.SelectionFlag


@pytest.fixture
def table(qtbot: QtBot, make_look: Callable[..., Look]) -> CaseTable:
    made = CaseTable(make_look(), zone=TOKYO, now=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    qtbot.keyRelease(made, Qt.Key.Key_Control)  # an earlier test may have left it held
    return made


def listed(table: CaseTable, ids: Iterable[int], *, again: bool = True) -> None:
    table.present(array("q", ids), (), again=again)


def selected(table: CaseTable, *rows: int) -> None:
    chosen, last = QItemSelection(), table.rows.columnCount() - 1
    for row in rows:
        chosen.select(table.rows.index(row, 0), table.rows.index(row, last))
    table.selectionModel().select(chosen, SELECT.ClearAndSelect)


def top(table: CaseTable) -> tuple[int | None, int]:
    """The case at the upper edge, and how far it is cut."""
    row = table.rowAt(0)
    return table.rows.id_at(row), table.rowViewportPosition(row)


def current(table: CaseTable) -> int | None:
    return table.rows.id_at(table.currentIndex().row())


def test_the_list_read_again_stays_where_it_is(table: CaseTable) -> None:
    listed(table, range(5_000, 0, -1), again=False)
    bar = table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2 + 7)
    before = top(table)
    listed(table, range(5_003, 0, -1))
    assert top(table) == before
    without = [id for id in range(5_003, 0, -1) if id != before[0]]
    listed(table, without)
    assert before[0] is not None
    assert top(table) == (before[0] - 1, before[1])
    bar.setValue(bar.maximum())
    listed(table, range(5_003, 0, -1))
    assert top(table)[0] != 5_003
    listed(table, range(5_000, 4_980, -1))
    assert bar.value() == bar.maximum()


def test_at_its_head_the_list_shows_what_is_new(table: CaseTable) -> None:
    listed(table, range(500, 0, -1), again=False)
    listed(table, range(501, 0, -1))
    assert top(table) == (501, 0)


def test_another_list_begins_at_its_head_or_where_the_current_case_is(table: CaseTable) -> None:
    listed(table, range(5_000, 0, -1), again=False)
    table.setCurrentIndex(table.rows.index(4_000, 0))
    listed(table, [*range(9_000, 8_000, -1), 1_000, *range(7_000, 6_000, -1)], again=False)
    assert current(table) == 1_000
    assert table.viewport().rect().intersects(table.visualRect(table.currentIndex()))
    listed(table, range(90_000, 80_000, -1), again=False)
    assert (current(table), top(table)) == (90_000, (90_000, 0))


@pytest.mark.parametrize(
    ("left", "now"), [((50,), 49), ((50, 49), 48), ((50, *range(49, 0, -1)), 51)]
)
def test_for_a_case_that_has_left_its_neighbour_is_current(
    table: CaseTable, left: tuple[int, ...], now: int
) -> None:
    listed(table, range(100, 0, -1), again=False)
    table.setCurrentIndex(table.rows.index(50, 0))
    assert current(table) == 50
    listed(table, [id for id in range(103, 0, -1) if id not in left])
    assert current(table) == now
    assert table.selected_ids() == [now]


def test_only_another_selection_is_told(table: CaseTable, qtbot: QtBot) -> None:
    listed(table, range(100, 0, -1), again=False)
    selected(table, 3, 4, 90)
    told: list[list[int]] = []
    table.selection_changed.connect(lambda: told.append(table.selected_ids()))
    listed(table, range(102, 0, -1))
    assert table.selected_ids() == [97, 96, 10]
    assert told == []
    listed(table, [id for id in range(102, 0, -1) if id != 96])
    assert told == [[97, 10]]


def test_of_a_million_rows_the_same_stay_selected(table: CaseTable) -> None:
    """How long that takes: see the benchmark ``list``."""
    ids = array("q", range(1_000_000, 0, -1))
    table.present(ids, (), again=False)
    selected(table, *range(999_000, 999_990, 2))
    before = table.selected_ids()
    table.present(ids, (), again=True)
    assert table.selected_ids() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moment_of_another_year_is_shown_with_it_and_fits(
    table: CaseTable, make_look: Callable[..., Look], language: str
) -> None:
    said = make_look(language).language
    said.today = lambda: date(2026, 11, 27)
    assert "2025" in said.when(datetime(2025, 11, 25, 14, 23, tzinfo=TOKYO), "day_and_time")
    assert "2025" in said.day(date(2025, 11, 25), "day")
    assert "2026" not in said.when(datetime(2026, 11, 25, 14, 23, tzinfo=TOKYO), "day_and_time")
    assert "2026" not in said.day(date(2026, 11, 25), "day")
    assert said.when(datetime(2025, 11, 25, 14, 23, tzinfo=TOKYO), "time") == "14:23"
    days = (datetime(2025, 1, 1, 22, 44, tzinfo=TOKYO) + timedelta(days=n) for n in range(730))
    widths = [table.fontMetrics().horizontalAdvance(said.when(at, "day_and_time")) for at in days]
    assert max(widths) + 6 <= min(COLUMNS["opened"], COLUMNS["due"])
