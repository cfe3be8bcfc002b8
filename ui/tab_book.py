"""Tabs above a stack of panels, each made when it is first shown."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from ui.look import Look
from ui.panel import Panel


class TabBook(Panel):
    """``bar`` and ``stack`` are placed by the owner; Ctrl+Tab turns and Alt+1… opens (Alt+0 the
    tenth), while the focus is within the owner. One tab alone has no bar. Emits `made` with each
    new panel."""

    made = Signal(Panel)

    def __init__(self, look: Look, name: str, owner: QWidget, *, spoken: str) -> None:
        super().__init__(look, name, owner)
        self._owner = owner
        self._makers: dict[str, Callable[[], Panel]] = {}
        self._panels: dict[str, Panel] = {}
        self.bar = QTabBar(self)  # until the owner places it: alone it would be a window
        self.bar.setObjectName(f"{name}_tabs")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.hide()
        self.bind(self.bar.setAccessibleName, spoken)
        self.stack = QStackedWidget()
        self.bar.currentChanged.connect(self.show_tab)
        for pressed, step in (("Ctrl+Tab", 1), ("Ctrl+Shift+Tab", -1)):
            QShortcut(QKeySequence(pressed), owner, partial(self._turn, step))
        self.hide()  # it draws nothing itself

    def add(self, key: str, text: str, make: Callable[[], Panel]) -> None:
        """A further tab, named by the words of ``text``."""
        at = len(self._makers)
        self._makers[key] = make
        self.bar.blockSignals(True)  # the first tab would be shown at once
        self.bar.addTab("")
        self.bar.blockSignals(False)
        self.bind(partial(self.bar.setTabText, at), text)
        QShortcut(QKeySequence(f"Alt+{(at + 1) % 10}"), self._owner, partial(self.open, at))
        self.bar.setVisible(len(self._makers) > 1)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Those that have been made."""
        return tuple(self._panels.values())

    def panel(self, key: str) -> Panel:
        """The panel of a tab, made when it is first wanted."""
        if key not in self._panels:
            new = self._panels[key] = self._makers[key]()
            self.stack.addWidget(new)
            self.made.emit(new)
        return self._panels[key]

    def open(self, at: int) -> None:
        """Turn to a tab; when it is open already, the keyboard goes there."""
        if at == self.bar.currentIndex():
            self.show_tab(at)
        else:
            self.bar.setCurrentIndex(at)

    def has(self, key: str) -> bool:
        """Whether there is such a tab, for this person."""
        return key in self._makers

    def open_key(self, key: str) -> Panel:
        """Turn to the tab of this key; its panel."""
        self.open(list(self._makers).index(key))
        return self.panel(key)

    def show_tab(self, at: int) -> None:
        """Show a tab's panel and let it take the keyboard."""
        shown = self.panel(list(self._makers)[at])
        self.stack.setCurrentWidget(shown)
        shown.enter()

    def _turn(self, step: int) -> None:
        self.bar.setCurrentIndex((self.bar.currentIndex() + step) % len(self._makers))
