"""Facts about the office that every desk shares, by name."""

from collections.abc import Callable

from sqlalchemy import bindparam, select

from desk_app.people.model import OfficeSetting
from desk_app.storage.inserting import insert_if_missing
from desk_app.storage.unit_of_work import UnitOfWork

OFFICE_NAME = "office_name"
OFFICE_NUMBER = "office_number"

RECOVERY_RECIPIENT = "recovery_recipient"
"""The public half of the recovery key: every new secret is addressed to it as well."""

ESCROW_DUE = "escrow_due"
"""Set while the escrow still opens with the recovery key before the present one."""

ROTATION_DUE = "recordings_rotation_due"
"""Since when, and by whom, the recordings' key is known to somebody who may not listen any more:
``<ISO 8601> <user id>``, of the first since the key was made."""

REKEY_DUE = "rekey_due"
"""Set while somebody who left may still know the database's key."""

MOVING = "moving"
"""Set while the office is moved elsewhere, and for ever where it has left: ``<target> <id>``."""

MOVING_TO = "moving_to"
"""Set while the office is on its way to a server: which one (`places.left.Target`)."""

MOVED_BY = "moved_by"
"""The id of the move that brought the office to where it is."""


_VALUE = select(OfficeSetting.value).where(OfficeSetting.name == bindparam("name"))


def setting(work: UnitOfWork, name: str) -> str | None:
    """The value of a setting, or None if it was never set."""
    return work.session.scalar(_VALUE, {"name": name})


def setting_or_made(work: UnitOfWork, name: str, make: Callable[[], str]) -> str:
    """The value of a setting, made once if it is missing, also when two desks ask at once."""
    known = setting(work, name)
    if known is not None:
        return known
    insert_if_missing(work, OfficeSetting, name=name, value=make())
    made = setting(work, name)
    assert made is not None  # noqa: S101 -- inserted above, or by the desk that was faster
    return made


def set_setting(work: UnitOfWork, name: str, value: str | None) -> None:
    """Set a setting, or forget it with None."""
    row = work.session.get(OfficeSetting, name)
    if value is None:
        if row is not None:
            work.session.delete(row)
    elif row is None:
        work.session.add(OfficeSetting(name=name, value=value))
    else:
        row.value = value
