"""Whether a leak is reported, and what can be done about it: pure decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk_app.errors import Refused


class Trigger(StrEnum):
    """What makes a leak one that is reported; from how many persons on is dated data."""

    SENSITIVE = "sensitive"
    FINANCIAL = "financial"
    WRONGFUL = "wrongful"
    MANY = "many"


class Report(StrEnum):
    PROMPT = "prompt"
    FINAL = "final"
    FINAL_WRONGFUL = "final_wrongful"


class Protection(StrEnum):
    """How what leaked was encrypted."""

    UNKNOWN = "unknown"
    NONE = "none"
    STRONG = "strong"


class Keys(StrEnum):
    """What is known of the keys."""

    UNKNOWN = "unknown"
    EXPOSED = "exposed"
    SAFE = "safe"


class FoundBy(StrEnum):
    """How it is known that somebody is concerned."""

    ACCESSES = "accesses"  # the audit log: who of the staff opened what
    DESK = "desk"  # what lay at a desk
    COPY = "copy"  # what a copy of the office held
    NAMED = "named"


class Told(StrEnum):
    """How somebody concerned was told."""

    LETTER = "letter"
    TELEPHONE = "telephone"
    EMAIL = "email"
    PUBLISHED = "published"  # instead, where telling each is too hard


class LeakState(StrEnum):
    OPEN = "open"
    NOT_REPORTABLE = "not_reportable"
    REPORTABLE = "reportable"
    PROMPT_SENT = "prompt_sent"
    FINAL_SENT = "final_sent"
    CLOSED = "closed"


class LeakAct(StrEnum):
    WRITE = "write"
    DECIDE_REPORTABLE = "decide_reportable"
    DECIDE_NOT = "decide_not"
    SEND_PROMPT = "send_prompt"
    SEND_FINAL = "send_final"
    CLOSE = "close"


class EntryKind(StrEnum):
    """What the leak's own log tells of."""

    ENTERED = "entered"
    WRITTEN = "written"
    NOTE = "note"
    PERSONS_FOUND = "persons_found"
    PERSONS_TOLD = "persons_told"
    DECIDED_REPORTABLE = "decided_reportable"
    DECIDED_NOT = "decided_not"
    PROMPT_SENT = "prompt_sent"
    FINAL_SENT = "final_sent"
    CLOSED = "closed"


_S, _A = LeakState, LeakAct
AFTER: Mapping[tuple[LeakState, LeakAct], LeakState] = {
    (_S.OPEN, _A.DECIDE_REPORTABLE): _S.REPORTABLE,
    (_S.OPEN, _A.DECIDE_NOT): _S.NOT_REPORTABLE,
    (_S.NOT_REPORTABLE, _A.DECIDE_REPORTABLE): _S.REPORTABLE,  # more has come to light
    (_S.REPORTABLE, _A.SEND_PROMPT): _S.PROMPT_SENT,
    (_S.PROMPT_SENT, _A.SEND_FINAL): _S.FINAL_SENT,
    (_S.FINAL_SENT, _A.CLOSE): _S.CLOSED,
    (_S.NOT_REPORTABLE, _A.CLOSE): _S.CLOSED,
    **{(state, _A.WRITE): state for state in _S if state is not _S.CLOSED},
}
"""Everything else is refused. What was reported stays reported."""


def after(state: LeakState, act: LeakAct) -> LeakState:
    """The state that follows; ``Refused("leaks.not_now")`` where the act isn't possible."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Refused("leaks.not_now") from None


@dataclass(frozen=True, slots=True)
class LeakFacts:
    """What is known of a leak. ``persons``: how many are concerned, at least."""

    persons: int
    sensitive: bool
    financial: bool
    wrongful: bool
    encryption: Protection
    keys: Keys
    evidence: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What follows from the facts."""

    triggers: tuple[Trigger, ...]
    is_exempt: bool

    @property
    def must_report(self) -> bool:
        return bool(self.triggers) and not self.is_exempt


def assess(facts: LeakFacts, least_persons: Mapping[Trigger, int]) -> Assessment:
    """Which triggers are met, and whether encryption spares the report.

    What is only feared counts as it would if it were so, and concerns somebody, also while nobody
    has been counted. Encryption spares the report only if it
    was strong, the keys are safe, and it is written down what shows both.
    """
    marked = {
        Trigger.SENSITIVE: facts.sensitive,
        Trigger.FINANCIAL: facts.financial,
        Trigger.WRONGFUL: facts.wrongful,
        Trigger.MANY: True,
    }
    met = tuple(
        trigger
        for trigger, least in least_persons.items()
        if marked[trigger] and max(facts.persons, 1) >= least
    )
    is_exempt = (
        facts.encryption is Protection.STRONG
        and facts.keys is Keys.SAFE
        and bool(facts.evidence.strip())
    )
    return Assessment(met, is_exempt)


def check_decision(assessment: Assessment, act: LeakAct, reason: str) -> None:
    """`Refused` for deciding against a report that has to be made, and without a reason."""
    if act is LeakAct.DECIDE_NOT and assessment.must_report:
        raise Refused("leaks.must_report")
    if act is LeakAct.DECIDE_NOT and not reason.strip():
        raise Refused("leaks.needs_reason")


def check_closing(assessment: Assessment, state: LeakState, untold: int) -> None:
    """`Refused` while somebody concerned by a reported leak hasn't been told, and where by now
    a report has to be made that was decided against."""
    if state is LeakState.NOT_REPORTABLE and assessment.must_report:
        raise Refused("leaks.must_report")
    if state is LeakState.FINAL_SENT and untold:
        raise Refused("leaks.untold", count=untold)


def final_report(*, wrongful: bool) -> Report:
    """Which rule the final report is due by."""
    return Report.FINAL_WRONGFUL if wrongful else Report.FINAL
