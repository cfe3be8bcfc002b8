"""The list of leaks: days and counts, no word of what happened."""

from sqlalchemy import select

from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.leaks.model import Leak
from desk_app.privacy.leaks.pages import LeakRow
from desk_app.privacy.leaks.reading import row_of
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.HANDLE_LEAKS)
def leaks(actor: Actor, work: UnitOfWork, /) -> tuple[LeakRow, ...]:
    """Every leak, the latest first."""
    found = work.session.scalars(select(Leak).order_by(Leak.known_at.desc(), Leak.id.desc()))
    return tuple(row_of(work, one) for one in found)
