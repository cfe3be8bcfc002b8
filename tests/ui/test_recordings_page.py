"""The recordings page: one tab for each thing a person may do, reached by keys."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desk_app.people.access import PERSONAL_PERMISSIONS, ROLE_PERMISSIONS, Role
from ui.look import Look
from ui.pages import offered
from ui.panel import Panel
from ui.recordings.page import RecordingsPage
from ui.recordings.tabs import TABS
from ui.tabbed_page import Tab

ALL = frozenset({"first", "second", "third"})


@dataclass(frozen=True)
class Account:
    permissions: frozenset[str]


@dataclass(frozen=True)
class Signed:
    """As much of a session as the page itself looks at."""

    look: Look
    account: Account


class Counted(Panel):
    """A tab that counts what it is told."""

    is_engaged = False

    def __init__(self, look: Look, name: str) -> None:
        super().__init__(look, name)
        self.field = QLineEdit(self)
        self.entered = self.retired = 0

    def enter(self) -> None:
        self.entered += 1
        self.field.setFocus()

    def retire(self) -> None:
        self.retired += 1


def _tab(key: str, permission: str) -> Tab:
    return Tab(
        key, f"ui_recordings.tab_{key}", permission, lambda session: Counted(session.look, key)
    )


THREE = (_tab("findings", "first"), _tab("storage", "second"), _tab("keys", "third"))


@pytest.fixture
def page(qtbot: QtBot, look: Look, request: pytest.FixtureRequest) -> RecordingsPage:
    permissions = getattr(request, "param", ALL)
    made = RecordingsPage(Signed(look, Account(permissions)), THREE)
    qtbot.addWidget(made)
    made.show()
    made.enter()
    return made


def front(page: RecordingsPage) -> str:
    focused = page.focusWidget()
    assert focused is not None
    return focused.parentWidget().objectName()


def test_keys_reach_every_tab(qtbot: QtBot, page: RecordingsPage) -> None:
    qtbot.waitActive(page)
    seen = [front(page)]
    for _ in range(3):
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
        seen.append(front(page))
    assert seen == ["findings", "storage", "keys", "findings"]
    for at, key in ((3, "keys"), (3, "keys"), (1, "findings"), (2, "storage")):
        digit = Qt.Key(Qt.Key.Key_0.value + at)
        qtbot.keyClick(page.focusWidget(), digit, Qt.KeyboardModifier.AltModifier)
        assert front(page) == key


@pytest.mark.parametrize("page", [frozenset({"second"})], indirect=True)
def test_one_tab_alone_needs_no_bar(page: RecordingsPage) -> None:
    assert front(page) == "storage"
    assert not page.bar.isVisible()


@pytest.mark.parametrize("page", [frozenset({"first", "third"})], indirect=True)
def test_what_is_not_permitted_has_no_tab(page: RecordingsPage) -> None:
    shown = [page.bar.tabText(at) for at in range(page.bar.count())]
    words = page.look.words
    assert shown == [words("ui_recordings.tab_findings"), words("ui_recordings.tab_keys")]


def test_a_panel_is_made_once_and_told_of_the_end(page: RecordingsPage) -> None:
    first = page.panel("findings")
    assert isinstance(first, Counted)
    page.bar.setCurrentIndex(1)
    page.bar.setCurrentIndex(0)
    assert page.panel("findings") is first
    assert first.entered == 2
    assert not page.is_engaged
    first.is_engaged = True
    assert page.is_engaged
    page.retire()
    assert first.retired == 1


@pytest.mark.parametrize("role", Role)
def test_a_role_without_any_tab_has_no_recordings_page(role: Role) -> None:
    for permissions in (ROLE_PERMISSIONS[role], ROLE_PERMISSIONS[role] - PERSONAL_PERMISSIONS):
        values = frozenset(str(one) for one in permissions)
        may = any(tab.permission in values for tab in TABS)
        assert ("recordings" in {entry.key for entry in offered(values)}) is may
