"""The data map as the data protection officer reads it."""

from desk_app.people.access import Actor, Permission, needs
from desk_app.privacy.data_map.columns import MappedColumn, mapped_columns
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.OVERSEE)
def data_map(actor: Actor, work: UnitOfWork, /) -> tuple[MappedColumn, ...]:
    """Every marked column of the office, by table. It is the same in every office of a version."""
    return mapped_columns()
