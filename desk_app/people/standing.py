"""Who holds which role and appointment now: reads that rules and services decide on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import ROLE_PERMISSIONS, Permission, Role, UserId
from desk_app.people.model import Appointment, Person, User, UserRole
from desk_app.people.rules import NEVER_EMPTY, PersonId
from desk_app.storage.unit_of_work import UnitOfWork


def account(work: UnitOfWork, user_id: int) -> User:
    """The account, if it is there and hasn't been removed."""
    user = work.session.get(User, user_id)
    if user is None or user.removed_at is not None:
        raise Refused("people.no_such_user")
    return user


def account_of(work: UnitOfWork, keyring_id: str) -> User:
    """The account of a keyring's, if it is there and hasn't been removed."""
    user = work.session.scalar(
        select(User).where(User.keyring_id == keyring_id, User.removed_at.is_(None))
    )
    if user is None:
        raise Refused("people.no_such_user")
    return user


def person_of(work: UnitOfWork, user_id: int) -> Person:
    """The person behind an account, removed or not."""
    return work.session.get_one(Person, work.session.get_one(User, user_id).person_id)


def person_id(work: UnitOfWork, user_id: int) -> PersonId:
    return PersonId(person_of(work, user_id).id)


def accounts_in_use(work: UnitOfWork) -> list[User]:
    return list(
        work.session.scalars(select(User).where(User.removed_at.is_(None)).order_by(User.id))
    )


def roles_of(work: UnitOfWork, user_id: int) -> list[UserRole]:
    """The roles that the user holds now."""
    return list(
        work.session.scalars(
            select(UserRole).where(UserRole.user_id == user_id, UserRole.ended_at.is_(None))
        )
    )


@dataclass(frozen=True, slots=True)
class Term:
    """A time in which somebody held a role."""

    start: datetime
    end: datetime | None

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


def terms_of(work: UnitOfWork, permission: Permission) -> dict[int, list[Term]]:
    """When each user, removed or not, held a role that gives the permission."""
    giving = [role.value for role, given in ROLE_PERMISSIONS.items() if permission in given]
    found: dict[int, list[Term]] = {}
    for held in work.session.scalars(select(UserRole).where(UserRole.role.in_(giving))):
        found.setdefault(held.user_id, []).append(Term(held.granted_at, held.ended_at))
    return found


def current_appointments(work: UnitOfWork, user_id: int | None = None) -> dict[UserId, Appointment]:
    """Appointments in force now, of one user or of all; the later one where two overlap."""
    current = select(Appointment).where(
        Appointment.starts_at <= work.now,
        (Appointment.ends_at.is_(None)) | (Appointment.ends_at > work.now),
    )
    if user_id is not None:
        current = current.where(Appointment.user_id == user_id)
    return {
        UserId(appointment.user_id): appointment
        for appointment in work.session.scalars(current.order_by(Appointment.id))
    }


def appointment_changed_between(work: UnitOfWork, after: datetime, until: datetime) -> bool:
    """Whether any appointment began or ended by itself in that time, ``until`` included."""
    changed = select(Appointment.id).where(
        or_(
            and_(Appointment.starts_at > after, Appointment.starts_at <= until),
            and_(Appointment.ends_at > after, Appointment.ends_at <= until),
        )
    )
    return work.session.scalar(changed.limit(1)) is not None


def role_holders(work: UnitOfWork) -> dict[Role, frozenset[PersonId]]:
    """The persons who hold each of the roles that are never empty."""
    holders: dict[Role, frozenset[PersonId]] = dict.fromkeys(NEVER_EMPTY, frozenset())
    for role, holder in work.session.execute(
        select(UserRole.role, User.person_id)
        .join(User, User.id == UserRole.user_id)
        .where(
            UserRole.role.in_(sorted(NEVER_EMPTY)),
            UserRole.ended_at.is_(None),
            User.removed_at.is_(None),
        )
    ):
        holders[Role(role)] |= {PersonId(holder)}
    return holders


def appointed_officers(work: UnitOfWork) -> dict[UserId, datetime | None]:
    """The accounts that hold the office of data protection officer and are appointed now, each
    with the end of their last appointment; None: without end."""
    officers = work.session.scalars(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            UserRole.role == Role.DPO.value,
            UserRole.ended_at.is_(None),
            User.removed_at.is_(None),
            User.id.in_(list(current_appointments(work))),
        )
    ).all()
    ends: dict[UserId, datetime | None] = {}
    for user_id, ends_at in work.session.execute(
        select(Appointment.user_id, Appointment.ends_at).where(
            Appointment.user_id.in_(officers),
            Appointment.ends_at.is_(None) | (Appointment.ends_at > work.now),
        )
    ):
        latest = ends.setdefault(UserId(user_id), ends_at)
        if latest is not None and (ends_at is None or ends_at > latest):
            ends[UserId(user_id)] = ends_at
    return ends


def permitted_handlers(work: UnitOfWork, permission: Permission) -> list[User]:
    """The accounts of the handlers appointed now whose roles allow ``permission``."""
    allowing = [role.value for role, held in ROLE_PERMISSIONS.items() if permission in held]
    return list(
        work.session.scalars(
            select(User)
            .join(UserRole, UserRole.user_id == User.id)
            .where(
                UserRole.role.in_(allowing),
                UserRole.ended_at.is_(None),
                User.removed_at.is_(None),
                User.id.in_(list(current_appointments(work))),
            )
            .order_by(User.id)
        ).unique()
    )


def somebody_left_since(work: UnitOfWork, at: datetime) -> bool:
    """Whether an account was removed after ``at``."""
    left = select(User.id).where(User.removed_at > at).limit(1)
    return work.session.scalar(left) is not None


def listeners(work: UnitOfWork) -> frozenset[PersonId]:
    """The persons who hold the key of the recordings now."""
    return frozenset(
        PersonId(user.person_id) for user in accounts_in_use(work) if user.holds_recordings
    )


def require_listener(work: UnitOfWork, user_id: int) -> None:
    """Raise `NotPermitted` unless the user is appointed to listen to recordings now."""
    appointment = current_appointments(work, user_id).get(UserId(user_id))
    if appointment is None or not appointment.may_listen:
        raise NotPermitted("people.not_appointed_to_listen")


def may_see_sealed(work: UnitOfWork) -> list[User]:
    """The accounts of who is appointed to see sealed records now, and whose role allows it."""
    current = current_appointments(work)
    return [
        user
        for user in permitted_handlers(work, Permission.READ_SEALED)
        if current[UserId(user.id)].may_see_sealed
    ]


def supervisors(work: UnitOfWork) -> list[User]:
    """The accounts of the supervisors who are appointed handlers now."""
    return list(
        work.session.scalars(
            select(User)
            .join(UserRole, UserRole.user_id == User.id)
            .where(
                UserRole.role == Role.SUPERVISOR.value,
                UserRole.ended_at.is_(None),
                User.removed_at.is_(None),
                User.id.in_(list(current_appointments(work))),
            )
            .order_by(User.id)
        )
    )
