"""A seat at the window of a real office: whoever sits there works by hand and by key."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desk_app.clock import Clock
from desk_app.founding import FirstPerson
from desk_app.office import Desk, Office
from tests.ui import desks
from ui.calls.page import IntakePage
from ui.cases.page import CasesPage
from ui.hands import Hands
from ui.look import Look

R = TypeVar("R")
W = TypeVar("W", bound=QWidget)
ANSWERED, FOLLOW_UP, WRONG_NUMBER = "1", "2", "5"


class Seat:
    """``titles`` collects the title of every window that was seen."""

    def __init__(self, qtbot: QtBot, look: Look, folder: Path, clock: Clock) -> None:
        self._qtbot = qtbot
        self.look = look
        self.app = desks.open_window(qtbot, look, folder, clock)
        self.hands = Hands(self.app.window)
        self.titles: set[str] = set()

    @property
    def office(self) -> Office:
        assert self.app.office is not None
        return self.app.office

    @property
    def desk(self) -> Desk:
        assert self.app.desk is not None
        return self.app.desk

    @property
    def intake(self) -> IntakePage:
        page = self.app.window.pages()["intake"]
        assert isinstance(page, IntakePage)
        return page

    @property
    def cases(self) -> CasesPage:
        page = self.app.window.open_page("cases")
        assert isinstance(page, CasesPage)
        return page

    def sign_in(self, person: FirstPerson) -> None:
        """Sign in; whoever sat here before is signed out first."""
        if self.app.session is not None:
            self.app.sign_out()
            self.hands.wait("the sign-in page", self.app.sign_in.submit.isEnabled)
        desks.sign_in(self._qtbot, self.app, person)

    def leave(self) -> None:
        """Shut the window."""
        self.app.shut()

    def read(self, view: Callable[..., R], *args: object) -> R:
        return self.desk.read(view, *args)

    def notices(self) -> list[str]:
        return [notice.key for notice in self.app.window.notices.shown]

    def wait_for_notice(self, key: str) -> str:
        """Wait until it is shown; its text."""
        self.hands.wait(key, lambda: key in self.notices())
        return next(one.text.text() for one in self.app.window.notices.shown if one.key == key)

    def shows(self, name: str) -> bool:
        """Whether a widget whose name begins so is on screen."""
        found = self.app.window.findChildren(QWidget)
        return any(one.isVisible() and one.objectName().startswith(name) for one in found)

    def look_around(self) -> None:
        """Note the titles of all windows."""
        self.titles |= {one.windowTitle() for one in QApplication.topLevelWidgets()}

    # A call

    def take_call(self) -> None:
        """F2, until the call is on record and the announcement on screen."""
        self.app.window.open_page("intake")
        self.hands.wait("the start panel", lambda: self.shows("take_call"))
        self.hands.press("F2")
        self.hands.find(QWidget, "announced_operator")
        self.look_around()

    def record(self) -> None:
        """Say that the announcement was read; the recording runs."""
        self.hands.press("Alt+A")
        self.wait_for_recording("recording")

    def wait_for_recording(self, state: str) -> None:
        status = self.app.window.status
        self.hands.wait(f"recording {state}", lambda: status.recording_state == state)

    def save_call(self, disposition: str) -> None:
        """Hang up, choose a disposition, save: a key each."""
        self.hands.press("Shift+F2")
        self.hands.press(disposition)
        self.hands.press("Ctrl+Return")
        self.hands.wait("the saved call", lambda: not self.intake.is_writing)
        self.look_around()

    # A case

    def open_only_case(self) -> None:
        """Open the one case that there is, from the list."""
        page = self.cases
        self.hands.wait("the row", lambda: page.list.table.index(0, 0).data())
        assert page.list.table.rowCount() == 1
        page.list.view.setFocus()
        self.hands.press("Return")
        self.hands.wait("the case", lambda: self.find(QLabel, "case_number").text())
        self.look_around()

    def find(self, kind: type[W], name: str) -> W:
        return self.hands.find(kind, name)

    def choose_file(self, file: Path) -> str:
        """Answer the dialog that asks for a file; the name that it proposed."""
        dialog = self.hands.find(QFileDialog, "export_dialog")
        self.look_around()
        proposed = Path(dialog.selectedFiles()[0]).name
        dialog.fileSelected.emit(str(file))
        dialog.close()
        return proposed
