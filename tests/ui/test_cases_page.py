"""Finding cases and working on them through the page, on a real office."""

import uuid
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desk_app.calls import service as calls
from desk_app.calls.endings import Answered, NewCase
from desk_app.calls.form import ContactForm
from desk_app.cases import service as cases
from desk_app.cases.rules import CaseAct, Resolution
from desk_app.office import Office
from desk_app.search.pages import Sort
from tests.day import COMPLAINT, QUESTION
from tests.offices import OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from tests.ui.scenes.cases import case_of
from ui.cases.page import CasesPage
from ui.controls import Toned
from ui.look import Look
from ui.session import Session

PATIENCE_MS = 30_000


@pytest.fixture
def complaint(office: Office) -> int:
    return _saved(office, COMPLAINT, NewCase())


def _saved(office: Office, form: ContactForm, ending: NewCase | Answered) -> int:
    with sign_in(office, OPERATOR) as desk:
        now = office.clock.now()
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=now)
        desk.perform(calls.hang_up, contact_id, ended_at=now)
        case_id = desk.perform(cases.save_contact, contact_id, form, ending).case_id
    assert case_id is not None
    return case_id


@pytest.fixture
def session(complaint: int, sit_down: SitDown) -> Session:
    return sit_down(SUPERVISOR)


@pytest.fixture
def page(session: Session, window: QWidget, qtbot: QtBot) -> CasesPage:
    made = CasesPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    window.show()
    return made


def opened(page: CasesPage, case_id: int, qtbot: QtBot) -> None:
    page.open_case(case_id)
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)


def act(page: CasesPage, what: CaseAct, qtbot: QtBot, text: str = "") -> None:
    qtbot.waitUntil(page.case.act_bar.isEnabled, timeout=PATIENCE_MS)
    page.case.act_bar.open(what)
    page.case.act_bar.text.setPlainText(text)
    page.case.act_bar.save.click()
    qtbot.waitUntil(
        lambda: page.case.act_bar.act is None and page.case.act_bar.isEnabled(),
        timeout=PATIENCE_MS,
    )


def test_a_case_is_found_by_a_word_of_it_and_opened_by_enter(
    page: CasesPage, complaint: int, qtbot: QtBot
) -> None:
    page.list.search.setText(COMPLAINT.inquiries[0].text[:3])
    qtbot.waitUntil(lambda: page.list.table.rowCount() == 1, timeout=PATIENCE_MS)
    assert page.list.table.id_at(0) == complaint
    page.list.search.setText("no such thing anywhere")
    qtbot.waitUntil(lambda: page.list.hint.isVisible(), timeout=PATIENCE_MS)


def test_a_mistyped_filter_is_said_below_the_field_and_a_mended_one_finds(
    page: CasesPage, complaint: int, session: Session, qtbot: QtBot
) -> None:
    help_ = page.list.search_row.said.text()
    page.list.search.setText("state:nonsense")
    qtbot.waitUntil(lambda: page.list.search_row.said.text() != help_, timeout=PATIENCE_MS)
    assert not session.notices.shown
    assert not page.list.state.isEnabled()  # what is typed takes the place of the choice
    page.list.search.setText("state:new 欠け")
    qtbot.waitUntil(lambda: page.list.search_row.said.text() == help_, timeout=PATIENCE_MS)
    assert page.list.table.id_at(0) == complaint
    page.list.search_row.relevant.click()
    assert page.list.query().sort is Sort.RELEVANCE
    opened(page, complaint, qtbot)
    assert page.case.marks.terms == (("欠け",),)


def test_a_case_is_worked_to_its_closing_on_one_page(
    page: CasesPage, complaint: int, session: Session, office: Office, qtbot: QtBot
) -> None:
    opened(page, complaint, qtbot)
    act(page, CaseAct.ASSIGN, qtbot)
    act(page, CaseAct.NOTE, qtbot, "品質保証部に確認中")
    page.case.act_bar.resolution.setCurrentIndex(
        page.case.act_bar.resolution.findData(Resolution.REPLACED.value)
    )
    act(page, CaseAct.RESOLVE, qtbot, "代替品を発送した")
    buttons = page.case.act_bar.buttons
    assert not buttons[CaseAct.APPROVE].isVisible(), "nobody approves their own resolution"
    act(page, CaseAct.ASK_CLOSING, qtbot)
    assert page.case.closing.isVisible()
    assert not buttons[CaseAct.ASSIGN].isVisible()


def test_a_supervisor_refuses_with_the_reason_and_then_approves(
    page: CasesPage, complaint: int, office: Office, qtbot: QtBot
) -> None:
    def resolve() -> None:
        with sign_in(office, OPERATOR) as other:
            read = other.perform(cases.open_case, complaint, purpose=COMPLAINT.purpose)
            other.perform(
                cases.resolve, complaint, read.version, resolution=Resolution.ANSWERED, text="回答"
            )

    resolve()
    opened(page, complaint, qtbot)
    act(page, CaseAct.REFUSE, qtbot, "原因の調査結果がない")
    assert "原因の調査結果がない" in page.case.closing.reason.text()
    assert page.case.state.text() == page.look.words("cases.state.in_progress")
    resolve()
    opened(page, complaint, qtbot)
    qtbot.waitUntil(page.case.act_bar.buttons[CaseAct.APPROVE].isVisible, timeout=PATIENCE_MS)
    act(page, CaseAct.APPROVE, qtbot)
    assert page.case.state.text() == page.look.words("cases.state.closed")
    assert not page.case.closing.isVisible()


