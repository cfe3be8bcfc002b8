"""A founded office for tests: four people whose passwords are known, and the recovery key."""

from dataclasses import dataclass
from pathlib import Path

from desk_app.clock import Clock
from desk_app.founding import FirstPerson, Founding
from desk_app.keys.grants import ServerCredential
from desk_app.keys.recovery import RecoveryKey
from desk_app.office import Desk, Office
from desk_app.settings import Server

ADMINISTRATOR = FirstPerson("管理 花子", "hanako", "winter-orchid-87-lamp")
DPO = FirstPerson("保護 太郎", "taro", "sakura!violet?stone42")
SUPERVISOR = FirstPerson("Sofia Lang", "sofia", "Granit-Feder-7-Kessel", "de")
OPERATOR = FirstPerson("Olive Park", "olive", "teapot-quartz-99-river", "en")

FOUNDING = Founding(
    office_name="お客様相談室",
    office_number="0120-016-410",
    administrator=ADMINISTRATOR,
    dpo=DPO,
    supervisor=SUPERVISOR,
    operator=OPERATOR,
)


@dataclass(frozen=True, slots=True)
class FoundedOffice:
    """An office's folder, ready to be copied, and what was printed and locked away."""

    folder: Path
    recovery: RecoveryKey


def asked_groups(office: Office, recovery: RecoveryKey) -> str:
    """What somebody with the printed key types back."""
    assert office.typed_back is not None
    return " ".join(recovery.groups[index] for index in office.typed_back.asked)


def found(
    folder: Path,
    clock: Clock,
    *,
    server: Server | None = None,
    owner: ServerCredential | None = None,
) -> FoundedOffice:
    """Found an office and confirm its recovery key; nobody has it open afterwards."""
    office, recovery = Office.found(folder, FOUNDING, clock=clock, server=server, owner=owner)
    with office:
        office.confirm_recovery(asked_groups(office, recovery))
    return FoundedOffice(folder, recovery)


def sign_in(office: Office, person: FirstPerson) -> Desk:
    return office.sign_in(person.login, person.password)
