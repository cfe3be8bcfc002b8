"""Use cases that change the hours: weekly hours, closures, permits outside them."""

from datetime import date, datetime
from typing import NewType

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours import calendar, rules
from desk_app.hours.model import CalendarRevision, Closure, HoursPermit
from desk_app.hours.rules import Season
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import line

PermitId = NewType("PermitId", int)
ClosureId = NewType("ClosureId", int)
RevisionId = NewType("RevisionId", int)


@needs(Permission.PERMIT_HOURS)
def permit_call(actor: Actor, work: UnitOfWork, *, reason: str) -> PermitId:
    """Permit one call outside the hours: one that rings now or within `ONE_CALL_WITHIN`."""
    return _permit(actor, work, work.now + rules.ONE_CALL_WITHIN, one_call=True, reason=reason)


@needs(Permission.PERMIT_HOURS)
def permit_until(actor: Actor, work: UnitOfWork, *, ends_at: datetime, reason: str) -> PermitId:
    """Permit every call that rings from now until before ``ends_at``."""
    rules.check_permit_end(ends_at, work.now)
    return _permit(actor, work, ends_at, one_call=False, reason=reason)


def _permit(
    actor: Actor, work: UnitOfWork, ends_at: datetime, *, one_call: bool, reason: str
) -> PermitId:
    permit = HoursPermit(
        starts_at=work.now - rules.STILL_RINGING,
        ends_at=ends_at,
        one_call=one_call,
        reason=rules.check_reason(reason),
        permitted_by=actor.user_id,
        permitted_at=work.now,
    )
    work.session.add(permit)
    work.session.flush()
    action = "hours.call_permitted" if one_call else "hours.stretch_permitted"
    minutes = round((ends_at - work.now).total_seconds() / 60)
    record(actor, work, action, subject=("permit", permit.id), minutes=minutes)
    work.changed("permit", permit.id)
    return PermitId(permit.id)


@needs(Permission.PERMIT_HOURS)
def withdraw_permit(actor: Actor, work: UnitOfWork, permit_id: int) -> None:
    """End a permit now; calls that were taken on it run on."""
    permit = work.session.get(HoursPermit, permit_id)
    if permit is None or permit.ends_at <= work.now or permit.used_at is not None:
        raise Refused("hours.permit_over")
    permit.ends_at = work.now
    record(actor, work, "hours.permit_withdrawn", subject=("permit", permit.id))
    work.changed("permit", permit.id)


@needs(Permission.EDIT_HOURS)
def enter_closure(
    actor: Actor,
    work: UnitOfWork,
    *,
    season: Season,
    year: int,
    first_day: date,
    last_day: date,
    label: str = "",
) -> ClosureId:
    """Close the office on these days, both included; ``year`` is that in which it begins."""
    existing = calendar.closure_rows(work)
    rules.check_closure(season, year, first_day, last_day, existing=existing)
    return _enter(
        actor,
        work,
        "hours.closure_entered",
        Closure(
            season=season,
            year=year,
            first_day=first_day,
            last_day=last_day,
            label=line(label, field="label"),
            entered_at=work.now,
            entered_by=actor.user_id,
        ),
    )


@needs(Permission.EDIT_HOURS)
def declare_no_closure(actor: Actor, work: UnitOfWork, *, season: Season, year: int) -> ClosureId:
    """State that the office does not close in this season, so that nobody is warned of it."""
    rules.check_no_closure(season, year, existing=calendar.closure_rows(work))
    return _enter(
        actor,
        work,
        "hours.no_closure_declared",
        Closure(season=season, year=year, entered_at=work.now, entered_by=actor.user_id),
    )


def _enter(actor: Actor, work: UnitOfWork, action: str, closure: Closure) -> ClosureId:
    work.session.add(closure)
    work.session.flush()
    record(
        actor,
        work,
        action,
        subject=("closure", closure.id),
        season=str(closure.season),
        year=closure.year,
        first=closure.first_day,
        last=closure.last_day,
    )
    _calendar_changed(work, closure.id)
    return ClosureId(closure.id)


@needs(Permission.EDIT_HOURS)
def withdraw_closure(actor: Actor, work: UnitOfWork, closure_id: int, *, reason: str) -> None:
    """Take back a closure, or the statement that there is none; the row stays, withdrawn."""
    closure = work.session.get(Closure, closure_id)
    if closure is None or closure.withdrawn_at is not None:
        raise Refused("hours.closure_gone")
    closure.withdrawn_at = work.now
    closure.withdrawn_by = actor.user_id
    closure.withdrawn_reason = rules.check_reason(reason)
    record(actor, work, "hours.closure_withdrawn", subject=("closure", closure.id))
    _calendar_changed(work, closure.id)


@needs(Permission.EDIT_HOURS)
def revise_hours(
    actor: Actor,
    work: UnitOfWork,
    *,
    shifts: list[tuple[str, str]],
    closed_weekdays: set[int],
    reason: str,
    zone: str = "Asia/Tokyo",
) -> RevisionId:
    """Put new weekly hours in force from now on; the old ones stay as an earlier revision."""
    rules.check_week(zone, shifts, closed_weekdays)
    revision = CalendarRevision(
        zone=zone,
        shifts=sorted([opens.zfill(5), closes.zfill(5)] for opens, closes in shifts),
        closed_weekdays=sorted(closed_weekdays),
        made_at=work.now,
        made_by=actor.user_id,
        reason=rules.check_reason(reason),
    )
    work.session.add(revision)
    work.session.flush()
    record(actor, work, "hours.revised", subject=("calendar", revision.id))
    _calendar_changed(work, revision.id)
    return RevisionId(revision.id)


def _calendar_changed(work: UnitOfWork, row_id: int) -> None:
    work.session.flush()
    calendar.forget(work)
    work.changed("calendar", row_id)
