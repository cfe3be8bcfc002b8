"""The types in force, read once in each unit of work. Not a use case."""

import json
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from sqlalchemy import func, select

from desk_app.cases.types.model import CaseTypeRevision
from desk_app.cases.types.rules import CaseType
from desk_app.errors import Refused
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import resource_path

_REMEMBERED = "case_types"
_LATEST = select(CaseTypeRevision).where(
    CaseTypeRevision.id.in_(select(func.max(CaseTypeRevision.id)).group_by(CaseTypeRevision.key))
)


@cache
def defaults() -> Mapping[str, CaseType]:
    """The types as the product brings them, the gravest last."""
    data = json.loads(resource_path("case_types.json").read_text("utf-8"))
    brought = [CaseType.of_json(one, source=data["source"]).checked() for one in data["types"]]
    return _in_order(brought)


def in_force(work: UnitOfWork) -> Mapping[str, CaseType]:
    """All types by key, also those that are no longer offered; the gravest last."""
    if _REMEMBERED not in work.remembered:
        work.remembered[_REMEMBERED] = _read(work)
    found: Mapping[str, CaseType] = work.remembered[_REMEMBERED]
    return found


def forget(work: UnitOfWork) -> None:
    """Have the types read again: one was changed in this unit of work."""
    work.remembered.pop(_REMEMBERED, None)


def case_type(work: UnitOfWork, key: str) -> CaseType:
    """The type, or `Refused` if there is none by this key."""
    found = in_force(work).get(key)
    if found is None:
        raise Refused("cases.no_such_type")
    return found


def gravest(work: UnitOfWork, keys: Iterable[str]) -> CaseType:
    """The gravest of these types, of which there is at least one."""
    return max((case_type(work, key) for key in keys), key=lambda one: one.order)


def of_revision(revision: CaseTypeRevision) -> CaseType | None:
    """The type as a revision says; None where it went back to the defaults of one that the
    product doesn't bring."""
    if revision.content is None:
        return defaults().get(revision.key)
    return _parsed(revision.content, revision.id, revision.reason)


def _read(work: UnitOfWork) -> Mapping[str, CaseType]:
    revised = {row.key: of_revision(row) for row in work.session.scalars(_LATEST)}
    if not revised:
        return defaults()
    both = {**defaults(), **{key: one for key, one in revised.items() if one is not None}}
    return _in_order(both.values())


@lru_cache(maxsize=256)
def _parsed(content: str, revision: int, source: str) -> CaseType:
    # Keyed by the content as well: another office's first revision is another one.
    return CaseType.of_json(json.loads(content), source=source, revision=revision)


def _in_order(types: Iterable[CaseType]) -> Mapping[str, CaseType]:
    return {one.key: one for one in sorted(types, key=lambda one: one.order)}
