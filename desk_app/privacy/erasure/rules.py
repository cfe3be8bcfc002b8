"""What keeps something from being erased, and the order in which an erasure goes: pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk_app.errors import Refused


class ErasureState(StrEnum):
    WAITING = "waiting"  # for the second person
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"  # certified
    WITHDRAWN = "withdrawn"


class ErasureAct(StrEnum):
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    BEGIN = "begin"
    CERTIFY = "certify"
    GIVE_UP = "give_up"  # it has begun, but before its rows


TRANSITIONS: Mapping[tuple[ErasureState, ErasureAct], ErasureState] = {
    (ErasureState.WAITING, ErasureAct.APPROVE): ErasureState.APPROVED,
    (ErasureState.WAITING, ErasureAct.WITHDRAW): ErasureState.WITHDRAWN,
    (ErasureState.APPROVED, ErasureAct.WITHDRAW): ErasureState.WITHDRAWN,
    (ErasureState.APPROVED, ErasureAct.BEGIN): ErasureState.RUNNING,
    (ErasureState.RUNNING, ErasureAct.CERTIFY): ErasureState.DONE,
    (ErasureState.APPROVED, ErasureAct.GIVE_UP): ErasureState.WITHDRAWN,
    (ErasureState.RUNNING, ErasureAct.GIVE_UP): ErasureState.WITHDRAWN,
}
LIVE = frozenset({ErasureState.WAITING, ErasureState.APPROVED, ErasureState.RUNNING})


class Origin(StrEnum):
    """What an erasure follows from."""

    REQUEST = "request"  # the customer's own
    RETENTION = "retention"  # a rule's time is over
    OFFICER = "officer"  # the officer's own decision


class Step(StrEnum):
    """In this order; each may be repeated."""

    FOUND = "found"  # the control: the values lie where they will be looked for afterwards
    ROWS = "rows"  # every row emptied or deleted, buried in the same transaction
    PAGES = "pages"  # index, free pages and write-ahead log written anew
    DESKS = "desks"  # each desk has removed what lies there alone
    COPIES = "copies"  # no store has a recording of theirs any more
    LISTS = "lists"  # every destination of backups has the list of tombstones
    PROOF = "proof"  # looked for again, where they were found


STEPS = tuple(Step)


class Blocked(StrEnum):
    """Why something can't be erased now."""

    HOLD = "hold"
    OPEN_CASE = "open_case"
    OPEN_REQUEST = "open_request"
    UNAPPROVED = "unapproved"  # the request that it follows from isn't approved yet
    REQUEST = "request"  # that request can't be executed: withdrawn, answered, granted in part
    CHANGED = "changed"  # what is the customer's is other than when it was asked for
    OPEN_CONTACT = "open_contact"  # a call that isn't saved yet
    RECORDING = "recording"  # one that is being made, or waits to be salvaged
    ERASING = "erasing"  # another erasure has begun on it
    NOTHING = "nothing"  # there is nothing to erase


@dataclass(frozen=True, slots=True)
class Blocker:
    """A reason, with the ids of what it is about; ``code`` is what a refusal says of it."""

    why: Blocked
    ids: tuple[int, ...] = ()
    code: str = ""

    @property
    def refusal(self) -> str:
        return self.code or f"privacy.erasure_{self.why}"


def after(state: ErasureState, act: ErasureAct) -> ErasureState:
    """The state that follows; ``Refused("privacy.erasure_state")`` where the table has no row."""
    following = TRANSITIONS.get((state, act))
    if following is None:
        raise Refused("privacy.erasure_state")
    return following


def next_step(done: Collection[Step]) -> Step | None:
    """The first step that isn't done; None when only the certificate is left."""
    return next((step for step in STEPS if step not in done), None)


def check_order(done: Collection[Step], step: Step) -> None:
    """``Refused("privacy.erasure_order")`` unless all steps before it are done."""
    if any(one not in done for one in STEPS[: STEPS.index(step)]):
        raise Refused("privacy.erasure_order")
