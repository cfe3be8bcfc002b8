"""The tabs of the recordings page. A new tab is one line here and one maker.

Makers import their panel when it is first opened. Who may open no tab has no recordings page.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ui.panel import Panel
from ui.session import Session


@dataclass(frozen=True, slots=True)
class Tab:
    """``key`` names the tab, its word ``ui_recordings.tab_<key>``; ``permission`` is its value."""

    key: str
    permission: str
    make: Callable[[Session], Panel]


def _findings(session: Session) -> Panel:
    from ui.recordings.comparison import FindingsTab

    return FindingsTab(session)


def _storage(session: Session) -> Panel:
    from ui.recordings.storing import StorageTab

    return StorageTab(session)


TABS: tuple[Tab, ...] = (
    Tab("findings", "reconcile_recordings", _findings),
    Tab("storage", "read_stores", _storage),
)
