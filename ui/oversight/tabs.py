"""The tabs of the oversight page. A new tab is one line here and one maker.

Makers import their panel when it is first opened. Who may open no tab has no such page.
"""

from ui.panel import Panel
from ui.session import Session
from ui.tabbed_page import Tab


def _data_map(session: Session) -> Panel:
    from ui.oversight.data_map import DataMapTab

    return DataMapTab(session)


TABS: tuple[Tab, ...] = (Tab("data_map", "ui_oversight.tab_data_map", "oversee", _data_map),)
