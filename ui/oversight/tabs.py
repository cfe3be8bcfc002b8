"""The tabs of the oversight page. A new tab is one line here and one maker.

Makers import their panel when it is first opened. Who may open no tab has no such page.
"""

from ui.tabbed_page import Tab

TABS: tuple[Tab, ...] = ()
