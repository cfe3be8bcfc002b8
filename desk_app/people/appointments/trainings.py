"""Which trainings handlers need: read from ``resources/privacy/trainings.json``, to be confirmed
by the compliance committee. A rule has versions; the one in force today says how long a training
is good for."""

import json
from datetime import date
from functools import cache

from desk_app.people.access import Area
from desk_app.people.appointments.rules import TrainingRule
from desk_app.words import resource_path


@cache
def _all_rules() -> tuple[TrainingRule, ...]:
    data = json.loads(resource_path("privacy", "trainings.json").read_text("utf-8"))
    return tuple(
        TrainingRule(
            kind=one["kind"],
            effective_from=date.fromisoformat(one["effective_from"]),
            valid_months=one["valid_months"],
            warn_days=one["warn_days"],
            areas=frozenset(Area(area) for area in one["areas"]),
            for_listening=one["for_listening"],
            source=one["source"],
        )
        for one in data["trainings"]
    )


def training_kinds() -> tuple[str, ...]:
    """Every kind that the data knows, in its order."""
    return tuple(dict.fromkeys(rule.kind for rule in _all_rules()))


def rules_on(today: date) -> tuple[TrainingRule, ...]:
    """The version of each rule that is in force on a day."""
    newest: dict[str, TrainingRule] = {}
    for rule in sorted(_all_rules(), key=lambda one: one.effective_from):
        if rule.effective_from <= today:
            newest[rule.kind] = rule
    return tuple(newest[kind] for kind in training_kinds() if kind in newest)
