"""Assigning, closing and tagging many cases: previewed, done in one commit, taken back once.

Each case goes through its own use case, with its checks, its timeline and its audit entry. A case
that refuses, or that has changed since the preview, is left as it is and named with the reason.
An undo is no act of the transition table: it puts back what was, on cases that nobody has changed
since.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desk_app.audit.log import record
from desk_app.cases import service
from desk_app.cases.approval.records import take_back_last
from desk_app.cases.bulk.model import BulkAct, BulkItem
from desk_app.cases.bulk.rules import (
    MOST_CASES,
    AssignAll,
    BulkWish,
    CloseAll,
    Left,
    Outcome,
    Preview,
    TagAll,
)
from desk_app.cases.history import find, tell
from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState, EntryKind
from desk_app.cases.tags import service as tags
from desk_app.cases.tags.model import CaseTag, Tag
from desk_app.cases.tags.rules import folded, tag_name
from desk_app.errors import DeskError, Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.storage.base import UtcDateTime
from desk_app.storage.unit_of_work import UnitOfWork

_TIMES = {column.name for column in Case.__table__.columns if isinstance(column.type, UtcDateTime)}
_KEPT = tuple(
    column.name
    for column in Case.__table__.columns
    if column.name not in ("id", "version", "number") and not column.info.get("data")
)
"""The columns that an undo puts back; none is personal."""


@needs(Permission.WORK_CASES)
def preview(actor: Actor, work: UnitOfWork, /, wish: BulkWish, ids: Sequence[int]) -> Preview:
    """What the act would do to these cases, found out by doing it and rolling back.

    `Refused` for more than `MOST_CASES`, for none, and for a wish that suits no case.
    """
    versions, left = {}, []
    for case_id, outcome in _each(actor, work, wish, dict.fromkeys(_some(ids)), keep=False):
        if isinstance(outcome, Left):
            left.append(outcome)
        else:
            versions[case_id] = outcome.version
    return Preview(versions, tuple(left))


@needs(Permission.WORK_CASES)
def carry_out(
    actor: Actor, work: UnitOfWork, /, wish: BulkWish, versions: Mapping[int, int]
) -> Outcome:
    """Do it to the cases of a `preview`, in the versions that it saw."""
    _some(versions)
    changed, left = [], []
    bulk = BulkAct(user_id=actor.user_id, at=work.now, kind=wish.kind)
    work.session.add(bulk)
    work.session.flush()
    for case_id, outcome in _each(actor, work, wish, versions, keep=True):
        if isinstance(outcome, Left):
            left.append(outcome)
            continue
        changed.append(case_id)
        case = find(work, case_id)
        work.session.add(
            BulkItem(
                bulk_id=bulk.id,
                case_id=case_id,
                version_after=case.version,
                before=outcome.before,
            )
        )
    if not changed:
        work.session.delete(bulk)
        return Outcome(None, (), tuple(left))
    work.session.flush()
    record(
        actor, work, "case.bulk_act", subject=("bulk", bulk.id), kind=wish.kind, count=len(changed)
    )
    return Outcome(bulk.id, tuple(changed), tuple(left))


@needs(Permission.WORK_CASES)
def undo(actor: Actor, work: UnitOfWork, /, bulk_id: int) -> Outcome:
    """Put back what one's own latest act on many cases changed, once.

    A case that was changed since is left as it is and named. `Refused` if it was undone already,
    is somebody else's, or isn't the latest.
    """
    bulk = work.session.scalar(select(BulkAct).where(BulkAct.id == bulk_id).with_for_update())
    latest = work.session.scalar(
        select(BulkAct.id)
        .where(BulkAct.user_id == actor.user_id)
        .order_by(BulkAct.id.desc())
        .limit(1)
    )
    if bulk is None or bulk.user_id != actor.user_id or bulk.id != latest:
        raise Refused("cases.bulk_not_latest")
    if bulk.undone_at is not None:
        raise Refused("cases.bulk_undone")
    items = work.session.scalars(
        select(BulkItem).where(BulkItem.bulk_id == bulk_id).order_by(BulkItem.case_id)
    ).all()
    changed, left = [], []
    for item in items:
        case = find(work, item.case_id, even_merged=True)
        if case.state == CaseState.MERGED:
            left.append(Left(case.id, case.number, "cases.is_merged"))
            continue
        if case.version != item.version_after or not _tag_stands(work, case, item.before):
            left.append(Left(case.id, case.number, "storage.conflict"))
            continue
        _put_back(actor, work, case, item.before)
        changed.append(case.id)
    bulk.undone_at = work.now
    record(actor, work, "case.bulk_undone", subject=("bulk", bulk.id), count=len(changed))
    return Outcome(bulk.id, tuple(changed), tuple(left))


class _Done:
    """A case as it was before the act."""

    def __init__(self, version: int, before: dict[str, Any]) -> None:
        self.version = version
        self.before = before


def _each(
    actor: Actor,
    work: UnitOfWork,
    wish: BulkWish,
    versions: Mapping[int, int | None],
    *,
    keep: bool,
) -> Iterable[tuple[int, _Done | Left]]:
    """Do it to one case after the other, each in a savepoint of its own."""
    if isinstance(wish, TagAll):
        tag_name(wish.name)
    changes = list(work.changes)
    for case_id in sorted(versions):
        before: Case | None = None
        savepoint = work.session.begin_nested()
        try:
            before = find(work, case_id, versions[case_id])
            done = _Done(before.version, _kept(before))
            if isinstance(wish, TagAll):
                if not tags.add_tag(actor, work, case_id, name=wish.name):
                    raise Refused("cases.has_tag")
                tagged = {"at": work.now.isoformat(), "by": actor.user_id}
                done.before = {"untag": wish.name, "tagged": tagged}
            else:
                _act(actor, work, wish, case_id, before.version)
        except DeskError as error:
            savepoint.rollback()
            number = None if before is None else before.number
            yield case_id, Left(case_id, number, error.code)
        else:
            savepoint.commit() if keep else savepoint.rollback()
            yield case_id, done
    if not keep:
        work.changes[:] = changes


def _act(
    actor: Actor, work: UnitOfWork, wish: AssignAll | CloseAll, case_id: int, version: int
) -> None:
    if isinstance(wish, AssignAll):
        service.assign(
            actor, work, case_id, version, assignee_id=wish.assignee_id, reason=wish.reason
        )
    else:
        service.close(actor, work, case_id, version, reason=wish.reason)


def _kept(case: Case) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in _KEPT}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _put_back(actor: Actor, work: UnitOfWork, case: Case, before: dict[str, Any]) -> None:
    if "untag" in before:
        tags.remove_tag(actor, work, case.id, name=before["untag"])
        return
    was_closed = case.state == CaseState.CLOSED.value
    for name, value in before.items():
        if name in _TIMES and value is not None:
            value = datetime.fromisoformat(value)
        if getattr(case, name) != value:
            setattr(case, name, value)
    if was_closed and case.state == CaseState.RESOLVED.value:
        take_back_last(work, case)
    tell(actor, work, case, EntryKind.BULK_UNDONE, state=case.state)
    work.session.flush()
    work.changed("case", case.id)
    record(actor, work, "case.changed", subject=("case", case.id), act="undo", state=case.state)


def _tag_stands(work: UnitOfWork, case: Case, before: dict[str, Any]) -> bool:
    """Whether the tag that the act has set, if it set one, is still that and no later one."""
    if "untag" not in before:
        return True
    tagged = before["tagged"]
    return (
        work.session.scalar(
            select(CaseTag)
            .join(Tag, Tag.id == CaseTag.tag_id)
            .where(
                CaseTag.case_id == case.id,
                Tag.folded == folded(before["untag"]),
                CaseTag.tagged_at == datetime.fromisoformat(tagged["at"]),
                CaseTag.tagged_by == tagged["by"],
            )
        )
        is not None
    )


def _some(ids: Iterable[int]) -> list[int]:
    some = list(ids)
    if not some:
        raise Refused("cases.bulk_none")
    if len(some) > MOST_CASES:
        raise Refused("cases.bulk_too_many", limit=MOST_CASES)
    return some
