"""Merging and undoing on the page, by keyboard, on a real office."""

import uuid

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import ContactForm, InquiryForm
from desk_app.calls.rules import Disposition
from desk_app.cases import service as cases
from desk_app.cases import views
from desk_app.office import Office
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
    view.list.setFocus()
    qtbot.keyClick(view.list, Qt.Key.Key_Delete)
    assert view.act == "undo"
    qtbot.keyClicks(view.reason, "two matters")
    qtbot.keyClick(view.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.act is None, timeout=PATIENCE_MS)
    page.open_case(double)
    other = session.desk.read(views.case_number, double)
    qtbot.waitUntil(lambda: page.case.number.text() == other, timeout=PATIENCE_MS)
