"""Carrying out what this room executes itself. Not a use case: `service.carry_out` is.

Disclosure and deletion are executed by rooms of their own, through `executing`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.provisions.views import records_of
from desk_app.privacy.requests.correction.telling import list_recipients
from desk_app.privacy.requests.correction.writing import write_accepted
from desk_app.privacy.requests.executing import Executable
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.records import Token
from desk_app.privacy.requests.rules import Kind
from desk_app.purposes import blocks, versions
from desk_app.purposes.rules import Act, BlockReason, Purpose, Stops
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Words

Carried = Mapping[str, Token]
Carrier = Callable[[Actor, UnitOfWork, PrivacyRequest, Executable, Words], Carried]

ELSEWHERE = frozenset({Kind.DISCLOSURE, Kind.DELETION})
"""Executed by other rooms."""

PROVIDING = Stops(acts=frozenset({Act.PROVIDE}))
"""What the cessation of provision stops, for every purpose."""


def carry_out(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, approved: Executable, words: Words
) -> Carried:
    """Carry out an approved request; what was done, in ids, counts and tokens. ``words`` are those
    of whoever does it: the tasks that it leaves are written in them."""
    carrier = _CARRIERS.get(approved.kind)
    if carrier is None:
        raise Refused("requests.executed_elsewhere")
    return carrier(actor, work, request, approved, words)


def scope_of(stops: Stops, reason: BlockReason) -> dict[str, Any]:
    """As a decision keeps which uses end, and why."""
    return {
        "acts": sorted(stops.acts),
        "purposes": sorted(stops.purposes),
        "reason": reason.value,
    }


def stops_of(scope: Mapping[str, Any]) -> Stops:
    """The uses that a decision ends."""
    return Stops(
        frozenset(Act(one) for one in scope.get("acts", ())),
        frozenset(Purpose(one) for one in scope.get("purposes", ())),
    )


def _tell_purposes(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, approved: Executable, words: Words
) -> Carried:
    """The purposes of the version in force now are what the letter names."""
    version = versions.current(work)
    return {"policy_version_id": version.id, "purposes": sorted(version.purposes)}


def _tell_records(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, approved: Executable, words: Words
) -> Carried:
    """The letter repeats the records as they are when it is made."""
    found = records_of(actor, work, approved.customer_id)
    return {"provisions": len(found.provisions), "receipts": len(found.receipts)}


def _correct(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, approved: Executable, words: Words
) -> Carried:
    written = write_accepted(actor, work, request)
    told = list_recipients(actor, work, request, written, words)
    return {"fields": sorted({field.value for field in written}), "recipients": told}


def _stop(
    actor: Actor, work: UnitOfWork, request: PrivacyRequest, approved: Executable, words: Words
) -> Carried:
    scope = request.scope
    block_id = blocks.stop_use(
        actor,
        work,
        approved.customer_id,
        stops=PROVIDING if approved.kind is Kind.CEASE_PROVISION else stops_of(scope),
        reason=BlockReason(scope["reason"]),
        case_id=request.case_id,
    )
    return {"block_id": block_id}


_CARRIERS: Mapping[Kind, Carrier] = {
    Kind.PURPOSES: _tell_purposes,
    Kind.PROVISION_RECORDS: _tell_records,
    Kind.CORRECTION: _correct,
    Kind.ADDITION: _correct,
    Kind.CEASE_USE: _stop,
    Kind.CEASE_PROVISION: _stop,
}
