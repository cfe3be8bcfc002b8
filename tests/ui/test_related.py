"""Merging and undoing on the page, by keyboard, on a real office."""

import uuid

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases import views
from desk_app.office import Office
from desk_app.purposes.rules import USUAL_PURPOSE
from tests.offices import OPERATOR, sign_in
from tests.search.duplicates.matters import SAME_MATTER
from tests.ui.conftest import SitDown
from ui.cases.page import CasesPage
from ui.cases.related import RelatedTab
from ui.session import Session

PATIENCE_MS = 30_000


@pytest.fixture
def pair(office: Office) -> list[int]:
    made = []
    with sign_in(office, OPERATOR) as desk:
        for text in SAME_MATTER[0][:2]:
            now = office.clock.now()
            contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
            desk.perform(calls.hang_up, contact_id, ended_at=now)
            form = ContactForm(
                inquiries=(InquiryForm(text=text),), disposition=Disposition.FOLLOW_UP
            )
            saved = desk.perform(cases.save_contact, contact_id, form, NewCase())
            assert saved.case_id is not None
            made.append(saved.case_id)
    return made


@pytest.fixture
def session(pair: list[int], sit_down: SitDown) -> Session:
    return sit_down(OPERATOR)


def test_a_possible_duplicate_is_merged_and_taken_out_again(
    session: Session, pair: list[int], window: QWidget, qtbot: QtBot
) -> None:
    page = CasesPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(page)
    window.show()
    kept, double = pair
    page.open_case(double)
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)
    page.case.book.open(list(page.case.book._makers).index("related"))
    tab = page.case.book.panel("related")
    assert isinstance(tab, RelatedTab)
    view = tab.view
    qtbot.waitUntil(lambda: view.list.count() == 1, timeout=PATIENCE_MS)
    assert "三徳包丁" in view.list.item(0).text()
    view.merge.click()
    qtbot.waitUntil(view.save.isEnabled, timeout=PATIENCE_MS)
    number = session.desk.read(views.case_number, kept)
    assert number is not None
    assert number in view.told.text()
    qtbot.keyClicks(view.reason, "same matter")
    qtbot.keyClick(view.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.case.number.text() == number, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(view._rows and view._rows[0].merged), timeout=PATIENCE_MS)
    notices = session.notices
    assert [n.key for n in notices.shown] == ["ui_cases.led_from"]
    assert view.isAncestorOf(window.focusWidget())
    view.list.setFocus()
    qtbot.keyClick(view.list, Qt.Key.Key_Delete)
    assert view.act == "undo"
    qtbot.keyClicks(view.reason, "two matters")
    qtbot.keyClick(view.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.act is None, timeout=PATIENCE_MS)
    assert notices.shown == [], "it isn't merged any more"
    qtbot.waitUntil(lambda: not (view._rows and view._rows[0].merged), timeout=PATIENCE_MS)
    assert view.isAncestorOf(window.focusWidget())
    assert "ui_cases.key_back" in [key for _pressed, key in page.keys]
    page.open_case(double)
    other = session.desk.read(views.case_number, double)
    qtbot.waitUntil(lambda: page.case.number.text() == other, timeout=PATIENCE_MS)


def test_the_keyboard_stays_in_the_tab_when_a_link_is_made_and_taken_away(
    session: Session, pair: list[int], window: QWidget, qtbot: QtBot
) -> None:
    tab = RelatedTab(session)
    before = QPushButton()  # the window has somewhere else for it to go
    for part in (before, tab):
        window.layout().addWidget(part)
    view = tab.view

    def read() -> None:
        opened = session.desk.perform(cases.open_case, pair[0], purpose=USUAL_PURPOSE)
        tab.show_case(opened)

    tab.case_changed.connect(read)
    read()
    qtbot.waitUntil(lambda: len(view._rows) == 1, timeout=PATIENCE_MS)
    for act, is_linked in ((view.link, True), (view.remove, False)):
        act.setFocus()
        qtbot.keyClick(act, Qt.Key.Key_Space)
        qtbot.keyClicks(view.reason, "seen by both")
        view.save.setFocus()
        qtbot.keyClick(view.save, Qt.Key.Key_Space)
        qtbot.waitUntil(
            lambda is_linked=is_linked: any(row.link for row in view._rows) is is_linked,
            timeout=PATIENCE_MS,
        )
        assert view.act is None
        qtbot.waitUntil(lambda: len(view._rows) == 1, timeout=PATIENCE_MS)
        assert window.focusWidget() is view.list
