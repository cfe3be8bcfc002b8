"""Users, appointments and steps that wait for a second person, as pages show them.

Names of staff are read here; what customers said is not.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from desk_app.people.access import (
    Actor,
    Permission,
    Role,
    UserId,
    authority,
    needs,
)
from desk_app.people.model import Appointment, Person, User, UserRole
from desk_app.people.rules import ROTATIONS, StepId, StepKind
from desk_app.people.settings import OFFICE_NAME, OFFICE_NUMBER, setting
from desk_app.people.standing import current_appointments, person_of
from desk_app.people.steps import waiting
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What the signed-in person sees of themselves, and what pages may offer them."""

    user_id: UserId
    name: str
    login: str
    language: str
    roles: frozenset[Role]
    appointed: bool
    may_listen: bool
    may_see_sealed: bool
    must_change_password: bool
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class OfficeCard:
    """What the office is called and what customers dial."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """A name to show beside what somebody did; ``may_be_assigned`` is for new work."""

    user_id: UserId
    name: str
    may_be_assigned: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    user_id: UserId
    person_id: int
    name: str
    login: str
    language: str
    roles: tuple[Role, ...]
    appointed: bool
    may_listen: bool
    may_see_sealed: bool
    created_at: datetime
    last_signed_in_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    user_id: UserId
    name: str
    appointed_by: str
    starts_at: datetime
    ends_at: datetime | None
    pledged_on: datetime
    trained_on: datetime
    may_listen: bool
    may_see_sealed: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that waits; ``waits_for_other`` says that the reader can't approve it."""

    step_id: StepId
    kind: StepKind
    requested_by: str
    requested_at: datetime
    subject: str
    roles: tuple[Role, ...]
    waits_for_other: bool


_BY_NAME = (
    select(User.id, Person.name).join(Person, Person.id == User.person_id).order_by(Person.name)
)
_ASSIGNABLE = (
    select(User.id)
    .join(Appointment, Appointment.user_id == User.id)
    .join(UserRole, UserRole.user_id == User.id)
    .where(
        User.removed_at.is_(None),
        Appointment.starts_at <= bindparam("now"),
        or_(Appointment.ends_at.is_(None), Appointment.ends_at > bindparam("now")),
        UserRole.ended_at.is_(None),
        UserRole.role.in_([Role.OPERATOR.value, Role.SUPERVISOR.value]),
    )
)


@needs(Permission.OWN_ACCOUNT)
def own_account(actor: Actor, work: UnitOfWork, /) -> OwnAccount:
    """The actor's own account."""
    held = authority(actor, work)
    user = work.session.get_one(User, actor.user_id)
    appointment = current_appointments(work, user.id).get(actor.user_id)
    return OwnAccount(
        user_id=actor.user_id,
        name=person_of(work, actor.user_id).name,
        login=user.login,
        language=user.language,
        roles=held.roles,
        appointed=held.appointed,
        may_listen=appointment is not None and appointment.may_listen,
        may_see_sealed=appointment is not None
        and appointment.may_see_sealed
        and held.allows(Permission.READ_SEALED),
        must_change_password=user.must_change_password,
        permissions=frozenset(one for one in Permission if held.allows(one)),
    )


@needs(Permission.OWN_ACCOUNT)
def office_card(actor: Actor, work: UnitOfWork, /) -> OfficeCard:
    """The office's name and number."""
    return OfficeCard(
        name=setting(work, OFFICE_NAME) or "", number=setting(work, OFFICE_NUMBER) or ""
    )


@needs(Permission.OWN_ACCOUNT)
def colleagues(actor: Actor, work: UnitOfWork, /) -> tuple[Colleague, ...]:
    """Everybody who ever had an account, by name: old entries still need their names."""
    assignable = set(work.session.scalars(_ASSIGNABLE, {"now": work.now}))
    return tuple(
        Colleague(UserId(user_id), name, may_be_assigned=user_id in assignable)
        for user_id, name in work.session.execute(_BY_NAME)
    )


@needs(Permission.READ_USERS)
def users(actor: Actor, work: UnitOfWork, /) -> tuple[UserRow, ...]:
    """All accounts by name, removed ones last."""
    appointed = current_appointments(work)
    roles = _roles(work)
    rows = [
        UserRow(
            user_id=UserId(user.id),
            person_id=person.id,
            name=person.name,
            login=user.login,
            language=user.language,
            roles=tuple(sorted(roles[user.id])),
            appointed=user.id in appointed,
            may_listen=user.id in appointed and appointed[UserId(user.id)].may_listen,
            may_see_sealed=user.id in appointed and appointed[UserId(user.id)].may_see_sealed,
            created_at=user.created_at,
            last_signed_in_at=user.last_signed_in_at,
            removed_at=user.removed_at,
        )
        for user, person in _accounts(work)
    ]
    return tuple(sorted(rows, key=lambda row: row.removed_at is not None))


@needs(Permission.READ_USERS)
def appointments(actor: Actor, work: UnitOfWork, /) -> tuple[AppointmentRow, ...]:
    """All appointments, newest first."""
    current = {appointment.id for appointment in current_appointments(work).values()}
    names = _names(work)
    return tuple(
        AppointmentRow(
            user_id=UserId(one.user_id),
            name=names[one.user_id],
            appointed_by=names[one.appointed_by],
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            pledged_on=one.pledged_on,
            trained_on=one.trained_on,
            may_listen=one.may_listen,
            may_see_sealed=one.may_see_sealed,
            is_current=one.id in current,
        )
        for one in work.session.scalars(
            select(Appointment).order_by(Appointment.starts_at.desc(), Appointment.id.desc())
        )
    )


@needs(Permission.READ_USERS)
def pending_steps(actor: Actor, work: UnitOfWork, /) -> tuple[StepRow, ...]:
    """Steps about the staff that nobody has decided yet, oldest first."""
    names = _names(work)
    own = person_of(work, actor.user_id).id
    persons = {user.id: user.person_id for user, _ in _accounts(work)}
    rows = []
    for step in waiting(work, frozenset(StepKind) - ROTATIONS):
        subject_id = int(step.particulars.get("user_id", 0))
        involved = {persons[step.requested_by], persons.get(subject_id)}
        rows.append(
            StepRow(
                step_id=StepId(step.id),
                kind=StepKind(step.kind),
                requested_by=names[step.requested_by],
                requested_at=step.requested_at,
                subject=step.particulars.get("name") or names[subject_id],
                roles=tuple(Role(role) for role in step.particulars.get("roles", ())),
                waits_for_other=own in involved,
            )
        )
    return tuple(rows)


def _accounts(work: UnitOfWork) -> Iterable[tuple[User, Person]]:
    found = work.session.execute(
        select(User, Person).join(Person, Person.id == User.person_id).order_by(Person.name)
    )
    return [(user, person) for user, person in found]


def _names(work: UnitOfWork) -> dict[int, str]:
    return {user.id: person.name for user, person in _accounts(work)}


def _roles(work: UnitOfWork) -> dict[int, frozenset[Role]]:
    held: dict[int, frozenset[Role]] = defaultdict(frozenset)
    for user_id, role in work.session.execute(
        select(UserRole.user_id, UserRole.role).where(UserRole.ended_at.is_(None))
    ):
        held[user_id] |= {Role(role)}
    return held
