"""Keeping filters of the case list."""

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.search.pages import Query
from desk_app.search.saved.model import SavedFilter
from desk_app.search.saved.rules import MOST_SAVED, filter_name, to_kept
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def save_filter(
    actor: Actor, work: UnitOfWork, /, *, name: str, query: Query, shared: bool = False
) -> int:
    """Keep a filter under a name; one's own of that name is replaced. Its id.

    A shared one is offered to all who read cases; in it "mine" are those of who uses it.
    `Refused` for a bad name or too many filters.
    """
    name = filter_name(name)
    mine = SavedFilter.owner_id == actor.user_id
    row = work.session.scalar(select(SavedFilter).where(mine, SavedFilter.name == name))
    if row is None:
        kept = work.session.scalar(select(func.count()).select_from(SavedFilter).where(mine)) or 0
        if kept >= MOST_SAVED:
            raise Refused("search.too_many_filters", limit=MOST_SAVED)
        row = SavedFilter(owner_id=actor.user_id, name=name)
        work.session.add(row)
    row.query = to_kept(query, me=actor.user_id)
    row.shared, row.saved_at = shared, work.now
    work.session.flush()
    record(actor, work, "search.filter_saved", subject=("saved_filter", row.id), shared=shared)
    work.changed("saved_filter", row.id)
    return row.id


@needs(Permission.READ_CASES)
def delete_filter(actor: Actor, work: UnitOfWork, /, filter_id: int) -> None:
    """Forget one of one's own filters; `Refused` if there is none."""
    row = work.session.get(SavedFilter, filter_id)
    if row is None or row.owner_id != actor.user_id:
        raise Refused("search.no_such_filter")
    work.session.delete(row)
    work.session.flush()
    record(actor, work, "search.filter_deleted", subject=("saved_filter", filter_id))
    work.changed("saved_filter", filter_id)
