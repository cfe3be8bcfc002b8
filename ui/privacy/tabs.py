"""The tabs of the privacy page. A new tab is one line here and one maker.

Makers import their panel when it is first opened. Who may open no tab has no such page.
"""

from ui.panel import Panel
from ui.session import Session
from ui.tabbed_page import Tab


def _requests(session: Session) -> Panel:
    from ui.privacy.requests.panel import RequestsTab

    return RequestsTab(session)


def _originals(session: Session) -> Panel:
    from ui.privacy.originals.tab import OriginalsTab

    return OriginalsTab(session)


def _provisions(session: Session) -> Panel:
    from ui.privacy.provisions.tab import ProvisionsTab

    return ProvisionsTab(session)


def _disclosure(session: Session) -> Panel:
    from ui.privacy.disclosure.tab import DisclosureTab

    return DisclosureTab(session)


def _erasures(session: Session) -> Panel:
    from ui.privacy.erasures.tab import ErasuresTab

    return ErasuresTab(session)


def _holds(session: Session) -> Panel:
    from ui.privacy.erasures.holds_tab import HoldsTab

    return HoldsTab(session)


def _retention(session: Session) -> Panel:
    from ui.privacy.retention.tab import RetentionTab

    return RetentionTab(session)


TABS: tuple[Tab, ...] = (
    Tab("requests", "ui_privacy.tab_requests", "handle_requests", _requests),
    Tab("disclosure", "ui_privacy.tab_disclosure", "decide_requests", _disclosure),
    Tab("provisions", "ui_privacy.tab_provisions", "provide", _provisions),
    Tab("originals", "ui_privacy.tab_originals", "keep_originals", _originals),
    Tab("retention", "ui_privacy.tab_retention", "approve_requests", _retention),
    Tab("erasures", "ui_privacy.tab_erasures", "approve_requests", _erasures),
    Tab("holds", "ui_privacy.tab_holds", "hold_and_erase", _holds),
)
