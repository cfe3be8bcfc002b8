"""Who may do what: roles, permissions, and the one check that every service begins with.

The actor carries an identity only. What it may do is read from the database in the same
transaction as the use case, so that ending a role or an appointment works at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, NewType, ParamSpec, TypeVar

from sqlalchemy import and_, bindparam, or_, select

from desk_app.errors import NotPermitted
from desk_app.people.model import Appointment, User, UserRole
from desk_app.storage.unit_of_work import UnitOfWork

UserId = NewType("UserId", int)
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts now, and at which desk."""

    user_id: UserId
    desk_id: str


class Role(StrEnum):
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"


class Area(StrEnum):
    """What an appointment of a handler covers (policy section 8). Listening to recordings and
    seeing sealed records are said apart: those come with a key of their own."""

    CASES = "cases"
    REQUESTS = "requests"
    EXPORT = "export"


class Permission(StrEnum):
    """What a use case needs. Those in `PERSONAL_PERMISSIONS` also need a current appointment."""

    TAKE_CALLS = "take_calls"
    FINISH_CALL = "finish_call"
    READ_CONTACTS = "read_contacts"
    READ_CASES = "read_cases"
    WORK_CASES = "work_cases"
    CLOSE_SUPERVISED = "close_supervised"
    APPROVE_CLOSINGS = "approve_closings"
    EDIT_CASE_TYPES = "edit_case_types"
    PLAY_RECORDINGS = "play_recordings"
    RECONCILE_RECORDINGS = "reconcile_recordings"
    STORE_RECORDINGS = "store_recordings"
    READ_STORES = "read_stores"
    ENTER_STORES = "enter_stores"
    READ_TEXTS = "read_texts"
    EDIT_TEXTS = "edit_texts"
    EXPORT = "export"
    HANDLE_REQUESTS = "handle_requests"
    DECIDE_REQUESTS = "decide_requests"
    APPROVE_REQUESTS = "approve_requests"
    PROVIDE = "provide"
    RECORD_CONSENTS = "record_consents"
    READ_SEALED = "read_sealed"
    KEEP_ORIGINALS = "keep_originals"
    HOLD_AND_ERASE = "hold_and_erase"
    RETAIN = "retain"
    HANDLE_LEAKS = "handle_leaks"
    LISTEN_IN = "listen_in"
    READ_HELP_CALLS = "read_help_calls"
    READ_REGISTERS = "read_registers"
    EDIT_REGISTERS = "edit_registers"
    EDIT_POLICY = "edit_policy"
    OVERSEE = "oversee"
    READ_HOURS = "read_hours"
    PERMIT_HOURS = "permit_hours"
    EDIT_HOURS = "edit_hours"
    READ_USERS = "read_users"
    MANAGE_USERS = "manage_users"
    APPROVE_STEPS = "approve_steps"
    APPOINT = "appoint"
    READ_AUDIT = "read_audit"
    MANAGE_KEYS = "manage_keys"
    BACK_UP = "back_up"
    MOVE_OFFICE = "move_office"
    OWN_ACCOUNT = "own_account"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(
        {
            Permission.TAKE_CALLS,
            Permission.FINISH_CALL,
            Permission.READ_CONTACTS,
            Permission.READ_CASES,
            Permission.WORK_CASES,
            Permission.READ_TEXTS,
            Permission.READ_HOURS,
            Permission.STORE_RECORDINGS,
            Permission.HANDLE_REQUESTS,
            Permission.PROVIDE,
            Permission.RECORD_CONSENTS,
            Permission.KEEP_ORIGINALS,
            Permission.READ_REGISTERS,
            Permission.OWN_ACCOUNT,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.TAKE_CALLS,
            Permission.FINISH_CALL,
            Permission.READ_CONTACTS,
            Permission.READ_CASES,
            Permission.WORK_CASES,
            Permission.READ_TEXTS,
            Permission.EDIT_TEXTS,
            Permission.CLOSE_SUPERVISED,
            Permission.APPROVE_CLOSINGS,
            Permission.PLAY_RECORDINGS,
            Permission.RECONCILE_RECORDINGS,
            Permission.READ_STORES,
            Permission.EXPORT,
            Permission.READ_HOURS,
            Permission.PERMIT_HOURS,
            Permission.READ_USERS,
            Permission.APPROVE_STEPS,
            Permission.MANAGE_KEYS,
            Permission.BACK_UP,
            Permission.STORE_RECORDINGS,
            Permission.HANDLE_REQUESTS,
            Permission.PROVIDE,
            Permission.RECORD_CONSENTS,
            Permission.KEEP_ORIGINALS,
            Permission.READ_REGISTERS,
            Permission.APPROVE_REQUESTS,
            Permission.READ_SEALED,
            Permission.HANDLE_LEAKS,
            Permission.LISTEN_IN,
            Permission.READ_HELP_CALLS,
            Permission.OWN_ACCOUNT,
        }
    ),
    Role.DPO: frozenset(
        {
            Permission.READ_CONTACTS,
            Permission.READ_CASES,
            Permission.APPROVE_CLOSINGS,
            Permission.EXPORT,
            Permission.READ_HOURS,
            Permission.READ_USERS,
            Permission.APPROVE_STEPS,
            Permission.APPOINT,
            Permission.READ_AUDIT,
            Permission.MANAGE_KEYS,
            Permission.BACK_UP,
            Permission.STORE_RECORDINGS,
            Permission.HANDLE_REQUESTS,
            Permission.DECIDE_REQUESTS,
            Permission.APPROVE_REQUESTS,
            Permission.PROVIDE,
            Permission.RECORD_CONSENTS,
            Permission.READ_SEALED,
            Permission.KEEP_ORIGINALS,
            Permission.HOLD_AND_ERASE,
            Permission.RETAIN,
            Permission.HANDLE_LEAKS,
            Permission.READ_REGISTERS,
            Permission.EDIT_REGISTERS,
            Permission.EDIT_POLICY,
            Permission.OVERSEE,
            Permission.READ_HELP_CALLS,
            Permission.OWN_ACCOUNT,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.READ_TEXTS,
            Permission.EDIT_TEXTS,
            Permission.READ_HOURS,
            Permission.EDIT_HOURS,
            Permission.EDIT_CASE_TYPES,
            Permission.READ_USERS,
            Permission.MANAGE_USERS,
            Permission.READ_STORES,
            Permission.ENTER_STORES,
            Permission.APPROVE_STEPS,
            Permission.READ_AUDIT,
            Permission.MANAGE_KEYS,
            Permission.BACK_UP,
            Permission.MOVE_OFFICE,
            Permission.STORE_RECORDINGS,
            Permission.OWN_ACCOUNT,
        }
    ),
}

