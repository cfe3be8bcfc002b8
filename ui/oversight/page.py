"""The oversight page: what the data protection officer answers for."""

from ui.keys_overview import Keys
from ui.oversight.tabs import TABS
from ui.session import Session
from ui.tabbed_page import Tab, TabbedPage

KEYS: Keys = (
    ("Ctrl+Tab", "ui_oversight.key_next"),
    ("Alt+1 … 9", "ui_oversight.key_tabs"),
)


class OversightPage(TabbedPage):
    """The page of who may open at least one of its tabs."""

    keys = KEYS

    def __init__(self, session: Session, tabs: tuple[Tab, ...] = TABS) -> None:
        super().__init__(session, "oversight", tabs, title="ui_oversight.title")
