"""When nobody can sign in who could approve a reset: two persons and the recovery key."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Role, UserId
from desk_app.people.custody import Custody
from desk_app.people.granting import reset
from desk_app.people.login import normalise_login
from desk_app.people.model import PendingStep, User
from desk_app.people.rules import Decision, StepKind, check_approver
from desk_app.people.standing import person_id, roles_of
from desk_app.storage.unit_of_work import UnitOfWork

_MAY_RECOVER = frozenset({Role.ADMINISTRATOR, Role.DPO})


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A person at the desk, and the password they choose."""

    login: str
    password: str = field(repr=False)


def recover_two(
    work: UnitOfWork, two: Sequence[NewPassword], custody: Custody, *, desk_id: str
) -> None:
    """Reset two persons' passwords with the recovery key that ``custody`` has.

    Two different persons, one of them administrator or data protection officer. The recovery
    key is what is checked; that these two are who they say is for the log and for everybody,
    who is told at the next sign-in.
    """
    users = [_account(work, one.login) for one in two]
    first, second = users
    check_approver(requester=person_id(work, first.id), approver=person_id(work, second.id))
    roles = {Role(held.role) for user in users for held in roles_of(work, user.id)}
    if not roles & _MAY_RECOVER:
        raise Refused("people.recovery_roles")
    for user, other, chosen in ((first, second, two[0]), (second, first, two[1])):
        actor = Actor(UserId(other.id), desk_id)
        step = PendingStep(
            kind=StepKind.RESET_PASSWORD,
            particulars={"user_id": user.id},
            requested_by=user.id,
            requested_at=work.now,
            decided_by=other.id,
            decided_at=work.now,
            decision=Decision.APPROVED,
            used_recovery_key=True,
        )
        work.session.add(step)
        work.session.flush()
        record(actor, work, "people.recovery_key_used", subject=("step", step.id))
        reset(actor, work, user, custody, password=chosen.password, must_change=False)


def _account(work: UnitOfWork, login: str) -> User:
    user = work.session.scalar(
        select(User).where(User.login == normalise_login(login), User.removed_at.is_(None))
    )
    if user is None:
        raise Refused("people.no_such_user")
    return user
