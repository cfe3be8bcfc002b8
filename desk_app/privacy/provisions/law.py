"""What counts on a day: legal grounds, what is published, how long records are kept. Dated data."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from desk_app.privacy.provisions.rules import Law, Published, RecordKind, Wanted, last_day
from desk_app.privacy.registers.pages import RecipientRow
from desk_app.privacy.registers.published import (
    Source,
    countries,
    in_force,
    joint_uses,
    read_data,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of article 27(1) on which data may go to others without consent."""

    key: str
    effective_from: date
    source: Source


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """How long a kind of record is kept, in years, and whether from the last provision on."""

    kind: RecordKind
    effective_from: date
    years: int
    from_last: bool
    source: Source

    def keep_until(self, *, made_on: date, last_on: date) -> date:
        """The last day on which a record must be there."""
        return last_day(last_on if self.from_last else made_on, self.years)


@cache
def _grounds() -> tuple[Ground, ...]:
    return tuple(
        Ground(one["key"], date.fromisoformat(one["effective_from"]), Source(one["source"]))
        for one in read_data("legal_grounds")["grounds"]
    )


def grounds_on(day: date) -> tuple[Ground, ...]:
    """The grounds that count on a day, in the order of the Act."""
    keys = dict.fromkeys(one.key for one in _grounds())
    found = (ground_on(key, day) for key in keys)
    return tuple(one for one in found if one is not None)


def ground_on(key: str | None, day: date) -> Ground | None:
    """The version of a ground that counts on a day; None if there is no such ground then."""
    versions = [one for one in _grounds() if one.key == key]
    return in_force(sorted(versions, key=lambda one: one.effective_from), day)


@cache
def _keeping_rules(kind: RecordKind) -> tuple[KeepingRule, ...]:
    rules = (
        KeepingRule(
            kind=RecordKind(one["key"]),
            effective_from=date.fromisoformat(one["effective_from"]),
            years=one["years"],
            from_last=one["counted_from"] == "last",
            source=Source(one["source"]),
        )
        for one in read_data("record_keeping")["rules"]
    )
    return tuple(
        sorted((one for one in rules if one.kind is kind), key=lambda one: one.effective_from)
    )


def keeping_rule(kind: RecordKind, day: date) -> KeepingRule:
    """The rule that counts on a day; before the first one, that one."""
    rules = _keeping_rules(kind)
    return in_force(rules, day) or rules[0]


def law_for(recipient: RecipientRow, wanted: Wanted, today: date) -> Law:
    """What `rules.judge` has to know of what counts today."""
    joint, ground = in_force(joint_uses(), today), ground_on(wanted.ground, today)
    return Law(
        published=None if joint is None else Published(joint.items, joint.purposes),
        ground=None if ground is None else ground.key,
        recognised=countries()[recipient.country].is_recognised(today),
    )
