"""What the law asks of an employer when customers harass staff, as dated data with its source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from desk_app.help_calls.rules import HelpKind
from desk_app.words import Language, Words, resource_path


@dataclass(frozen=True, slots=True)
class Duty:
    """A rule in force from a day on. ``is_law`` is False for what the office sets itself."""

    effective_from: date
    is_law: bool
    follow_up_days: int
    counted: tuple[HelpKind, ...]
    source: Mapping[Language, str]

    def say(self, words: Words) -> str:
        """Where it stands written."""
        return self.source[words.language]


@cache
def duties() -> tuple[Duty, ...]:
    """Every rule, the oldest first."""
    read = json.loads(resource_path("harassment.json").read_text("utf-8"))
    return tuple(
        Duty(
            date.fromisoformat(one["effective_from"]),
            one["is_law"],
            one["follow_up_days"],
            tuple(HelpKind(kind) for kind in one["counted"]),
            one["source"],
        )
        for one in read["duties"]
    )


def duty_on(day: date) -> Duty:
    """The rule in force on a day; the first one for days before it."""
    known = duties()
    in_force = [one for one in known if one.effective_from <= day]
    return in_force[-1] if in_force else known[0]


def follow_up_due(called: datetime) -> datetime:
    """When a call for help, made at ``called`` (in the office's zone), is to be followed up: by
    the end of that day."""
    last = called + timedelta(days=duty_on(called.date()).follow_up_days)
    return last.replace(hour=23, minute=59, second=0, microsecond=0)
