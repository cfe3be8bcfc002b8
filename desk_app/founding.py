"""What a new office begins with: its keys, first people, policy, announcements, calendar."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from desk_app.audit.log import record
from desk_app.clock import Clock
from desk_app.errors import Refused
from desk_app.hours.founding import enter_first_calendar
from desk_app.keys.accounts import enrol, put_escrow
from desk_app.keys.age import recipient_of
from desk_app.keys.grants import GrantKind, GrantName, Secrets
from desk_app.keys.keyring import Keyring
from desk_app.keys.recovery import RecoveryKey
from desk_app.people.access import Actor, Role
from desk_app.people.custody import KEEPERS, admit_to_server
from desk_app.people.founding import NewAccount, enter_first_people, enter_office
from desk_app.people.login import normalise_login
from desk_app.purposes.founding import enter_first_policy
from desk_app.recordings.founding import enter_first_key
from desk_app.sealed import keys as sealed_keys
from desk_app.storage.unit_of_work import UnitOfWork, open_work
from desk_app.text import line
from desk_app.words import Language


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """A person who is there from the beginning, with the password they chose."""

    name: str
    login: str
    password: str = field(repr=False)
    language: Language = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What the set-up wizard asks. Shifts are local "HH:MM" pairs; Monday is weekday 0."""

    office_name: str
    office_number: str
    administrator: FirstPerson
    dpo: FirstPerson
    supervisor: FirstPerson | None = None
    operator: FirstPerson | None = None
    zone: str = "Asia/Tokyo"
    shifts: tuple[tuple[str, str], ...] = (("10:00", "12:00"), ("13:00", "17:00"))
    closed_weekdays: frozenset[int] = frozenset({5, 6})

    @property
    def people(self) -> dict[Role, FirstPerson]:
        """The first people by role; the administrator and the officer are always among them."""
        given = {
            Role.ADMINISTRATOR: self.administrator,
            Role.DPO: self.dpo,
            Role.SUPERVISOR: self.supervisor,
            Role.OPERATOR: self.operator,
        }
        return {role: person for role, person in given.items() if person is not None}


LISTENERS = frozenset({Role.DPO, Role.SUPERVISOR})
"""First people who hold the recordings' key, and that of sealed records. The officer is one of
them, to hand it on to those appointed; without a supervisor nobody else could."""


def check(founding: Founding) -> None:
    """Refuse a founding with something missing, or with one login for two people."""
    if not line(founding.office_name, field="office_name"):
        raise Refused("office.name_missing")
    if not line(founding.office_number, field="office_number"):
        raise Refused("office.number_missing")
    if founding.administrator.name == founding.dpo.name:
        raise Refused("people.same_first_person")
    logins = [normalise_login(person.login) for person in founding.people.values()]
    if len(set(logins)) < len(logins):
        raise Refused("people.login_taken")
    if not all(line(person.name, field="name") for person in founding.people.values()):
        raise Refused("people.name_missing")


def build(
    engine: Engine,
    keyring: Keyring,
    shared: Secrets,
    founding: Founding,
    recovery: RecoveryKey,
    *,
    clock: Clock,
    desk_id: str,
) -> None:
    """Write the first rows and the first accounts, into a database and a keyring made before."""
    with open_work(engine, clock) as work:
        people = [
            _enrol(work, keyring, role, person, shared, founding.office_name)
            for role, person in founding.people.items()
        ]
        put_escrow(keyring, shared, recovery.recipient)
        _enter(work, founding, people, desk_id=desk_id)
        enter_office(
            work,
            name=line(founding.office_name, field="office_name"),
            number=line(founding.office_number, field="office_number"),
            recovery_recipient=recovery.recipient,
        )
        enter_first_key(
            work,
            recipient=recipient_of(shared[GrantName(GrantKind.RECORDINGS)]),
            recovery_recipient=recovery.recipient,
        )
        sealed_keys.enter_first_key(
            work,
            recipient=recipient_of(shared[GrantName(GrantKind.SEALED)]),
            recovery_recipient=recovery.recipient,
        )
        work.commit()


def _enrol(
    work: UnitOfWork,
    keyring: Keyring,
    role: Role,
    person: FirstPerson,
    shared: Secrets,
    office_name: str,
) -> NewAccount:
    held = {GrantKind.DATABASE}
    if role in KEEPERS:
        held |= {GrantKind.OWNER}
    if role in LISTENERS:
        held |= {GrantKind.RECORDINGS, GrantKind.SEALED}
    login, name = normalise_login(person.login), line(person.name, field="name")
    credential = admit_to_server(work)
    enrolled = enrol(
        keyring,
        login=login,
        name=name,
        password=person.password,
        shared={one: secret for one, secret in shared.items() if one.kind in held},
        server=credential,
        words=[office_name],
    )
    return NewAccount(
        name=name,
        login=login,
        language=person.language,
        keyring_id=enrolled.account,
        recipient=enrolled.recipient,
        verify_key=enrolled.verify_key,
        role=role,
        holds_recordings=role in LISTENERS,
        server_role=None if credential is None else credential.role,
    )


def _enter(
    work: UnitOfWork, founding: Founding, accounts: list[NewAccount], *, desk_id: str
) -> None:
    people = enter_first_people(work, accounts)
    administrator = Actor(people[Role.ADMINISTRATOR], desk_id)
    officer = Actor(people[Role.DPO], desk_id)
    enter_first_policy(work, office_name=line(founding.office_name, field="office_name"))
    enter_first_calendar(
        work,
        made_by=administrator.user_id,
        zone=founding.zone,
        shifts=founding.shifts,
        closed_weekdays=founding.closed_weekdays,
    )
    record(administrator, work, "office.founded", people=len(accounts))
    for account in accounts:
        subject = ("user", people[account.role])
        record(
            administrator,
            work,
            "people.user_added",
            subject=subject,
            verify_key=account.verify_key,
        )
        record(administrator, work, "people.role_granted", subject=subject, role=account.role.value)
        if account.role is not Role.ADMINISTRATOR:
            record(
                officer,
                work,
                "people.appointed",
                subject=subject,
                may_listen=account.holds_recordings,
                may_see_sealed=account.holds_recordings,
            )
