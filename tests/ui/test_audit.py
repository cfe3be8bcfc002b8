"""The audit page on a real office: what was done is read, and what was changed is found."""

from array import array
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desk_app.audit.heads import remember, remembered
from desk_app.office import Office
from desk_app.words import LANGUAGES, Words
from tests.offices import DPO, OPERATOR, SUPERVISOR, sign_in
from tests.source import calls, texts
from tests.ui.conftest import SitDown
from ui.audit.log import said_action
from ui.audit.page import AuditPage


@pytest.fixture
def page(qtbot: QtBot, office: Office, window: QWidget, sit_down: SitDown) -> AuditPage:
    """The log as the officer sees it, after the operator and the supervisor were there."""
    for person in (OPERATOR, SUPERVISOR):
        sign_in(office, person).sign_out()
    shown = AuditPage(sit_down(DPO))
    window.layout().addWidget(shown)
    shown.enter()
    qtbot.waitUntil(lambda: bool(shown.log.table.rowCount()) and all(column(shown, "what")))
    return shown


def column(page: AuditPage, name: str) -> list[str]:
    at = page.log.table.columns.index(name)
    return [page.log.table.index(row, at).data() or "" for row in range(page.log.table.rowCount())]


def press_verify(qtbot: QtBot, page: AuditPage) -> str:
    button = page.findChild(QPushButton, "audit_verify")
    assert button is not None
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert not button.isEnabled()
    qtbot.waitUntil(button.isEnabled)
    return page.log.verdict.text()


def test_the_officer_reads_who_did_what(page: AuditPage) -> None:
    assert column(page, "what")[:3] == ["Signed in", "Signed out", "Signed in"]
    assert column(page, "who")[:2] == [DPO.name, SUPERVISOR.name]
    assert column(page, "at")[0] == "10 Jun 2026, 10:30"
    assert column(page, "what")[-1] == "Office founded"
    assert "person 1" in column(page, "subject")
    page.look.language.switch_to("de")
    assert column(page, "what")[0] == "Angemeldet"


def test_a_purpose_is_said_in_words_where_there_are_some(page: AuditPage) -> None:
    """A use that the officer named has none here: it must not keep the log from being read."""
    table = page.log.table
    first = table.row_at(0)
    assert first is not None
    for purpose, said in (("G", True), ("named_1", False)):
        rows = [replace(first, purpose=purpose)]
        table.show_ids(array("q", [first.id]))
        table.fill(0, table.page_ids(0), rows, lambda row: row.id)
        shown = table.index(0, table.columns.index("purpose"))
        assert shown.data() == purpose
        assert bool(shown.data(Qt.ItemDataRole.ToolTipRole)) is said


def test_new_acts_are_read_when_asked_for(qtbot: QtBot, office: Office, page: AuditPage) -> None:
    before = page.log.table.rowCount()
    sign_in(office, OPERATOR).sign_out()
    qtbot.mouseClick(page.log.refresh, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.log.table.rowCount() == before + 2)


def test_a_whole_log_is_said_to_be_whole(qtbot: QtBot, page: AuditPage) -> None:
    said = press_verify(qtbot, page)
    assert said.startswith(f"{page.log.table.rowCount()} entries were compared with ")
    assert "nothing was changed" in said


def test_a_log_that_was_cut_off_is_found(qtbot: QtBot, office: Office, page: AuditPage) -> None:
    """The desk remembers a head that the database no longer reaches."""
    (head,) = remembered(office.folder)
    remember(office.folder, replace(head, seq=head.seq + 500))
    assert "the end was cut off" in press_verify(qtbot, page)


def test_an_unreadable_memory_is_a_notice_and_no_verdict(
    qtbot: QtBot, office: Office, page: AuditPage
) -> None:
    next(office.folder.glob("audit-head-*.json")).write_text("{", "ascii")
    press_verify(qtbot, page)
    assert not page.log.verdict.isVisible()
    (notice,) = page._session.notices.shown
    assert notice.key == "errors.audit.head_unreadable"


def test_every_act_that_is_recorded_has_words() -> None:
    recorded = {
        action
        for name, call in calls()
        if name in {"record", "_record"}
        for given in call.args[:3]
        for action in texts(given)
    }
    assert len(recorded) > 40
    for language in LANGUAGES:
        assert [one for one in recorded if said_action(Words(language), one) == one] == []
