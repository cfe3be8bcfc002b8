"""A sample as its recorded seed and range give it, now and at any later time."""

from collections.abc import Iterator

from desk_app.privacy.inspections.accesses import access_ids
from desk_app.privacy.inspections.model import InspectionSample
from desk_app.privacy.inspections.sampling import draw
from desk_app.storage.unit_of_work import UnitOfWork


def drawn_again(work: UnitOfWork, sample: InspectionSample) -> tuple[tuple[int, ...], int]:
    """The sample as its recorded seed and range give it, and how many it was drawn from."""
    population = 0

    def counted() -> Iterator[int]:
        nonlocal population
        for entry_id in access_ids(
            work,
            sample.from_at,
            sample.to_at,
            last_entry_id=sample.last_entry_id,
            acts=sample.acts,
            user_ids=tuple(sample.user_ids),
        ):
            population += 1
            yield entry_id

    drawn = draw(sample.seed, counted(), sample.wanted)
    return drawn, population
