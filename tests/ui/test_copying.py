"""Copying out of the window: entered in the log first, never dragged, gone with whoever copied."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QClipboard, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QMenu, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from desk_app.audit.model import AuditEntry
from desk_app.errors import DeskError
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork
from tests.offices import ADMINISTRATOR, OPERATOR, FirstPerson
from tests.ui.conftest import SitDown
from ui.controls import DataLabel, TextArea
from ui.session import Session

CASE = ("case", 17)
TEXT = "佐藤 花子 090-1234-5678"


class Copies:
    """A window with texts of a case, and somebody who copies from it."""

    def __init__(self, qtbot: QtBot, window: QWidget, session: Session) -> None:
        self.qtbot, self.session, self.copying = qtbot, session, session.copying
        self.page = "cases"
        self.area, self.line, self.said = TextArea("area"), QLineEdit(), DataLabel("said")
        self.list = QListWidget()
        self.list.addItem(TEXT)
        self.line.setText(TEXT)
        self.said.setText(TEXT)
        self.area.setPlainText(TEXT)
        for widget in (self.area, self.line, self.said, self.list):
            window.layout().addWidget(widget)
        window.activateWindow()
        self.copying.guard(window, lambda: (self.page, CASE))
        self.clipboard = QApplication.clipboard()
        self.clipboard.setText("before")

    def entries(self) -> list[tuple[Any, ...]]:
        """Subject and particulars of each."""

        def read(_actor: Actor, work: UnitOfWork) -> list[tuple[Any, ...]]:
            columns = AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.particulars
            found = select(*columns).where(AuditEntry.action == "ways_out.copied")
            return [tuple(row) for row in work.session.execute(found.order_by(AuditEntry.id))]

        return self.session.desk.read(read)

    def press(self, widget: QWidget, key: str) -> None:
        widget.setFocus()
        modifier = Qt.KeyboardModifier.ControlModifier
        self.qtbot.keyClick(widget, Qt.Key[f"Key_{key}"], modifier)
        self.qtbot.keyRelease(widget, Qt.Key.Key_Control)  # or Qt believes it held ever after

    def wait(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.clipboard.text() == text)


@pytest.fixture
def sit(qtbot: QtBot, window: QWidget, sit_down: SitDown) -> Iterator[Any]:
    taken: list[Copies] = []

    def take(person: FirstPerson = OPERATOR) -> Copies:
        taken.append(Copies(qtbot, window, sit_down(person)))
        return taken[-1]

    yield take
    for one in taken:
        one.copying.release()


def action(menu: QMenu, name: str) -> QAction:
    return next(one for one in menu.actions() if one.objectName() == name)


def test_what_is_copied_is_entered_first_and_the_entry_says_how_much_of_whom(sit: Any) -> None:
    copies = sit()
    copies.area.selectAll()
    copies.press(copies.area, "C")
    assert copies.clipboard.text() == "before", "nothing is out before the entry is committed"
    copies.wait(TEXT)
    copies.line.setSelection(0, 5)
    copies.press(copies.line, "C")
    copies.wait("佐藤 花子")
    copies.list.setCurrentRow(0)
    copies.press(copies.list, "C")
    copies.wait(TEXT)
    copies.said.setSelection(0, 2)
    action(copies.copying.menu_for(copies.said), "edit-copy").trigger()
    copies.wait("佐藤")
    assert copies.entries() == [
        (*CASE, {"page": "cases", "characters": count}) for count in (len(TEXT), 5, len(TEXT), 2)
    ]


def test_cutting_is_copying_and_takes_out_what_was_cut(sit: Any) -> None:
    copies = sit()
    copies.line.setSelection(0, 3)
    copies.press(copies.line, "X")
    copies.wait("佐藤 ")
    assert copies.line.text() == TEXT[3:]
    copies.area.selectAll()
    action(copies.copying.menu_for(copies.area), "edit-cut").trigger()
    copies.wait(TEXT)
    assert copies.area.toPlainText() == ""
    assert len(copies.entries()) == 2


def test_who_may_read_no_customer_copies_none(sit: Any, qtbot: QtBot) -> None:
    copies = sit(ADMINISTRATOR)
    copies.area.selectAll()
    failed: list[Exception] = []
    copies.session.notices.error = failed.append  # the bar itself is tested elsewhere
    copies.press(copies.area, "X")
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], DeskError)
    assert failed[0].code == "people.not_permitted"
    assert copies.clipboard.text() == "before"
    assert copies.area.toPlainText() == TEXT
    copies.page = "texts"  # the office's own texts are nobody's data
    copies.press(copies.area, "C")
    copies.wait(TEXT)
    assert copies.entries() == []


def test_a_password_is_copied_by_nobody_and_nothing_while_locked(sit: Any, qtbot: QtBot) -> None:
    copies = sit()
    copies.line.setEchoMode(QLineEdit.EchoMode.Password)
    copies.line.selectAll()
    copies.press(copies.line, "C")
    copies.session.desk.lock()
    copies.area.selectAll()
    copies.press(copies.area, "C")
    assert copies.session.tasks.finish()
    assert copies.clipboard.text() == "before"
    copies.session.desk.unlock(OPERATOR.password)
    assert copies.entries() == []


def test_a_press_inside_a_selection_drags_nothing_out(sit: Any, qtbot: QtBot) -> None:
    copies = sit()
    left = Qt.MouseButton.LeftButton
    copies.area.selectAll()
    inside = copies.area.cursorRect(QTextCursor(copies.area.document())).center() + QPoint(8, 0)
    qtbot.mousePress(copies.area.viewport(), left, pos=inside)
    assert not copies.area.textCursor().hasSelection()
    qtbot.mouseRelease(copies.area.viewport(), left, pos=inside)
    copies.said.setSelection(0, 6)
    qtbot.mousePress(copies.said, left, pos=QPoint(6, copies.said.height() // 2))
    assert not copies.said.hasSelectedText()
    qtbot.mouseRelease(copies.said, left, pos=QPoint(6, copies.said.height() // 2))
    copies.copying.release()  # without the guard it would be dragged
    copies.area.selectAll()
    qtbot.mousePress(copies.area.viewport(), left, pos=inside)
    assert copies.area.textCursor().hasSelection()
    qtbot.mouseRelease(copies.area.viewport(), left, pos=inside)
    assert not copies.line.dragEnabled()
    assert not copies.list.dragEnabled()
    assert copies.clipboard.text(QClipboard.Mode.Selection) == ""


def test_a_copy_goes_with_whoever_made_it_if_it_is_still_there(sit: Any) -> None:
    copies = sit()
    copies.area.selectAll()
    copies.press(copies.area, "C")
    copies.wait(TEXT)
    copies.clipboard.setText("of another program")
    copies.copying.forget()
    assert copies.clipboard.text() == "of another program"
    copies.press(copies.area, "C")
    copies.wait(TEXT)
    copies.copying.forget()
    assert copies.clipboard.text() == ""
