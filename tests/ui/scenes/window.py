"""The whole window: at the desk with a call, closed with notices, and before signing in."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desk_app.errors import Fault
from tests.ui.scenes import Scene
from tests.ui.scenes.entrance import OFFICE, sign_in_demo
from tests.ui.scenes.intake import closed, recognised
from ui.calls.page import KEYS
from ui.keys_overview import EVERYWHERE, KeysOverview
from ui.look import Look
from ui.main_window import MainWindow
from ui.pages import PAGES, PageEntry
from ui.status_bar import HoursLine

PERMISSIONS = frozenset().union(*(page.permissions for page in PAGES))


@dataclass(frozen=True)
class Account:
    """As much of a signed-in person as the window itself looks at."""

    name: str
    permissions: frozenset[str]


@dataclass(frozen=True)
class Signed:
    account: Account


def at_desk(look: Look, page: QWidget) -> MainWindow:
    window = MainWindow(look)
    window.session = Signed(Account("佐藤 美咲", PERMISSIONS))
    window.rail.present(PAGES)
    window._entries = {
        entry.key: PageEntry(entry.key, entry.icon, entry.permissions, lambda _session: page)
        for entry in PAGES
    }
    window.status.present_people(office=OFFICE, person="佐藤 美咲")
    window.open_page("intake")
    return window


def call(look: Look) -> QWidget:
    window = at_desk(look, recognised(look))
    window.status.present_hours(
        HoursLine(is_open=True, say=lambda words: words("hours.status.open", until="12:00"))
    )
    window.status.present_recording("recording")
    return window


def refused(look: Look) -> QWidget:
    window = at_desk(look, closed(look))
    window.status.present_hours(
        HoursLine(
            is_open=False,
            say=lambda words: words(
                "hours.status.closed", reason=words("hours.reason.lunch"), until="13:00"
            ),
        )
    )
    window.notices.error(Fault("recordings.no_device"))
    window.notices.say("ui_intake.saved_case", contact="20260918-0007", case="2026-000123")
    return window


def entrance(look: Look) -> QWidget:
    window = MainWindow(look)
    window.show_entrance(sign_in_demo(look))
    return window


def keys(look: Look) -> QWidget:
    return KeysOverview(look, EVERYWHERE + KEYS, None)


SCENES: dict[str, Scene] = {"keys": keys, "call": call, "refused": refused, "entrance": entrance}
