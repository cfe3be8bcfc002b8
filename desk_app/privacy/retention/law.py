"""The rules that count: those the product came with, and what the officer revised since."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import select

from desk_app.hours.calendar import OfficeCalendar, open_calendar
from desk_app.privacy.retention import rules
from desk_app.privacy.retention.model import RetentionRule
from desk_app.privacy.retention.rules import Kind, Rule, RuleState, begun_before, last_day
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES, resource_path


@cache
def brought() -> tuple[Rule, ...]:
    """``resources/retention.json``: figures of the office are marked as to be confirmed."""
    read = json.loads(resource_path("retention.json").read_text("utf-8"))
    return tuple(
        Rule(
            kind=Kind(one["kind"]),
            months=one["months"],
            effective_from=date.fromisoformat(one["effective_from"]),
            case_type=one.get("case_type"),
            also=frozenset(map(Kind, one["also"])),
            source=one["source"],
            to_confirm=one["to_confirm"],
        )
        for one in read["rules"]
    )


@cache
def look_every_months() -> int:
    """How often the officer looks what has fallen due."""
    read = json.loads(resource_path("retention.json").read_text("utf-8"))
    return int(read["look_every_months"])


def rule_of(row: RetentionRule) -> Rule:
    """A revision as a rule."""
    return Rule(
        kind=Kind(row.kind),
        months=row.months,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        case_type=row.case_type,
        also=frozenset(map(Kind, row.also)),
        source=dict.fromkeys(LANGUAGES, row.source),
        id=row.id,
    )


def revisions(work: UnitOfWork, *states: RuleState) -> Sequence[RetentionRule]:
    """What the officer entered, as far as it is in one of these states; in order."""
    return work.session.scalars(
        select(RetentionRule)
        .where(RetentionRule.state.in_(states))
        .order_by(RetentionRule.effective_from, RetentionRule.id)
    ).all()


@dataclass(frozen=True, slots=True)
class Counting:
    """The rules that count on a day, and how the office counts its days."""

    day: date
    rules: tuple[Rule, ...]
    calendar: OfficeCalendar

    def of(self, kind: Kind, case_type: str | None = None) -> tuple[Rule, ...]:
        """The rules of a kind: the one of the type first, then the one for all."""
        mine = [one for one in self.rules if one.kind is kind]
        return tuple(
            one
            for scope in dict.fromkeys((case_type, None))
            for one in mine
            if one.case_type == scope
        )

    def all_of(self, kind: Kind) -> tuple[Rule, ...]:
        """Those of all types too."""
        return tuple(one for one in self.rules if one.kind is kind)

    def date_of(self, at: datetime | None) -> date | None:
        return None if at is None else self.calendar.local(at).date()

    def begun_before(self, rule: Rule) -> date:
        """What this rule lets go of began before this day."""
        return begun_before(self.day, rule.months)

    def begun_before_at(self, rule: Rule) -> datetime:
        return self.calendar.midnight(self.begun_before(rule))

    def let_go_at(self, rule: Rule) -> datetime:
        """The instant before which something was entered that this rule lets go of, exactly."""
        begun_on = self.begun_before(rule)
        while last_day(begun_on, rule.months) >= self.day:
            begun_on -= timedelta(days=1)
        return self.calendar.midnight(begun_on + timedelta(days=1))


def counting(work: UnitOfWork, day: date) -> Counting:
    """The rules as they count on ``day``."""
    approved = map(rule_of, revisions(work, RuleState.APPROVED))
    return Counting(day, rules.in_force((*brought(), *approved), day), open_calendar(work))


def today(work: UnitOfWork) -> date:
    """The office's day."""
    return day_of(work, work.now)


def day_of(work: UnitOfWork, at: datetime) -> date:
    """The day of an instant, as the office counts its days."""
    return open_calendar(work).local(at).date()
