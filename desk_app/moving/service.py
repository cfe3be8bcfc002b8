"""Use cases of an office that moves: begun by an administrator, given up by one."""

import secrets

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.settings import MOVING, MOVING_TO, set_setting, setting
from desk_app.places.left import Target
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.MOVE_OFFICE)
def begin_move(actor: Actor, work: UnitOfWork, /, target: str, *, to: Target | None = None) -> str:
    """From now on nobody signs in but to go on with this move; its id. Begun already, it is the
    same one, and nothing is written.

    ``target`` is ``file``, or ``server`` and ``to`` which one. `Refused` ``moving.elsewhere`` if
    the office is on its way to another place.
    """
    known, known_to = setting(work, MOVING), setting(work, MOVING_TO)
    if known is not None:
        is_there = to is None or (known_to is not None and Target.of(known_to).is_at(to.where))
        if known.partition(" ")[0] != target or not is_there:
            raise Refused("moving.elsewhere")
        return known.partition(" ")[2]
    id = secrets.token_hex(8)
    set_setting(work, MOVING, f"{target} {id}")
    set_setting(work, MOVING_TO, None if to is None else to.to_text())
    record(actor, work, "office.move_begun", target=target)
    return id


@needs(Permission.MOVE_OFFICE)
def give_up_move(actor: Actor, work: UnitOfWork, /) -> None:
    """The office stays where it is, and everybody may sign in again."""
    if setting(work, MOVING) is None:
        raise Refused("moving.none")
    set_setting(work, MOVING, None)
    set_setting(work, MOVING_TO, None)
    record(actor, work, "office.move_given_up")
