"""When a leak is reported and by when: dated data in ``resources/leaks.json``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from desk_app.hours import explaining
from desk_app.privacy.leaks.rules import Report, Trigger
from desk_app.words import Language, Words, resource_path


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """From how many persons on something makes a leak one that is reported."""

    trigger: Trigger
    effective_from: date
    least_persons: int
    source: Mapping[Language, str]

    def say(self, words: Words) -> str:
        """Where it stands written."""
        return self.source[words.language]


@dataclass(frozen=True, slots=True)
class ReportRule:
    """Within how many calendar days something is reported; the day of knowing is day 1."""

    report: Report
    effective_from: date
    days: int
    source: Mapping[Language, str]

    def due_on(self, known_on: date) -> date:
        return explaining.last_day(known_on, self.days, knowing_counts=True)

    def say(self, words: Words) -> str:
        """Where it stands written."""
        return self.source[words.language]


@cache
def _data() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(resource_path("leaks.json").read_text("utf-8"))
    return read


def triggers_on(day: date) -> tuple[TriggerRule, ...]:
    """The triggers that count for a leak known on this day; none before the law had any."""
    found: dict[Trigger, TriggerRule] = {}
    for one in sorted(_data()["triggers"], key=lambda one: str(one["effective_from"])):
        rule = TriggerRule(
            Trigger(one["key"]),
            date.fromisoformat(one["effective_from"]),
            one["least_persons"],
            one["source"],
        )
        if rule.effective_from <= day:
            found[rule.trigger] = rule
    return tuple(found[trigger] for trigger in Trigger if trigger in found)


def report_on(report: Report, day: date) -> ReportRule | None:
    """The rule for a report of a leak known on this day; None before the law had one."""
    found = None
    for one in sorted(_data()["reports"], key=lambda one: str(one["effective_from"])):
        begins = date.fromisoformat(one["effective_from"])
        if one["key"] == report and begins <= day:
            found = ReportRule(report, begins, one["days"], one["source"])
    return found


def exemption() -> Mapping[Language, str]:
    """Where it stands written that encrypted data whose keys are safe needs no report."""
    source: Mapping[Language, str] = _data()["exemption"]["source"]
    return source


def particulars() -> tuple[str, ...]:
    """What a report says, in its order."""
    return tuple(_data()["particulars"])


def told_to_persons() -> tuple[str, ...]:
    """What of it those concerned are told."""
    return tuple(_data()["notice"])
