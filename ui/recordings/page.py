"""The recordings page: the tabs that the signed-in person may open."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.controls import label
from ui.keys_overview import Keys
from ui.panel import Panel
from ui.recordings.tabs import TABS, Tab
from ui.session import Session
from ui.tab_book import TabBook

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
        self.book = TabBook(session.look, "recordings", self, spoken="ui_recordings.title")
        for tab in tabs:
            if tab.permission in session.account.permissions:
                self.book.add(tab.key, f"ui_recordings.tab_{tab.key}", partial(tab.make, session))
        self.bar = self.book.bar
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
        layout.addWidget(self.book.stack, stretch=1)

    @property
    def is_engaged(self) -> bool:
        """The idle lock waits while one of the tabs does."""
        return any(getattr(panel, "is_engaged", False) for panel in self.book.panels)

    def enter(self) -> None:
        self.book.show_tab(self.bar.currentIndex())

    def retire(self) -> None:
        for panel in self.book.panels:
            panel.retire()

    def panel(self, key: str) -> Panel:
        """The panel of a tab, made when it is first wanted."""
        return self.book.panel(key)
