"""The deadlines of a case on its page: explained at a key, worked on, warned of."""

import uuid
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.calls.form import InquiryForm
from desk_app.cases import service as cases
from desk_app.cases.deadlines.rules import DeadlineKind, DeadlineState
from desk_app.office import Office
from tests.day import COMPLAINT
from tests.offices import OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from ui.cases.deadlines.tab import DeadlinesTab
from ui.cases.deadlines.view import DeadlineAct
from ui.cases.page import CasesPage
from ui.cases.tabs import TABS

PATIENCE_MS = 30_000


@pytest.fixture
def accident(office: Office) -> int:
    form = replace(COMPLAINT, inquiries=(InquiryForm(text="指を切った", category="accident"),))
    with sign_in(office, OPERATOR) as desk:
        now = office.clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        case_id = desk.perform(cases.save_contact, contact_id, form, NewCase()).case_id
    assert case_id is not None
    return case_id


def test_a_deadline_explains_itself_and_a_duty_is_done(
    accident: int, office: Office, sit_down: SitDown, window: QWidget, qtbot: QtBot
) -> None:
    session = sit_down(SUPERVISOR)
    page = CasesPage(session, now=office.clock.now)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(page)
    page.open_case(accident)
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)
    tab = page.case.book.panel("deadlines")
    assert isinstance(tab, DeadlinesTab)
    page.case.book.open(1 + [one.key for one in TABS].index("deadlines"))
    qtbot.waitUntil(lambda: bool(tab.shown.table.rows), timeout=PATIENCE_MS)
    view = tab.shown

    def select(kind: DeadlineKind) -> None:
        at = next(n for n, row in enumerate(view.table.rows) if row.kind is kind)
        view.view.selectRow(at)

    select(DeadlineKind.RESOLUTION)
    assert not view.buttons[DeadlineAct.DONE].isEnabled()
    qtbot.keyClick(view.view, Qt.Key.Key_Return)
    qtbot.waitUntil(view.explanation.isVisible, timeout=PATIENCE_MS)
    assert [line.counted for line in view.explanation.table.rows] == [
        "1 hour 30 minutes",
        "–",
        "30 minutes",
    ]
    select(DeadlineKind.STATUTORY)
    qtbot.waitUntil(lambda: len(view.explanation.table.rows) == 10, timeout=PATIENCE_MS)
    qtbot.keyClick(view.view, Qt.Key.Key_Return)
    assert not view.explanation.isVisible(), "the same key folds it"

    view.open(DeadlineAct.DONE)
    view.save.click()
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)
    qtbot.waitUntil(view.isEnabled, timeout=PATIENCE_MS)
    view.text.setPlainText("消費者庁へ報告した")
    view.save.click()
    qtbot.waitUntil(
        lambda: any(row.state is DeadlineState.MET for row in view.table.rows),
        timeout=PATIENCE_MS,
    )
    assert view.act is None


def test_a_statutory_warning_stands_above_the_list_and_opens_its_case(
    accident: int, office: Office, sit_down: SitDown, window: QWidget, qtbot: QtBot
) -> None:
    session = sit_down(SUPERVISOR)
    with sign_in(office, SUPERVISOR) as desk:
        read = desk.perform(cases.open_case, accident, purpose=COMPLAINT.purpose)
    clock = next(row for row in read.deadlines if row.is_statutory)
    assert clock.warn_at is not None
    office.clock.move_to(clock.warn_at)
    page = CasesPage(session, now=office.clock.now)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(page)
    page.enter()
    qtbot.waitUntil(page.statutory.isVisible, timeout=PATIENCE_MS)
    opens = page.statutory.findChild(QPushButton)
    assert opens is not None
    opens.click()
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)
    assert page.case.statutory.isVisible()
    assert page.look.words("deadlines.statutory.product_accident") in page.case.statutory.text()
