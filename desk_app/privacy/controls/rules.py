"""How a control goes from plan to sign-off, and what each step asks for: pure.

planned ──start──> running ──report──> reported ──sign──> signed
   │                  │  ^─────give back──┘
   └──── give up ─────┘
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from desk_app.errors import Refused
from desk_app.people.appointments.rules import months_after
from desk_app.people.rules import PersonId


class ControlKind(StrEnum):
    INSPECTION = "inspection"
    SUBCONTRACTOR_AUDIT = "subcontractor_audit"
    FOREIGN_ASSESSMENT = "foreign_assessment"
    RULE_REVIEW = "rule_review"


class ControlState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    REPORTED = "reported"
    SIGNED = "signed"
    GIVEN_UP = "given_up"


class ControlAct(StrEnum):
    START = "start"
    REPORT = "report"
    SIGN = "sign"
    GIVE_BACK = "give_back"
    GIVE_UP = "give_up"


STEPS: Mapping[tuple[ControlState, ControlAct], ControlState] = {
    (ControlState.PLANNED, ControlAct.START): ControlState.RUNNING,
    (ControlState.RUNNING, ControlAct.REPORT): ControlState.REPORTED,
    (ControlState.REPORTED, ControlAct.SIGN): ControlState.SIGNED,
    (ControlState.REPORTED, ControlAct.GIVE_BACK): ControlState.RUNNING,
    (ControlState.PLANNED, ControlAct.GIVE_UP): ControlState.GIVEN_UP,
    (ControlState.RUNNING, ControlAct.GIVE_UP): ControlState.GIVEN_UP,
}

OPEN = frozenset({ControlState.PLANNED, ControlState.RUNNING, ControlState.REPORTED})


class Verdict(StrEnum):
    """Of an item of a checklist, or of an access that was looked at."""

    IN_ORDER = "in_order"
    NOT_IN_ORDER = "not_in_order"
    NOT_APPLICABLE = "not_applicable"


class Grade(StrEnum):
    """How grave a finding is; all but a remark need something done."""

    REMARK = "remark"
    MINOR = "minor"
    MAJOR = "major"


def next_state(state: ControlState, act: ControlAct) -> ControlState:
    """The state after ``act``; `Refused` if it isn't possible now."""
    after = STEPS.get((state, act))
    if after is None:
        raise Refused("controls.not_now")
    return after


def check_plan(
    kind: ControlKind,
    *,
    planned_on: date,
    today: date,
    subject: str,
    country: str | None,
    covers: tuple[date, date] | None,
) -> None:
    """Refuse a plan for a day that has passed, or of nothing in particular."""
    if planned_on < today:
        raise Refused("controls.planned_in_the_past")
    if kind is ControlKind.INSPECTION:
        if covers is None or covers[0] > covers[1]:
            raise Refused("controls.no_days")
        return
    if not subject:
        raise Refused("controls.no_subject")
    if kind is ControlKind.FOREIGN_ASSESSMENT and not is_country(country):
        raise Refused("controls.no_country")


def is_country(code: str | None) -> bool:
    return code is not None and len(code) == 2 and code.isascii() and code.isupper()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a control has so far, as far as its report asks for it."""

    kind: ControlKind
    items: frozenset[str]
    answered: frozenset[str]
    evidence: int
    judged: tuple[int, int] | None  # accesses judged, and drawn; None if nothing was drawn
    without_action: int  # findings that need something done and don't say what, by whom and when
    unexplained: int  # verdicts "not in order" beyond the findings
    conclusion: str
    source: str
    valid_until: date | None
    held_on: date


def check_report(one: Standing) -> None:
    """Refuse a report that leaves something open; the first thing that is missing is said."""
    if one.kind is ControlKind.INSPECTION:
        if one.judged is None:
            raise Refused("controls.no_sample")
        if one.judged[0] < one.judged[1]:
            raise Refused("controls.sample_open", left=one.judged[1] - one.judged[0])
    elif not one.evidence:
        raise Refused("controls.no_evidence")
    if left := len(one.items - one.answered):
        raise Refused("controls.checklist_open", left=left)
    if one.unexplained > 0:
        raise Refused("controls.no_finding")
    if one.without_action:
        raise Refused("controls.no_action", left=one.without_action)
    if not one.conclusion:
        raise Refused("controls.no_conclusion")
    if one.kind is ControlKind.FOREIGN_ASSESSMENT:
        if not one.source:
            raise Refused("controls.no_source")
        if one.valid_until is None or one.valid_until <= one.held_on:
            raise Refused("controls.no_validity")


def check_signer(signer: PersonId, involved: Collection[PersonId]) -> None:
    """Refuse the sign-off by who carried the control out, or reported it."""
    if signer in involved:
        raise Refused("controls.own_report")


def check_action_due(due_on: date, today: date) -> None:
    if due_on < today:
        raise Refused("controls.action_in_the_past")


def needs_action(grade: Grade) -> bool:
    return grade is not Grade.REMARK


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a kind of control is due, from a day on; ``source`` says who laid it down."""

    kind: ControlKind
    effective_from: date
    every_months: int
    warn_days: int
    source: Mapping[str, str]

    def due_on(self, last_held_on: date) -> date:
        return months_after(last_held_on, self.every_months)

    def warns_on(self, due_on: date) -> date:
        return due_on - timedelta(days=self.warn_days)
