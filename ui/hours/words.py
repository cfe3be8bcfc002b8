"""How closures, weekly hours and edits of them are said on screen."""

from collections.abc import Iterable, Iterator

from desk_app.hours.edits import CalendarEdit, ClosureEntry, WeekEntry
from desk_app.hours.exchange.plan import ImportPlan
from desk_app.hours.rules import ClosureRow
from ui.look import Look

MOST_REFUSED = 100


def said_closure(look: Look, closure: ClosureRow | ClosureEntry) -> str:
    """Its name and its days, or that the season has none."""
    words = look.words
    name = closure.label or words(f"hours.season.{closure.season}")
    if closure.first_day is None or closure.last_day is None:
        return words("ui_hours.closure_none", name=name, year=closure.year)
    return words(
        "ui_hours.closure_days",
        name=name,
        first=look.language.day(closure.first_day),
        last=look.language.day(closure.last_day),
    )


def said_week(look: Look, week: WeekEntry) -> str:
    """Its shifts, the closed weekdays, and the zone."""
    words = look.words
    comma = words("ui_hours.comma")
    shifts = [words("ui_hours.shift", opens=a, closes=b) for a, b in week.shifts]
    days = [words(f"hours.weekday.{day}") for day in sorted(week.closed_weekdays)]
    return words(
        "ui_hours.week",
        shifts=comma.join(shifts),
        days=comma.join(days) or words("ui_hours.no_weekday"),
        zone=week.zone,
    )


def said_edit(look: Look, edit: CalendarEdit, closures: Iterable[ClosureRow]) -> Iterator[str]:
    """A line for each thing that it does; ``closures`` are those that stand."""
    known = {row.id: row for row in closures}
    for closure_id in edit.withdrawn:
        if closure_id in known:
            yield look.words("ui_hours.does_withdraw", what=said_closure(look, known[closure_id]))
    for entry in edit.closures:
        yield look.words("ui_hours.does_enter", what=said_closure(look, entry))
    if edit.week is not None:
        yield look.words("ui_hours.does_revise", what=said_week(look, edit.week))


def said_left_out(look: Look, plan: ImportPlan) -> Iterator[str]:
    """What of a file is there already, and what can't be taken over and why."""
    words = look.words
    if plan.present:
        yield words.count("ui_hours.there_already", len(plan.present))
    for entry, why in plan.refused[:MOST_REFUSED]:
        yield words("ui_hours.not_taken", what=said_closure(look, entry), why=words.error(why))
    if len(plan.refused) > MOST_REFUSED:
        yield words.count("ui_hours.not_taken_more", len(plan.refused) - MOST_REFUSED)
