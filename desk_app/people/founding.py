"""The first members of staff of a new office, and the facts that all its desks share."""

from dataclasses import dataclass

from desk_app.people.access import Role, UserId
from desk_app.people.model import Appointment, OfficeSetting, Person, User, UserRole
from desk_app.people.settings import OFFICE_NAME, OFFICE_NUMBER, RECOVERY_RECIPIENT
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as it is entered: its public keys, and its place in the keyring."""

    name: str
    login: str
    language: str
    keyring_id: str
    recipient: str
    verify_key: str
    role: Role
    holds_recordings: bool
    server_role: str | None


def enter_first_people(work: UnitOfWork, accounts: list[NewAccount]) -> dict[Role, UserId]:
    """Enter one person for each role given, all but the administrator appointed.

    The data protection officer appoints everybody, and is appointed with the founding itself:
    nobody can be before the first.
    """
    entered: dict[Role, UserId] = {}
    for account in accounts:
        person = Person(name=account.name, created_at=work.now)
        work.session.add(person)
        work.session.flush()
        user = User(
            person_id=person.id,
            login=account.login,
            keyring_id=account.keyring_id,
            recipient=account.recipient,
            verify_key=account.verify_key,
            language=account.language,
            holds_recordings=account.holds_recordings,
            server_role=account.server_role,
            created_at=work.now,
        )
        work.session.add(user)
        work.session.flush()
        work.session.add(UserRole(user_id=user.id, role=account.role, granted_at=work.now))
        entered[account.role] = UserId(user.id)
    for account in accounts:
        if account.role is not Role.ADMINISTRATOR:
            work.session.add(
                Appointment(
                    user_id=entered[account.role],
                    appointed_by=entered[Role.DPO],
                    starts_at=work.now,
                    pledged_on=work.now,
                    trained_on=work.now,
                    may_listen=account.holds_recordings,
                    may_see_sealed=account.holds_recordings,  # see `founding.LISTENERS`
                )
            )
    return entered


def enter_office(work: UnitOfWork, *, name: str, number: str, recovery_recipient: str) -> None:
    """Enter the office's name and telephone number, and whom every secret is addressed to."""
    work.session.add_all(
        [
            OfficeSetting(name=OFFICE_NAME, value=name),
            OfficeSetting(name=OFFICE_NUMBER, value=number),
            OfficeSetting(name=RECOVERY_RECIPIENT, value=recovery_recipient),
        ]
    )
