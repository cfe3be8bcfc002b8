"""The door for the rooms that execute a request: may it be, and that it was.

A room that discloses or erases calls `check_executable` before it begins and again in the
transaction in which it ends, and `executed` in that one. Neither is a use case: the room's own
services have checked who acts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from desk_app.errors import NotPermitted, Refused
from desk_app.people.access import Actor
from desk_app.people.standing import person_id
from desk_app.privacy.requests import records
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import Act, Agency, Kind, Medium, Outcome
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Executable:
    """What was approved, for the room that carries it out."""

    request_id: int
    version: int
    case_id: int
    customer_id: int
    kind: Kind
    medium: Medium
    language: Language
    agency: Agency
    outcome: Outcome
    grounds: tuple[str, ...]  # keys; of `Outcome.PARTLY`: why not all of it
    received_at: datetime
    approved_at: datetime


def check_executable(work: UnitOfWork, request_id: int, kind: Kind) -> Executable:
    """What may be executed now. `Refused` unless the request is of this kind, decided and approved
    by different persons, not withdrawn, its fee paid, and its customer on record."""
    return _executable(work, records.find(work, request_id), kind)


def executed(
    actor: Actor,
    work: UnitOfWork,
    request_id: int,
    *,
    particulars: Mapping[str, records.Token],
) -> int:
    """The request was executed just now; its new version. ``particulars`` are ids, counts and
    tokens of what was done, for its history and the log: never data."""
    request = records.find(work, request_id)
    _executable(work, request, Kind(request.kind))
    records.move(work, request, Act.EXECUTE)
    request.executed_by, request.executed_at = actor.user_id, work.now
    return records.step(actor, work, request, Act.EXECUTE.value, particulars=particulars)


def _executable(work: UnitOfWork, request: PrivacyRequest, kind: Kind) -> Executable:
    standing = records.standing(work, request)
    standing.check_executable(kind)
    if (
        request.approved_by is None
        or request.approved_at is None
        or standing.outcome is None
        or request.customer_id is None
    ):
        raise Refused("requests.not_approved")
    approver = person_id(work, request.approved_by)
    if approver in (standing.decider, standing.receiver):
        raise NotPermitted("requests.own_decision")
    return Executable(
        request_id=request.id,
        version=request.version,
        case_id=request.case_id,
        customer_id=request.customer_id,
        kind=kind,
        medium=Medium(request.medium),
        language=language_of(request.language),
        agency=Agency(request.agency),
        outcome=standing.outcome,
        grounds=tuple(key for key, _effective_from in request.grounds),
        received_at=request.received_at,
        approved_at=request.approved_at,
    )


def language_of(kept: str) -> Language:
    """The language of the answer."""
    return next((one for one in LANGUAGES if one == kept), "ja")