COVERED_BY: dict[Permission, Area] = {
    Permission.TAKE_CALLS: Area.CASES,
    Permission.READ_CONTACTS: Area.CASES,
    Permission.READ_CASES: Area.CASES,
    Permission.WORK_CASES: Area.CASES,
    Permission.CLOSE_SUPERVISED: Area.CASES,
    Permission.APPROVE_CLOSINGS: Area.CASES,
    Permission.PLAY_RECORDINGS: Area.CASES,
    Permission.RECONCILE_RECORDINGS: Area.CASES,
    Permission.RECORD_CONSENTS: Area.CASES,
    Permission.READ_SEALED: Area.CASES,
    Permission.LISTEN_IN: Area.CASES,
    Permission.PROVIDE: Area.CASES,
    Permission.KEEP_ORIGINALS: Area.CASES,
    Permission.HANDLE_REQUESTS: Area.REQUESTS,
    Permission.DECIDE_REQUESTS: Area.REQUESTS,
    Permission.APPROVE_REQUESTS: Area.REQUESTS,
    Permission.HOLD_AND_ERASE: Area.REQUESTS,
    Permission.RETAIN: Area.REQUESTS,
    Permission.HANDLE_LEAKS: Area.REQUESTS,
    Permission.EXPORT: Area.EXPORT,
}
"""The area of an appointment that each permission on personal data needs beside the role."""

