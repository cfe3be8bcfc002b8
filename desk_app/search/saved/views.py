"""The filters that somebody is offered."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from desk_app.people.access import Actor, Permission, needs
from desk_app.search.pages import Query
from desk_app.search.saved.model import SavedFilter
from desk_app.search.saved.rules import from_kept
from desk_app.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SavedFilterRow:
    """A filter by name. ``is_own`` ones can be replaced and deleted."""

    id: int
    name: str
    query: Query
    shared: bool
    is_own: bool


@needs(Permission.READ_CASES)
def saved_filters(actor: Actor, work: UnitOfWork, /) -> tuple[SavedFilterRow, ...]:
    """One's own filters and those that others share, one's own first, by name."""
    mine = SavedFilter.owner_id == actor.user_id
    found = work.session.scalars(
        select(SavedFilter)
        .where(or_(mine, SavedFilter.shared))
        .order_by((SavedFilter.owner_id != actor.user_id), SavedFilter.name)
    )
    return tuple(
        SavedFilterRow(
            id=row.id,
            name=row.name,
            query=from_kept(row.query, me=actor.user_id),
            shared=row.shared,
            is_own=row.owner_id == actor.user_id,
        )
        for row in found
    )
