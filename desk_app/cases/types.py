"""The types of cases: dated data in ``resources/case_types.json``, with the source of targets.

The types are ordered: the later, the graver. A contact with several inquiries makes one case of
the gravest type among them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from desk_app.cases.rules import ClosingLevel
from desk_app.errors import Refused
from desk_app.words import resource_path


@dataclass(frozen=True, slots=True)
class CaseType:
    """Who closes it, and in how much business time it should be resolved. Its words are
    ``cases.type.<key>``."""

    key: str
    closing_level: ClosingLevel
    target_minutes: int
    source: str


@cache
def case_types() -> Mapping[str, CaseType]:
    """All types by key, the gravest last."""
    data = json.loads(resource_path("case_types.json").read_text("utf-8"))
    return {
        one["key"]: CaseType(
            key=one["key"],
            closing_level=ClosingLevel(one["closing_level"]),
            target_minutes=one["target_hours"] * 60,
            source=data["source"],
        )
        for one in data["types"]
    }


def case_type(key: str) -> CaseType:
    """The type, or `Refused` if there is none by this key."""
    found = case_types().get(key)
    if found is None:
        raise Refused("cases.no_such_type")
    return found


def gravest(keys: Iterable[str]) -> CaseType:
    """The gravest of these types, of which there is at least one."""
    order = {key: position for position, key in enumerate(case_types())}
    return max((case_type(key) for key in keys), key=lambda one: order[one.key])
