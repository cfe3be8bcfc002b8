"""The tabs of the recordings page. A new tab is one line here and one maker.

Makers import their panel when it is first opened. Who may open no tab has no recordings page.
"""

from ui.panel import Panel
from ui.session import Session
from ui.tabbed_page import Tab


def _findings(session: Session) -> Panel:
    from ui.recordings.comparison import FindingsTab

    return FindingsTab(session)


def _keys(session: Session) -> Panel:
    from ui.recordings.keys import KeysTab

    return KeysTab(session)


def _storage(session: Session) -> Panel:
    from ui.recordings.storing import StorageTab

    return StorageTab(session)


TABS: tuple[Tab, ...] = (
    Tab("findings", "ui_recordings.tab_findings", "reconcile_recordings", _findings),
    Tab("storage", "ui_recordings.tab_storage", "read_stores", _storage),
    Tab("keys", "ui_recordings.tab_keys", "manage_keys", _keys),
)
