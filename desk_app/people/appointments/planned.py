"""Appointments of one account as rows: their periods, and those that haven't begun."""

from sqlalchemy import select

from desk_app.people.appointments.rules import Period
from desk_app.people.model import Appointment
from desk_app.storage.unit_of_work import UnitOfWork


def periods_of(work: UnitOfWork, user_id: int) -> list[Period]:
    return [
        Period(one.starts_at, one.ends_at)
        for one in work.session.scalars(select(Appointment).where(Appointment.user_id == user_id))
    ]


def withdraw_planned(work: UnitOfWork, user_id: int) -> None:
    """Let no appointment of the account begin any more."""
    for one in work.session.scalars(
        select(Appointment).where(Appointment.user_id == user_id, Appointment.starts_at > work.now)
    ):
        one.ends_at = one.starts_at
