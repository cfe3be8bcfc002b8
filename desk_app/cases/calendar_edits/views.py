"""What an edit of the calendar would do."""

from desk_app.cases.calendar_edits.pages import EditEffect
from desk_app.cases.calendar_edits.reading import effect_of
from desk_app.cases.deadlines import recomputing
from desk_app.cases.tasks import promised
from desk_app.hours import editing
from desk_app.hours.calendar import open_calendar
from desk_app.hours.edits import CalendarEdit
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.EDIT_HOURS)
def preview(actor: Actor, work: UnitOfWork, /, edit: CalendarEdit) -> EditEffect:
    """Each open case that the edit would move, and what was promised for a time that it closes, if
    it were done now; `Refused` as it would be."""
    calendar = editing.calendar_after(work, edit)
    closed = promised.shut_out(work, open_calendar(work), calendar)
    return effect_of(work, recomputing.recompute(work, calendar=calendar), closed)
