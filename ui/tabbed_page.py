"""A page of tabs: those that the signed-in person may open, each made when it is first shown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.controls import label
from ui.panel import Panel
from ui.session import Session
from ui.tab_book import TabBook


@dataclass(frozen=True, slots=True)
class Tab:
    """``words`` name the tab; ``permission`` is the value of what opens it.

    Makers import their panel when they are called, so that the window stands before it is loaded.
    """

    key: str
    words: str
    permission: str
    make: Callable[[Session], Panel]


class TabbedPage(Panel):
    """``title`` is the words that name the page. One tab alone has no bar."""

    def __init__(self, session: Session, name: str, tabs: tuple[Tab, ...], *, title: str) -> None:
        super().__init__(session.look, name)
        self.book = TabBook(session.look, name, self, spoken=title)
        for tab in tabs:
            if tab.permission in session.account.permissions:
                self.book.add(tab.key, tab.words, partial(tab.make, session))
        self.bar = self.book.bar
        head = QHBoxLayout()
        head.addWidget(label(self, title, name=f"{name}_title", scale=1.35, bold=True))
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
