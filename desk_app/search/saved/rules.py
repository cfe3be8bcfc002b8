"""A query as it is kept, and back: pure. What a later program doesn't know any more is left out."""

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from desk_app.errors import Refused
from desk_app.search.pages import Query
from desk_app.text import line

LONGEST_NAME = 60
_ME = "me"
MOST_SAVED = 50
"""Filters that one person keeps; a longer list is no help any more."""


def filter_name(text: str) -> str:
    """The name of a filter; `Refused` if it is empty or too long."""
    name = line(text, field="name")
    if not name:
        raise Refused("search.filter_unnamed")
    if len(name) > LONGEST_NAME:
        raise Refused("search.filter_name_too_long", limit=LONGEST_NAME)
    return name


def to_kept(query: Query, *, me: int | None = None) -> dict[str, Any]:
    """A query as JSON: only what differs from an empty one. The cases of ``me`` are kept as
    one's own, whoever asks for them: a filter may be shared."""
    empty, kept = Query(), {}
    for field in fields(Query):
        value = getattr(query, field.name)
        if value != getattr(empty, field.name):
            kept[field.name] = sorted(value) if isinstance(value, frozenset) else value
    if me is not None and query.assignee_id == me:
        kept["assignee_id"] = _ME
    return kept


def from_kept(kept: Mapping[str, Any], *, me: int | None = None) -> Query:
    """The query again, as ``me`` asks it; a field or a value that no longer exists is left out."""
    hints = get_type_hints(Query)
    known = {}
    for name, value in kept.items():
        if name == "assignee_id" and value == _ME:
            value = me
        if name in hints:
            read = _read(hints[name], value)
            if read is not None:
                known[name] = read
    return Query(**known)


def _read(kind: Any, value: Any) -> Any:
    """The value as ``kind``, or None if it isn't one."""
    if get_origin(kind) is UnionType:  # X | None
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is frozenset:
        (item,) = get_args(kind)
        items = value if isinstance(value, list) else []
        read = frozenset(one for one in (_read(item, each) for each in items) if one is not None)
        return read or None
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value) if value in [*kind] else None
    return value if type(value) is kind else None
