"""The one way to change the calendar: the edit and the moves of open deadlines in one commit."""

from desk_app.audit.log import record
from desk_app.cases.calendar_edits.pages import EditEffect
from desk_app.cases.calendar_edits.reading import effect_of
from desk_app.cases.deadlines import recomputing
from desk_app.cases.tasks import promised
from desk_app.hours import editing
from desk_app.hours.calendar import open_calendar
from desk_app.hours.edits import CalendarEdit
from desk_app.hours.rules import check_reason
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.EDIT_HOURS)
def carry_out(actor: Actor, work: UnitOfWork, /, edit: CalendarEdit, *, reason: str) -> EditEffect:
    """Do the edit and move every open deadline that it touches; each keeps its old due time with
    the reason. Tasks are remembered by the new calendar; nothing that was promised is moved.
    Returns what was done, which is what `views.preview` said unless something
    happened in between."""
    why = check_reason(reason)
    before = open_calendar(work)
    editing.enter(actor, work, edit, reason=why)
    moved = recomputing.move_all(actor, work, reason=why)
    promised.remember_anew(work)
    effect = effect_of(work, moved, promised.shut_out(work, before, open_calendar(work)))
    record(
        actor,
        work,
        "hours.deadlines_moved",
        deadlines=len(effect.moved),
        cases=effect.cases,
        warnings=effect.warnings,
        promises=len(effect.promises),
    )
    return effect
