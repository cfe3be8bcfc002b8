"""What a file says beside the calendar in force."""

from dataclasses import dataclass

from desk_app.errors import Refused
from desk_app.hours.edits import CalendarEdit, ClosureEntry, WeekEntry


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file adds, what is there already, and what can't be taken over, each with why.

    ``week`` are its weekly hours if they differ. What the file doesn't mention stays.
    """

    added: tuple[ClosureEntry, ...]
    present: tuple[ClosureEntry, ...]
    refused: tuple[tuple[ClosureEntry, Refused], ...]
    week: WeekEntry | None

    def edit(self, *, with_week: bool) -> CalendarEdit:
        """What is to be carried out; weekly hours only if they are wanted."""
        return CalendarEdit(self.added, self.week if with_week else None)
