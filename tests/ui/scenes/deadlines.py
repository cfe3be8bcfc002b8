"""The deadlines of a case, explained and worked on; statutory warnings; the head of a case."""

from datetime import UTC, date, datetime, timedelta

from PySide6.QtWidgets import QWidget

from desk_app.cases.deadlines.pages import DeadlineRow, Explanation, MoveRow, StatutoryWarning
from desk_app.cases.deadlines.rules import DeadlineKind, DeadlineState, MoveCause, state_of
from desk_app.cases.deadlines.statutory import rule_on
from desk_app.hours.explaining import counted_days, end_of_day, explain, warns_at
from desk_app.hours.reckoning import MINUTE_US, Pause, Run, reckon
from tests.hours.calendars import calendar_of
from tests.ui.scenes import Scene
from tests.ui.scenes.cases import NOW, TOKYO, case_of
from ui.cases.deadlines.view import DeadlineAct, DeadlinesView
from ui.cases.deadlines.warnings import StatutoryWarnings
from ui.look import Look

CALENDAR = calendar_of()
STARTED = datetime(2026, 9, 17, 6, 0, tzinfo=UTC)  # a Thursday before four closed days
PAUSES: list[Pause] = [(STARTED + timedelta(hours=1), STARTED + timedelta(hours=20))]


def _target(
    kind: DeadlineKind, minutes: int, *, id: int, met: datetime | None = None, episode: int = 2
) -> DeadlineRow:
    start = STARTED - timedelta(days=20 * (2 - episode))
    due = reckon(start, minutes, [Run(start, CALENDAR)], PAUSES).due_at
    ended = start + timedelta(days=3) if episode == 1 and met is None else None
    return DeadlineRow(
        id=id,
        kind=kind,
        episode=episode,
        state=state_of(due, met, ended, NOW),
        started_at=start,
        minutes=minutes,
        days=None,
        known_on=None,
        due_at=due,
        rests_on=(),
        warn_at=None,
        warns=False,
        due_when_closed=False,
        met_at=met,
        ended_at=ended,
        rule_key=None,
        rule=None,
        moves=(),
    )


def _statutory(*, known_on: date = date(2026, 9, 16)) -> DeadlineRow:
    rule = rule_on("product_accident", known_on)
    assert rule is not None
    due_on = rule.last_day(known_on)
    due_at, warn_at = end_of_day(CALENDAR, due_on), warns_at(CALENDAR, known_on, due_on)
    before = due_at + timedelta(days=2)
    reason = "販売店が先に把握していた。"
    return DeadlineRow(
        id=1,
        kind=DeadlineKind.STATUTORY,
        episode=1,
        state=DeadlineState.RUNNING,
        started_at=STARTED,
        minutes=None,
        days=rule.days,
        known_on=known_on,
        due_at=due_at,
        rests_on=(),
        warn_at=warn_at,
        warns=True,
        due_when_closed=CALENDAR.opens_on(due_on) is None,
        met_at=None,
        ended_at=None,
        rule_key=rule.key,
        rule=rule,
        moves=(MoveRow(NOW, "佐藤 花子", MoveCause.KNOWING, reason, before, due_at),),
    )


def rows() -> tuple[DeadlineRow, ...]:
    """A reopened accident: its clock, the targets of this episode, those of the one before."""
    first, update, resolution = list(DeadlineKind)[:3]
    return (
        _statutory(known_on=date(2026, 9, 17)),
        _target(update, 360, id=2),
        _target(resolution, 720, id=3),
        _target(first, 60, id=4, met=STARTED + timedelta(minutes=12)),
        _target(first, 60, id=5, met=STARTED - timedelta(days=18), episode=1),
        _target(resolution, 360, id=6, episode=1),
    )


def _tab(look: Look, shown: tuple[DeadlineRow, ...], at: int = 0) -> DeadlinesView:
    page = DeadlinesView(look, zone=TOKYO, now=lambda: NOW, may_work=True, may_supervise=True)
    page.present(shown)
    if shown:
        page.view.selectRow(at)
    return page


def _explained(look: Look) -> QWidget:
    page = _tab(look, rows(), at=2)
    row = page.current()
    assert row is not None
    assert row.due_at is not None
    runs = [Run(row.started_at, CALENDAR)]
    stretches = explain(row.started_at, row.due_at, runs, PAUSES)
    counted = sum(one.counted_us for one in stretches) / MINUTE_US
    page.show_explanation(Explanation(row, stretches, counted_minutes=counted))
    return page


def _counted_days(look: Look) -> QWidget:
    page = _tab(look, rows())
    row = page.current()
    assert row is not None
    assert row.known_on is not None
    days = counted_days(CALENDAR, row.known_on, 10, knowing_counts=True)
    page.show_explanation(Explanation(row, days=days))
    return page


def _acting(look: Look, act: DeadlineAct) -> QWidget:
    page = _tab(look, rows())
    page.open(act)
    return page


def _warnings(look: Look) -> QWidget:
    shown = StatutoryWarnings(look, zone=TOKYO)
    due = _statutory().due_at
    assert due is not None
    shown.present(
        tuple(
            StatutoryWarning(at, f"2026-00000{at}", key, due, closed_when_due=closed, overdue=late)
            for at, (key, closed, late) in enumerate(
                (
                    ("product_accident", True, False),
                    ("privacy_request", False, False),
                    ("product_accident", True, True),
                    ("privacy_request", True, True),
                ),
                1,
            )
        )
    )
    return shown


SCENES: dict[str, Scene] = {
    "explained": _explained,
    "counted_days": _counted_days,
    "doing": lambda look: _acting(look, DeadlineAct.DONE),
    "knowing": lambda look: _acting(look, DeadlineAct.KNOWING),
    "none": lambda look: _tab(look, ()),
    "warnings": _warnings,
    "case_warned": lambda look: case_of(look, events=False, deadlines=rows()),
}