def test_a_conflict_shows_both_versions_and_saves_the_second_as_well(
    page: CasesPage, complaint: int, session: Session, office: Office, qtbot: QtBot
) -> None:
    opened(page, complaint, qtbot)
    qtbot.waitUntil(page.case.act_bar.isEnabled, timeout=PATIENCE_MS)
    page.case.act_bar.open(CaseAct.WAIT)
    page.case.act_bar.text.setPlainText("部品番号の連絡待ち")
    with sign_in(office, OPERATOR) as other:
        read = other.perform(cases.open_case, complaint, purpose=COMPLAINT.purpose)
        own = other.actor.user_id
        other.perform(cases.assign, complaint, read.version, assignee_id=own)
    page.case.act_bar.save.click()
    panel = page.writing.conflict
    qtbot.waitUntil(panel.isVisible, timeout=PATIENCE_MS)
    texts = [one.text() for one in panel.findChildren(QLabel, "conflict_text")]
    words = page.look.words
    assert f"{words('cases.state.new')} → {words('cases.state.in_progress')}" in texts
    assert f"{words('ui_conflict.nothing')} → {OPERATOR.name}" in texts
    assert "部品番号の連絡待ち" in texts
    assert not page.case.act_bar.isVisible()
    qtbot.waitUntil(
        lambda: page.case.state.text() == words("cases.state.in_progress"), timeout=PATIENCE_MS
    )
    panel.copy.click()
    copied = QApplication.clipboard()  # once the log says so
    qtbot.waitUntil(lambda: copied.text() == "部品番号の連絡待ち", timeout=PATIENCE_MS)
    panel.save.click()
    qtbot.waitUntil(
        lambda: page.case.state.text() == words("cases.state.waiting"), timeout=PATIENCE_MS
    )
    assert not panel.isVisible()
    with sign_in(office, OPERATOR) as other:
        now = other.perform(cases.open_case, complaint, purpose=COMPLAINT.purpose)
    assert [row.text for row in now.timeline][-1] == "部品番号の連絡待ち"
    assert now.assignee_id == own  # what the first saved is as it was


def test_what_was_typed_on_a_case_comes_back_after_the_window_died(
    page: CasesPage, complaint: int, session: Session, window: QWidget, qtbot: QtBot
) -> None:
    """Its draft is on the disk a moment after each change, and nothing else is asked for."""
    opened(page, complaint, qtbot)
    qtbot.waitUntil(page.case.act_bar.isEnabled, timeout=PATIENCE_MS)
    page.case.act_bar.open(CaseAct.NOTE)
    page.case.act_bar.text.setPlainText("品質保証部に電話した")
    folder = session.desk.office.drafts / "cases"
    qtbot.waitUntil(lambda: any(folder.glob("*.age")), timeout=PATIENCE_MS)
    page.hide()  # nobody tells it that it ends

    again = CasesPage(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(again)
    left = "ui_conflict.left_over"
    qtbot.waitUntil(lambda: left in [one.key for one in session.notices.shown], timeout=PATIENCE_MS)
    opened(again, complaint, qtbot)
    bar = again.case.act_bar
    qtbot.waitUntil(lambda: bar.act is CaseAct.NOTE, timeout=PATIENCE_MS)
    assert bar.text.toPlainText() == "品質保証部に電話した"
    bar.save.click()
    qtbot.waitUntil(lambda: bar.act is None and bar.isEnabled(), timeout=PATIENCE_MS)
    session.tasks.finish()
    assert not any(folder.glob("*.age"))


def test_a_supervisor_draws_a_closed_question_and_passes_it(
    page: CasesPage, office: Office, session: Session, qtbot: QtBot
) -> None:
    _saved(office, QUESTION, Answered())
    page.list.spot_check.click()
    qtbot.waitUntil(page.case.number.isVisible, timeout=PATIENCE_MS)
    act(page, CaseAct.SPOT_CHECK, qtbot, "回答は正確")
    assert not page.case.act_bar.buttons[CaseAct.SPOT_CHECK].isVisible()
    page.show_list()
    page.list.spot_check.click()
    qtbot.waitUntil(lambda: bool(session.notices.shown), timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("language", "waits", "lost"),
    [
        (
            "ja",
            "録音はスーパーバイザーによる復旧待ちです",
            "末尾の音声が最大0.5秒失われました",
        ),
        ("en", "recording to be salvaged by a supervisor", "up to 0.5 s missing at the end"),
        (
            "de",
            "Aufzeichnung wartet auf Wiederherstellung durch die Leitung",
            "am Ende fehlen bis zu 0,5 s",
        ),
    ],
)
def test_a_call_says_what_waits_to_be_salvaged_and_what_was_lost(
    qtbot: QtBot, make_look: Callable[..., Look], language: str, waits: str, lost: str
) -> None:
    """Only of what is salvaged: a whole recording has lost nothing."""
    page = case_of(make_look(language))
    qtbot.addWidget(page)
    states = [label.text() for label in page.findChildren(Toned, "recording_state")]
    assert len(states) == 3
    assert states[-1] == waits
    assert [label.text() for label in page.findChildren(Toned, "recording_lost")] == [lost]
