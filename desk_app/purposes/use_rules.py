"""The dated rules of what may be done with a customer's data, read from `resources/policy`."""

import json
from functools import cache

from desk_app.purposes.rules import UseRules
from desk_app.words import resource_path


@cache
def use_rules() -> UseRules:
    """The rules in force."""
    text = resource_path("policy", "use_rules.json").read_text("utf-8")
    return UseRules.of_json(json.loads(text))
