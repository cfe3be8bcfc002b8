"""The tab of retention: reads end in any order, and what was asked for last is shown."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from desk_app.backup.rules import ErasedKind
from desk_app.privacy.retention import views
from desk_app.privacy.retention.pages import KindRow, PreviewPage, ThingRow, ThingsPage
from desk_app.privacy.retention.preview import Counted
from desk_app.privacy.retention.rules import Kind, Why
from ui.look import Look
from ui.privacy.retention.tab import RetentionTab

TODAY, LATER = date(2026, 6, 10), date(2027, 6, 10)


class Reads(QObject):
    """As much of a session as the tab reads through; each read ends when the test says so."""

    changed = Signal(tuple)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look, self.zone = look, ZoneInfo("Asia/Tokyo")
        self.account = SimpleNamespace(permissions={"retain"})
        self.open: list[tuple[Any, tuple[Any, ...], dict[str, Any], Callable[..., None]]] = []

    def read(self, _owner: object, view: Any, *args: Any, done: Any, **named: Any) -> None:
        self.open.append((view, args, named, done))

    def end(self, view: Any, answer: Callable[..., Any]) -> None:
        """Answer all of these, the latest first."""
        for one in [one for one in reversed(self.open) if one[0] is view]:
            self.open.remove(one)
            one[3](answer(*one[1], **one[2]))


@pytest.fixture
def reads(look: Look) -> Reads:
    return Reads(look)


@pytest.fixture
def tab(reads: Reads, qtbot: QtBot) -> RetentionTab:
    made = RetentionTab(reads)
    qtbot.addWidget(made)
    made.enter()
    reads.end(views.preview, page)
    return made


def page(day: date | None = None) -> PreviewPage:
    return PreviewPage(day or TODAY, day is None, (KindRow(Kind.CALLS, (), Counted(1)),))


def things(_kind: Kind, day: date, *, kept: bool, after: object) -> ThingsPage:
    why = Why.HOLD if kept else None
    return ThingsPage((ThingRow(ErasedKind.CONTACT, day.year, "", why, None, None, None),), None)


def test_what_was_asked_for_last_is_shown_however_reads_end(
    tab: RetentionTab, reads: Reads
) -> None:
    tab.preview.show_choice.setCurrentIndex(1)
    assert len([one for one in reads.open if one[0] is views.things]) > 1
    reads.end(views.things, things)
    assert [row.why for row in tab.preview.things.rows] == [Why.HOLD]
    for day in (date(2026, 12, 1), LATER):
        tab.preview.day_chosen.emit(day)
    reads.end(views.preview, page)
    assert tab.preview.day_shown == LATER
