"""The day of knowing is day 1 of a leak's deadlines and is never changed: it is the office's."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDateTime
from pytestqt.qtbot import QtBot

from ui.look import Look
from ui.oversight.leaks.view import LeakDesk

LATE = datetime(2026, 9, 24, 15, 30, tzinfo=UTC)  # half past midnight in Tokyo


def test_a_new_leak_is_known_since_now_in_the_offices_time(qtbot: QtBot, look: Look) -> None:
    desk = LeakDesk(look, zone=ZoneInfo("Asia/Tokyo"), may_decide=True, now=lambda: LATE)
    qtbot.addWidget(desk)
    desk.new.click()
    assert desk.known_at.dateTime() == QDateTime(2026, 9, 25, 0, 30, 0)
