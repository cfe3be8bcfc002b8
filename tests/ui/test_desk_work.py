"""Tasks, knowledge and texts through the pages, on a real office."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import NewCase
from desk_app.cases import service as cases
from desk_app.cases.rules import CaseAct
from desk_app.cases.tasks import service as tasks
from desk_app.cases.texts import service as texts
from desk_app.cases.texts.rules import TextKind
from desk_app.errors import Fault
from desk_app.office import Office
from tests.day import COMPLAINT
from tests.offices import OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from ui.cases.knowledge import KnowledgeTab
from ui.cases.page import CasesPage
from ui.cases.tasks import TasksTab
from ui.reminders import Reminders
from ui.session import Session
from ui.texts.page import TextsPage

PATIENCE_MS = 30_000


@pytest.fixture
def case_id(office: Office) -> int:
    """A complaint that the operator saved; with an article, an answer and a department."""
    with sign_in(office, SUPERVISOR) as desk:
        for kind, title, body in (
            (TextKind.ARTICLE, "刃こぼれ", "研ぎ直しは無料。"),
            (TextKind.ANSWER, "お礼", "案件 {{case}} の件、ありがとうございます。"),
        ):
            desk.perform(texts.write_text, kind=kind, language="ja", title=title, body=body)
        desk.perform(tasks.enter_department, name="品質保証部")
    with sign_in(office, OPERATOR) as desk:
        now = office.clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        made = desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase()).case_id
    assert made is not None
    return made


def shown_in(window: QWidget, widget: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    layout.addWidget(widget)
    window.show()


@pytest.fixture
def session(case_id: int, sit_down: SitDown) -> Session:
    return sit_down(OPERATOR)


@pytest.fixture
def page(session: Session, case_id: int, window: QWidget, qtbot: QtBot) -> CasesPage:
    made = CasesPage(session)
    shown_in(window, made)
    made.open_case(case_id)
    qtbot.waitUntil(made.case.number.isVisible, timeout=PATIENCE_MS)
    return made


def lose_an_answer(session: Session, patch: pytest.MonkeyPatch) -> None:
    """The next act is committed, and the desk doesn't hear of it."""
    real = session.desk.perform

    def perform(*args: Any, **named: Any) -> None:
        patch.undo()
        real(*args, **named)
        raise Fault("storage.server_lost")

    patch.setattr(session.desk, "perform", perform)


def test_a_case_is_handed_over_once_and_the_answer_entered(
    page: CasesPage, session: Session, office: Office, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = page.case.book.panel("tasks")
    assert isinstance(tab, TasksTab)
    page.case.book.bar.setCurrentIndex(1)
    qtbot.waitUntil(tab.sheet.hint.isVisible, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: tab.sheet.who.findText("品質保証部") >= 0, timeout=PATIENCE_MS)
    tab.sheet.open_form()
    tab.sheet.who.setCurrentIndex(tab.sheet.who.findText("品質保証部"))
    tab.sheet.what.setPlainText("原因を調べてください")
    tab.sheet.suggest_due(office.clock.now())
    tab.sheet.save.click()
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)
    assert tab.sheet.what.toPlainText() == "原因を調べてください", "a refusal loses nothing"
    tab.sheet.suggest_due(office.clock.now() + timedelta(minutes=30))
    session.notices.clear()
    lose_an_answer(session, monkeypatch)
    tab.sheet.save.click()
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)
    tab.sheet.save.click()
    qtbot.waitUntil(lambda: not tab.sheet.form.isVisible(), timeout=PATIENCE_MS)
    end = "task_end_1"
    qtbot.waitUntil(lambda: tab.findChild(QWidget, end) is not None, timeout=PATIENCE_MS)
    tab.findChild(QWidget, end).click()
    tab.sheet.outcome.setText("材料の不良")
    qtbot.keyClick(tab.sheet.outcome, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab.findChild(QWidget, end) is None, timeout=PATIENCE_MS)
    assert tab.findChild(QWidget, "task_end_2") is None, "sent twice, it is there once"


