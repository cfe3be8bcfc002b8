"""The hours page's panels, as an administrator and as a supervisor see them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk_app.cases.calendar_edits.pages import ClosedPromise, EditEffect, MovedDeadline
from desk_app.cases.deadlines.rules import DeadlineKind
from desk_app.cases.tasks.views import ReminderKind
from desk_app.errors import Refused
from desk_app.hours.edits import CalendarEdit, ClosureEntry, WeekEntry
from desk_app.hours.exchange.plan import ImportPlan
from desk_app.hours.phrases import Cause, Reason
from desk_app.hours.rules import ClosureRow, Season, SeasonStanding, SeasonState
from desk_app.hours.views import CalendarPage, HoursStatus, PermitRow
from tests.ui.scenes import Scene
from ui.hours.closures import Closures
from ui.hours.edit_preview import EditPreview
from ui.hours.permits import Permits
from ui.hours.weekly_hours import WeeklyHours
from ui.hours.words import said_edit, said_left_out
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


NEW_YEAR = ClosureEntry(Season.NEW_YEAR, 2026, date(2026, 12, 28), date(2027, 1, 4))
WEEK = WeekEntry("Asia/Tokyo", (("09:30", "12:00"), ("13:00", "18:00")), frozenset({5, 6}))
MOVED = tuple(
    MovedDeadline(
        f"2026-{at:06d}", kind, NOW + timedelta(days=95, hours=at), NOW + timedelta(days=104)
    )
    for at in range(1, 13)
    for kind in (DeadlineKind.NEXT_UPDATE, DeadlineKind.RESOLUTION)
)
PROMISED = tuple(
    ClosedPromise(f"2026-{at:06d}", kind, NOW + timedelta(days=95, hours=at))
    for at, kind in enumerate(ReminderKind, 1)
)
REFUSED = Refused("hours.closure_overlaps")
PLAN = ImportPlan((NEW_YEAR,), (NEW_YEAR,) * 3, ((NEW_YEAR, REFUSED),), WEEK)


def _preview(look: Look, edit: CalendarEdit, effect: EditEffect, plan: ImportPlan | None) -> Panel:
    made = EditPreview(look, zone=ZoneInfo("Asia/Tokyo"))
    does = list(said_edit(look, edit, PAGE.closures))
    does += said_left_out(look, plan) if plan is not None else ()
    made.present(does, reason=look.words("hours.season.new_year"), week=None if not plan else True)
    made.show_effect(effect)
    return made


SCENES: dict[str, Scene] = {
    "edit_moves": lambda look: _preview(
        look, CalendarEdit((NEW_YEAR,)), EditEffect(MOVED, 12, 1, PROMISED), None
    ),
    "edit_moves_nothing": lambda look: _preview(
        look, CalendarEdit(withdrawn=(1,)), EditEffect((), 0, 0), None
    ),
    "import": lambda look: _preview(
        look, PLAN.edit(with_week=True), EditEffect(MOVED[:4], 2, 2), PLAN
    ),
    "administrator": lambda look: _page(look, may_edit=True, may_permit=False),
    "supervisor": lambda look: _page(look, may_edit=False, may_permit=True),
}
