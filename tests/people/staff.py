"""Members of staff entered straight into the tables: one of each role, appointed and not."""

from collections import UserDict
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from desk_app.people.access import Role, UserId
from desk_app.people.model import Appointment, Person, User, UserRole

LONG_AGO = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


class Staff(UserDict[tuple[Role, bool], UserId]):
    """User ids by role and appointment; ``removed`` had every role."""

    removed: UserId


def enter_staff(engine: Engine) -> Staff:
    """Enter one user for each role with an appointment and one without."""
    staff = Staff()
    with Session(engine) as session, session.begin():
        officer = _enter(session, "dpo-True", [Role.DPO])
        for role in Role:
            for appointed in (True, False):
                login = f"{role}-{appointed}"
                user = officer if login == "dpo-True" else _enter(session, login, [role])
                if appointed:
                    _appoint(session, user, officer)
                staff[role, appointed] = UserId(user.id)
        removed = _enter(session, "removed", list(Role))
        removed.removed_at = LONG_AGO
        _appoint(session, removed, officer)
        staff.removed = UserId(removed.id)
    return staff


def _enter(session: Session, login: str, roles: list[Role]) -> User:
    person = Person(name=login, created_at=LONG_AGO)
    session.add(person)
    session.flush()
    user = User(
        person_id=person.id,
        login=login,
        keyring_id=f"keyring-{login}",
        recipient="age1",
        verify_key="00",
        created_at=LONG_AGO,
    )
    session.add(user)
    session.flush()
    session.add_all(UserRole(user_id=user.id, role=role, granted_at=LONG_AGO) for role in roles)
    return user


def _appoint(session: Session, user: User, officer: User) -> None:
    session.add(
        Appointment(
            user_id=user.id,
            appointed_by=officer.id,
            starts_at=LONG_AGO,
            pledged_on=LONG_AGO,
            trained_on=LONG_AGO,
        )
    )
