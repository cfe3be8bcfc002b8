"""The versions of the policy as uses are judged by them. Not a use case: read within one."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select

from desk_app.errors import Fault, Refused
from desk_app.hours.calendar import office_day, open_calendar
from desk_app.purposes.model import PolicyVersion
from desk_app.purposes.rules import Policy, Purpose, RecipientKind, Version
from desk_app.storage.unit_of_work import UnitOfWork

APPROVED, DECLINED = "approved", "declined"

E = TypeVar("E", bound=StrEnum)


def policy(work: UnitOfWork) -> Policy:
    """The versions that have come into force until today; read once in each unit of work."""
    if "policy" not in work.remembered:
        rows = work.session.scalars(
            select(PolicyVersion)
            .where(
                PolicyVersion.decision == APPROVED, PolicyVersion.effective_on <= office_day(work)
            )
            .order_by(PolicyVersion.effective_on, PolicyVersion.id)
        )
        work.remembered["policy"] = tuple(judged(row) for row in rows)
    found: Policy = work.remembered["policy"]
    return found


def current(work: UnitOfWork) -> Version:
    """The version in force today."""
    found = policy(work)
    if not found:
        raise Fault("purposes.no_policy")
    return found[-1]


def judged(row: PolicyVersion) -> Version:
    """What of a version uses are judged by; what this desk doesn't know allows nothing."""
    return Version(
        id=row.id,
        effective_on=row.effective_on,
        purposes=known(Purpose, row.purposes),
        recipients=known(RecipientKind, row.recipients),
        widened_purposes=known(Purpose, row.widened_purposes),
        widened_recipients=known(RecipientKind, row.widened_recipients),
    )


def known(kind: type[E], values: Iterable[str]) -> frozenset[E]:
    """Those values that this version of the desk knows."""
    there = {one.value for one in kind}
    return frozenset(kind(value) for value in values if value in there)


def policy_on(work: UnitOfWork, at: datetime) -> Version:
    """The version in force when something was said; `Refused` before there was any. One that was
    approved on its own day counts from then on: nobody agreed to it in the morning."""
    on = open_calendar(work).local(at).date()
    to_come = set(
        work.session.scalars(
            select(PolicyVersion.id).where(
                PolicyVersion.effective_on == on,
                PolicyVersion.decided_at > at,
                PolicyVersion.entered_by.is_not(None),  # the first was there before the office
            )
        )
    )
    found = [one for one in policy(work) if one.effective_on <= on and one.id not in to_come]
    if not found:
        raise Refused("purposes.before_any_policy")
    return found[-1]
