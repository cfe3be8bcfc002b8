"""Paper originals of who is erased: their rows lose what they say, the paper itself stays in its
box until it is disposed of. So the verdict and the certificate name it."""

from collections.abc import Iterable

from sqlalchemy import select

from desk_app.privacy.data_map.owned import Roots, rows_of
from desk_app.privacy.erasure.rooted import in_batches
from desk_app.privacy.originals.model import PaperOriginal
from desk_app.privacy.originals.rules import number
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork


def stored(work: UnitOfWork, roots: Roots) -> tuple[int, ...]:
    """Those that lie in the house."""
    found: set[int] = set()
    for part in in_batches(roots):
        found.update(
            work.session.scalars(
                select(PaperOriginal.id).where(
                    rows_of(Base.metadata.tables["paper_original"], part),
                    PaperOriginal.disposed_on.is_(None),
                    PaperOriginal.returned_on.is_(None),
                )
            )
        )
    return tuple(sorted(found))


def numbers(ids: Iterable[int]) -> tuple[str, ...]:
    """The numbers on their labels."""
    return tuple(map(number, ids))
