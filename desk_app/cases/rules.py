"""Pure decisions about cases: the one transition table, closing levels, resolution codes."""

import unicodedata
from collections.abc import Mapping
from enum import IntEnum, StrEnum

from desk_app.errors import Refused

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


def typed_number(text: str) -> str:
    """The number of a case as it is kept, from how it may be typed: full-width, with spaces."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip().upper()


class CaseState(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"  # for the customer: the service target is paused
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"  # into another: nothing can be done to it but undoing the merge


class CaseAct(StrEnum):
    """What can be done to a case."""

    ASSIGN = "assign"
    NOTE = "note"
    PROMISE = "promise"  # a call-back, or taking the promise back
    WAIT = "wait"
    RESUME = "resume"
    JOIN = "join"  # a contact that leaves nothing more to do
    FOLLOW_UP = "follow_up"  # a contact that leaves something to do
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    SPOT_CHECK = "spot_check"  # a supervisor looks at what closed without one
    DETAIL = "detail"  # the fields of the type
    STAGE = "stage"  # on or back within the stages of the type
    ASK_CLOSING = "ask_closing"  # of those whose approval the type wants
    APPROVE = "approve"  # the last approval is followed by closing
    REFUSE = "refuse"  # to approve: the case goes back to its handler
    MERGE = "merge"  # into another case


_S, _A = CaseState, CaseAct

TRANSITIONS: Mapping[tuple[CaseState, CaseAct], CaseState] = {
    (_S.NEW, _A.ASSIGN): _S.IN_PROGRESS,
    (_S.NEW, _A.NOTE): _S.NEW,
    (_S.NEW, _A.DETAIL): _S.NEW,
    (_S.NEW, _A.STAGE): _S.NEW,
    (_S.NEW, _A.PROMISE): _S.NEW,
    (_S.NEW, _A.WAIT): _S.WAITING,
    (_S.NEW, _A.JOIN): _S.NEW,
    (_S.NEW, _A.FOLLOW_UP): _S.NEW,
    (_S.NEW, _A.RESOLVE): _S.RESOLVED,
    (_S.IN_PROGRESS, _A.ASSIGN): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.NOTE): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.DETAIL): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.STAGE): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.PROMISE): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.WAIT): _S.WAITING,
    (_S.IN_PROGRESS, _A.JOIN): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.FOLLOW_UP): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _A.RESOLVE): _S.RESOLVED,
    (_S.WAITING, _A.ASSIGN): _S.WAITING,
    (_S.WAITING, _A.NOTE): _S.WAITING,
    (_S.WAITING, _A.DETAIL): _S.WAITING,
    (_S.WAITING, _A.STAGE): _S.WAITING,
    (_S.WAITING, _A.PROMISE): _S.WAITING,
    (_S.WAITING, _A.RESUME): _S.IN_PROGRESS,
    (_S.WAITING, _A.JOIN): _S.WAITING,
    (_S.WAITING, _A.FOLLOW_UP): _S.IN_PROGRESS,
    (_S.WAITING, _A.RESOLVE): _S.RESOLVED,
    (_S.RESOLVED, _A.NOTE): _S.RESOLVED,
    (_S.RESOLVED, _A.DETAIL): _S.RESOLVED,
    (_S.RESOLVED, _A.ASK_CLOSING): _S.RESOLVED,
    (_S.RESOLVED, _A.APPROVE): _S.RESOLVED,
    (_S.RESOLVED, _A.REFUSE): _S.IN_PROGRESS,
    (_S.RESOLVED, _A.JOIN): _S.RESOLVED,
    (_S.RESOLVED, _A.FOLLOW_UP): _S.REOPENED,
    (_S.RESOLVED, _A.CLOSE): _S.CLOSED,
    (_S.RESOLVED, _A.REOPEN): _S.REOPENED,
    (_S.CLOSED, _A.NOTE): _S.CLOSED,
    (_S.CLOSED, _A.JOIN): _S.CLOSED,
    (_S.CLOSED, _A.FOLLOW_UP): _S.REOPENED,
    (_S.CLOSED, _A.REOPEN): _S.REOPENED,
    (_S.CLOSED, _A.SPOT_CHECK): _S.CLOSED,
    (_S.REOPENED, _A.ASSIGN): _S.IN_PROGRESS,
    (_S.REOPENED, _A.NOTE): _S.REOPENED,
    (_S.REOPENED, _A.DETAIL): _S.REOPENED,
    (_S.REOPENED, _A.STAGE): _S.REOPENED,
    (_S.REOPENED, _A.PROMISE): _S.REOPENED,
    (_S.REOPENED, _A.WAIT): _S.WAITING,
    (_S.REOPENED, _A.JOIN): _S.REOPENED,
    (_S.REOPENED, _A.FOLLOW_UP): _S.REOPENED,
    (_S.REOPENED, _A.RESOLVE): _S.RESOLVED,
    (_S.NEW, _A.MERGE): _S.MERGED,
    (_S.IN_PROGRESS, _A.MERGE): _S.MERGED,
    (_S.WAITING, _A.MERGE): _S.MERGED,
    (_S.RESOLVED, _A.MERGE): _S.MERGED,
    (_S.CLOSED, _A.MERGE): _S.MERGED,
    (_S.REOPENED, _A.MERGE): _S.MERGED,
}

OPEN_STATES = frozenset({_S.NEW, _S.IN_PROGRESS, _S.WAITING, _S.REOPENED})
"""Somebody still owes the customer something."""


def after(state: CaseState, act: CaseAct) -> CaseState:
    """The state that follows; `Refused` where the table has no row."""
    following = TRANSITIONS.get((state, act))
    if following is None:
        raise Refused("cases.is_merged" if state is CaseState.MERGED else "cases.not_in_this_state")
    return following


def before_merge(state: CaseState) -> CaseState:
    """The state that undoing a merge gives back: a row of `CaseAct.MERGE`, read backwards."""
    if TRANSITIONS.get((state, CaseAct.MERGE)) is not CaseState.MERGED:
        raise ValueError("no merge began in this state")
    return state


def acts(state: CaseState) -> frozenset[CaseAct]:
    """What can be done to a case in this state."""
    return frozenset(act for known, act in TRANSITIONS if known is state)


class ClosingLevel(IntEnum):
    """Who closes a resolved case."""

    AT_ONCE = 0  # closes as it is resolved, and is spot-checked
    HANDLER = 1
    SUPERVISOR = 2
    TWO = 3  # a supervisor, then another one or an officer

    @property
    def approvals(self) -> int:
        """How many persons have to approve, none of them who resolved the case."""
        return {ClosingLevel.SUPERVISOR: 1, ClosingLevel.TWO: 2}.get(self, 0)


class TargetKind(StrEnum):
    """What an office promises itself to do in time."""

    FIRST_RESPONSE = "first_response"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"


class Resolution(StrEnum):
    """How a case ended."""

    ANSWERED = "answered"
    APOLOGISED = "apologised"
    REPLACED = "replaced"
    REPAIRED = "repaired"
    REFUNDED = "refunded"
    SENT = "sent"  # parts, papers
    REFERRED = "referred"  # to a specialist department
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"  # by the customer
    NO_ACTION = "no_action"


class EntryKind(StrEnum):
    """What an entry of the timeline tells."""

    OPENED = "opened"
    CONTACT_JOINED = "contact_joined"
    ASSIGNED = "assigned"
    NOTE = "note"
    CALLBACK_PROMISED = "callback_promised"
    CALLBACK_WITHDRAWN = "callback_withdrawn"
    CALLBACK_KEPT = "callback_kept"
    WAITING = "waiting"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    SPOT_CHECKED = "spot_checked"
    TASK_GIVEN = "task_given"
    HANDED_OVER = "handed_over"  # to a department
    TASK_DONE = "task_done"
    TASK_WITHDRAWN = "task_withdrawn"
    BULK_UNDONE = "bulk_undone"  # an act on many cases was taken back
    ATTACHED = "attached"
    ATTACHMENT_WITHDRAWN = "attachment_withdrawn"
    DETAILED = "detailed"
    STAGE = "stage"
    CLOSING_ASKED = "closing_asked"
    CLOSING_APPROVED = "closing_approved"
    CLOSING_REFUSED = "closing_refused"
    CUSTOMER_TOLD = "customer_told"
    STATUTORY_DONE = "statutory_done"
    STATUTORY_ENDED = "statutory_ended"
    KNOWING_CORRECTED = "knowing_corrected"
    LINKED = "linked"
    UNLINKED = "unlinked"
    MERGED_FROM = "merged_from"  # another case came into this one
    MERGED_INTO = "merged_into"
    UNMERGED = "unmerged"
    SPLIT_OFF = "split_off"  # part of this case became another
    SPLIT_FROM = "split_from"
    REQUEST = "request"  # a step of a privacy request