PERSONAL_PERMISSIONS = frozenset(COVERED_BY)
"""Policy section 8: personal data is handled by appointed handlers only. `FINISH_CALL` is not
among them: a call that runs when the appointment ends may be finished, write-only; nor is
`STORE_RECORDINGS`: whoever sits at a desk, it brings its sealed files to their store."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What a user may do at one instant."""

    roles: frozenset[Role]
    areas: frozenset[Area] = frozenset()
    may_listen: bool = False
    may_see_sealed: bool = False
    ends_at: datetime | None = None
    """When the appointment ends by itself; None if no end was set, or if there is none."""

    @property
    def appointed(self) -> bool:
        return bool(self.areas)

    def allows(self, permission: Permission) -> bool:
        area = COVERED_BY.get(permission)
        return self.is_given(permission) and (area is None or area in self.areas)

    def is_given(self, permission: Permission) -> bool:
        """Whether a role gives it, be there an appointment that covers it or not."""
        return any(permission in ROLE_PERMISSIONS[role] for role in self.roles)


_HELD = (
    select(
        UserRole.role,
        Appointment.id,
        Appointment.covers_cases,
        Appointment.covers_requests,
        Appointment.covers_export,
        Appointment.may_listen,
        Appointment.may_see_sealed,
        Appointment.ends_at,
    )
    .select_from(User)
    .outerjoin(UserRole, and_(UserRole.user_id == User.id, UserRole.ended_at.is_(None)))
    .outerjoin(
        Appointment,
        and_(
            Appointment.user_id == User.id,
            Appointment.starts_at <= bindparam("now"),
            or_(Appointment.ends_at.is_(None), Appointment.ends_at > bindparam("now")),
        ),
    )
    .where(User.id == bindparam("user"), User.removed_at.is_(None))
    .order_by(Appointment.id)
)


def authority(actor: Actor, work: UnitOfWork) -> Authority:
    """The actor's roles and appointment now; read once in each unit of work."""
    key = f"authority:{actor.user_id}"
    if key not in work.remembered:
        work.remembered[key] = _read_authority(actor, work)
    held: Authority = work.remembered[key]
    return held


def _read_authority(actor: Actor, work: UnitOfWork) -> Authority:
    held = work.session.execute(_HELD, {"user": actor.user_id, "now": work.now}).all()
    roles = frozenset(Role(row.role) for row in held if row.role is not None)
    if not held or held[-1].id is None:
        return Authority(roles)
    current = held[-1]  # the later one where two overlap, as in `standing.current_appointments`
    covers = {
        Area.CASES: current.covers_cases,
        Area.REQUESTS: current.covers_requests,
        Area.EXPORT: current.covers_export,
    }
    return Authority(
        roles,
        frozenset(area for area, covered in covers.items() if covered),
        current.may_listen,
        current.may_see_sealed,
        current.ends_at,
    )


def require(actor: Actor, work: UnitOfWork, permission: Permission) -> None:
    """Raise `NotPermitted` unless the actor holds the permission now."""
    held = authority(actor, work)
    if held.allows(permission):
        return
    if not held.is_given(permission):
        raise NotPermitted("people.not_permitted")
    raise NotPermitted("people.not_covered" if held.appointed else "people.not_appointed")


def needs(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[Actor, UnitOfWork, P], R]],
    Callable[Concatenate[Actor, UnitOfWork, P], R],
]:
    """Mark a use case with the permission it needs and check it before the first line runs."""

    def mark(
        use_case: Callable[Concatenate[Actor, UnitOfWork, P], R],
    ) -> Callable[Concatenate[Actor, UnitOfWork, P], R]:
        @wraps(use_case)
        def checked(actor: Actor, work: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(actor, work, permission)
            return use_case(actor, work, *args, **kwargs)

        marked: Any = checked
        marked.permission = permission
        return checked

    return mark
