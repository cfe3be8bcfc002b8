"""Which of the wanted corrections a decision accepts. Not a use case."""

from collections.abc import Collection

from sqlalchemy import select

from desk_app.errors import Refused
from desk_app.privacy.requests.model import PrivacyCorrection, PrivacyRequest
from desk_app.privacy.requests.rules import CORRECTING, Kind, Outcome
from desk_app.storage.unit_of_work import UnitOfWork


def wanted_by(work: UnitOfWork, request: PrivacyRequest) -> list[PrivacyCorrection]:
    """What the request wants written, in the order of entering."""
    rows = select(PrivacyCorrection).where(PrivacyCorrection.request_id == request.id)
    return list(work.session.scalars(rows.order_by(PrivacyCorrection.id)))


def accept(
    work: UnitOfWork, request: PrivacyRequest, outcome: Outcome, accepted: Collection[int]
) -> None:
    """Write down which of them the decision accepts: all, some, or none, as the outcome says."""
    rows = wanted_by(work, request)
    if Kind(request.kind) not in CORRECTING:
        if accepted:
            raise Refused("requests.accepted_amiss")
        return
    if outcome is Outcome.NOTHING_HELD:
        return
    if not rows:
        raise Refused("requests.needs_changes")
    chosen = set(accepted)
    if outcome is Outcome.GRANTED:
        chosen = chosen or {row.id for row in rows}
    is_amiss = {
        Outcome.GRANTED: chosen != {row.id for row in rows},
        Outcome.PARTLY: not chosen or not chosen < {row.id for row in rows},
        Outcome.REFUSED: bool(chosen),
    }
    if is_amiss[outcome]:
        raise Refused("requests.accepted_amiss")
    for row in rows:
        row.accepted = row.id in chosen


def take_back(work: UnitOfWork, request: PrivacyRequest) -> None:
    """The decision is to be made anew."""
    for row in wanted_by(work, request):
        row.accepted = None
