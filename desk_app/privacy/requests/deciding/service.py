"""Use cases: deciding a request, turning it away, and a second person's approval.

As in `requests.service`, each expects the version that the page showed and returns the new one.
"""

from collections.abc import Collection
from typing import Any

from desk_app.cases import history
from desk_app.errors import Refused
from desk_app.people.access import Actor, Permission, needs
from desk_app.people.standing import person_id
from desk_app.privacy.requests import execution, law, records
from desk_app.privacy.requests.correction.accepting import accept, take_back
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import (
    CEASING,
    EXECUTED_OUTCOMES,
    REASONED_OUTCOMES,
    Act,
    Kind,
    Outcome,
    State,
    after,
)
from desk_app.purposes.rules import EVERYTHING, BlockReason, Stops
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.text import prose


@needs(Permission.DECIDE_REQUESTS)
def decide(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    outcome: Outcome,
    grounds: Collection[str] = (),
    reasons: str = "",
    accepted: Collection[int] = (),
    stops: Stops = EVERYTHING,
    stop_reason: BlockReason = BlockReason.CUSTOMER_ASKED,
) -> int:
    """Decide a verified request; a second person then approves or signs.

    What isn't granted needs grounds that the law knows for this kind, and the reasons in words for
    the customer (art. 36). Of a correction that is granted in part, ``accepted`` are the ids of
    what is; of a cessation of use, ``stops`` says which uses end.
    """
    request = records.find(work, request_id, version)
    standing = records.standing(work, request)
    standing.check_decision(outcome)
    on = records.day_of(work, request)
    why = prose(reasons, field="reasons")
    chosen = law.chosen_grounds(standing.kind, on, grounds)
    if outcome in REASONED_OUTCOMES:
        if not chosen:
            raise Refused("requests.needs_ground")
        if not why:
            raise Refused("requests.needs_reasons")
    elif chosen:
        raise Refused("requests.no_grounds_here")
    accept(work, request, outcome, accepted)
    _write_decision(actor, work, request, outcome, chosen, why)
    request.scope = _scope(standing.kind, outcome, stops, stop_reason)
    records.move(work, request, Act.DECIDE)
    particulars = {"outcome": outcome.value, "grounds": [one.key for one in chosen]}
    return records.step(actor, work, request, Act.DECIDE.value, text=why, particulars=particulars)


@needs(Permission.DECIDE_REQUESTS)
def turn_away(
    actor: Actor,
    work: UnitOfWork,
    /,
    request_id: int,
    version: int,
    *,
    ground: str,
    reasons: str,
) -> int:
    """Answer that the request can't be taken up, as the identity isn't proven or an agent has shown
    no authority. Nothing is decided, and nothing told of what is held; a second person signs."""
    request = records.find(work, request_id, version)
    after(State(request.state), Act.TURN_AWAY)
    chosen = law.chosen_grounds(Outcome.TURNED_AWAY, records.day_of(work, request), [ground])
    why = prose(reasons, field="reasons")
    if not why:
        raise Refused("requests.needs_reasons")
    _write_decision(actor, work, request, Outcome.TURNED_AWAY, chosen, why)
    records.move(work, request, Act.TURN_AWAY)
    return records.step(
        actor, work, request, Act.TURN_AWAY.value, text=why, particulars={"ground": ground}
    )


@needs(Permission.APPROVE_REQUESTS)
def approve(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, remark: str = ""
) -> int:
    """Approve what was decided, or sign the refusal as the second signer.

    `NotPermitted` for whoever received or decided it, with any account.
    """
    request = records.find(work, request_id, version)
    standing = records.standing(work, request)
    act = standing.approval
    after(standing.state, act)
    standing.check_approver(person_id(work, actor.user_id))
    request.approved_by, request.approved_at = actor.user_id, work.now
    records.move(work, request, act)
    return records.step(actor, work, request, act.value, text=prose(remark, field="remark"))


@needs(Permission.APPROVE_REQUESTS)
def send_back(
    actor: Actor, work: UnitOfWork, /, request_id: int, version: int, *, reason: str
) -> int:
    """Don't approve, or take an approval back before anything is executed: it is to be decided
    anew, for the reason given."""
    request = records.find(work, request_id, version)
    after(State(request.state), Act.SEND_BACK)
    why = history.required(reason, field="reason")
    take_back(work, request)
    request.outcome, request.grounds, request.reasons, request.scope = None, [], "", {}
    request.decided_by = request.decided_at = request.approved_by = request.approved_at = None
    records.move(work, request, Act.SEND_BACK)
    return records.step(actor, work, request, Act.SEND_BACK.value, text=why)


def _write_decision(
    actor: Actor,
    work: UnitOfWork,
    request: PrivacyRequest,
    outcome: Outcome,
    grounds: tuple[law.Entry, ...],
    reasons: str,
) -> None:
    request.outcome, request.reasons = outcome.value, reasons
    request.grounds = [[one.key, one.effective_from.isoformat()] for one in grounds]
    request.decided_by, request.decided_at = actor.user_id, work.now


def _scope(kind: Kind, outcome: Outcome, stops: Stops, stop_reason: BlockReason) -> dict[str, Any]:
    """Which uses end with it, and why. All of them is what "granted" means, some of them "partly";
    what is provided to others always ends as a whole."""
    if kind not in CEASING or outcome not in EXECUTED_OUTCOMES:
        return {}
    if kind is Kind.CEASE_PROVISION:
        return execution.scope_of(execution.PROVIDING, stop_reason)
    if (stops == EVERYTHING) is not (outcome is Outcome.GRANTED):
        raise Refused("requests.stops_amiss")
    return execution.scope_of(stops, stop_reason)
