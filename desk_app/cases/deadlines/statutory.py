"""Statutory clocks: dated data in ``resources/statutory_clocks.json``, to be confirmed by counsel.

A rule has versions, each in force from a day on. The one in force on the day of knowing applies
to the end, whatever comes after. Words are ``deadlines.statutory.<key>``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from desk_app.hours import explaining
from desk_app.words import Language, Words, resource_path


@dataclass(frozen=True, slots=True)
class StatutoryRule:
    """One version of a rule. ``knowing_counts``: the day of knowing is day 1, else day 0."""

    key: str
    effective_from: date
    days: int
    knowing_counts: bool
    source: Mapping[Language, str]

    def last_day(self, known_on: date) -> date:
        """The day with whose end the clock runs out."""
        return explaining.last_day(known_on, self.days, knowing_counts=self.knowing_counts)

    def say(self, words: Words) -> str:
        """Where it stands written."""
        return self.source[words.language]


@cache
def statutory_rules() -> Mapping[str, tuple[StatutoryRule, ...]]:
    """All rules by key, each with its versions, the earliest first."""
    data = json.loads(resource_path("statutory_clocks.json").read_text("utf-8"))
    found: dict[str, list[StatutoryRule]] = {}
    for one in data["clocks"]:
        rule = StatutoryRule(
            key=one["key"],
            effective_from=date.fromisoformat(one["effective_from"]),
            days=one["days"],
            knowing_counts=one["knowing_counts"],
            source=one["source"],
        )
        found.setdefault(rule.key, []).append(rule)
    return {
        key: tuple(sorted(versions, key=lambda one: one.effective_from))
        for key, versions in found.items()
    }


def rule_on(key: str, known_on: date) -> StatutoryRule | None:
    """The version in force on the day of knowing; None if there was no such rule yet.

    `KeyError` for a key that isn't among the data.
    """
    versions = statutory_rules()[key]
    return next((one for one in reversed(versions) if one.effective_from <= known_on), None)


def version_of(key: str, effective_from: date) -> StatutoryRule | None:
    """The version that a clock was started with; None if the data has lost it."""
    versions = statutory_rules().get(key, ())
    return next((one for one in versions if one.effective_from == effective_from), None)
