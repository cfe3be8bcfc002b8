"""Starts the window: Qt, fonts, settings, one window for a folder, and the nets under it all."""

import faulthandler
import logging
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from desk_app import settings as desk_settings
from desk_app.clock import Clock, SystemClock
from desk_app.errors import DeskError
from desk_app.folder import is_held
from desk_app.settings import Settings
from ui.application import Application
from ui.collector import QtThreadCollector
from ui.language import ScreenLanguage
from ui.look import Look
from ui.main_window import MainWindow
from ui.notices import place_of
from ui.settings.keeper import SettingsKeeper
from ui.tasks import Tasks
from ui.theme import Theme

_GIVE_WAY_SECONDS = 0.0005
_LOG = logging.getLogger(__name__)
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(folder: Path) -> int:
    """Show the window of the office in a data folder until it is closed; the exit code.

    A second start for the same folder brings the first window to the front and returns 0.
    """
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Inquiry Desk")
    if is_held(folder) and _bring_to_front(folder):
        return 0
    collector = QtThreadCollector(application)
    desk = open_window(application, folder, SystemClock())
    _spread_nets(desk.window)
    QTimer.singleShot(0, desk.window, lambda: _answer_later_starts(folder, desk.window))
    code = application.exec()
    collector.stop()
    return code


def open_window(application: QApplication, folder: Path, clock: Clock) -> Application:
    """The window of a data folder, shown, with the rest loading behind it."""
    # Each call into Qt lets Python go, and waits this long to have it back from a busy worker.
    sys.setswitchinterval(_GIVE_WAY_SECONDS)
    settings, mistake = _settings(folder)
    look = Look(ScreenLanguage(settings.language), Theme(application, settings.theme))
    window = MainWindow(look)
    tasks = Tasks(window)
    keeper = SettingsKeeper(settings, folder, tasks, window)
    desk = Application(look, window, tasks, keeper, folder=folder, clock=clock)
    window.show()
    desk.start()
    if mistake is not None:
        window.notices.error(mistake)
    return desk


def _bring_to_front(folder: Path) -> bool:
    from ui.single_window import bring_to_front  # loads the network, which most starts don't need

    return bring_to_front(folder)


def _answer_later_starts(folder: Path, window: MainWindow) -> None:
    """After the first paint: whoever starts the desk again gets this window."""
    from ui.single_window import SingleWindow

    SingleWindow(folder, window).called.connect(window.come_forward)


def _settings(folder: Path) -> tuple[Settings, DeskError | None]:
    """The settings; after a mistake in them, which sets the file aside, the defaults."""
    try:
        return desk_settings.load(folder), None
    except DeskError as mistake:
        try:
            return desk_settings.load(folder), mistake
        except DeskError as again:
            return Settings(), again


def _spread_nets(window: MainWindow) -> None:
    """Whatever nobody caught is shown as a bug, by kind and place only."""
    faulthandler.enable()

    def from_thread(caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            _LOG.error("a thread ended with %s", place_of(caught.exc_value))

    def from_qt(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        _LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)

    def from_slot(kind: type[BaseException], error: BaseException, _trace: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        _LOG.error("a slot ended with %s", place_of(error))
        window.notices.error(error)

    threading.excepthook = from_thread
    qInstallMessageHandler(from_qt)
    sys.excepthook = from_slot
