"""What counts as an unusual access: dated data in ``resources/privacy/unusual_access.json``."""

import json
from datetime import date, timedelta
from functools import cache

from desk_app.privacy.inspections.rules import Thresholds
from desk_app.words import resource_path


@cache
def _all_thresholds() -> tuple[Thresholds, ...]:
    data = json.loads(resource_path("privacy", "unusual_access.json").read_text("utf-8"))
    made = (
        Thresholds(
            effective_from=date.fromisoformat(one["effective_from"]),
            customers=one["customers"],
            within=timedelta(minutes=one["within_minutes"]),
            hours_margin=timedelta(minutes=one["hours_margin_minutes"]),
            source=one["source"],
        )
        for one in data["thresholds"]
    )
    return tuple(sorted(made, key=lambda one: one.effective_from))


def thresholds_on(day: date) -> Thresholds:
    """The version in force on a day; before the first, the first."""
    known = _all_thresholds()
    return next((one for one in reversed(known) if one.effective_from <= day), known[0])
