"""The hours page's panels, as an administrator and as a supervisor see them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.hours.phrases import Cause, Reason
from desk_app.hours.rules import ClosureRow, Season, SeasonStanding, SeasonState
from desk_app.hours.views import CalendarPage, HoursStatus, PermitRow
from tests.ui.scenes import Scene
from ui.hours.closures import Closures
from ui.hours.permits import Permits
from ui.hours.weekly_hours import WeeklyHours
from ui.look import Look
from ui.panel import Panel

NOW = datetime(2026, 9, 24, 12, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
MISSING = SeasonStanding(Season.NEW_YEAR, 2026, SeasonState.MISSING, warn=True)
PAGE = CalendarPage(
    revision=1,
    zone="Asia/Tokyo",
    shifts=(("10:00", "12:00"), ("13:00", "17:00")),
    closed_weekdays=frozenset({5, 6}),
    closures=(ClosureRow(1, Season.SUMMER, 2026, date(2026, 8, 12), date(2026, 8, 16), ""),),
    seasons=(MISSING,),
    permits=(
        PermitRow(1, NOW.replace(hour=17, minute=30), False, "自主回収の問い合わせが多い", 3),
    ),
)
STATUS = HoursStatus(
    now=NOW,
    is_open=False,
    changes_at=NOW.replace(hour=13, minute=0),
    reason=Reason(Cause.LUNCH),
    provisional=False,
    permitted_until=None,
    calls_permitted=0,
    warnings=(MISSING,),
)


def _page(look: Look, *, may_edit: bool, may_permit: bool) -> QWidget:
    page = Panel(look, "hours_scene")
    layout = QVBoxLayout(page)
    permits = Permits(look, may_permit=may_permit)
    weekly = WeeklyHours(look, may_edit=may_edit)
    closures = Closures(look, may_edit=may_edit)
    permits.present(PAGE, STATUS)
    weekly.present(PAGE)
    closures.present(PAGE, STATUS)
    for panel in (permits, weekly, closures):
        layout.addWidget(panel)
    layout.addStretch(1)
    first = permits.reason if may_permit else closures.season
    page.enter = first.setFocus  # type: ignore[method-assign]  # the scene stands for the page
    return page


SCENES: dict[str, Scene] = {
    "administrator": lambda look: _page(look, may_edit=True, may_permit=False),
    "supervisor": lambda look: _page(look, may_edit=False, may_permit=True),
}
