"""Founding a demo office, and telling one from a real one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from desk_app.clock import Clock
from desk_app.demo.cases import fill
from desk_app.errors import Fault
from desk_app.files import whole_file
from desk_app.founding import FirstPerson, Founding
from desk_app.office import Office
from desk_app.people.access import Role
from desk_app.words import Language, Words

ACCOUNTS_FILE = "demo.json"
SOME_CASES = 3_000

FOUNDING = Founding(
    office_name="お客様相談室（デモ）",
    office_number="0120-016-410",
    administrator=FirstPerson("北川 真理", "admin", "granite-lantern-42-swim"),
    dpo=FirstPerson("南 誠一", "dpo", "orchard-violin-58-moss"),
    supervisor=FirstPerson("東 和子", "supervisor", "harbor-pencil-73-snow"),
    operator=FirstPerson("西村 葵", "operator", "meadow-copper-19-kite"),
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person of a demo office, as its sign-in page shows them; in no other office."""

    role: Role
    name: str
    login: str
    password: str


def found_demo(
    folder: Path,
    *,
    clock: Clock,
    language: Language = "ja",
    cases: int = SOME_CASES,
    seed: int = 1,
) -> Office:
    """A new demo office in an empty folder, with as many cases, the same for the same seed, and
    recordings of its last days' calls.

    Takes some seconds, so call it off the Qt thread. ``language`` is that of its people.
    """
    from desk_app.demo.recordings import record_calls  # sound: a real office never needs it here

    people = {role: _speaking(person, language) for role, person in FOUNDING.people.items()}
    founding = Founding(
        office_name=Words(language)("demo.office_name"),
        office_number=FOUNDING.office_number,
        administrator=people[Role.ADMINISTRATOR],
        dpo=people[Role.DPO],
        supervisor=people[Role.SUPERVISOR],
        operator=people[Role.OPERATOR],
    )
    office, recovery = Office.found(folder, founding, clock=clock)
    try:
        asked = office.typed_back.asked if office.typed_back else ()
        office.confirm_recovery(" ".join(recovery.groups[index] for index in asked))
        accounts = [
            DemoAccount(role, person.name, person.login, person.password)
            for role, person in people.items()
        ]
        with whole_file(folder / ACCOUNTS_FILE) as sink:
            sink.write(json.dumps([asdict(one) for one in accounts]).encode())
        with office.sign_in(founding.dpo.login, founding.dpo.password) as desk:
            desk.perform(fill, cases=cases, seed=seed)
            desk.perform(record_calls, folder=office.recordings, seed=seed)
    except BaseException:
        office.close()
        raise
    return office


def demo_accounts(folder: Path) -> tuple[DemoAccount, ...]:
    """The people of a demo office and their passwords; empty for a real one."""
    try:
        listed = json.loads((folder / ACCOUNTS_FILE).read_text("utf-8"))
        return tuple(DemoAccount(**{**one, "role": Role(one["role"])}) for one in listed)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Fault("office.demo_damaged") from error


def _speaking(person: FirstPerson, language: Language) -> FirstPerson:
    return FirstPerson(person.name, person.login, person.password, language)
