"""The gate for new inbound calls: open hours, or a supervisor's permit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from desk_app.errors import Refused
from desk_app.hours.calendar import open_calendar
from desk_app.hours.model import HoursPermit
from desk_app.hours.phrases import OfficeTime
from desk_app.hours.rules import RING_MAY_BE_OFF
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Admission:
    """A call may be taken; ``permit_id`` if only because a supervisor permitted it."""

    permit_id: int | None


def admit(work: UnitOfWork, rang_at: datetime) -> Admission:
    """Admit an inbound call that rang at ``rang_at``, or raise `Refused` ("hours.closed").

    The ring's time counts, whatever time it is now. A permit for one call is used up here, in
    the transaction that creates the call; a stretch is preferred to it. Letters, outbound calls
    and late entries never come this way.
    """
    if abs(rang_at - work.now) > RING_MAY_BE_OFF:
        raise Refused("hours.clock_wrong")
    calendar = open_calendar(work)
    if calendar.hours.is_open(rang_at):
        return Admission(None)
    permit_id = _stretch(work, rang_at) or _one_call(work, rang_at)
    if permit_id is not None:
        return Admission(permit_id)
    raise Refused(
        "hours.closed",
        next_open=OfficeTime(calendar.local(calendar.hours.next_open(rang_at)), rang_at),
        reason=calendar.why_closed(rang_at),
    )


def _stretch(work: UnitOfWork, rang_at: datetime) -> int | None:
    return work.session.scalar(
        select(HoursPermit.id)
        .where(
            HoursPermit.one_call.is_(False),
            HoursPermit.starts_at <= rang_at,
            HoursPermit.ends_at > rang_at,
        )
        .order_by(HoursPermit.id)
        .limit(1)
    )


def _one_call(work: UnitOfWork, rang_at: datetime) -> int | None:
    while True:
        permit_id = work.session.scalar(
            select(HoursPermit.id)
            .where(
                HoursPermit.one_call.is_(True),
                HoursPermit.used_at.is_(None),
                HoursPermit.starts_at <= rang_at,
                HoursPermit.ends_at > rang_at,
            )
            .order_by(HoursPermit.ends_at, HoursPermit.id)
            .limit(1)
        )
        if permit_id is None:
            return None
        used: int | None = work.session.scalar(
            update(HoursPermit)
            .where(HoursPermit.id == permit_id, HoursPermit.used_at.is_(None))
            .values(used_at=work.now)
            .returning(HoursPermit.id)
        )
        if used is not None:
            work.changed("permit", used)
            return used
        # Another desk used it between the two statements: look for the next one.
