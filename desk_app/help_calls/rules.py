"""Pure decisions about calls for help: the table of what can be done, and what is said next."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from desk_app.errors import Refused

RINGS_SECONDS = 3.0
"""A desk that hears of a call for help says so within this; if none does, none is there."""
ANSWER_SECONDS = 20.0
"""After so long without an answer the operator is told what to do instead."""
LINE_SECONDS = 12.0
"""A line that has let nobody in after so long isn't reachable."""
CONFIRM_SECONDS = 60.0
"""Who can't confirm for so long that they may listen hears nothing more (policy section 8)."""
CHECK_SECONDS = 5.0
"""How often it is asked."""


class HelpKind(StrEnum):
    """What it is about."""

    UNSAID = "unsaid"  # the key was pressed, and nothing more
    HARASSMENT = "harassment"
    THREAT = "threat"
    EMERGENCY = "emergency"
    OTHER = "other"


KIND_KEYS: Mapping[int, HelpKind] = {
    1: HelpKind.HARASSMENT,
    2: HelpKind.THREAT,
    3: HelpKind.EMERGENCY,
    4: HelpKind.OTHER,
}
"""Digit keys in a call for help."""


class HelpState(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


class HelpAct(StrEnum):
    SAY_KIND = "say_kind"
    ANSWER = "answer"
    LISTEN = "listen"
    TAKE_OVER = "take_over"
    END = "end"
    RECORD = "record"
    FOLLOW_UP = "follow_up"


_SAME = None

TRANSITIONS: Mapping[tuple[HelpState, HelpAct], HelpState | None] = {
    (HelpState.RINGING, HelpAct.SAY_KIND): _SAME,
    (HelpState.RINGING, HelpAct.ANSWER): HelpState.ANSWERED,
    (HelpState.RINGING, HelpAct.TAKE_OVER): HelpState.HANDED_OVER,  # at the same desk
    (HelpState.RINGING, HelpAct.END): HelpState.ENDED,
    (HelpState.RINGING, HelpAct.RECORD): _SAME,
    (HelpState.ANSWERED, HelpAct.SAY_KIND): _SAME,
    (HelpState.ANSWERED, HelpAct.LISTEN): _SAME,
    (HelpState.ANSWERED, HelpAct.TAKE_OVER): HelpState.HANDED_OVER,
    (HelpState.ANSWERED, HelpAct.END): HelpState.ENDED,
    (HelpState.ANSWERED, HelpAct.RECORD): _SAME,
    (HelpState.HANDED_OVER, HelpAct.SAY_KIND): _SAME,
    (HelpState.HANDED_OVER, HelpAct.LISTEN): _SAME,
    (HelpState.HANDED_OVER, HelpAct.END): HelpState.ENDED,
    (HelpState.HANDED_OVER, HelpAct.RECORD): _SAME,
    (HelpState.ENDED, HelpAct.SAY_KIND): _SAME,  # it may become clear afterwards
    (HelpState.ENDED, HelpAct.RECORD): _SAME,
    (HelpState.ENDED, HelpAct.FOLLOW_UP): _SAME,
}
"""What follows each act; an act without a line can't be done."""


def after(state: HelpState, act: HelpAct) -> HelpState:
    """The state that follows; `Refused` with what is so instead where the table has no row."""
    if (state, act) not in TRANSITIONS:
        if act is HelpAct.FOLLOW_UP:
            raise Refused("help_calls.still_running")
        if state is HelpState.ENDED:
            raise Refused("help_calls.over")
        if act is HelpAct.LISTEN:
            raise Refused("help_calls.not_answered")
        raise Refused("help_calls.answered_already")
    return TRANSITIONS[state, act] or state


class HelpEnd(StrEnum):
    """How a call for help ended."""

    CALL_OVER = "call_over"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    MISTAKEN = "mistaken"  # the key was pressed by mistake: nothing to follow up


class ListeningEnd(StrEnum):
    """Why somebody stopped listening in, or never began."""

    CALL_OVER = "call_over"
    OPERATOR = "operator"  # the operator has ended it
    LISTENER = "listener"  # the listener has
    NOT_APPOINTED = "not_appointed"
    UNCONFIRMED = "unconfirmed"  # nobody could say for a minute whether they still may
    DESK_LOCKED = "desk_locked"
    LOST = "lost"  # the connection
    UNREACHABLE = "unreachable"  # it never came about
    NO_OUTPUT = "no_output"
    ANEW = "anew"  # another one began


LEFT = frozenset(
    {
        ListeningEnd.NOT_APPOINTED,
        ListeningEnd.UNCONFIRMED,
        ListeningEnd.DESK_LOCKED,
        ListeningEnd.LOST,
        ListeningEnd.NO_OUTPUT,
    }
)
"""Ends that nobody chose to make: who has answered may not be there any more."""


class Outcome(StrEnum):
    """What the office did about it."""

    SETTLED = "settled"  # spoken about; nothing more needed
    RULES_FOR_CUSTOMER = "rules_for_customer"  # how this customer is answered from now on
    CALLS_REFUSED = "calls_refused"  # told that further calls of this kind are ended
    LAWYER = "lawyer"
    POLICE = "police"
    CARE_FOR_STAFF = "care_for_staff"  # rest, doctor, counselling
    NO_CASE = "no_case"  # it was none of harassment, threat or emergency


Hint = Literal[
    "",
    "rings",
    "nobody_rings",
    "nobody_answers",
    "alone",
    "answered",
    "unreachable",
    "left",
    "handed_over",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call for help is, as the operator's desk knows it."""

    state: HelpState
    desks_ringing: int
    seconds: float
    may_be_others: bool  # other desks may work in this office
    is_unreachable: bool = False
    has_left: bool = False  # who listened hears nothing any more, see `LEFT`


def hint(progress: Progress) -> Hint:
    """What the operator is told to do next."""
    if progress.state is HelpState.ENDED:
        return ""
    if progress.state is HelpState.HANDED_OVER:
        return "handed_over"
    if progress.state is HelpState.ANSWERED:
        if progress.is_unreachable:
            return "unreachable"
        return "left" if progress.has_left else "answered"
    if not progress.may_be_others:
        return "alone"
    if not progress.desks_ringing and progress.seconds >= RINGS_SECONDS:
        return "nobody_rings"
    if progress.seconds >= ANSWER_SECONDS:
        return "nobody_answers"
    return "rings"
