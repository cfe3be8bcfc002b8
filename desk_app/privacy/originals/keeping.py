"""How long each kind of original is kept: dated data in ``resources/originals.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from desk_app.errors import Fault
from desk_app.words import Language, resource_path


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """A version of how long a kind is kept; ``source`` by language."""

    effective_from: date
    months: int
    source: Mapping[Language, str]


@cache
def _data() -> dict[str, tuple[KeepingRule, ...]]:
    read = json.loads(resource_path("originals.json").read_text("utf-8"))
    return {
        kind["key"]: tuple(
            sorted(
                (
                    KeepingRule(
                        date.fromisoformat(rule["effective_from"]), rule["months"], rule["source"]
                    )
                    for rule in kind["rules"]
                ),
                key=lambda rule: rule.effective_from,
            )
        )
        for kind in read["kinds"]
    }


def kinds() -> tuple[str, ...]:
    """The kinds of originals, in the order in which they are offered."""
    return tuple(_data())


@cache
def methods() -> tuple[str, ...]:
    """The ways in which paper is disposed of."""
    read = json.loads(resource_path("originals.json").read_text("utf-8"))
    return tuple(read["methods"])


def rule_for(kind: str, received_on: date) -> KeepingRule:
    """The rule in force when the paper came; the first there is for what came before any."""
    rules = _data().get(kind, ())
    if not rules:
        raise Fault("originals.no_rule")
    earlier = [rule for rule in rules if rule.effective_from <= received_on]
    return (earlier or list(rules[:1]))[-1]
