"""Use cases of an office that moves: begun by an administrator, given up by one."""

import secrets

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import MOVING, set_setting, setting
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.MOVE_OFFICE)
def begin_move(actor: Actor, work: UnitOfWork, /, target: str) -> str:
    """From now on nobody signs in but to go on with this move; its id. Begun already, it is the
    same one, and nothing is written.

    ``target`` is ``file`` or ``server``. `Refused` ``moving.elsewhere`` if the office is on its way
    to the other.
    """
    known = setting(work, MOVING)
    if known is not None:
        if known.partition(" ")[0] != target:
            raise Refused("moving.elsewhere")
        return known.partition(" ")[2]
    id = secrets.token_hex(8)
    set_setting(work, MOVING, f"{target} {id}")
    record(actor, work, "office.move_begun", target=target)
    return id


@needs(Permission.MOVE_OFFICE)
def give_up_move(actor: Actor, work: UnitOfWork, /) -> None:
    """The office stays where it is, and everybody may sign in again."""
    if setting(work, MOVING) is None:
        raise Refused("moving.none")
    set_setting(work, MOVING, None)
    record(actor, work, "office.move_given_up")
