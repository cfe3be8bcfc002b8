"""Use cases of being at a case: said when it is opened, again while it is open, and at its end.

None of it is audited: the opening is, by itself.
"""

from desk_app.cases.model import Case
from desk_app.cases.presence import here
from desk_app.cases.presence.pages import Present
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork

EVERY_SECONDS = 15
"""How often who has a case open says so again."""


@needs(Permission.READ_CASES)
def be_here(
    actor: Actor, work: UnitOfWork, /, case_id: int, *, is_writing: bool
) -> tuple[Present, ...]:
    """Say that the actor has the case open, and hear who else does; `Refused` for none."""
    if work.session.get(Case, case_id) is None:
        raise Refused("cases.not_found")
    here.arrive(actor, work, case_id, is_writing=is_writing)
    return here.others(actor, work, case_id)


@needs(Permission.READ_CASES)
def leave(actor: Actor, work: UnitOfWork, /, case_id: int) -> None:
    """Say that the actor has closed the case. Doing it again changes nothing."""
    here.leave(actor, work, case_id)
