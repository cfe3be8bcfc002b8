"""Edits of the calendar: what it would be, and entering it. Not a use case.

Only `cases.calendar_edits` reaches this (a contract of the import linter sees to it), because
whoever changes the calendar has to move the deadlines that rest on it in the same transaction.
"""

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours import calendar, rules
from desk_app.hours.calendar import OfficeCalendar
from desk_app.hours.edits import (
    CalendarEdit,
    ClosureEntry,
    WeekEntry,
    check_entry,
    standing_row,
)
from desk_app.hours.model import CalendarRevision, Closure
from desk_app.people.access import Actor
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line


def calendar_after(work: UnitOfWork, edit: CalendarEdit) -> OfficeCalendar:
    """The calendar as the edit would leave it; `Refused` as `enter` would be. Writes nothing."""
    before = calendar.open_calendar(work)
    standing = list(before.closures)
    for closure_id in edit.withdrawn:
        gone = next((row for row in standing if row.id == closure_id), None)
        if gone is None:
            raise Refused("hours.closure_gone")
        standing.remove(gone)
    for number, entry in enumerate(edit.closures, 1):
        check_entry(entry, standing)
        standing.append(standing_row(entry, -number))
    week = edit.week
    if week is not None:
        rules.check_week(week.zone, week.shifts, week.closed_weekdays)
    after = calendar.as_if(work, week, standing)
    rules.check_opens(after.hours, work.now)
    return after


def enter(actor: Actor, work: UnitOfWork, edit: CalendarEdit, *, reason: str) -> None:
    """Enter an edit. Rows stay: a withdrawn closure is marked, earlier hours are a revision."""
    calendar_after(work, edit)
    for closure_id in edit.withdrawn:
        closure = work.session.get_one(Closure, closure_id)
        closure.withdrawn_at = work.now
        closure.withdrawn_by = actor.user_id
        closure.withdrawn_reason = reason
        record(actor, work, "hours.closure_withdrawn", subject=("closure", closure.id))
        work.changed("calendar", closure.id)
    for entry in edit.closures:
        _enter_closure(actor, work, entry)
    if edit.week is not None:
        _revise(actor, work, edit.week, reason)
    work.session.flush()
    calendar.forget(work)


def _enter_closure(actor: Actor, work: UnitOfWork, entry: ClosureEntry) -> None:
    closure = Closure(
        season=entry.season,
        year=entry.year,
        first_day=entry.first_day,
        last_day=entry.last_day,
        label=line(entry.label, field="label"),
        entered_at=work.now,
        entered_by=actor.user_id,
    )
    work.session.add(closure)
    work.session.flush()
    record(
        actor,
        work,
        "hours.closure_entered" if entry.first_day else "hours.no_closure_declared",
        subject=("closure", closure.id),
        season=str(closure.season),
        year=closure.year,
        first=closure.first_day,
        last=closure.last_day,
    )
    work.changed("calendar", closure.id)


def _revise(actor: Actor, work: UnitOfWork, week: WeekEntry, reason: str) -> None:
    revision = CalendarRevision(
        zone=week.zone,
        shifts=[list(shift) for shift in calendar.in_order(week.shifts)],
        closed_weekdays=sorted(week.closed_weekdays),
        made_at=work.now,
        made_by=actor.user_id,
        reason=reason,
    )
    work.session.add(revision)
    work.session.flush()
    record(actor, work, "hours.revised", subject=("calendar", revision.id))
    work.changed("calendar", revision.id)
