"""Work lists, kept filters and acts on many cases, through the page on a real office."""

import uuid

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.office import Office
from desk_app.search.work_lists.rules import WorkList
from tests.day import COMPLAINT
from tests.offices import OPERATOR, sign_in
from tests.ui.conftest import SitDown
from ui.cases.page import CasesPage

PATIENCE_MS = 30_000


@pytest.fixture
def page(office: Office, sit_down: SitDown, window: QWidget, qtbot: QtBot) -> CasesPage:
    """The list of an office with three complaints that nobody has taken up."""
    with sign_in(office, OPERATOR) as desk:
        for _ in range(3):
            now = office.clock.now()
            contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
            desk.perform(calls.hang_up, contact_id, ended_at=now)
            desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase())
    made = CasesPage(sit_down(OPERATOR))
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    window.show()
    made.enter()
    qtbot.waitUntil(lambda: made.list.table.rowCount() == 3, timeout=PATIENCE_MS)
    return made


def counted(page: CasesPage, which: WorkList, count: int) -> bool:
    at = (None, *WorkList).index(which)
    return page.list.work_lists.bar.tabText(at).endswith(f" {count}")


def test_many_cases_are_assigned_at_once_and_put_back(page: CasesPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: counted(page, WorkList.UNASSIGNED, 3), timeout=PATIENCE_MS)
    bulk = page.list.bulk
    assert not bulk.isVisible()
    page.list.view.selectAll()
    qtbot.waitUntil(lambda: bulk.assignee.count() > 0, timeout=PATIENCE_MS)
    bulk.buttons["assign"].click()
    bulk.save.click()
    qtbot.waitUntil(bulk.said.isVisible, timeout=PATIENCE_MS)
    assert counted(page, WorkList.UNASSIGNED, 3), "a preview changes nothing"
    bulk.save.click()
    qtbot.waitUntil(lambda: counted(page, WorkList.MINE, 3), timeout=PATIENCE_MS)
    assert counted(page, WorkList.UNASSIGNED, 0)
    page.list.view.setFocus()
    qtbot.keyClick(page.list.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: counted(page, WorkList.UNASSIGNED, 3), timeout=PATIENCE_MS)


def test_a_tag_that_is_none_is_refused_and_nothing_typed_is_lost(
    page: CasesPage, qtbot: QtBot
) -> None:
    page.list.view.selectAll()
    bulk = page.list.bulk
    qtbot.waitUntil(bulk.isVisible, timeout=PATIENCE_MS)
    bulk.buttons["tag"].click()
    bulk.tag.setText(" # ")
    bulk.save.click()
    qtbot.waitUntil(lambda: bool(page.list_work.notices.shown), timeout=PATIENCE_MS)
    assert bulk.tag.text() == " # "
    assert bulk.save.isEnabled()


def test_a_work_list_shows_its_cases_and_a_kept_filter_comes_back(
    page: CasesPage, qtbot: QtBot
) -> None:
    qtbot.keyClick(page.list.view, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert page.list.work_lists.which is WorkList.MINE
    qtbot.waitUntil(lambda: page.list.hint.isVisible(), timeout=PATIENCE_MS)
    assert not page.list.state.isEnabled()
    page.list.saved.ask_name()
    page.list.saved.name.setText("自分の分")
    page.list.saved.save.click()
    qtbot.waitUntil(lambda: not page.list.saved.name_row.isVisible(), timeout=PATIENCE_MS)
    qtbot.keyClick(page.list.view, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: page.list.table.rowCount() == 3, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(page.list.saved.rows) == 1, timeout=PATIENCE_MS)
    page.list.saved.chosen.emit(page.list.saved.rows[0])
    assert page.list.work_lists.which is WorkList.MINE
    qtbot.waitUntil(lambda: page.list.table.rowCount() == 0, timeout=PATIENCE_MS)
