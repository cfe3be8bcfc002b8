"""A person at the window, played by the program: types, presses keys, clicks, waits.

For the scripted day and the journeys of the tests. It goes through the same widgets as a
person does and reaches them by object name; it waits for what it wants to see, never for time.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desk_app.errors import Fault

W = TypeVar("W", bound=QWidget)
PATIENCE_SECONDS = 60.0
_LOOK_EVERY_MS = 5
_ROUNDS_OF_LAYOUT = 10


class Hands:
    """Acts on one window. Each act raises ``Fault("demo.stuck")`` if it can't be done in time."""

    def __init__(self, window: QWidget) -> None:
        self.window = window

    def wait(self, what: str, until: Callable[[], object]) -> None:
        """Let the window work until ``until()`` is true; ``what`` names it in the error."""
        QApplication.processEvents()  # nobody's next act comes before the answer to the last
        if until():
            return
        loop = QEventLoop()
        deadline = time.monotonic() + PATIENCE_SECONDS
        looking = QTimer()
        looking.timeout.connect(
            lambda: loop.quit() if until() or time.monotonic() > deadline else None
        )
        looking.start(_LOOK_EVERY_MS)
        loop.exec()
        looking.stop()
        if not until():
            raise Fault("demo.stuck", step=what)

    def settle(self) -> None:
        """Let the window lay itself out after what has just changed."""
        for _ in range(_ROUNDS_OF_LAYOUT):
            QApplication.processEvents()

    def find(self, kind: type[W], name: str) -> W:
        """The visible widget of this name, once it is there."""

        def visible() -> list[W]:
            return [one for one in self.window.findChildren(kind, name) if one.isVisible()]

        self.wait(name, visible)
        return visible()[-1]

    def type(self, name: str, text: str) -> None:
        """Write into a field. Japanese comes as an input method commits it, whole."""
        field = self.find(QWidget, name)
        field.setFocus()
        if text.isascii():
            QTest.keyClicks(field, text)
        elif isinstance(field, QLineEdit):
            field.insert(text)
        elif isinstance(field, QPlainTextEdit):
            field.insertPlainText(text)

    def press(self, keys: str) -> None:
        """Press a key combination such as ``Ctrl+Return`` where the focus is."""
        QTest.keySequence(QApplication.focusWidget() or self.window, QKeySequence(keys))

    def click(self, name: str) -> None:
        """Click a button, once it can be."""
        button = self.find(QAbstractButton, name)
        self.wait(f"{name} enabled", button.isEnabled)
        button.click()

    def click_at(self, widget: QWidget, x: int, y: int) -> None:
        """Click a place of a widget."""
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(x, y))

    def choose(self, name: str, value: str) -> None:
        """Choose by value in a drop-down list."""
        combo = self.find(QComboBox, name)
        combo.setCurrentIndex(combo.findData(value))
