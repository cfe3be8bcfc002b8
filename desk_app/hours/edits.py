"""What an edit of the calendar says, whoever asks for it: a page, or a file. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from desk_app.errors import Refused
from desk_app.hours import rules
from desk_app.hours.rules import ClosureRow, Season
from desk_app.text import line


@dataclass(frozen=True, slots=True)
class ClosureEntry:
    """A closure as somebody enters it; without days it states that the season has none."""

    season: Season
    year: int  # in which it begins
    first_day: date | None
    last_day: date | None  # inclusive
    label: str = ""


@dataclass(frozen=True, slots=True)
class WeekEntry:
    """Weekly hours: shifts as "HH:MM" on the wall clock of the zone, weekdays from Monday = 0."""

    zone: str
    shifts: tuple[tuple[str, str], ...]
    closed_weekdays: frozenset[int]


@dataclass(frozen=True, slots=True)
class CalendarEdit:
    """One edit, done as a whole or not at all: what is withdrawn goes first, by its id."""

    closures: tuple[ClosureEntry, ...] = ()
    week: WeekEntry | None = None
    withdrawn: tuple[int, ...] = ()


def entry_of(row: ClosureRow) -> ClosureEntry:
    """A closure that stands, as it would be entered."""
    return ClosureEntry(row.season, row.year, row.first_day, row.last_day, row.label)


def standing_row(entry: ClosureEntry, id: int) -> ClosureRow:
    """An entry as if it stood already."""
    label = line(entry.label, field="label")
    return ClosureRow(id, entry.season, entry.year, entry.first_day, entry.last_day, label)


def check_entry(entry: ClosureEntry, standing: Iterable[ClosureRow]) -> None:
    """`Refused` for an entry that makes no sense beside the closures that stand."""
    if entry.first_day is None or entry.last_day is None:
        rules.check_no_closure(entry.season, entry.year, existing=standing)
    else:
        rules.check_closure(
            entry.season, entry.year, entry.first_day, entry.last_day, existing=standing
        )


def accepted(
    entries: Sequence[ClosureEntry], standing: Iterable[ClosureRow]
) -> tuple[tuple[ClosureEntry, ...], tuple[tuple[ClosureEntry, Refused], ...]]:
    """Of these entries those that can be entered one after the other, and those that can't."""
    there, taken, refused = list(standing), list[ClosureEntry](), []
    for number, entry in enumerate(entries, 1):
        try:
            check_entry(entry, there)
        except Refused as why:
            refused.append((entry, why))
        else:
            taken.append(entry)
            there.append(standing_row(entry, -number))
    return tuple(taken), tuple(refused)
