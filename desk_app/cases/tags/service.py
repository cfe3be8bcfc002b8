"""Tagging cases. Tags of two people at once are both kept, so no version is asked for."""

from sqlalchemy import func, select

from desk_app.audit.log import record
from desk_app.cases.history import find
from desk_app.cases.tags.model import CaseTag, Tag
from desk_app.cases.tags.rules import MOST_TAGS, folded, tag_name
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.inserting import insert_if_missing
from desk_app.storage.unit_of_work import UnitOfWork


@needs(Permission.WORK_CASES)
def add_tag(actor: Actor, work: UnitOfWork, /, case_id: int, *, name: str) -> bool:
    """Let a case bear a tag, which is made if the office has none of that name.

    False if the case bears it already. `Refused` for a name that is no tag, for a case that isn't
    there or was merged, and for more tags than a case may bear.
    """
    find(work, case_id)
    tag_id = _tag(work, tag_name(name))
    if work.session.get(CaseTag, (case_id, tag_id)) is not None:
        return False
    borne = work.session.scalar(select(func.count()).where(CaseTag.case_id == case_id)) or 0
    if borne >= MOST_TAGS:
        raise Refused("cases.too_many_tags", limit=MOST_TAGS)
    insert_if_missing(
        work,
        CaseTag,
        case_id=case_id,
        tag_id=tag_id,
        tagged_at=work.now,
        tagged_by=actor.user_id,
    )
    _tell(actor, work, "case.tagged", case_id, tag_id)
    return True


@needs(Permission.WORK_CASES)
def remove_tag(actor: Actor, work: UnitOfWork, /, case_id: int, *, name: str) -> bool:
    """Take a tag off a case; False if it bears none of that name."""
    find(work, case_id)
    borne = work.session.scalar(
        select(CaseTag)
        .join(Tag, Tag.id == CaseTag.tag_id)
        .where(CaseTag.case_id == case_id, Tag.folded == folded(name))
    )
    if borne is None:
        return False
    tag_id = borne.tag_id
    work.session.delete(borne)
    work.session.flush()
    _tell(actor, work, "case.untagged", case_id, tag_id)
    return True


def _tell(actor: Actor, work: UnitOfWork, action: str, case_id: int, tag_id: int) -> None:
    record(actor, work, action, subject=("case", case_id), tag_id=tag_id)
    work.changed("case", case_id)


def _tag(work: UnitOfWork, name: str) -> int:
    """The tag of this name, made if it is missing, also when two desks make it at once."""
    key = folded(name)
    wanted = select(Tag.id).where(Tag.folded == key)
    known = work.session.scalar(wanted)
    if known is None:
        insert_if_missing(work, Tag, name=name, folded=key)
        known = work.session.scalar(wanted)
        assert known is not None  # noqa: S101 -- inserted above, or by the desk that was faster
        work.changed("tag", known)
    return known
