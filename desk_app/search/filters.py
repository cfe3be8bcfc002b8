"""Filters of the query language: what each may say, and what it means.

`FILTERS` is the one table: a filter more is a row there, its names the words
``search.filter.<field>``, and its condition in `conditions`. Pure: which day it is, who asks and
who works here are told. Names and values are understood in every language of the program.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from desk_app.cases.rules import OPEN_STATES, CaseState
from desk_app.errors import Refused
from desk_app.search.normalise import canonical
from desk_app.words import LANGUAGES, Language, Words


class Field(StrEnum):
    """What can be filtered by."""

    STATE = "state"
    TYPE = "type"
    ASSIGNEE = "assignee"
    DUE = "due"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as it was typed; ``at`` is where in the query, counted from 1."""

    field: Field
    sign: str
    value: str
    negated: bool = False
    at: int = 1


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the meaning of a filter depends on.

    ``staff`` are the names of all users by id; ``types`` what each type of case is called in
    each language, by its key; ``tags`` the office's tags by id.
    """

    today: date
    own_user_id: int
    staff: Callable[[], Mapping[int, str]]
    types: Callable[[], Mapping[str, Mapping[Language, str]]]
    tags: Callable[[], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class StateIs:
    """In one of these states."""

    states: frozenset[CaseState]


@dataclass(frozen=True, slots=True)
class TypeIs:
    """Of one of these types."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class AssigneeIs:
    """Somebody's among these users, or with ``nobody`` no one's; or, negated, neither."""

    user_ids: frozenset[int] = frozenset()
    nobody: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class DueWithin:
    """Due on a day of the office's calendar from ``first`` on and before ``end``, either of
    which may be open; with ``never``, not due at all; or, negated, otherwise."""

    first: date | None = None
    end: date | None = None
    never: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Tagged:
    """Bears one of these tags, or with ``untagged`` none at all; or, negated, neither."""

    tag_ids: frozenset[int] = frozenset()
    untagged: bool = False
    negated: bool = False


Condition = StateIs | TypeIs | AssigneeIs | DueWithin | Tagged


@dataclass(frozen=True, slots=True)
class FilterName:
    """A filter's name, said in the reader's language."""

    field: Field

    def say(self, words: Words) -> str:
        return words(f"search.filter.{self.field}").split()[0]


@dataclass(frozen=True, slots=True)
class Values:
    """Some values that a filter takes, said in the reader's language."""

    keys: tuple[str, ...]

    def say(self, words: Words) -> str:
        return " / ".join(_typeable(key, words(key)) for key in self.keys)


@dataclass(frozen=True, slots=True)
class Names:
    """Some values that have a name in each language."""

    names: tuple[Mapping[Language, str], ...]

    def say(self, words: Words) -> str:
        return " / ".join(_typeable("", name[words.language]) for name in self.names)


def _typeable(key: str, said: str) -> str:
    if key.startswith("search.value."):
        return said.split()[0]
    return f'"{said}"' if " " in said else said


def understand(filters: Iterable[Filter], around: Surroundings) -> tuple[Condition, ...]:
    """What is asked of a case; `Refused`, naming the place, for what means nothing."""
    return tuple(_understand(one, around) for one in filters)


def _understand(one: Filter, around: Surroundings) -> Condition:
    signs, meaning, refused, examples = FILTERS[one.field]
    place = {"filter": FilterName(one.field), "at": one.at}
    if one.sign not in signs:
        raise Refused("search.filter_sign", **place, signs="  ".join(signs))
    if not one.value:
        raise Refused("search.filter_empty", **place, values=examples(around))
    found = meaning(one, around)
    if found is None:
        raise Refused(refused, **place, values=examples(around))
    return found


def field_named(name: str) -> Field | None:
    """The field of this name in any language, or None."""
    return _field_names().get(_plain(name))


@cache
def _field_names() -> dict[str, Field]:
    return {
        _plain(name): field
        for field in Field
        for language in LANGUAGES
        for name in [field.value, *Words(language)(f"search.filter.{field}").split()]
    }


def _plain(text: str) -> str:
    """In one form, without spaces, hyphens and underscores: ``in_progress`` is "in progress"."""
    return re.sub("[ _-]", "", canonical(text))


@cache
def _values(key: str) -> frozenset[str]:
    """All ways to say a value, e.g. "today"."""
    return frozenset(
        _plain(word)
        for language in LANGUAGES
        for word in [key, *Words(language)(f"search.value.{key}").split()]
    )


def _says(value: str, key: str) -> bool:
    return _plain(value) in _values(key)


# --- What each filter means ------------------------------------------------------------------


