"""Who else has a case open."""

from desk_app.cases.presence import here
from desk_app.cases.presence.pages import Present
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def others_here(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[Present, ...]:
    """Who else has the case open now, who came first first; names of colleagues only."""
    return here.others(actor, work, case_id)
