"""A window at which a call is taken and which never comes to its end: killed from outside.

``python -m tests.journeys.dying_desk FOLDER`` signs the operator in, takes and records a call,
writes, and says a line for each step on its output: ``recording``, then ``safe`` when what was
written is in the draft, and then types on for ever, saying how many figures were typed and how
many of them are in the draft.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from desk_app.calls.drafts import DraftStore
from desk_app.calls.form import Draft
from desk_app.clock import FixedClock
from tests.conftest import IN_HOURS
from tests.offices import OPERATOR
from ui.app import open_window
from ui.application import Application
from ui.hands import Hands

MATTER = "三徳包丁の刃先が欠けてしまいました。交換をお願いします"
NAME, READING, NUMBER = "長谷川 美穂", "ハセガワ ミホ", "090-1234-5678"
FIGURES = "0123456789"
_TYPES_EVERY_MS = 15


def typed(count: int) -> str:
    """The matter after so many figures."""
    return MATTER + (FIGURES * (count // len(FIGURES) + 1))[:count]


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 -- whoever started it reads that


def in_draft(desk: Application) -> str | None:
    """The matter as it is on the disk now."""
    if desk.office is None or desk.desk is None:
        return None
    store = DraftStore(desk.office.drafts)
    for entry in store.list():
        draft = Draft.from_json(store.open(entry.uid, desk.desk.keys.identity))
        return draft.form.inquiries[0].text
    return None


def main(folder: Path) -> None:
    application = QApplication([])
    desk = open_window(application, folder, FixedClock(IN_HOURS))
    hands = Hands(desk.window)
    hands.wait("the sign-in page", lambda: desk.office and desk.sign_in.submit.isEnabled())
    hands.type("login", OPERATOR.login)
    hands.type("password", OPERATOR.password)
    hands.click("sign_in_submit")
    hands.wait("the desk", lambda: desk.window.is_at_desk)
    hands.press("F2")
    hands.find(QWidget, "announced_operator")
    hands.press("Alt+A")
    hands.wait("the recording", lambda: desk.window.status.recording_state == "recording")
    say("recording")
    hands.type("caller_name", NAME)
    hands.type("caller_reading", READING)
    hands.type("callback_number", NUMBER)
    hands.type("matter", MATTER)
    hands.wait("the draft", lambda: in_draft(desk) == MATTER)
    say("safe")
    matter = hands.find(QPlainTextEdit, "matter")
    count = 0

    def type_on() -> None:
        nonlocal count
        QTest.keyClicks(matter, FIGURES[count % len(FIGURES)])
        count += 1
        say(count, len(in_draft(desk) or "") - len(MATTER))

    typing = QTimer()
    typing.timeout.connect(type_on)
    typing.start(_TYPES_EVERY_MS)
    application.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
