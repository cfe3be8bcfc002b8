"""The findings tab on a real office: compared by itself and by key, read, opened, settled."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desk_app.audit import views as audit
from desk_app.calls import service as calls
from desk_app.calls.endings import CallOnly, NewCase
from desk_app.calls.form import ContactForm
from desk_app.calls.rules import AnnouncedBy, Disposition
from desk_app.cases import service as cases
from desk_app.clock import FixedClock
from desk_app.office import Office
from desk_app.purposes import views as purposes
from desk_app.recordings.reconciliation.kinds import FindingKind
from desk_app.recordings.reconciliation.views import standing
from tests.day import COMPLAINT
from tests.journeys.seat import Seat
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.ui.conftest import SitDown
from ui.look import Look
from ui.recordings.comparison import Comparison, FindingsTab

THE_NEXT_MORNING = datetime(2026, 6, 11, 1, 30, tzinfo=UTC)


def call(office: Office, clock: FixedClock, *, with_case: bool = True) -> int:
    """A call that was announced and of which nothing was recorded; its contact."""
    with sign_in(office, OPERATOR) as desk:
        contact_id = desk.perform(calls.start_call, uid=str(uuid.uuid4()), rang_at=clock.now())
        script = desk.read(purposes.current_announcement)
        desk.perform(
            calls.confirm_announcement,
            contact_id,
            announcement_id=script.id,
            by=AnnouncedBy.OPERATOR,
        )
        clock.move_to(clock.now() + timedelta(minutes=2))
        desk.perform(calls.hang_up, contact_id, ended_at=clock.now())
        if with_case:
            desk.perform(cases.save_contact, contact_id, COMPLAINT, NewCase())
        else:
            form = ContactForm(inquiries=(), disposition=Disposition.SALES)
            desk.perform(cases.save_contact, contact_id, form, CallOnly())
    return contact_id


@pytest.fixture
def tab(
    qtbot: QtBot, office: Office, clock: FixedClock, window: QWidget, sit_down: SitDown
) -> FindingsTab:
    """The morning after two calls that weren't recorded; one of them left a case."""
    call(office, clock, with_case=False)
    call(office, clock)
    clock.move_to(THE_NEXT_MORNING)
    shown = FindingsTab(sit_down(SUPERVISOR))
    window.layout().addWidget(shown)
    shown.enter()
    qtbot.waitUntil(lambda: bool(shown.findings.count.text()))
    return shown


def compare(qtbot: QtBot, tab: FindingsTab) -> None:
    comparison = Comparison.of(tab._session)
    with qtbot.waitSignal(comparison.ended):
        qtbot.keyClick(tab.findings.compare, Qt.Key.Key_Space)
        assert not tab.findings.compare.isEnabled()
        assert tab.findings.progress.isVisible()
    assert tab.findings.compare.isEnabled()
    assert not tab.findings.progress.isVisible()


