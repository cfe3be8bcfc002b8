"""The sealed records' key of offices in tests that are not founded."""

from desk_app.keys import age
from desk_app.sealed.keys import FIRST_VERSION, enter_first_key
from desk_app.storage.unit_of_work import UnitOfWork

IDENTITY = age.generate_identity()
RECOVERY = age.generate_identity()
IDENTITIES = {FIRST_VERSION: IDENTITY}
"""What `Desk.sealed_identities` gives to somebody appointed to see sealed records."""


def enter_key(work: UnitOfWork) -> None:
    enter_first_key(
        work,
        recipient=age.recipient_of(IDENTITY),
        recovery_recipient=age.recipient_of(RECOVERY),
    )
