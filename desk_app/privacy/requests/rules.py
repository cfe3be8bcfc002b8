"""Requests under section 7 of the policy: the one transition table, and who may do what. Pure.

A request is received, the identity of who asks is verified, it is decided, a second person
approves, it is executed, the customer is told, and it is closed. An answer that carries nothing
out (refused, nothing held, turned away) is signed by a second person instead, and told. Nothing is
decided before the identity is verified. The requester can withdraw it until it is executed.

Four eyes compares persons: who approves has neither received nor decided the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk_app.errors import NotPermitted, Refused
from desk_app.people.rules import PersonId


class Kind(StrEnum):
    """What the Act lets a customer ask for."""

    PURPOSES = "purposes"  # notice of purpose, art. 32
    DISCLOSURE = "disclosure"  # art. 33
    PROVISION_RECORDS = "provision_records"  # art. 33(5)
    CORRECTION = "correction"  # art. 34
    ADDITION = "addition"
    DELETION = "deletion"
    CEASE_USE = "cease_use"  # art. 35
    CEASE_PROVISION = "cease_provision"


CORRECTING = frozenset({Kind.CORRECTION, Kind.ADDITION})
"""Kinds that name what is to be written in which field."""


CEASING = frozenset({Kind.CEASE_USE, Kind.CEASE_PROVISION})
"""Kinds that stop uses."""


class State(StrEnum):
    RECEIVED = "received"
    VERIFIED = "verified"  # the identity of everybody who asks
    TURNED_AWAY = "turned_away"  # no identity or no authority: waits for the second signer
    DECIDED = "decided"  # waits for approval, or for the second signer of a refusal
    APPROVED = "approved"  # to be executed
    SIGNED = "signed"  # an answer with nothing to execute
    EXECUTED = "executed"
    NOTIFIED = "notified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Act(StrEnum):
    """What can be done to a request."""

    CHOOSE = "choose"  # which customer on record is meant
    CHECK = "check"  # an identity was checked; others are still missing, or it failed
    VERIFY = "verify"  # the last of the identities was proven
    TURN_AWAY = "turn_away"
    CHARGE = "charge"  # a fee
    NOTE_FEE = "note_fee"  # it was paid
    CHANGE = "change"  # what is to be corrected or added
    DECIDE = "decide"
    APPROVE = "approve"
    SIGN = "sign"
    SEND_BACK = "send_back"
    EXECUTE = "execute"
    NOTIFY = "notify"
    TELL = "tell"  # who was given an old value that was corrected
    DISPUTE = "dispute"  # a note of what wasn't accepted
    WITHDRAW = "withdraw"
    CLOSE = "close"


_S, _A = State, Act

TRANSITIONS: Mapping[tuple[State, Act], State] = {
    (_S.RECEIVED, _A.CHOOSE): _S.RECEIVED,
    (_S.RECEIVED, _A.CHECK): _S.RECEIVED,
    (_S.RECEIVED, _A.VERIFY): _S.VERIFIED,
    (_S.RECEIVED, _A.TURN_AWAY): _S.TURNED_AWAY,
    (_S.RECEIVED, _A.CHARGE): _S.RECEIVED,
    (_S.RECEIVED, _A.NOTE_FEE): _S.RECEIVED,
    (_S.RECEIVED, _A.CHANGE): _S.RECEIVED,
    (_S.RECEIVED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.TURNED_AWAY, _A.SIGN): _S.SIGNED,
    (_S.TURNED_AWAY, _A.SEND_BACK): _S.RECEIVED,
    (_S.TURNED_AWAY, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.VERIFIED, _A.CHARGE): _S.VERIFIED,
    (_S.VERIFIED, _A.NOTE_FEE): _S.VERIFIED,
    (_S.VERIFIED, _A.CHANGE): _S.VERIFIED,
    (_S.VERIFIED, _A.DECIDE): _S.DECIDED,
    (_S.VERIFIED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.DECIDED, _A.APPROVE): _S.APPROVED,
    (_S.DECIDED, _A.SIGN): _S.SIGNED,
    (_S.DECIDED, _A.SEND_BACK): _S.VERIFIED,
    (_S.DECIDED, _A.NOTE_FEE): _S.DECIDED,
    (_S.DECIDED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.NOTE_FEE): _S.APPROVED,
    (_S.APPROVED, _A.SEND_BACK): _S.VERIFIED,
    (_S.APPROVED, _A.EXECUTE): _S.EXECUTED,
    (_S.APPROVED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.SIGNED, _A.NOTIFY): _S.NOTIFIED,
    (_S.SIGNED, _A.DISPUTE): _S.SIGNED,
    (_S.EXECUTED, _A.TELL): _S.EXECUTED,
    (_S.EXECUTED, _A.DISPUTE): _S.EXECUTED,
    (_S.EXECUTED, _A.NOTIFY): _S.NOTIFIED,
    (_S.NOTIFIED, _A.TELL): _S.NOTIFIED,
    (_S.NOTIFIED, _A.DISPUTE): _S.NOTIFIED,
    (_S.NOTIFIED, _A.CLOSE): _S.CLOSED,
    (_S.WITHDRAWN, _A.CLOSE): _S.CLOSED,
}

OPEN = frozenset(set(State) - {State.CLOSED})
"""The case of such a request can't be resolved, closed, or merged into another."""

UNANSWERED = frozenset(OPEN - {State.NOTIFIED, State.WITHDRAWN})
"""The clock runs: the requester hasn't been told."""

MAIN_ACTS = (
    Act.CHOOSE,
    Act.VERIFY,
    Act.DECIDE,
    Act.APPROVE,
    Act.SIGN,
    Act.EXECUTE,
    Act.NOTIFY,
    Act.CLOSE,
)
"""In the order of the way; of those that a state allows the first is what comes next."""

