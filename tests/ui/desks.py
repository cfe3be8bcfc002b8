"""A real office behind the real window, for tests that work at the desk."""

from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from desk_app.clock import Clock
from desk_app.founding import FirstPerson
from desk_app.settings import load
from ui.application import Application
from ui.look import Look
from ui.main_window import MainWindow
from ui.settings.keeper import SettingsKeeper
from ui.tasks import Tasks

PATIENCE_MS = 30_000
"""Key derivation and a busy machine take their time; nothing waits that long when it works."""


def open_window(qtbot: QtBot, look: Look, folder: Path, clock: Clock) -> Application:
    """The window of an office, shown, with the sign-in page coming."""
    window = MainWindow(look)
    qtbot.addWidget(window)
    tasks = Tasks(window)
    settings = replace(load(folder), language=look.language.language)
    keeper = SettingsKeeper(settings, folder, tasks, window)
    desk = Application(look, window, tasks, keeper, folder=folder, clock=clock)
    window.show()
    desk.start()
    return desk


def sign_in(qtbot: QtBot, desk: Application, person: FirstPerson) -> None:
    """Sign in and wait for the desk."""
    qtbot.waitUntil(lambda: desk.office is not None, timeout=PATIENCE_MS)
    desk.sign_in.login.setText(person.login)
    desk.sign_in.password.setText(person.password)
    qtbot.waitUntil(desk.sign_in.submit.isEnabled, timeout=PATIENCE_MS)
    desk.sign_in.submit.click()
    qtbot.waitUntil(lambda: desk.window.is_at_desk, timeout=PATIENCE_MS)
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow, timeout=PATIENCE_MS)
