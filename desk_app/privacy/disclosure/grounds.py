"""The grounds on which something is kept from a customer or shown after all: dated data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from desk_app.cases.types.rules import Labels
from desk_app.errors import Refused
from desk_app.words import resource_path


@dataclass(frozen=True, slots=True)
class Ground:
    """``removes``: for removing something, else for putting it back."""

    key: str
    removes: bool
    effective_from: date
    short: Labels
    """What stands in the text in place of what was removed."""
    name: Labels
    source: Labels


@cache
def _all() -> tuple[Ground, ...]:
    read = json.loads(resource_path("disclosure", "grounds.json").read_text("utf-8"))
    return tuple(
        Ground(
            key=one["key"],
            removes=one["act"] == "remove",
            effective_from=date.fromisoformat(one["effective_from"]),
            short=Labels.of_json(one["short"]),
            name=Labels.of_json(one["name"]),
            source=Labels.of_json(one["source"]),
        )
        for one in read["grounds"]
    )


def grounds(on: date) -> Mapping[str, Ground]:
    """Those in force on a day, by key, in order."""
    known: dict[str, Ground] = {}
    for one in sorted(_all(), key=lambda ground: ground.effective_from):
        if one.effective_from <= on:
            known[one.key] = one
    return {one.key: known[one.key] for one in _all() if one.key in known}


def check_ground(key: str, *, removes: bool, on: date) -> Ground:
    """The ground; ``Refused("disclosure.no_ground")`` for one that isn't for this."""
    found = grounds(on).get(key)
    if found is None or found.removes != removes:
        raise Refused("disclosure.no_ground")
    return found
