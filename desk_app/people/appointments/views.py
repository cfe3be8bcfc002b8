"""Who is appointed for what until when, and whose trainings are to be renewed."""

from desk_app.people.access import Actor, Permission, needs
from desk_app.people.appointments.standing import HandlerRow, handlers_now
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_USERS)
def handlers(actor: Actor, work: UnitOfWork, /) -> tuple[HandlerRow, ...]:
    """Every appointment that is in force or planned, by name; what has ended isn't among them."""
    return handlers_now(work)
