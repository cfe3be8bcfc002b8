"""The request that a disclosure answers, as its room tells of it. Not a use case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from desk_app.cases.model import Case
from desk_app.errors import Refused
from desk_app.people.access import Actor
from desk_app.privacy.data_map.rules import Section
from desk_app.privacy.requests import executing
from desk_app.privacy.requests.model import PrivacyRequest
from desk_app.privacy.requests.rules import Kind, State
from desk_app.storage.unit_of_work import UnitOfWork
from desk_app.words import Language

_SECTIONS = {
    Kind.DISCLOSURE: frozenset(Section),
    Kind.PROVISION_RECORDS: frozenset({Section.PROVISIONS}),
}
"""What a request of a kind is answered with; other kinds aren't answered here."""

_TO_REVIEW = frozenset({State.VERIFIED, State.DECIDED, State.APPROVED})
"""Who asks is verified, and the answer isn't given. Later states are reached as well by requests
that were never verified or were withdrawn: of these only what was executed is looked at again."""

_MOST = 500


@dataclass(frozen=True, slots=True)
class Requested:
    """What is asked for, and whether it may be carried out now."""

    request_id: int
    case_id: int
    customer_id: int
    kind: Kind
    medium: str
    language: Language
    received_at: datetime
    sections: frozenset[Section]
    is_executable: bool


def requested(work: UnitOfWork, request_id: int) -> Requested:
    """The request. `Refused` if it isn't answered with a disclosure, names no customer on record,
    or if it ended without one; and until somebody has verified who asks."""
    found = work.session.get(PrivacyRequest, request_id)
    if found is None:
        raise Refused("disclosure.no_request")
    kind = Kind(found.kind)
    if kind not in _SECTIONS:
        raise Refused("disclosure.other_kind")
    if State(found.state) not in _TO_REVIEW and found.executed_at is None:
        raise Refused("disclosure.not_verified")
    if found.customer_id is None:
        raise Refused("disclosure.no_customer")
    return Requested(
        request_id=found.id,
        case_id=found.case_id,
        customer_id=found.customer_id,
        kind=kind,
        medium=found.medium,
        language=executing.language_of(found.language),
        received_at=found.received_at,
        sections=_SECTIONS[kind],
        is_executable=State(found.state) is State.APPROVED,
    )


def to_answer(work: UnitOfWork) -> Sequence[tuple[PrivacyRequest, str | None]]:
    """The requests that are answered here and verified, with the numbers of their cases; the
    open ones first, in the order in which they came."""
    closed = PrivacyRequest.state == State.CLOSED.value
    found = work.session.execute(
        select(PrivacyRequest, Case.number)
        .join(Case, Case.id == PrivacyRequest.case_id)
        .where(
            PrivacyRequest.kind.in_([one.value for one in _SECTIONS]),
            or_(
                PrivacyRequest.state.in_([one.value for one in _TO_REVIEW]),
                PrivacyRequest.executed_at.is_not(None),
            ),
            PrivacyRequest.customer_id.is_not(None),
        )
        .order_by(closed, PrivacyRequest.received_at, PrivacyRequest.id)
        .limit(_MOST)
    )
    return [(request, number) for request, number in found]


def check_executable(work: UnitOfWork, request: Requested) -> None:
    """`Refused` unless it is approved by a second person and may be carried out now."""
    executing.check_executable(work, request.request_id, request.kind)


def executed(actor: Actor, work: UnitOfWork, request: Requested, *, pack_id: int) -> None:
    """The request was carried out with this pack."""
    executing.executed(actor, work, request.request_id, particulars={"pack_id": pack_id})
