"""What an erasure covers: the ids it begins with, and what they bring along."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import or_, select

from desk_app.privacy.data_map.owned import Roots
from desk_app.storage.base import Base
from desk_app.storage.unit_of_work import UnitOfWork

AT_ONCE = 400
"""Ids in one statement."""


def whole_family(work: UnitOfWork, roots: Roots) -> Roots:
    """The roots with every case that was merged with one of theirs: none of them stands alone."""
    case = Base.metadata.tables["desk_case"]
    found, new = set(roots.cases), set(roots.cases)
    while new:
        near = work.session.execute(
            select(case.c.id, case.c.merged_into_id).where(
                or_(case.c.id.in_(new), case.c.merged_into_id.in_(new))
            )
        )
        new = {id for row in near for id in row if id is not None} - found
        found |= new
    return Roots(roots.customer_id, roots.contacts, roots.recordings, tuple(sorted(found)))


def with_recordings(work: UnitOfWork, roots: Roots) -> Roots:
    """The roots with the recordings of their contacts."""
    recording = Base.metadata.tables["recording"]
    found = set(roots.recordings)
    for batch in batches(roots.contacts):
        found.update(
            work.session.scalars(select(recording.c.id).where(recording.c.contact_id.in_(batch)))
        )
    return Roots(roots.customer_id, roots.contacts, tuple(sorted(found)), roots.cases)


def without_case(work: UnitOfWork, roots: Roots, case_id: int) -> Roots:
    """The roots without a case and the contacts that belong to it: a request's own case stays, with
    the call in which it was made, so that the customer can be told and what was asked is proven."""
    belongs = Base.metadata.tables["case_contact"]
    recording = Base.metadata.tables["recording"]
    stay = set(
        work.session.scalars(select(belongs.c.contact_id).where(belongs.c.case_id == case_id))
    )
    kept = set(work.session.scalars(select(recording.c.id).where(recording.c.contact_id.in_(stay))))
    return Roots(
        roots.customer_id,
        tuple(id for id in roots.contacts if id not in stay),
        tuple(id for id in roots.recordings if id not in kept),
        tuple(id for id in roots.cases if id != case_id),
    )


def shared_cases(work: UnitOfWork, roots: Roots) -> tuple[int, ...]:
    """Cases of others that one of the contacts belongs to: they stay, and lose what is erased."""
    belongs = Base.metadata.tables["case_contact"]
    found: set[int] = set()
    for batch in batches(roots.contacts):
        found.update(
            work.session.scalars(
                select(belongs.c.case_id).where(belongs.c.contact_id.in_(batch)).distinct()
            )
        )
    return tuple(sorted(found - set(roots.cases)))


def to_kept(roots: Roots) -> dict[str, Any]:
    return {
        "customer": roots.customer_id,
        "contacts": list(roots.contacts),
        "recordings": list(roots.recordings),
        "cases": list(roots.cases),
    }


def from_kept(kept: Mapping[str, Any]) -> Roots:
    return Roots(
        kept["customer"], tuple(kept["contacts"]), tuple(kept["recordings"]), tuple(kept["cases"])
    )


def batches(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[at : at + AT_ONCE] for at in range(0, len(ordered), AT_ONCE))


def in_batches(roots: Roots) -> Iterable[Roots]:
    """The same roots, a part at a time: whose a row is never depends on two of them together."""
    if roots.customer_id is not None:
        yield Roots(roots.customer_id, (), (), ())
    for batch in batches(roots.contacts):
        yield Roots(None, tuple(batch), (), ())
    for batch in batches(roots.recordings):
        yield Roots(None, (), tuple(batch), ())
    for batch in batches(roots.cases):
        yield Roots(None, (), (), tuple(batch))