def rows(tab: FindingsTab) -> list[list[str]]:
    table = tab.findings.table
    return [
        [table.index(row, column).data() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def focused(tab: FindingsTab) -> QWidget:
    widget = tab.window().focusWidget()
    assert widget is not None
    return widget


def test_before_the_first_comparison_it_says_so(tab: FindingsTab) -> None:
    assert tab.findings.stack.currentWidget() is tab.findings.hint
    assert "have not been compared" in tab.findings.hint.text()
    assert not tab.findings.card.isVisible()


def test_compared_by_key_and_read(qtbot: QtBot, tab: FindingsTab) -> None:
    compare(qtbot, tab)
    qtbot.waitUntil(lambda: len(rows(tab)) == 2)
    day, number, kind, why, _desk = rows(tab)[0]
    assert (day, kind) == ("Wed 10 Jun", "Call without a recording")
    assert (number, why) == ("20260610-0002", "No reason is on record.")
    assert tab.findings.count.text() == "2 findings"
    qtbot.waitUntil(lambda: "up to Wed 10 Jun 2026" in tab.findings.standing.text())
    assert tab.findings.card.advice.text().startswith("What to do: Ask who took the call")


def test_the_case_is_opened_with_enter(qtbot: QtBot, tab: FindingsTab) -> None:
    compare(qtbot, tab)
    qtbot.waitUntil(lambda: len(rows(tab)) == 2)
    tab.findings.enter()
    with qtbot.waitSignal(tab._session.case_wanted) as wanted:
        qtbot.keyClick(focused(tab), Qt.Key.Key_Return)
    assert wanted.args == [1]
    qtbot.keyClick(focused(tab), Qt.Key.Key_Down)
    qtbot.keyClick(focused(tab), Qt.Key.Key_Return)
    notices = tab._session.notices
    qtbot.waitUntil(lambda: [one.key for one in notices.shown] == ["ui_recordings.no_case"])
    assert "20260610-0001" in notices.shown[0].text.text()


def test_settled_by_keys_alone_it_moves_to_the_settled(qtbot: QtBot, tab: FindingsTab) -> None:
    compare(qtbot, tab)
    qtbot.waitUntil(lambda: len(rows(tab)) == 2)
    tab.findings.enter()
    qtbot.keyClick(focused(tab), Qt.Key.Key_Tab)
    assert isinstance(focused(tab), QLineEdit)
    qtbot.keyClicks(focused(tab), "the line was being repaired")
    qtbot.keyClick(focused(tab), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(rows(tab)) == 1)
    assert tab.findings.card.note.text() == "", "the next finding has a note of its own"
    tab.findings.filter.setFocus()
    qtbot.keyClick(focused(tab), Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: [row[1] for row in rows(tab)] == ["20260610-0002"])
    said = tab.findings.card.end.text()
    assert said.startswith(f"Settled by {SUPERVISOR.name}")
    assert said.endswith("the line was being repaired")
    assert not tab.findings.card.settle.isVisible()


def test_without_a_note_nothing_is_settled_and_the_reader_hears_why(
    qtbot: QtBot, tab: FindingsTab
) -> None:
    compare(qtbot, tab)
    qtbot.waitUntil(lambda: len(rows(tab)) == 2)
    with qtbot.waitSignal(tab._session.tasks.failed) as failed:
        tab.findings.card.settle.click()
    assert failed.args[0].code == "recordings.note_missing"
    assert len(rows(tab)) == 2


def test_what_was_read_and_done_is_in_the_log(
    qtbot: QtBot, office: Office, tab: FindingsTab
) -> None:
    compare(qtbot, tab)
    qtbot.waitUntil(lambda: len(rows(tab)) == 2)
    tab.findings.card.note.setText("checked")
    tab.findings.card.settle.click()
    qtbot.waitUntil(lambda: len(rows(tab)) == 1)
    with sign_in(office, DPO) as officer:
        ids = officer.read(audit.entry_ids)
        actions = {row.action for row in officer.read(audit.entry_rows, ids)}
    assert {
        "recording.day_compared",
        "recording.folder_checked",
        "recording.findings_listed",
        "recording.finding_settled",
    } <= actions


def test_a_locked_desk_ends_a_comparison_without_a_word(
    qtbot: QtBot, tab: FindingsTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock comes between two steps, and the next comparison goes on from there."""
    session = tab._session
    told: list[object] = []
    session.tasks.failed.connect(told.append)
    real = session.desk.recordings.compare

    def locked_first(**options: object) -> None:
        session.desk.lock()
        real(**options)

    monkeypatch.setattr(session.desk.recordings, "compare", locked_first)
    comparison = Comparison.of(session)
    with qtbot.waitSignal(comparison.ended):
        comparison.start()
    assert told == []
    monkeypatch.undo()
    session.desk.unlock(SUPERVISOR.password)
    compare(qtbot, tab)
    qtbot.waitUntil(lambda: len(rows(tab)) == 2)


def test_every_morning_it_is_compared_by_itself(
    qtbot: QtBot, office: Office, clock: FixedClock, look: Look
) -> None:
    """Whoever may, signs in, and the list is there; Enter shows the case on its page."""
    call(office, clock)
    office.close()
    clock.move_to(THE_NEXT_MORNING)
    seat = Seat(qtbot, look, office.folder, clock)
    seat.sign_in(SUPERVISOR)
    session = seat.app.session
    assert session is not None
    comparison = Comparison.of(session)
    if comparison.share is not None:
        with qtbot.waitSignal(comparison.ended):
            pass
    page = seat.app.window.open_page("recordings")
    assert page is not None
    tab = page.findChild(FindingsTab)
    assert tab is not None
    qtbot.waitUntil(lambda: len(rows(tab)) == 1)
    assert seat.desk.read(standing).open == {FindingKind.NO_RECORDING: 1}
    qtbot.keyClick(tab.findings.view, Qt.Key.Key_Return)
    cases_page = seat.cases
    qtbot.waitUntil(lambda: cases_page.case.isVisible())
    seat.leave()
