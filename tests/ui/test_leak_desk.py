"""The day of knowing, which is the office's, and one act after the other."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desk_app.privacy.leaks.rules import LeakState, Trigger
from tests.offices import DPO
from tests.ui.conftest import SitDown
from ui.look import Look
from ui.oversight.leaks.tab import LeaksTab
from ui.oversight.leaks.view import LeakDesk

PATIENCE_MS = 30_000
LATE = datetime(2026, 9, 24, 15, 30, tzinfo=UTC)  # half past midnight in Tokyo


def test_a_new_leak_is_known_since_now_in_the_offices_time(qtbot: QtBot, look: Look) -> None:
    desk = LeakDesk(look, zone=ZoneInfo("Asia/Tokyo"), may_decide=True, now=lambda: LATE)
    qtbot.addWidget(desk)
    desk.new.click()
    assert desk.known_at.dateTime() == QDateTime(2026, 9, 25, 0, 30, 0)


def test_acts_rest_while_one_is_under_way_and_typed_facts_stay(
    sit_down: SitDown, window: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sit_down(DPO)
    errors: list[object] = []
    session.tasks.failed.connect(errors.append)
    monkeypatch.setattr(session.notices, "error", errors.append)
    tab = LeaksTab(session)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(tab)
    window.show()
    tab.enter()
    view = tab.view
    view.new.click()
    view.overview.setPlainText("封筒の宛先違い")
    view.enter_button.click()
    qtbot.waitUntil(view.detail.isVisible, timeout=PATIENCE_MS)
    view.facts.marks[Trigger.WRONGFUL].setChecked(True)
    view.sides.setCurrentIndex(2)
    view.note.setText("先方に電話した")
    view.add_note.setFocus()
    view.add_note.click()
    assert not view.report.isEnabled()
    qtbot.waitUntil(view.detail.isEnabled, timeout=PATIENCE_MS)
    assert view.note.text() == ""
    assert view.facts.marks[Trigger.WRONGFUL].isChecked()  # typed, and not kept yet
    view.sides.setCurrentIndex(0)
    view.facts.save.click()
    view.reason.setText("不正の目的")
    view.report.click()  # at once: it rests
    qtbot.waitUntil(view.detail.isEnabled, timeout=PATIENCE_MS)
    assert view.page is not None
    assert (view.page.state, view.page.facts.wrongful) == (LeakState.OPEN, True)
    view.report.setFocus()
    view.report.click()
    qtbot.waitUntil(view.send.isVisible, timeout=PATIENCE_MS)
    assert (view.page.state, errors) == (LeakState.REPORTABLE, [])
    assert view.send.hasFocus()  # the act that comes next
