"""Conditions on a case as SQL: those of the filters, and which cases may be seen at all."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select, true

from desk_app.cases.model import Case
from desk_app.cases.rules import CaseState
from desk_app.cases.tags.model import CaseTag
from desk_app.people.access import Actor
from desk_app.search.filters import (
    AssigneeIs,
    Condition,
    DueWithin,
    StateIs,
    Tagged,
    TypeIs,
)
from desk_app.storage.unit_of_work import UnitOfWork


def permitted(actor: Actor, work: UnitOfWork) -> tuple[ColumnElement[bool], ...]:
    """What must be true of a case for ``actor`` to find it, beside the permission to read cases.

    Every search, every page of rows, every count of a work list and every case that is offered
    as similar is bound by it. Nothing yet: there are no cases that only some who may read cases
    may see.
    """
    return ()


def of_case(conditions: Iterable[Condition], zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """One clause on `Case` for each condition; days are those of ``zone``."""
    return [_CLAUSES[type(one)](one, zone) for one in conditions]


def narrows(condition: Condition) -> bool:
    """Whether an index leads to the cases that meet it."""
    return not getattr(condition, "negated", False) and not getattr(condition, "untagged", False)


def _state(one: StateIs, _zone: ZoneInfo) -> ColumnElement[bool]:
    if one.states == frozenset(CaseState):
        return true()
    return Case.state.in_(sorted(one.states))


def _type(one: TypeIs, _zone: ZoneInfo) -> ColumnElement[bool]:
    return Case.case_type.in_(sorted(one.keys))


def _assignee(one: AssigneeIs, _zone: ZoneInfo) -> ColumnElement[bool]:
    if one.negated:
        others: list[ColumnElement[bool]] = []
        if one.user_ids:
            others.append(func.coalesce(Case.assignee_id, 0).not_in(sorted(one.user_ids)))
        if one.nobody:
            others.append(Case.assignee_id.is_not(None))
        return and_(true(), *others)
    clauses: list[ColumnElement[bool]] = []
    if one.user_ids:
        clauses.append(Case.assignee_id.in_(sorted(one.user_ids)))
    if one.nobody:
        clauses.append(Case.assignee_id.is_(None))
    return or_(false(), *clauses)


def _due(one: DueWithin, zone: ZoneInfo) -> ColumnElement[bool]:
    if one.never:
        return Case.due_at.is_not(None) if one.negated else Case.due_at.is_(None)
    clauses: list[ColumnElement[bool]] = [Case.due_at.is_not(None)]
    if one.first is not None:
        clauses.append(Case.due_at >= _midnight(one.first, zone))
    if one.end is not None:
        clauses.append(Case.due_at < _midnight(one.end, zone))
    within = and_(*clauses)
    return or_(Case.due_at.is_(None), not_(within)) if one.negated else within


def _tagged(one: Tagged, _zone: ZoneInfo) -> ColumnElement[bool]:
    bearing = select(CaseTag.case_id)
    clauses: list[ColumnElement[bool]] = []
    if one.tag_ids:
        clauses.append(Case.id.in_(bearing.where(CaseTag.tag_id.in_(sorted(one.tag_ids)))))
    if one.untagged:
        clauses.append(Case.id.not_in(bearing))
    within = or_(false(), *clauses)
    return not_(within) if one.negated else within


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


_CLAUSES: dict[type, Callable[..., ColumnElement[bool]]] = {
    StateIs: _state,
    TypeIs: _type,
    AssigneeIs: _assignee,
    DueWithin: _due,
    Tagged: _tagged,
}
