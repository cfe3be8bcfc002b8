"""How deadlines are said on screen."""

from datetime import datetime
from zoneinfo import ZoneInfo

from desk_app.cases.deadlines.pages import DeadlineRow
from desk_app.cases.deadlines.rules import DeadlineState
from desk_app.words import Words
from ui.colours import Tone
from ui.look import Look

STATE_TONES: dict[DeadlineState, Tone] = {
    DeadlineState.RUNNING: "info",
    DeadlineState.PAUSED: "warning",
    DeadlineState.OVERDUE: "danger",
    DeadlineState.MET: "success",
    DeadlineState.MISSED: "danger",
    DeadlineState.ENDED: "neutral",
}


def said_span(words: Words, minutes: float) -> str:
    """A time of work in hours and minutes; begun minutes are left out."""
    hours, rest = divmod(int(minutes), 60)
    if not hours:
        return words.count("ui_deadlines.minutes", rest)
    said = words.count("ui_deadlines.hours", hours)
    if not rest:
        return said
    return words(
        "ui_deadlines.hours_minutes",
        hours=said,
        minutes=words.count("ui_deadlines.minutes", rest),
    )


def said_time(look: Look, at: datetime, zone: ZoneInfo) -> str:
    """An instant on the office's wall clock."""
    return look.language.when(at.astimezone(zone), "day_and_time")


def said_due(look: Look, row: DeadlineRow, now: datetime, zone: ZoneInfo) -> str:
    """What is due when, for the head of a case."""
    if row.due_at is None:
        return ""
    key = "head_overdue" if row.due_at < now else "head_due"
    when = said_time(look, row.due_at, zone)
    if row.provisional:
        when = look.words("ui_deadlines.provisional_mark", text=when)
    return look.words(f"ui_deadlines.{key}", name=row.say(look.words), when=when)


def said_warning(
    look: Look, name: str, due_at: datetime, *, closed: bool, overdue: bool, zone: ZoneInfo
) -> str:
    """What to do about a statutory clock whose last open day has come."""
    key = "warn_overdue" if overdue else "warn_closed" if closed else "warn_today"
    day = look.language.day(due_at.astimezone(zone).date(), "day")
    return look.words(f"ui_deadlines.{key}", name=name, day=day)
