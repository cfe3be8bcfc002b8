"""The sample of an inspection: drawn, judged entry by entry; and accesses that stand out."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours.calendar import OfficeCalendar, open_calendar
from desk_app.hours.model import HoursPermit
from desk_app.people.access import Actor, Permission, UserId, authority, needs
from desk_app.people.standing import account
from desk_app.privacy.controls.finding import running
from desk_app.privacy.controls.rules import ControlKind, Verdict
from desk_app.privacy.inspections import law
from desk_app.privacy.inspections.accesses import ACCESSES, accesses, last_entry_id
from desk_app.privacy.inspections.drawing import drawn_again
from desk_app.privacy.inspections.model import InspectionItem, InspectionSample
from desk_app.privacy.inspections.rules import Access, Reason, Unusual, unusual
from desk_app.privacy.inspections.sampling import digest
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose

MOST_DRAWN = 500
LONGEST = timedelta(days=400)
"""The longest time that is looked through at once."""


@dataclass(frozen=True, slots=True)
class UnusualPage:
    """What stands out in a time. ``not_judged``: reasons that need customers' rows, which the
    actor may not read without an appointment."""

    found: tuple[Unusual, ...]
    not_judged: frozenset[Reason]
    looked_at: int


@needs(Permission.OVERSEE)
def draw_sample(
    actor: Actor,
    work: UnitOfWork,
    /,
    control_id: int,
    *,
    wanted: int,
    user_ids: tuple[UserId, ...] = (),
) -> tuple[int, ...]:
    """Draw accesses of the days that the inspection covers; the ids of their log entries.

    Once for each inspection: the seed is made here, and nobody draws until it suits them.
    """
    control = running(work, control_id)
    if control.kind != ControlKind.INSPECTION:
        raise Refused("controls.not_now")
    if work.session.get(InspectionSample, control_id) is not None:
        raise Refused("inspections.drawn_already")
    if not 1 <= wanted <= MOST_DRAWN:
        raise Refused("inspections.wanted", most=MOST_DRAWN)
    for user_id in user_ids:
        account(work, user_id)
    calendar = open_calendar(work)
    assert control.covers_from is not None and control.covers_to is not None  # noqa: S101, PT018 -- see `rules.check_plan`
    from_at, to_at = _instants(calendar, control.covers_from, control.covers_to)
    sample = InspectionSample(
        control_id=control_id,
        seed=secrets.token_hex(16),
        from_at=from_at,
        to_at=to_at,
        last_entry_id=last_entry_id(work),
        acts=sorted(ACCESSES),
        user_ids=sorted(user_ids),
        wanted=wanted,
        population=0,
        drawn_by=actor.user_id,
        drawn_at=work.now,
    )
    drawn, sample.population = drawn_again(work, sample)
    if not drawn:
        raise Refused("inspections.nothing_to_draw")
    work.session.add(sample)
    work.session.flush()
    work.session.add_all(
        InspectionItem(control_id=control_id, entry_id=entry_id, place=place, verdict=None)
        for place, entry_id in enumerate(drawn, start=1)
    )
    record(
        actor,
        work,
        "inspection.sample_drawn",
        subject=("control", control_id),
        seed=sample.seed,
        count=len(drawn),
        population=sample.population,
        sample=digest(drawn),
    )
    work.changed("control", control_id)
    return drawn


@needs(Permission.OVERSEE)
def repeat_draw(actor: Actor, work: UnitOfWork, /, control_id: int) -> bool:
    """Draw the sample again from what is recorded of it: whether it is the same."""
    sample = work.session.get(InspectionSample, control_id)
    if sample is None:
        raise Refused("controls.no_sample")
    kept = tuple(
        work.session.scalars(
            select(InspectionItem.entry_id)
            .where(InspectionItem.control_id == control_id)
            .order_by(InspectionItem.place)
        )
    )
    drawn, population = drawn_again(work, sample)
    same = (drawn, population) == (kept, sample.population)
    record(actor, work, "inspection.draw_repeated", subject=("control", control_id), same=same)
    return same


@needs(Permission.OVERSEE)
def judge(
    actor: Actor,
    work: UnitOfWork,
    /,
    control_id: int,
    entry_id: int,
    verdict: Verdict,
    *,
    note: str = "",
) -> None:
    """Say whether an access that was drawn is in order; what isn't needs a finding."""
    running(work, control_id)
    item = work.session.get(InspectionItem, (control_id, entry_id))
    if item is None:
        raise Refused("inspections.not_drawn")
    item.verdict, item.note = verdict, prose(note, field="note")
    item.judged_by, item.judged_at = actor.user_id, work.now
    record(
        actor,
        work,
        "inspection.access_judged",
        subject=("control", control_id),
        entry=entry_id,
        verdict=verdict.value,
    )
    work.changed("control", control_id)


@needs(Permission.OVERSEE)
def find_unusual(actor: Actor, work: UnitOfWork, /, first: date, last: date) -> UnusualPage:
    """What stands out among the accesses of these days, with the reasons."""
    if last < first or last - first > LONGEST:
        raise Refused("inspections.days", most=LONGEST.days)
    calendar = open_calendar(work)
    from_at, to_at = _instants(calendar, first, last)
    permits = [
        (one.starts_at, one.ends_at)
        for one in work.session.scalars(
            select(HoursPermit).where(HoursPermit.ends_at > from_at, HoursPermit.starts_at < to_at)
        )
    ]

    def is_open(at: datetime) -> bool:
        return calendar.hours.is_open(at) or any(start <= at <= end for start, end in permits)

    looked_at = 0

    def counted() -> Iterator[Access]:
        nonlocal looked_at
        for one in accesses(work, from_at, to_at):
            looked_at += 1
            yield one

    found = unusual(
        counted(),
        law.thresholds_on(last),
        is_open=is_open,
        day_of=lambda at: calendar.local(at).date(),
    )
    not_judged = frozenset[Reason]()
    if not authority(actor, work).appointed:  # on a server customers' rows aren't seen then
        not_judged = frozenset(Reason) - {Reason.OUTSIDE_HOURS}
        found = tuple(one for one in found if one.reason not in not_judged)
    record(
        actor,
        work,
        "inspection.unusual_listed",
        first=first,
        last=last,
        looked_at=looked_at,
        count=len(found),
    )
    return UnusualPage(found, not_judged, looked_at)


def _instants(calendar: OfficeCalendar, first: date, last: date) -> tuple[datetime, datetime]:
    return calendar.midnight(first), calendar.midnight(last + timedelta(days=1))