def test_the_same_thing_again_is_another_once_the_first_was_answered(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def send(name: str) -> None:
        session.create(session, keep, name=name, done=made.append, failed=failures.append)
        qtbot.waitUntil(lambda: not session.tasks.is_busy, timeout=PATIENCE_MS)

    def keep(_actor: object, _work: object, name: str) -> int:
        kept.append(name)
        return len(kept)

    kept: list[str] = []
    failures: list[Exception] = []
    for name in ("a", "a", "b"):
        send(name)
    lose_an_answer(session, monkeypatch)
    for name in ("a", "b", "a", "a"):
        send(name)
    assert kept == ["a", "a", "b", "a", "b", "a"]
    assert (made, len(failures)) == ([1, 2, 3, 5, 4, 6], 1)


def test_an_article_is_found_and_linked_by_keyboard(page: CasesPage, qtbot: QtBot) -> None:
    tab = page.case.book.panel("knowledge")
    assert isinstance(tab, KnowledgeTab)
    page.case.book.bar.setCurrentIndex(2)
    qtbot.waitUntil(lambda: tab.list.count() == 1, timeout=PATIENCE_MS)
    tab.search.setText("はこぼれ")
    assert tab.list.count() == 0
    tab.search.setText("刃こぼれ 無料")
    tab.list.setCurrentRow(0)
    assert tab.body.toPlainText() == "研ぎ直しは無料。"
    qtbot.keyClick(tab.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab.list.item(0).text().startswith("✓"), timeout=PATIENCE_MS)


def test_a_text_is_inserted_into_a_note_with_the_cases_number(
    page: CasesPage, qtbot: QtBot
) -> None:
    page.case.act_bar.open(CaseAct.NOTE)
    note = page.case.act_bar.text
    note.setPlainText("→ ")
    note.moveCursor(note.textCursor().MoveOperation.End)
    note.setFocus()
    page.texts.open()
    picker = page.texts.picker
    qtbot.waitUntil(picker.isVisible, timeout=PATIENCE_MS)
    assert picker.list.count() == 1, "an article is no text to insert"
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    number = page.case.number.text()
    expected = f"→ 案件 {number} の件、ありがとうございます。"
    qtbot.waitUntil(lambda: note.toPlainText() == expected, timeout=PATIENCE_MS)


def test_a_reminder_is_said_once(
    session: Session, case_id: int, office: Office, qtbot: QtBot
) -> None:
    due = office.clock.now() + timedelta(minutes=20)
    own = session.account.user_id
    session.desk.perform(tasks.give_task, case_id, what="x", due_at=due, assignee_id=own)
    reminders = Reminders(session, session)
    reminders.read()
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)
    session.notices.clear()
    reminders.read()
    qtbot.waitUntil(lambda: not session.tasks.is_busy, timeout=PATIENCE_MS)
    assert session.notices.shown == []


def test_a_supervisor_writes_a_text_and_a_mistake_loses_nothing(
    case_id: int, sit_down: SitDown, window: QWidget, qtbot: QtBot
) -> None:
    session = sit_down(SUPERVISOR)
    page = TextsPage(session)
    shown_in(window, page)
    page.enter()
    qtbot.waitUntil(lambda: page.editor.list.count() == 2, timeout=PATIENCE_MS)
    page.editor.new.click()
    page.editor.title.setText("返送")
    page.editor.body.setPlainText("{{kunde}} 様")
    with qtbot.waitSignal(session.tasks.failed, timeout=PATIENCE_MS):
        page.editor.save.click()
    assert page.editor.body.toPlainText() == "{{kunde}} 様"
    page.editor.body.setPlainText("様")
    page.editor.body.moveCursor(page.editor.body.textCursor().MoveOperation.Start)
    page.editor.insert.click()
    page.editor.save.click()
    qtbot.waitUntil(lambda: page.editor.list.count() == 3, timeout=PATIENCE_MS)
    assert page.editor.body.toPlainText() == "{{customer}}様"
