"""What is written down beside an appointment: trainings, and one that is not to begin.

Appointing and ending are in `people.service`, because keys change hands with them.
"""

from datetime import date

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.hours.calendar import office_day
from desk_app.people.access import Actor, Permission, UserId, needs
from desk_app.people.appointments.trainings import training_kinds
from desk_app.people.model import Appointment, Training
from desk_app.people.rules import check_appointer
from desk_app.people.standing import account, person_id
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.APPOINT)
def withdraw_appointment(actor: Actor, work: UnitOfWork, /, appointment_id: int) -> None:
    """Withdraw an appointment that hasn't begun; it stays on record as one that never was."""
    planned = work.session.get(Appointment, appointment_id)
    if planned is None or planned.starts_at <= work.now:
        raise Refused("people.appointment_begun")
    if planned.ends_at is not None and planned.ends_at <= planned.starts_at:
        raise Refused("people.appointment_withdrawn")
    planned.ends_at = planned.starts_at
    record(actor, work, "people.appointment_withdrawn", subject=("user", planned.user_id))
    work.changed("user", planned.user_id)


@needs(Permission.APPOINT)
def enter_training(
    actor: Actor, work: UnitOfWork, /, user_id: UserId, *, kind: str, held_on: date
) -> int:
    """Enter that somebody had a training; nobody enters their own."""
    account(work, user_id)
    check_appointer(appointer=person_id(work, actor.user_id), handler=person_id(work, user_id))
    if kind not in training_kinds():
        raise ValueError("a kind of the data")
    if held_on > office_day(work):
        raise Refused("people.pledge_to_come")
    held = Training(
        user_id=user_id,
        kind=kind,
        held_on=held_on,
        entered_by=actor.user_id,
        entered_at=work.now,
    )
    work.session.add(held)
    work.session.flush()
    record(actor, work, "people.training_entered", subject=("user", user_id), kind=kind, on=held_on)
    work.changed("user", user_id)
    return held.id
