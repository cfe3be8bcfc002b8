"""Work lists, kept filters and acts on many cases, through the page on a real office."""

import threading
import uuid

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.bulk import service as bulk_acts
from desk_app.errors import Fault
from desk_app.office import Office
from desk_app.people.access import Actor
from desk_app.search import service as search_service
from desk_app.search.pages import Found, Query
from desk_app.search.work_lists.rules import WorkList
from desk_app.storage.unit_of_work import Change, UnitOfWork
from tests.day import COMPLAINT
from tests.offices import OPERATOR, sign_in
from tests.ui.conftest import SitDown
from ui.cases import page as page_module
from ui.cases.page import CasesPage

PATIENCE_MS = 30_000


def saved(office: Office, count: int = 1) -> None:
    """So many complaints are saved at another desk."""
    with sign_in(office, OPERATOR) as desk:
        for _ in range(count):
            now = office.clock.now()
            contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
            desk.perform(calls.hang_up, contact_id, ended_at=now)
            desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase())


@pytest.fixture
def page(office: Office, sit_down: SitDown, window: QWidget, qtbot: QtBot) -> CasesPage:
    """The list of an office with three complaints that nobody has taken up."""
    saved(office, 3)
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


def full_disk(*_args: object, **_named: object) -> None:
    raise Fault("storage.disk_full")


class HiddenCount(QObject):
    """How often a widget was hidden."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Hide
        return False


def test_many_cases_are_assigned_at_once_and_put_back(
    page: CasesPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
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
    with monkeypatch.context() as patched:
        patched.setattr(bulk_acts, "undo", full_disk)
        qtbot.keyClick(page.list.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(
            lambda: "errors.storage.disk_full" in [n.key for n in page.list_work.notices.shown],
            timeout=PATIENCE_MS,
        )
    assert counted(page, WorkList.UNASSIGNED, 0)
    qtbot.keyClick(page.list.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: counted(page, WorkList.UNASSIGNED, 3), timeout=PATIENCE_MS)
    notices = page.list_work.notices
    assert [n.key for n in notices.shown] == ["ui_cases.bulk_undone_all"], "the rest is untrue now"
    qtbot.keyClick(page.list.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [n.key for n in notices.shown] == ["ui_cases.bulk_nothing_to_undo"]
    shown = {pressed for pressed, _key in page.keys}
    assert {f"Alt+1 … {len(WorkList) + 1}", "Ctrl+F", "Ctrl+Z"} <= shown


def test_an_act_on_many_is_for_those_that_are_selected_and_outlives_the_saves_of_others(
    page: CasesPage, office: Office, qtbot: QtBot
) -> None:
    view, bulk = page.list.view, page.list.bulk

    def click(row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        at = view.visualRect(page.list.table.index(row, 3)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, at)

    def preview() -> None:
        bulk.save.click()
        qtbot.waitUntil(bulk.said.isVisible, timeout=PATIENCE_MS)

    click(1)
    click(2, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: bulk.assignee.count() > 1, timeout=PATIENCE_MS)
    bulk.buttons["assign"].click()
    preview()
    click(0, Qt.KeyboardModifier.ShiftModifier)
    assert not bulk.said.isVisible(), "as many are selected, but others"
    chosen = 1 - bulk.assignee.currentIndex()
    bulk.assignee.setCurrentIndex(chosen)
    bulk.assignee.activated.emit(chosen)
    preview()
    bulk.reason.setFocus()
    selected = view.selected_ids()
    hidden = HiddenCount(bulk)
    saved(office)
    page._on_changed((Change("case", 4),))
    qtbot.waitUntil(lambda: page.list.table.rowCount() == 4, timeout=PATIENCE_MS)
    assert view.selected_ids() == selected
    assert bulk.assignee.currentIndex() == chosen
    assert bulk.said.isVisible()
    assert hidden.count == 0
    assert bulk.reason.hasFocus()
    with qtbot.waitSignal(bulk.wanted, timeout=PATIENCE_MS) as wanted:
        bulk.save.click()
    assert set(wanted.args[1]) == set(selected)
    assert wanted.args[0].assignee_id == bulk.assignee.itemData(chosen)
    qtbot.waitUntil(lambda: bulk.act is None, timeout=PATIENCE_MS)


def test_a_search_that_was_overtaken_is_dropped_and_a_refresh_waits_for_its_answer(
    page: CasesPage, office: Office, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """Each search is written down, and the saves of this desk wait behind it."""
    asked: list[str] = []
    running, go_on = threading.Event(), threading.Event()
    find = search_service.find

    def slow(actor: Actor, work: UnitOfWork, query: Query) -> Found:
        asked.append(query.text)
        running.set()
        assert go_on.wait(PATIENCE_MS / 1000)
        return find(actor, work, query)

    qtbot.waitUntil(lambda: page._finding is None, timeout=PATIENCE_MS)
    monkeypatch.setattr(search_service, "find", slow)
    monkeypatch.setattr(page_module, "_REST_MS", 0)
    for text in ("一", "二", "三"):
        page.list.search.setText(text)
        page.list.search.returnPressed.emit()
        assert running.wait(PATIENCE_MS / 1000)
        page._on_changed((Change("case", 1),))
    go_on.set()
    qtbot.waitUntil(lambda: asked == ["一", "三", "三"], timeout=PATIENCE_MS)


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
