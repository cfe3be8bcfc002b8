"""Appointments in force and planned with their trainings, as rules and other rooms need them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from desk_app.hours.calendar import open_calendar
from desk_app.people.access import Area, UserId
from desk_app.people.appointments.trainings import rules_on
from desk_app.people.model import Appointment, Person, Training, User
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class TrainingStanding:
    """A training that somebody's appointment needs: when it was last held, until when it is
    good, and whether that is near or past."""

    kind: str
    held_on: date
    due_on: date
    is_near: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class HandlerRow:
    """An appointment in force or to come, and the trainings that it rests on."""

    appointment_id: int
    user_id: UserId
    name: str
    starts_at: datetime
    ends_at: datetime | None
    pledged_on: datetime
    areas: frozenset[Area]
    may_listen: bool
    may_see_sealed: bool
    is_current: bool
    trainings: tuple[TrainingStanding, ...]


def areas_of(appointment: Appointment) -> frozenset[Area]:
    covered = {
        Area.CASES: appointment.covers_cases,
        Area.REQUESTS: appointment.covers_requests,
        Area.EXPORT: appointment.covers_export,
    }
    return frozenset(area for area, is_covered in covered.items() if is_covered)


def handlers_now(work: UnitOfWork) -> tuple[HandlerRow, ...]:
    """Every appointment that is in force or planned, by name and beginning."""
    local = open_calendar(work).local
    today = local(work.now).date()
    held = _latest_trainings(work)
    found = work.session.execute(
        select(Appointment, Person.name)
        .join(User, User.id == Appointment.user_id)
        .join(Person, Person.id == User.person_id)
        .where(
            User.removed_at.is_(None),
            or_(Appointment.ends_at.is_(None), Appointment.ends_at > work.now),
            or_(Appointment.ends_at.is_(None), Appointment.ends_at > Appointment.starts_at),
        )
        .order_by(Person.name, Appointment.starts_at, Appointment.id)
    )
    return tuple(
        HandlerRow(
            appointment_id=one.id,
            user_id=UserId(one.user_id),
            name=name,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            pledged_on=one.pledged_on,
            areas=areas_of(one),
            may_listen=one.may_listen,
            may_see_sealed=one.may_see_sealed,
            is_current=one.starts_at <= work.now,
            trainings=_standings(one, local(one.trained_on).date(), held, today),
        )
        for one, name in found
    )


def _standings(
    one: Appointment, trained_on: date, held: dict[tuple[int, str], date], today: date
) -> tuple[TrainingStanding, ...]:
    """The training that the appointment rests on covered its whole scope; later ones count by
    their kind."""
    standings = []
    for rule in rules_on(today):
        if rule.is_needed(areas_of(one), may_listen=one.may_listen):
            last = max(trained_on, held.get((one.user_id, rule.kind), trained_on))
            due_on = rule.due_on(last)
            standings.append(
                TrainingStanding(
                    rule.kind, last, due_on, rule.warns_on(last) <= today, due_on < today
                )
            )
    return tuple(standings)


def _latest_trainings(work: UnitOfWork) -> dict[tuple[int, str], date]:
    found = work.session.execute(
        select(Training.user_id, Training.kind, func.max(Training.held_on)).group_by(
            Training.user_id, Training.kind
        )
    )
    return {(user_id, kind): held_on for user_id, kind, held_on in found}
