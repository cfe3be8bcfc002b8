"""Use cases of permits outside the hours. Edits of the calendar: see `cases.calendar_edits`."""

from datetime import datetime
from typing import NewType

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours import rules
from desk_app.hours.model import HoursPermit
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork

PermitId = NewType("PermitId", int)


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
