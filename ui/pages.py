"""The pages of the navigation rail. A new page is one line here and one maker.

Makers import their page when it is first opened, so that the window stands before the heavy
modules are loaded. A page is a `Panel`; it may offer ``is_engaged`` (the idle lock waits).
"""

import gc
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from ui.oversight.tabs import TABS as OVERSIGHT_TABS
from ui.panel import Panel
from ui.privacy.tabs import TABS as PRIVACY_TABS
from ui.recordings.tabs import TABS
from ui.session import Session
from ui.tabbed_page import Tab


@dataclass(frozen=True, slots=True)
class PageEntry:
    """``key`` names the page, its word ``ui_main.page_<key>``; one of ``permissions``, by
    their values, opens it."""

    key: str
    icon: str
    permissions: frozenset[str]
    make: Callable[[Session], Panel]


def _settings(session: Session) -> Panel:
    from ui.settings.conductor import SettingsConductor

    return SettingsConductor.page_for(session)


def _intake(session: Session) -> Panel:
    from ui.calls.conductor import IntakeConductor

    return IntakeConductor.page_for(session)


def _cases(session: Session) -> Panel:
    from ui.cases.page import CasesPage

    return CasesPage(session)


def _people(session: Session) -> Panel:
    from ui.people.page import PeoplePage

    return PeoplePage(session)


def _hours(session: Session) -> Panel:
    from ui.hours.page import HoursPage

    return HoursPage(session)


def _case_types(session: Session) -> Panel:
    from ui.case_types.page import CaseTypesPage

    return CaseTypesPage(session)


def _recordings(session: Session) -> Panel:
    from ui.recordings.page import RecordingsPage

    return RecordingsPage(session)


def _privacy(session: Session) -> Panel:
    from ui.privacy.page import PrivacyPage

    return PrivacyPage(session)


def _oversight(session: Session) -> Panel:
    from ui.oversight.page import OversightPage

    return OversightPage(session)


def _texts(session: Session) -> Panel:
    from ui.texts.page import TextsPage

    return TextsPage(session)


def _audit(session: Session) -> Panel:
    from ui.audit.page import AuditPage

    return AuditPage(session)


def _permissions(tabs: tuple[Tab, ...]) -> frozenset[str]:
    return frozenset(one.permission for one in tabs)


PAGES: tuple[PageEntry, ...] = (
    PageEntry("intake", "phone-incoming", frozenset({"take_calls"}), _intake),
    PageEntry("cases", "list", frozenset({"read_cases"}), _cases),
    PageEntry("recordings", "circle-dot", _permissions(TABS), _recordings),
    PageEntry("privacy", "shield-check", _permissions(PRIVACY_TABS), _privacy),
    PageEntry("oversight", "eye", _permissions(OVERSIGHT_TABS), _oversight),
    PageEntry("texts", "message-square", frozenset({"edit_texts"}), _texts),
    PageEntry("people", "users", frozenset({"read_users"}), _people),
    PageEntry("hours", "calendar-clock", frozenset({"read_hours"}), _hours),
    PageEntry("case_types", "file-text", frozenset({"edit_case_types"}), _case_types),
    PageEntry("audit", "scroll-text", frozenset({"read_audit"}), _audit),
    PageEntry("settings", "settings", frozenset({"own_account"}), _settings),
)


_MODULES = (
    "ui.audit.page",
    "ui.calls.conductor",
    "ui.case_types.page",
    "ui.cases.knowledge",
    "ui.cases.page",
    "ui.cases.tasks",
    "ui.desk_conductor",
    "ui.help_calls.list_tab",
    "ui.hours.page",
    "ui.oversight.page",
    "ui.people.page",
    "ui.privacy.page",
    "ui.recordings.comparison",
    "ui.recordings.page",
    "ui.settings.conductor",
    "ui.texts.page",
)


def preload() -> None:
    """Import the modules of every page, on a worker: no first visit then stops the window.

    They stay for good, so no collection of garbage looks through them again.
    """
    for name in _MODULES:
        importlib.import_module(name)
    gc.freeze()


def offered(permissions: frozenset[str]) -> tuple[PageEntry, ...]:
    """The pages that somebody with these permissions may open."""
    return tuple(page for page in PAGES if page.permissions & permissions)
