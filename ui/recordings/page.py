"""The recordings page: the tabs that the signed-in person may open."""

from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout

from ui.controls import label
from ui.keys_overview import Keys
from ui.panel import Panel
from ui.recordings.tabs import TABS, Tab
from ui.session import Session

KEYS: Keys = (
    ("Ctrl+Tab", "ui_recordings.key_next"),
    ("Alt+1 … 3", "ui_recordings.key_tabs"),
    ("F3", "ui_recordings.key_rows"),
    ("Enter", "ui_recordings.key_open"),
)


class RecordingsPage(Panel):
    """Makes a tab's panel when it is first shown; one tab alone has no bar above it."""

    keys = KEYS

    def __init__(self, session: Session, tabs: tuple[Tab, ...] = TABS) -> None:
        super().__init__(session.look, "recordings")
        self._session = session
        self._tabs = [one for one in tabs if one.permission in session.account.permissions]
        self._panels: dict[str, Panel] = {}
        self.bar = QTabBar()
        self.bar.setObjectName("recordings_tabs")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        if len(self._tabs) < 2:
            self.bar.hide()
        self.bind(self.bar.setAccessibleName, "ui_recordings.title")
        for at, tab in enumerate(self._tabs):
            self.bar.addTab("")
            self.bind(partial(self.bar.setTabText, at), f"ui_recordings.tab_{tab.key}")
        self._book = QStackedWidget()
        head = QHBoxLayout()
        head.addWidget(
            label(self, "ui_recordings.title", name="recordings_title", scale=1.35, bold=True)
        )
        head.addSpacing(16)
        head.addWidget(self.bar)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.addLayout(head)
        layout.addWidget(self._book, stretch=1)
        self.bar.currentChanged.connect(self._show)
        for pressed, step in (("Ctrl+Tab", 1), ("Ctrl+Shift+Tab", -1)):
            QShortcut(QKeySequence(pressed), self, partial(self._turn, step))
        for at in range(len(self._tabs)):
            QShortcut(QKeySequence(f"Alt+{at + 1}"), self, partial(self._open, at))

    @property
    def is_engaged(self) -> bool:
        """The idle lock waits while one of the tabs does."""
        return any(getattr(panel, "is_engaged", False) for panel in self._panels.values())

    def enter(self) -> None:
        self._show(self.bar.currentIndex())

    def retire(self) -> None:
        for panel in self._panels.values():
            panel.retire()

    def panel(self, key: str) -> Panel:
        """The panel of a tab, made when it is first wanted."""
        if key not in self._panels:
            tab = next(one for one in self._tabs if one.key == key)
            made = self._panels[key] = tab.make(self._session)
            self._book.addWidget(made)
        return self._panels[key]

    def _show(self, at: int) -> None:
        shown = self.panel(self._tabs[at].key)
        self._book.setCurrentWidget(shown)
        shown.enter()

    def _open(self, at: int) -> None:
        if at == self.bar.currentIndex():
            self._show(at)  # the keyboard is asked for, wherever it is now
        else:
            self.bar.setCurrentIndex(at)

    def _turn(self, step: int) -> None:
        self.bar.setCurrentIndex((self.bar.currentIndex() + step) % len(self._tabs))
