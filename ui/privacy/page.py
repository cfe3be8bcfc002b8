"""The privacy page: customers' rights, what was handed on, paper, retention."""

from ui.keys_overview import Keys
from ui.privacy.tabs import TABS
from ui.session import Session
from ui.tabbed_page import Tab, TabbedPage

KEYS: Keys = (
    ("Ctrl+Tab", "ui_privacy.key_next"),
    ("Alt+1 … 9", "ui_privacy.key_tabs"),
)


class PrivacyPage(TabbedPage):
    """The page of who may open at least one of its tabs."""

    keys = KEYS

    def __init__(self, session: Session, tabs: tuple[Tab, ...] = TABS) -> None:
        super().__init__(session, "privacy", tabs, title="ui_privacy.title")
