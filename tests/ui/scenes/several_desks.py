"""Several desks on one server: the server away, somebody else at the case, two versions of it."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.cases.conflicts.rules import Difference, FieldChange
from desk_app.cases.pages import TimelineRow
from desk_app.cases.presence.pages import Present
from desk_app.cases.rules import CaseAct, CaseState, EntryKind
from desk_app.errors import Fault
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import NOW, TOKYO, case_of
from tests.ui.scenes.intake import recognised
from tests.ui.scenes.window import at_desk
from ui.cases.case_actions import ActWanted
from ui.cases.case_page import CaseView
from ui.cases.conflict_panel import ConflictPanel
from ui.look import Look
from ui.status_bar import HoursLine

OTHERS = (
    Present(2, "Anna Schmidt", NOW - timedelta(minutes=3), is_writing=True),
    Present(3, "佐藤 花子", NOW, is_writing=False),
)


def away(look: Look) -> QWidget:
    window = at_desk(look, recognised(look))
    window.status.present_hours(
        HoursLine(is_open=True, say=lambda words: words("hours.status.open", until="12:00"))
    )
    window.status.present_recording("recording")
    window.present_server("10:42", 2)
    window.notices.error(Fault("storage.server_away"))
    return window


def present(look: Look) -> QWidget:
    page = case_of(look)
    page.presence.present(OTHERS, has_changed=True)
    page.act_bar.open(CaseAct.NOTE)
    page.act_bar.text.setPlainText("品質保証部に確認する。")
    return page


def _conflict(look: Look, mine: ActWanted, theirs: Difference, *, is_possible: bool) -> CaseView:
    page = case_of(look, events=False)
    page.presence.present(OTHERS[:1], has_changed=False)
    panel = ConflictPanel(look, zone=TOKYO)
    place = page.player_place
    assert isinstance(place, QVBoxLayout)
    place.addWidget(panel)
    panel.present(theirs, mine, assignee="", is_possible=is_possible)
    page.act_bar.hide()
    return page


THEIRS = Difference(
    fields=(
        FieldChange("state", CaseState.NEW, CaseState.WAITING),
        FieldChange("assignee", None, "Anna Schmidt"),
    ),
    entries=(
        TimelineRow(NOW, "Anna Schmidt", EntryKind.ASSIGNED, "", {}),
        TimelineRow(NOW, "Anna Schmidt", EntryKind.WAITING, "部品番号の連絡をお待ちする。", {}),
    ),
)
MINE = ActWanted(CaseAct.WAIT, "お客様から写真が届くのを待つ。届いたら品質保証部へ送る。")


def conflict(look: Look) -> QWidget:
    return _conflict(look, MINE, THEIRS, is_possible=True)


def conflict_impossible(look: Look) -> QWidget:
    mine = replace(MINE, act=CaseAct.PROMISE, at=NOW + timedelta(hours=20))
    return _conflict(look, mine, Difference(), is_possible=False)


SCENES: dict[str, Scene] = {
    "away": away,
    "present": present,
    "conflict": conflict,
    "conflict_impossible": conflict_impossible,
}
