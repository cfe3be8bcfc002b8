"""What is to be compared, and how far the comparison has come. Counts and dates only."""

from datetime import date, datetime

from sqlalchemy import func, select

from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import setting
from desk_app.recordings.model import Recording, RecordingFinding
from desk_app.recordings.reconciliation import reading, stored
from desk_app.recordings.reconciliation.keeping import COMPARED_AT, COMPARED_UNTIL
from desk_app.recordings.reconciliation.kinds import ROW_KINDS, FindingKind
from desk_app.recordings.reconciliation.pages import CopiesDue, ExpectedFile, Standing
from desk_app.recordings.reconciliation.rules import days_due
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.FINISH_CALL)
def files_due(
    actor: Actor, work: UnitOfWork, /, *, again: bool = False
) -> tuple[ExpectedFile, ...] | None:
    """The files to check in this desk's folder, in this order; None if that is done for today,
    unless it is to be done ``again``."""
    today = reading.local_day(work, work.now).isoformat()
    if reading.Place.of(actor, work).done_on == today and not again:
        return None
    return reading.files_due(actor, work)


@needs(Permission.FINISH_CALL)
def copies_due(actor: Actor, work: UnitOfWork, /, *, again: bool = False) -> tuple[CopiesDue, ...]:
    """The copies to read back today that no desk has read back yet, store by store; ``again``:
    also those that were found wrong today."""
    return stored.copies_due(work, again=again)


@needs(Permission.RECONCILE_RECORDINGS)
def standing(actor: Actor, work: UnitOfWork, /) -> Standing:
    """What was compared last, what is to be compared now, and how much is open of each kind."""
    today = reading.local_day(work, work.now)
    until, at = setting(work, COMPARED_UNTIL), setting(work, COMPARED_AT)
    done_on = reading.Place.of(actor, work).done_on
    oldest = work.session.scalar(select(func.min(Recording.started_at)))
    open_rows = work.session.execute(
        select(RecordingFinding.day, RecordingFinding.kind, func.count())
        .where(RecordingFinding.settled_at.is_(None))
        .group_by(RecordingFinding.day, RecordingFinding.kind)
    ).all()
    counts: dict[FindingKind, int] = {}
    for _, kind, count in open_rows:
        counts[FindingKind(kind)] = counts.get(FindingKind(kind), 0) + count
    compared_until = date.fromisoformat(until) if until else None
    return Standing(
        compared_until=compared_until,
        compared_at=datetime.fromisoformat(at) if at else None,
        checked_on=date.fromisoformat(done_on) if done_on else None,
        open=counts,
        days_due=days_due(
            compared_until,
            today=today,
            is_today_over=_is_over(work, today),
            oldest=reading.local_day(work, oldest) if oldest else None,
        ),
        days_open=tuple(sorted({day for day, kind, _ in open_rows if kind in ROW_KINDS})),
        today=today,
    )


def _is_over(work: UnitOfWork, today: date) -> bool:
    """The office has closed and doesn't open again today."""
    hours = open_calendar(work).hours
    if hours.is_open(work.now):
        return False
    return reading.local_day(work, hours.next_open(work.now)) > today
