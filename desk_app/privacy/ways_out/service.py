"""The gate of what has no use case of its own: copying from the screen."""

from desk_app.audit.log import Subject, record
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CONTACTS)
def copy_out(
    actor: Actor,
    work: UnitOfWork,
    /,
    *,
    page: str,
    characters: int,
    subject: Subject | None = None,
) -> None:
    """Record that so many characters of a page were copied, of whose matter it showed if it showed
    one. Committed before anything is on the clipboard; never the text itself."""
    record(actor, work, "ways_out.copied", subject=subject, page=page, characters=characters)