@cache
def _state_names() -> dict[str, frozenset[str]]:
    return {
        state: frozenset(_plain(Words(language)(f"cases.state.{state}")) for language in LANGUAGES)
        for state in CaseState
    }


def _among(value: str, names: Mapping[str, Iterable[str]]) -> set[str]:
    """The keys that are so called; else those with a name that begins with it, or in two
    characters and more holds it."""
    wanted = _plain(value)
    exact = {key for key, called in names.items() if wanted in {_plain(key), *called}}
    if exact or not wanted:
        return exact
    return {
        key
        for key, called in names.items()
        if any(name.startswith(wanted) or (len(wanted) > 1 and wanted in name) for name in called)
    }


def _state(one: Filter, _around: Surroundings) -> StateIs | None:
    states: set[CaseState] = set()
    for value in one.value.split(","):
        found = OPEN_STATES if _says(value, "open") else _among(value, _state_names())
        if not found:
            return None
        states |= {CaseState(state) for state in found}
    return StateIs(frozenset(set(CaseState) - states if one.negated else states))


def _type(one: Filter, around: Surroundings) -> TypeIs | None:
    names = {
        key: {_plain(name) for name in called.values()} for key, called in around.types().items()
    }
    keys: set[str] = set()
    for value in one.value.split(","):
        found = _among(value, names)
        if not found:
            return None
        keys |= found
    return TypeIs(frozenset(names.keys() - keys if one.negated else keys))


def _assignee(one: Filter, around: Surroundings) -> AssigneeIs | None:
    users: set[int] = set()
    nobody = False
    for value in one.value.split(","):
        if _says(value, "me"):
            users.add(around.own_user_id)
        elif _says(value, "none"):
            nobody = True
        else:
            wanted = _plain(value)
            found = {id for id, name in around.staff().items() if wanted and wanted in _plain(name)}
            if not found:
                return None
            users |= found
    return AssigneeIs(frozenset(users), nobody, one.negated)


def _tag(one: Filter, around: Surroundings) -> Tagged | None:
    tags: set[int] = set()
    untagged = False
    for value in one.value.split(","):
        wanted = _plain(value.lstrip("#"))
        named = {id: _plain(name) for id, name in around.tags().items()}
        found = {id for id, name in named.items() if name == wanted}
        if not found and _says(value, "none"):
            untagged = True
            continue
        found = found or {id for id, name in named.items() if wanted and wanted in name}
        if not found:
            return None
        tags |= found
    return Tagged(frozenset(tags), untagged, one.negated)


_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
)
_YEARS = range(1900, 3000)
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def _day(value: str, today: date) -> date | None:
    for key, days in _DAYS.items():
        if _says(value, key):
            return today + timedelta(days)
    for pattern in _DATES:
        if found := pattern.fullmatch(value):
            try:
                day = date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
            return day if day.year in _YEARS else None
    return None


def _due(one: Filter, around: Surroundings) -> DueWithin | None:
    if one.sign in (":", "=") and _says(one.value, "none"):
        return DueWithin(never=True, negated=one.negated)
    day = _day(one.value, around.today)
    if day is None:
        return None
    next_day = day + timedelta(1)
    first, end = {
        "<": (None, day),
        "<=": (None, next_day),
        ">": (next_day, None),
        ">=": (day, None),
        ":": (day, next_day),
        "=": (day, next_day),
    }[one.sign]
    return DueWithin(first, end, negated=one.negated)


_IS = (":", "=")
_Meaning = Callable[[Filter, Surroundings], Condition | None]
_Examples = Callable[[Surroundings], object]

FILTERS: Mapping[Field, tuple[tuple[str, ...], _Meaning, str, _Examples]] = {
    Field.STATE: (
        _IS,
        _state,
        "search.no_such_state",
        lambda _: Values(("search.value.open", *(f"cases.state.{state}" for state in CaseState))),
    ),
    Field.TYPE: (
        _IS,
        _type,
        "search.no_such_type",
        lambda around: Names(tuple(dict(called) for called in around.types().values())),
    ),
    Field.ASSIGNEE: (
        _IS,
        _assignee,
        "search.no_such_assignee",
        lambda _: Values(("search.value.me", "search.value.none")),
    ),
    Field.DUE: (
        (":", "=", "<", "<=", ">", ">="),
        _due,
        "search.no_such_day",
        lambda around: Values(("search.value.today", "search.value.tomorrow")),
    ),
    Field.TAG: (
        _IS,
        _tag,
        "search.no_such_tag",
        lambda _: Values(("search.value.none",)),
    ),
}
"""Signs that a filter takes, what it means, what is said if it means nothing, and examples."""
