"""The recordings page: what the daily comparison found, storage, keys."""

from ui.keys_overview import Keys
from ui.recordings.tabs import TABS
from ui.session import Session
from ui.tabbed_page import Tab, TabbedPage

KEYS: Keys = (
    ("Ctrl+Tab", "ui_recordings.key_next"),
    ("Alt+1 … 3", "ui_recordings.key_tabs"),
    ("F3", "ui_recordings.key_rows"),
    ("Enter", "ui_recordings.key_open"),
)


class RecordingsPage(TabbedPage):
    """The page of who may open at least one of its tabs."""

    keys = KEYS

    def __init__(self, session: Session, tabs: tuple[Tab, ...] = TABS) -> None:
        super().__init__(session, "recordings", tabs, title="ui_recordings.title")
