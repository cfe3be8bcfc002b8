"""The office's tags, and those of a case."""

from collections.abc import Mapping

from sqlalchemy import select

from desk_app.cases.tags.model import CaseTag, Tag
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.READ_CASES)
def all_tags(actor: Actor, work: UnitOfWork, /) -> tuple[str, ...]:
    """Every tag of the office by name: what a field completes to."""
    return tuple(work.session.scalars(select(Tag.name).order_by(Tag.folded)))


@needs(Permission.READ_CASES)
def tags_by_id(actor: Actor, work: UnitOfWork, /) -> Mapping[int, str]:
    """Every tag of the office: what a filter is read by."""
    return dict(work.session.execute(select(Tag.id, Tag.name)).all())


@needs(Permission.READ_CASES)
def tags_of(actor: Actor, work: UnitOfWork, /, case_id: int) -> tuple[str, ...]:
    """The tags of a case by name; the case's opening covers it."""
    return tuple(
        work.session.scalars(
            select(Tag.name)
            .join(CaseTag, CaseTag.tag_id == Tag.id)
            .where(CaseTag.case_id == case_id)
            .order_by(Tag.folded)
        )
    )