_REFUSALS: Mapping[Act, str] = {
    Act.CHOOSE: "requests.verified_already",
    Act.CHECK: "requests.verified_already",
    Act.VERIFY: "requests.verified_already",
    Act.TURN_AWAY: "requests.verified_already",
    Act.CHARGE: "requests.decided_already",
    Act.CHANGE: "requests.decided_already",
    Act.NOTE_FEE: "requests.executed_already",
    Act.WITHDRAW: "requests.answered_already",
}


def after(state: State, act: Act) -> State:
    """The state that follows; `Refused` where the table has no row, with what is missing."""
    following = TRANSITIONS.get((state, act))
    if following is not None:
        return following
    if state is State.CLOSED:
        raise Refused("requests.is_closed")
    if state is State.WITHDRAWN:
        raise Refused("requests.is_withdrawn")
    if act is Act.DECIDE and state is State.RECEIVED:
        raise Refused("requests.not_verified")
    if act in (Act.APPROVE, Act.SIGN) and state in (State.RECEIVED, State.VERIFIED):
        raise Refused("requests.not_decided")
    if act is Act.EXECUTE and state in (State.RECEIVED, State.VERIFIED, State.DECIDED):
        raise Refused("requests.not_approved")
    if act is Act.EXECUTE and state is State.SIGNED:
        raise Refused("requests.nothing_to_execute")
    if act is Act.NOTIFY and state is State.APPROVED:
        raise Refused("requests.not_executed")
    if act is Act.CLOSE:
        raise Refused("requests.not_answered")
    raise Refused(_REFUSALS.get(act, "requests.not_in_this_state"))


def acts(state: State) -> frozenset[Act]:
    """What the table allows in this state."""
    return frozenset(act for known, act in TRANSITIONS if known is state)


class Agency(StrEnum):
    """For whom somebody asks."""

    SELF = "self"
    STATUTORY = "statutory"  # parent, guardian: art. 37(3)
    MANDATED = "mandated"


class Party(StrEnum):
    """Whose identity is checked."""

    CUSTOMER = "customer"
    AGENT = "agent"


class Medium(StrEnum):
    """In what form the customer wants the answer (art. 33(1))."""

    LETTER = "letter"
    PDF = "pdf"
    DATA = "data"
    AUDIO = "audio"


class Outcome(StrEnum):
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    NOTHING_HELD = "nothing_held"  # of a person not on record
    TURNED_AWAY = "turned_away"  # no identity, no authority: not decided


class Told(StrEnum):
    """How the customer was told."""

    LETTER = "letter"
    EMAIL = "email"
    TELEPHONE = "telephone"
    IN_PERSON = "in_person"


EXECUTED_OUTCOMES = frozenset({Outcome.GRANTED, Outcome.PARTLY})
REASONED_OUTCOMES = frozenset({Outcome.PARTLY, Outcome.REFUSED, Outcome.TURNED_AWAY})
"""What the customer is told the reasons of (art. 36)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules look at in a request."""

    kind: Kind
    state: State
    agency: Agency
    verified: frozenset[Party]  # whose identity was proven
    receiver: PersonId
    decider: PersonId | None
    outcome: Outcome | None
    is_on_record: bool
    must_choose: bool  # several on record may be meant
    fee_is_due: bool

    @property
    def asked(self) -> frozenset[Party]:
        """Whose identity has to be proven."""
        if self.agency is Agency.SELF:
            return frozenset({Party.CUSTOMER})
        return frozenset({Party.CUSTOMER, Party.AGENT})

    def act_of_check(self, party: Party, *, proven: bool) -> Act:
        """Whether a check is the one that verifies the request."""
        if party not in self.asked:
            raise Refused("requests.no_such_party")
        complete = self.verified | {party} >= self.asked
        return Act.VERIFY if proven and complete else Act.CHECK

    def check_identifiable(self) -> None:
        """`Refused` while it isn't settled who the customer is."""
        if self.must_choose:
            raise Refused("requests.customer_not_chosen")

    def check_decision(self, outcome: Outcome) -> None:
        """`Refused` for an outcome that this request can't have."""
        after(self.state, Act.DECIDE)
        if outcome is Outcome.TURNED_AWAY:
            raise Refused("requests.verified_already")
        if outcome is Outcome.NOTHING_HELD and self.is_on_record:
            raise Refused("requests.something_is_held")
        if outcome in EXECUTED_OUTCOMES and not self.is_on_record:
            raise Refused("requests.nothing_is_held")

    @property
    def approval(self) -> Act:
        """How a second person agrees to what was decided."""
        return Act.APPROVE if self.outcome in EXECUTED_OUTCOMES else Act.SIGN

    def check_approver(self, person: PersonId) -> None:
        """`NotPermitted` for whoever received or decided the request, with any account."""
        if person == self.decider:
            raise NotPermitted("requests.own_decision")
        if person == self.receiver:
            raise NotPermitted("requests.own_request")

    def check_executable(self, kind: Kind) -> None:
        """`Refused` unless it is approved, of this kind, and its fee is paid."""
        if self.kind is not kind:
            raise Refused("requests.other_kind")
        after(self.state, Act.EXECUTE)
        if self.fee_is_due:
            raise Refused("requests.fee_unpaid")

    @property
    def next_act(self) -> Act | None:
        """What comes next on the way; None where it has ended."""
        possible = acts(self.state)
        if Act.CHOOSE in possible and not self.must_choose:
            possible -= {Act.CHOOSE}
        if self.state is State.DECIDED:
            possible -= {Act.APPROVE, Act.SIGN} - {self.approval}
        return next((act for act in MAIN_ACTS if act in possible), None)
